"""Connections: each CRM, telephone exchange or calendar that sends to the front door by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SOURCES = "sources"
"""The kind of document that lists the connections; only the front door reads it, so it never travels."""

IGNORE = "ignore"
"""Instead of a playbook's activity: this type of work counts for nothing here."""

FIELDS = ("stage", "amount", "pipeline", "meeting_outcome")
"""What a CRM may keep in a field of its own choice, and a connection may therefore name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a CRM's stage stands in the playbook; without a pipeline, that of the deal."""

    stage: str
    pipeline: str | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """The CRM's own API, asked for what payloads lack: address, token, requests per second at most."""

    url: str
    token: str = field(repr=False)
    per_second: float = 5.0


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection of the document `sources`.

    `secrets` (and the token of `api`) are references in the document and the texts themselves once resolved; none is
    ever shown. `account` must have sent a delivery where the CRM names it, `public_url` is scheme and host as the CRM
    calls us, `window_s` the age in seconds up to which a signed request is taken. `pipelines`, `stages` and
    `activities` translate the CRM's ids or labels into the playbook's. `fields` names the CRM's field for what it keeps
    in one of its own (see FIELDS), `currencies` the ISO code of a currency that the CRM gives by id. `origins` may
    register for CloudEvents; `query_token` takes the secret from the query, too.
    """

    name: str
    kind: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    account: str | None = None
    public_url: str | None = None
    currency: str | None = None
    timezone: str | None = None
    pipelines: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, Place] = field(default_factory=dict)
    activities: Mapping[str, str] = field(default_factory=dict)
    deal_prefix: str | None = None
    api: Api | None = None
    window_s: int = 300
    per_second: float = 50.0
    origins: tuple[str, ...] = ()
    query_token: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)

    def deal(self, crm_id: str) -> str:
        """Return the id of a deal of this CRM: deals of two CRMs never meet, unless the document wants it."""
        prefix = f"{self.name}:" if self.deal_prefix is None else self.deal_prefix
        return f"{prefix}{crm_id}"

    def owner(self, crm_id: str) -> str:
        """Return the name of an owner whom the CRM gives by id, as it stands in a rep's identities."""
        return f"{self.name}:{crm_id}"
