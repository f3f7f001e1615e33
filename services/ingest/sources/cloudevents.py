"""CloudEvents 1.0 over HTTP (CNCF): structured, batched and binary mode; `data` is an activity.

The event's `source` and `id` are its identity, its `time` stands in for a missing `occurred_at`. With an address of its
own a sender shows a secret of its connection as `Authorization: Bearer` (and, where the connection says so, in the
query), may ask for consent first (HTTP 1.1 Web Hooks for Event Delivery), and an event whose type the mapping calls
`ignore` is left out.
"""

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import orjson

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import IGNORE, Connection
from services.ingest.domain.results import Sent
from services.ingest.schemas.activities import ABSENT, echo
from services.ingest.schemas.activities import read as read_claims
from services.ingest.sources import (
    Delivery,
    Unverified,
    bearer,
    in_deals_of,
    in_query,
    json_of,
    matches_any,
    refuse_large_batch,
)
from shared.errors import FieldProblem, Malformed, UnsupportedMedia

NAME = "cloudevents"
BATCH, STRUCTURED = "application/cloudevents-batch", "application/cloudevents"

_JSON_FORMAT = re.compile(r"application/cloudevents(-batch)?\+json")
_JSON_TYPE = re.compile(r"(application|text)/([^;\s]+\+)?json\s*(;.*)?", re.IGNORECASE)
_VISIBLE = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,200}")
_SOURCE = re.compile(r"[^\x00-\x20\x7f-\xa0]{1,200}")
_REQUIRED = {
    "specversion": (re.compile(r"1\.0"), "1.0"),
    "id": (_VISIBLE, "text of at most 200 characters"),
    "source": (_SOURCE, "a URI reference of at most 200 characters"),
    "type": (_VISIBLE, "text of at most 200 characters"),
}
_HEADERS = tuple(f"ce-{name}" for name in _REQUIRED)
_PAYLOADS = ("data", "data_base64")
_NO_ACTIVITY = "an activity as an object"


class Undecodable(ValueError):
    """The event's data cannot be turned into JSON."""


def recognises(delivery: Delivery) -> bool:
    """Tell whether this is a CloudEvent: by its content type, or by the required headers."""
    return delivery.content_type.lower().startswith(STRUCTURED) or all(name in delivery.headers for name in _HEADERS)


def verify(delivery: Delivery, connection: Connection, now: datetime) -> None:
    """Return when the request shows a secret of its connection; else Unverified."""
    shown = bearer(delivery) or (in_query(delivery, "access_token") if connection.query_token else "")
    if not matches_any(shown, connection.secrets):
        raise Unverified("show the connection's secret: Authorization: Bearer …")


def consents(origin: str, connection: Connection) -> bool:
    """Tell whether a sender of this origin may begin to deliver; asking authenticates nobody."""
    return origin.strip().lower() in connection.origins


def read(delivery: Delivery, connection: Connection | None = None) -> list[Sent]:
    """Read the events of a request, with a connection by its mapping; raises Malformed, TooLarge, UnsupportedMedia."""
    events = _events(delivery)
    return read_events(refuse_large_batch(events)) if connection is None else _read(events, connection)


def read_again(raw: Any, connection: Connection) -> list[Sent]:
    """Read an event as it is stored, in structured form."""
    return _read([raw], connection)


def _read(events: list[Any], connection: Connection) -> list[Sent]:
    left_out = [_left_out(event, connection) for event in events]
    read_as = iter(read_events([event for event, out in zip(events, left_out, strict=True) if out is None]))
    return [out or in_deals_of(next(read_as), connection) for out in left_out]


def _left_out(event: Any, connection: Connection) -> Sent | None:
    kind = event.get("type") if isinstance(event, dict) else None
    if not isinstance(kind, str) or connection.activities.get(kind) != IGNORE:
        return None
    return Sent(_name(event), event, ignored=f"the mapping of {connection.name} leaves events of type {kind} out")


def _events(delivery: Delivery) -> list[Any]:
    kind = delivery.content_type.partition(";")[0].strip().lower()
    if not kind.startswith(STRUCTURED):
        return [_unannounced(delivery) or _binary(delivery)]
    if not _JSON_FORMAT.fullmatch(kind):
        raise UnsupportedMedia(f"only the JSON format of CloudEvents can be read here, not {kind}")
    body = json_of(delivery.body)
    if not kind.startswith(BATCH):
        return [body]
    if not isinstance(body, list):
        raise Malformed("a batch of CloudEvents is an array")
    return body


