"""The document `sources`: each connection, how its senders are verified, what their words mean in the playbook."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from marshmallow import ValidationError, fields, post_load, validate

from services.ingest.domain.connections import FIELDS, IGNORE, SOURCES, Api, Connection, Place
from services.ingest.sources.hooks import HOOKS
from shared.contracts.activity import CORRECTION
from shared.contracts.documents import ID, Part, load
from shared.contracts.league import BadDocument, Problem
from shared.money import is_currency

REFERENCE = re.compile(r"env:SAMENSPEL_SECRET_[A-Z0-9_]{1,100}|file:[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
ADVICE = (
    "is no reference to a secret: write env:SAMENSPEL_SECRET_NAME for a variable of that name, or file:name for a file "
    "in SAMENSPEL_SECRETS_DIR; the secret itself never stands in a document, and one that stood there is to be replaced"
)

_OF_TABLE = re.compile(r"^(/sources/\d+/(?:pipelines|stages|activities|currencies|fields)/.+)/(?:key|value)$")
"""A table's problems come with one step more than the document has."""

_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_ORIGIN = validate.Regexp(
    r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\Z",
    error="must be a host name in small letters, such as events.example.com",
)
_MOST = 500


class Reference(fields.Field[str]):
    """A reference to a secret; a problem never repeats what stood there."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        if isinstance(value, str) and REFERENCE.fullmatch(value):
            return value
        raise ValidationError(ADVICE)


class _Word(fields.Field[str]):
    """A word of the CRM: text of at most `longest` characters; a whole number is read as text."""

    def __init__(self, longest: int = 200, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = str(value) if type(value) is int else value
        if isinstance(text, str) and text.strip() and len(text) <= self.longest and text.isprintable():
            return text
        raise ValidationError(f"must be text of at most {self.longest} characters on one line")


class Url(fields.Field[str]):
    """An address that begins with https://; http:// only on this machine. `whole`: with a path."""

    def __init__(self, *, whole: bool, **kwargs: Any) -> None:
        """Say whether a path may stand in it."""
        super().__init__(**kwargs)
        self.whole = whole

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        example = "https://api.example.com" if self.whole else "https://samenspel.example.nl"
        try:
            parts = urlsplit(value) if isinstance(value, str) and value.isprintable() else None
            fits = parts is not None and self._fits(parts.scheme, parts.hostname, parts.port)
        except ValueError:
            parts, fits = None, False
        if parts is None or not fits or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValidationError(f"must be an address such as {example}, without user, query or fragment")
        if parts.path.strip("/") and not self.whole:
            raise ValidationError(f"must be scheme and host only, such as {example}")
        return str(value).rstrip("/")

    @staticmethod
    def _fits(scheme: str, host: str | None, port: int | None) -> bool:
        return bool(host) and port != 0 and (scheme == "https" or (scheme == "http" and host in _HERE))


