"""What Close sends: one entry of its event log, in an envelope."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.sources.fields import Unreadable, id_of, instant_of_text, ms_of, name_of, object_in
from shared.contracts.activity import DealChange, Scalar

_WORD = re.compile(r"[a-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True)
class Event:
    """One event: what happened (`action`) to which object, when, and what the object is since and was before.

    Close may put several updates into one event while it is young: it keeps its id, and is sent again with a later
    `updated`. So the key is that of an edition, and `sequence` (milliseconds that the edition is younger) orders them.
    """

    id: str
    type: str
    action: str
    object: str
    at: datetime
    sequence: int
    now: Mapping[str, Any]
    before: Mapping[str, Any]
    organisation: str | None
    actor: str | None

    @property
    def key(self) -> str:
        """What is the same for every delivery of this edition: Close's ids are not unique over kinds of objects."""
        edition = f"+{self.sequence}" if self.sequence else ""
        return f"{self.type}:{self.object}:{self.id}{edition}"

    def claim(self, name: str, kind: str, said: DealChange | None = None, **data: Scalar) -> Claim:
        """Return a claim of this event; data without a value go."""
        known = {field: value for field, value in data.items() if value is not None}
        return Claim(
            name, kind, self.at, actor=self.actor, deal=said, data=known or None, sequence=self.sequence if said else 0
        )


def read(body: Mapping[str, Any]) -> Event:
    """Read an envelope; Unreadable when it holds no event."""
    said = object_in(body.get("event"))
    at = instant_of_text(said.get("date_created"), "/event/date_created")
    updated = said.get("date_updated")
    later = instant_of_text(updated, "/event/date_updated") if updated else at
    return Event(
        id=id_of(said.get("id"), "/event/id"),
        type=_word(said, "object_type", "what it happened to, such as opportunity"),
        action=_word(said, "action", "what happened, such as updated"),
        object=id_of(said.get("object_id"), "/event/object_id"),
        at=at,
        sequence=max(0, ms_of(later) - ms_of(at)),
        now=object_in(said.get("data")),
        before=object_in(said.get("previous_data")),
        organisation=name_of(said.get("organization_id")),
        actor=_actor(said),
    )


def owned(claim: Claim, event: Event, field: str, connection: Connection) -> Claim:
    """Give a claim the owner that a field of the object names; the actor of an event is not the owner."""
    if field not in event.now:
        return claim
    value = event.now[field]
    owner = None if value is None else connection.owner(id_of(value, f"/event/data/{field}"))
    return replace(claim, owner=owner, owner_said=True)


def _word(said: Mapping[str, Any], name: str, expected: str) -> str:
    word = said.get(name)
    if not isinstance(word, str) or not _WORD.fullmatch(word):
        raise Unreadable(f"/event/{name}", word, expected)
    return word


def _actor(said: Mapping[str, Any]) -> str | None:
    """Return who clicked: a user, else the key or the application; None is Close itself."""
    return next(
        filter(None, (name_of(said.get(field)) for field in ("user_id", "api_key_id", "oauth_client_id"))), None
    )