def read_events(events: list[Any]) -> list[Sent]:
    """Read events that are parsed already; places are kept."""
    read_as = [_open(event) for event in events]
    good = [content for content in read_as if isinstance(content, dict)]
    claims = iter(read_claims(good))
    return [
        _sent(event, _in_data(next(claims)) if isinstance(content, dict) else content)
        for event, content in zip(events, read_as, strict=True)
    ]


def unescape(value: str) -> str:
    """Undo what a header may have done to a value: quotes, then percent signs; ValueError when that is no UTF-8.

    HTTP protocol binding for CloudEvents 1.0.2, section 3.1.3.2.
    """
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    return unquote(value.encode("latin-1").decode(), errors="strict")


def _unannounced(delivery: Delivery) -> dict[str, Any] | None:
    """Return an event that stands whole in plain JSON: a CRM may let one write the body but not its content type."""
    if not _JSON_TYPE.fullmatch(delivery.content_type) or any(name.startswith("ce-") for name in delivery.headers):
        return None
    body = json_of(delivery.body)
    return body if isinstance(body, dict) and "specversion" in body else None


def _binary(delivery: Delivery) -> dict[str, Any]:
    """Give the structured form of an event in binary mode."""
    try:
        event: dict[str, Any] = {
            name.removeprefix("ce-"): unescape(value)
            for name, value in delivery.headers.items()
            if name.startswith("ce-")
        }
    except ValueError as error:
        raise Malformed(f"a ce- header is not percent-encoded UTF-8: {error}") from error
    event["datacontenttype"] = delivery.content_type or None
    if _JSON_TYPE.fullmatch(delivery.content_type):
        event["data"] = json_of(delivery.body)
    else:
        event["data_base64"] = base64.b64encode(delivery.body).decode()
    return event


def _open(event: Any) -> dict[str, Any] | list[FieldProblem]:
    """Return the activity of an event in plain form, or what is wrong with the event."""
    if not isinstance(event, dict):
        return [FieldProblem("", echo(event), "a CloudEvent as an object")]
    said = {name: value for name, value in event.items() if value is not None}
    problems = [*_missing(said), *_nested(said)]
    try:
        data = _data(said)
    except Undecodable as error:
        return [*problems, FieldProblem(f"/{error.args[0]}", error.args[1], error.args[2])]
    if problems:
        return problems
    default = {"occurred_at": said["time"]} if "time" in said else {}
    return {**default, **data, "id": f"{said['source']} {said['id']}"}


def _missing(said: Mapping[str, Any]) -> list[FieldProblem]:
    return [
        FieldProblem(f"/{name}", echo(said.get(name, ABSENT)), expected)
        for name, (pattern, expected) in _REQUIRED.items()
        if not (isinstance(said.get(name), str) and pattern.fullmatch(said[name]))
    ]


def _nested(said: Mapping[str, Any]) -> list[FieldProblem]:
    """Find attributes that are no scalars; CloudEvents has none, and they may be nested without end."""
    return [
        FieldProblem(f"/{name}", echo(value), "text, a whole number or a boolean")
        for name, value in said.items()
        if name != "data" and isinstance(value, dict | list)
    ]


def _data(said: Mapping[str, Any]) -> dict[str, Any]:
    present = [name for name in _PAYLOADS if name in said]
    if len(present) != 1:
        found = "both" if present else ABSENT
        raise Undecodable("data", found, f"{_NO_ACTIVITY}, in `data` or in `data_base64`")
    declared = str(said.get("datacontenttype", "application/json"))
    if not _JSON_TYPE.fullmatch(declared):
        raise Undecodable("datacontenttype", echo(declared), "application/json: data is an activity")
    data = said["data"] if "data" in said else _from_base64(said["data_base64"])
    if not isinstance(data, dict):
        raise Undecodable(present[0], echo(data), _NO_ACTIVITY)
    return data


def _from_base64(text: Any) -> Any:
    try:
        return orjson.loads(base64.b64decode(text, validate=True))
    except (ValueError, TypeError) as error:
        raise Undecodable("data_base64", echo(text), f"base64 of JSON: {_NO_ACTIVITY}") from error


def _in_data(claim: Claim | list[FieldProblem]) -> Claim | list[FieldProblem]:
    if isinstance(claim, Claim):
        return claim
    return [FieldProblem(f"/data{problem.pointer}", problem.value, problem.expected) for problem in claim]


def _sent(event: Any, content: Claim | list[FieldProblem]) -> Sent:
    if isinstance(content, Claim):
        return Sent(content.id, event, (content,))
    return Sent(_name(event), event, problems=tuple(content))


def _name(event: Any) -> str | None:
    name = event.get("id") if isinstance(event, dict) else None
    if not isinstance(name, str):
        return None
    source = event.get("source")
    return f"{source} {name}"[:420] if isinstance(source, str) else name[:200]
