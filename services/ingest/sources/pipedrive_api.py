"""Pipedrive's API: deals and activities of version 2, and users' e-mail addresses.

Documented: `GET /api/v2/deals/{id}` and `/api/v2/activities/{id}` answer `{"success", "data"}`, all times in RFC 3339;
`GET /api/v1/users/{id}`, which version 2 lacks; the header `x-api-token`, or `Authorization: Bearer` with OAuth;
429 when the budget of a day or the burst limit is used up. Not verified on a live account: that a deleted deal is still
answered with `is_deleted`, and whether a 429 carries `Retry-After`.
"""

from collections.abc import Mapping
from typing import Any

from services.ingest.domain.asking import meaning as plain_meaning
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.sources.apis import OWNER, Answer, Found, Request, deal, money, parsed, picked, told, untold, work

NAME = "pipedrive api"
OBJECTS = {"deal": 1, "activity": 1, "call": 1, "meeting": 1, "task": 1, OWNER: 1}

_PATHS = {"deal": "/api/v2/deals", OWNER: "/api/v1/users"}
_DEAL = (
    *("id", "owner_id", "stage_id", "pipeline_id", "value", "currency", "status", "is_deleted", "update_time"),
    *("stage_change_time", "won_time", "lost_time"),
)
_ACTIVITY = ("id", "type", "owner_id", "done", "marked_as_done_time", "deal_id", "update_time", "duration")
_CLOSED = {"won": "won_time", "lost": "lost_time"}
_OAUTH_TOKEN = 60
"""Characters: an API token of a user has 40, one of OAuth is longer."""


def headers(token: str) -> Mapping[str, str]:
    """Show who asks: a user's API token, or a token of OAuth."""
    return {"authorization": f"Bearer {token}"} if len(token) > _OAUTH_TOKEN else {"x-api-token": token}


def request(kind: str, ids: list[str], _connection: Connection) -> Request:
    """Ask for one object."""
    return Request(f"{_PATHS.get(kind, '/api/v2/activities')}/{ids[0]}")


def meaning(answer: Answer) -> str:
    """Return what a status means; Pipedrive has no meanings of its own."""
    return plain_meaning(answer.status, answer.headers)


def read(kind: str, ids: list[str], answer: Answer, connection: Connection) -> Found:
    """Read one object."""
    data = parsed(answer).get("data")
    if not isinstance(data, dict):
        return Found(gone=frozenset(ids))
    if kind == OWNER:
        return Found(owners={ids[0]: data["email"]} if data.get("email") else {})
    return Found((_deal(data, connection) if kind == "deal" else _activity(data, connection),))


def _deal(data: Mapping[str, Any], connection: Connection) -> Sent:
    """Read a deal: its stage since it changed last, won or lost since then, all else as of its last change."""
    record, status = picked(data, _DEAL), data.get("status")
    owner = {"owner": connection.owner(str(data["owner_id"]))} if data.get("owner_id") else {}
    changed, closed = data.get("update_time"), data.get(_CLOSED.get(str(status), ""))
    place = {"stage": _text(data.get("stage_id")), "pipeline": _text(data.get("pipeline_id"))}
    moments = [
        (changed, {"amount": money(data.get("value")), "currency": data.get("currency"), **owner}),
        (data.get("stage_change_time") or data.get("add_time"), place),
        (closed or changed, {"status": "deleted" if data.get("is_deleted") else status}),
    ]
    return deal(str(data["id"]), record, moments, connection)


def _activity(data: Mapping[str, Any], connection: Connection) -> Sent:
    """Read an activity: work done once it is ticked off, under the account's own name for its type."""
    record, name = picked(data, _ACTIVITY), f"api:activity:{data['id']}@{data.get('update_time')}"
    if not data.get("done"):
        return untold(name, record, "an activity counts once it is marked as done")
    kind, owner = str(data.get("type")), data.get("owner_id")
    whose = connection.owner(str(owner)) if owner else None
    done = data.get("marked_as_done_time") or data.get("update_time")
    return told(name, record, [work(f"activity:{data['id']}", kind, done, whose)])


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
