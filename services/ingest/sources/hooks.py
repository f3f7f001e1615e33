"""The kinds of senders that may have an address of their own: a connection's `kind` is one of these."""

import base64
from collections.abc import Mapping, Sequence
from traceback import extract_tb
from typing import Any

import orjson

from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.sources import (
    Delivery,
    Hook,
    ReadingAgain,
    close,
    cloudevents,
    dynamics,
    hubspot,
    pipedrive,
    salesforce,
    standard_webhooks,
    zoho,
)
from services.ingest.sources.apis import api_of
from services.ingest.sources.fields import can_be_kept
from shared import logs
from shared.errors import FieldProblem, SamenspelError

_ALL: tuple[Hook, ...] = (
    close,
    cloudevents,
    dynamics,
    hubspot,
    pipedrive,
    salesforce,
    standard_webhooks,
    zoho,
)
"""One line for each file."""

HOOKS: Mapping[str, Hook] = {hook.NAME: hook for hook in _ALL}

log = logs.get(__name__)

MOST = 2_000
"""Things in one request that are stored one by one; more are kept as the one body they came in."""

_TEXT, _BASE64 = "body", "body_base64"


def read(delivery: Delivery, connection: Connection) -> list[Sent]:
    """Read what a verified sender brought; never raises: what cannot be read is whole, with its problem."""
    try:
        sent = HOOKS[connection.kind].read(delivery, connection)
    except SamenspelError as error:
        return [_whole(delivery, error.detail or error.title())]
    except Exception as error:  # noqa: BLE001  a defect of one reader must not lose what came; it is told, and read again
        log.error("source_failed", kind=connection.kind, connection=connection.name, error=_told(error))  # noqa: TRY400  its text may name a person
        return [_whole(delivery, "what this version of the front door can read: report it, then read it again")]
    if len(sent) > MOST:
        return [_whole(delivery, f"at most {MOST:,} things in one request, not {len(sent):,}")]
    kept = [each for each in sent if can_be_kept(each.raw)]
    return kept if len(kept) == len(sent) else [*kept, _whole(delivery, "JSON that is not nested so deeply")]


def read_again(kind: str, raw: Any, connection: Connection) -> Sequence[Sent]:
    """Read something again as it was stored; none when nothing here can."""
    api = api_of(connection.kind)
    if api and kind == api.NAME:
        return api.read_again(raw, connection) if isinstance(api, ReadingAgain) else ()
    hook = HOOKS.get(kind)
    if hook is None or kind != connection.kind:
        return ()
    if isinstance(raw, dict) and raw.keys() <= {"content_type", _TEXT, _BASE64} and raw.keys() & {_TEXT, _BASE64}:
        return read(Delivery(str(raw.get("content_type", "")), {}, _body(raw)), connection)
    if isinstance(hook, ReadingAgain):
        return hook.read_again(raw, connection)
    return read(Delivery("application/json", {}, orjson.dumps(raw)), connection)


def _told(error: Exception) -> str:
    """Tell what kind of error it was and where, without anything of what was sent."""
    frame = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, {frame.filename.rpartition('/')[2]}:{frame.lineno}"


def _whole(delivery: Delivery, expected: str) -> Sent:
    """Return a body that cannot be taken apart, as one thing."""
    try:
        body = {_TEXT: delivery.body.decode()}
    except UnicodeDecodeError:
        body = {_BASE64: base64.b64encode(delivery.body).decode()}
    raw = {"content_type": delivery.content_type, **body}
    problem = FieldProblem("", f"({len(delivery.body):,} bytes)", expected)
    return Sent(None, raw, problems=(problem,))


def _body(raw: Mapping[str, Any]) -> bytes:
    return base64.b64decode(raw[_BASE64]) if _BASE64 in raw else str(raw[_TEXT]).encode()