class _Place(fields.Field[Place]):
    """A playbook's stage, or {pipeline, stage}."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Place:
        if isinstance(value, str):
            return Place(_playbook_id(value))
        if isinstance(value, Mapping) and value.keys() == {"pipeline", "stage"}:
            return Place(_playbook_id(value["stage"]), _playbook_id(value["pipeline"]))
        raise ValidationError("must be the id of a playbook's stage, or {pipeline: …, stage: …} with both ids")


class _Api(Part):
    url = Url(whole=True, required=True)
    token = Reference(required=True)
    per_second = fields.Float(load_default=5.0, validate=validate.Range(0.01, 1000))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Api:
        return Api(**data)


def _words(values: Any, *, longest: int = 200) -> fields.Dict:
    return fields.Dict(keys=_Word(longest), values=values, load_default=dict, validate=validate.Length(max=_MOST))


def _currency(value: str) -> None:
    if not is_currency(value):
        raise ValidationError("must be an ISO 4217 code such as EUR")


def _no_correction(value: str) -> None:
    if value == CORRECTION:
        raise ValidationError("people correct, with a token of their own: no CRM's work is a correction")


def _one_of(known: Any, what: str) -> Any:
    def check(value: str) -> None:
        if value not in known:
            raise ValidationError(f"{value[:100]!r} is no {what}")

    return check


class _Connection(Part):
    name = fields.String(required=True, validate=ID)
    kind = fields.String(required=True)
    secrets = fields.List(Reference(), required=True, validate=validate.Length(1, 10))
    account = _Word(load_default=None, allow_none=True)
    public_url = Url(whole=False, load_default=None, allow_none=True)
    currency = fields.String(load_default=None, allow_none=True, validate=_currency)
    timezone = fields.String(
        load_default=None,
        allow_none=True,
        validate=_one_of(available_timezones(), "time zone such as Europe/Amsterdam"),
    )
    pipelines = _words(fields.String(validate=ID))
    stages = _words(_Place(), longest=300)
    activities = _words(fields.String(validate=[ID, _no_correction]))
    deal_prefix = fields.String(
        load_default=None, allow_none=True, validate=validate.Regexp(r"^[A-Za-z0-9._:/-]{0,70}\Z")
    )
    api = fields.Nested(_Api, load_default=None, allow_none=True)
    window_s = fields.Integer(strict=True, load_default=300, validate=validate.Range(1, 86_400))
    per_second = fields.Float(load_default=50.0, validate=validate.Range(0.1, 10_000))
    origins = fields.List(fields.String(validate=_ORIGIN), load_default=list, validate=validate.Length(max=20))
    query_token = fields.Boolean(load_default=False)
    fields_ = fields.Dict(
        keys=fields.String(validate=validate.OneOf(FIELDS)), values=_Word(), load_default=dict, data_key="fields"
    )
    currencies = _words(fields.String(validate=_currency))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Connection:
        own = data.pop("fields_")
        return Connection(
            **{**data, "fields": own, "secrets": tuple(data["secrets"]), "origins": tuple(data["origins"])}
        )


class SourcesSchema(Part):
    """The body of a document of sources."""

    sources = fields.List(fields.Nested(_Connection), required=True, validate=validate.Length(max=_MOST))


def parse_sources(body: Mapping[str, Any], *, strict: bool = False) -> tuple[Connection, ...]:
    """Read a document of sources; BadDocument names every problem. `strict` also asks whether each kind can be read."""
    problems = list(_across(body, strict=strict))
    try:
        found: list[Connection] = load(SOURCES, SourcesSchema(), body, strict=strict)["sources"]
    except BadDocument as error:
        named = [Problem(_OF_TABLE.sub(r"\1", each.pointer), each.message) for each in error.problems]
        raise BadDocument(SOURCES, [*named, *problems]) from error
    if problems:
        raise BadDocument(SOURCES, problems)
    return tuple(found)


def _across(body: Mapping[str, Any], *, strict: bool) -> Iterator[Problem]:
    """Yield what is wrong across connections, as far as there is anything."""
    listed = body.get("sources")
    seen: set[str] = set()
    for i, each in enumerate(listed if isinstance(listed, list) else ()):
        name, kind = (each.get("name"), each.get("kind")) if isinstance(each, Mapping) else (None, None)
        if isinstance(name, str) and name in seen:
            yield Problem(f"/sources/{i}/name", f"{name[:100]!r} stands here twice: give each its own name")
        if isinstance(kind, str) and strict and kind not in HOOKS:
            yield Problem(f"/sources/{i}/kind", f"is not known; known are: {', '.join(sorted(HOOKS))}")
        seen |= {name} if isinstance(name, str) else set()


def _playbook_id(value: Any) -> str:
    if not isinstance(value, str) or value == IGNORE:
        raise ValidationError("must be the id of a playbook's stage or pipeline; only activities can be ignored")
    return str(ID(value))
