"""Zoho CRM's API: records by id, and users' e-mail addresses.

Documented: `GET /crm/v7/{module}/{id}` answers `{"data": [record]}`, 204 when there is none; a lookup such as Owner is
an object with `id`, `name` and mostly `email`; `GET /crm/v7/users/{id}` answers `{"users": [user]}`; the header
`Authorization: Zoho-oauthtoken …`; 400 INVALID_DATA for an id that the module does not have, 401 INVALID_TOKEN, 429
TOO_MANY_REQUESTS. A token lives an hour: what its reference points to must be renewed by the customer's own means.
Not verified on a live account: Stage_Modified_Time (where it is absent, Modified_Time stands in). What tells a held
meeting is a field of the account's own (`meeting_outcome` of the connection); by default one counts as booked only.
"""

from collections.abc import Mapping
from typing import Any

from services.ingest.domain.asking import MISSING
from services.ingest.domain.asking import meaning as plain_meaning
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.sources.apis import OWNER, Answer, Found, Request, deal, money, parsed, picked, told, untold, work

NAME = "zoho api"
_MODULES = {"deal": "Deals", "call": "Calls", "meeting": "Events", "task": "Tasks", OWNER: "users"}
OBJECTS = dict.fromkeys(_MODULES, 1)

_FIELDS = (
    *("id", "Owner", "Stage", "Pipeline", "Amount", "Currency", "Modified_Time", "Stage_Modified_Time"),
    *("Created_Time", "Call_Type", "Call_Start_Time", "Call_Duration_in_seconds", "Outgoing_Call_Status"),
    *("Call_Status", "Call_Result", "Start_DateTime", "Status", "Closed_Time"),
)
_DIRECTIONS = {"Inbound": "inbound", "Outbound": "outbound"}
_NOT_MADE = {"Scheduled", "Cancelled", "Overdue", "Missed"}


def headers(token: str) -> Mapping[str, str]:
    """Show who asks."""
    return {"authorization": f"Zoho-oauthtoken {token}"}


def request(kind: str, ids: list[str], _connection: Connection) -> Request:
    """Ask for one record."""
    return Request(f"/crm/v7/{_MODULES[kind]}/{ids[0]}")


def meaning(answer: Answer) -> str:
    """Return what an answer means; a record that is not there is an empty answer, or an id that cannot be right."""
    if answer.status == 204 or (answer.status == 400 and b"INVALID_DATA" in answer.body):
        return MISSING
    return plain_meaning(answer.status, answer.headers)


def read(kind: str, ids: list[str], answer: Answer, connection: Connection) -> Found:
    """Read one record."""
    body = parsed(answer)
    (record,) = body["users"] if kind == OWNER else body["data"]
    if kind == OWNER:
        return Found(owners={ids[0]: record["email"]} if record.get("email") else {})
    kept = picked(record, (*_FIELDS, *connection.fields.values()))
    return Found((_READERS[kind](ids[0], kept, connection),))


def _deal(name: str, record: Mapping[str, Any], connection: Connection) -> Sent:
    """Read a deal: its stage since it changed last, all else as of its last change."""
    changed, own = record.get("Modified_Time"), connection.fields
    said: dict[str, Any] = {"amount": money(record.get(own.get("amount", "Amount")))}
    if record.get("Currency"):
        said["currency"] = record["Currency"]
    if owner := _owner(record, connection):
        said["owner"] = owner
    names = {"stage": own.get("stage", "Stage"), "pipeline": own.get("pipeline", "Pipeline")}
    place = {each: _word(record[name]) for each, name in names.items() if record.get(name)}
    return deal(name, record, [(changed, said), (record.get("Stage_Modified_Time") or changed, place)], connection)


def _call(name: str, record: Mapping[str, Any], connection: Connection) -> Sent:
    payload = f"api:call:{name}@{record.get('Modified_Time')}"
    status = record.get("Outgoing_Call_Status") or record.get("Call_Status")
    if status in _NOT_MADE:
        return untold(payload, record, f"a call counts once it was made; its status is {status}")
    data = {
        "duration_s": record.get("Call_Duration_in_seconds"),
        "direction": _DIRECTIONS.get(str(record.get("Call_Type"))),
        "outcome": record.get("Call_Result"),
    }
    at = record.get("Call_Start_Time")
    return told(payload, record, [work(f"call:{name}", "call", at, _owner(record, connection), data)])


def _meeting(name: str, record: Mapping[str, Any], connection: Connection) -> Sent:
    payload, owner = f"api:meeting:{name}@{record.get('Modified_Time')}", _owner(record, connection)
    items = [work(f"meeting:{name}:booked", "meeting-booked", record.get("Created_Time"), owner)]
    outcome = _word(record.get(connection.fields.get("meeting_outcome", "")))
    if outcome:
        items.append(work(f"meeting:{name}:{outcome}", str(outcome), record.get("Modified_Time"), owner))
    return told(payload, record, items)


def _task(name: str, record: Mapping[str, Any], connection: Connection) -> Sent:
    payload = f"api:task:{name}@{record.get('Modified_Time')}"
    if record.get("Status") != "Completed":
        return untold(payload, record, f"a task counts once it is completed; its status is {record.get('Status')}")
    done = record.get("Closed_Time") or record.get("Modified_Time")
    return told(payload, record, [work(f"task:{name}", "task", done, _owner(record, connection))])


_READERS = {"deal": _deal, "call": _call, "meeting": _meeting, "task": _task}


def _owner(record: Mapping[str, Any], connection: Connection) -> str | None:
    """Return an owner's e-mail address where it is told, else the id."""
    owner = record.get("Owner") or {}
    return owner.get("email") or (connection.owner(str(owner["id"])) if owner.get("id") else None)


def _word(value: Any) -> Any:
    """Return a lookup's name, or the value itself."""
    return value.get("name") if isinstance(value, dict) else value
