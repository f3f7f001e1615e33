"""Salesforce's REST API: records by id, and users' e-mail addresses.

Documented: `GET /services/data/vXX.X/sobjects/{type}/{id}` gives every field that the token may see; with `fields` a
name that the organisation does not have is answered with 400, and CurrencyIsoCode exists only where several currencies
are used: so no `fields` are named, and what is not used here is dropped at once. Errors are an array of `errorCode` and
`message`: 401 INVALID_SESSION_ID, 403 REQUEST_LIMIT_EXCEEDED (which passes), 404 NOT_FOUND. Not verified on a live
account: LastStageChangeDate on the record of every edition.
"""

from collections.abc import Mapping
from typing import Any

from services.ingest.domain.asking import LATER
from services.ingest.domain.asking import meaning as plain_meaning
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.sources.apis import OWNER, Answer, Found, Request, deal, money, parsed, picked, told, untold, work

NAME = "salesforce api"
VERSION = "v62.0"
_TYPES = {"deal": "Opportunity", "call": "Task", "task": "Task", "meeting": "Event", "lead": "Lead", OWNER: "User"}
OBJECTS = dict.fromkeys(_TYPES, 1)

_FIELDS = (
    *("Id", "OwnerId", "StageName", "Amount", "CurrencyIsoCode", "IsClosed", "IsWon", "IsDeleted", "LastModifiedDate"),
    *("LastStageChangeDate", "CreatedDate", "Status", "TaskSubtype", "CallType", "CallDurationInSeconds"),
    *("CallDisposition", "CompletedDateTime", "StartDateTime", "EndDateTime", "GroupEventType", "WhatId"),
    *("IsConverted", "ConvertedDate"),
)
_DIRECTIONS = {"Inbound": "inbound", "Outbound": "outbound"}


def headers(token: str) -> Mapping[str, str]:
    """Show who asks."""
    return {"authorization": f"Bearer {token}"}


def request(kind: str, ids: list[str], _connection: Connection) -> Request:
    """Ask for one record."""
    return Request(f"/services/data/{VERSION}/sobjects/{_TYPES[kind]}/{ids[0]}")


def meaning(answer: Answer) -> str:
    """Return what an answer means; the limit of a day comes as 403."""
    if answer.status == 403 and b"REQUEST_LIMIT_EXCEEDED" in answer.body:
        return LATER
    return plain_meaning(answer.status, answer.headers)


def read(kind: str, ids: list[str], answer: Answer, connection: Connection) -> Found:
    """Read one record."""
    record = parsed(answer)
    if kind == OWNER:
        return Found(owners={ids[0]: record["Email"]} if record.get("Email") else {})
    return Found((_READERS[kind](ids[0], picked(record, _FIELDS), connection),))


def _deal(name: str, record: Mapping[str, Any], connection: Connection) -> Sent:
    """Read an opportunity: its stage since it changed last, all else as of its last change."""
    changed = _moment(record.get("LastModifiedDate"))
    said: dict[str, Any] = {"amount": money(record.get("Amount"))}
    if record.get("CurrencyIsoCode"):
        said["currency"] = record["CurrencyIsoCode"]
    if record.get("OwnerId"):
        said["owner"] = connection.owner(record["OwnerId"])
    moved = _moment(record.get("LastStageChangeDate")) or changed
    place = {"stage": record.get("StageName"), **_status(record)}
    return deal(name, record, [(changed, said), (moved, place)], connection)


def _status(record: Mapping[str, Any]) -> dict[str, str]:
    if record.get("IsDeleted"):
        return {"status": "deleted"}
    if record.get("IsClosed") is None or record.get("IsWon") is None:
        return {}
    return {"status": "won" if record["IsWon"] else "lost" if record["IsClosed"] else "open"}


def _task(name: str, record: Mapping[str, Any], connection: Connection) -> Sent:
    """Read a task: work done once it is completed; one of subtype Call is a call."""
    payload = f"api:task:{name}@{record.get('LastModifiedDate')}"
    if record.get("Status") != "Completed":
        return untold(payload, record, f"a task counts once it is completed; its status is {record.get('Status')}")
    kind = "call" if record.get("TaskSubtype") == "Call" else "task"
    data = {
        "duration_s": record.get("CallDurationInSeconds"),
        "direction": _DIRECTIONS.get(str(record.get("CallType"))),
        "outcome": record.get("CallDisposition"),
    }
    done = _moment(record.get("CompletedDateTime") or record.get("LastModifiedDate"))
    return told(payload, record, [work(f"{kind}:{name}", kind, done, _owner(record, connection), data)])


def _meeting(name: str, record: Mapping[str, Any], connection: Connection) -> Sent:
    """Read an event: booked when it was made. Salesforce has no field that says whether it was held."""
    payload = f"api:meeting:{name}@{record.get('LastModifiedDate')}"
    if record.get("GroupEventType") == "3":
        return untold(payload, record, "a series stands for its meetings, which come by themselves")
    booked = work(
        f"meeting:{name}:booked", "meeting-booked", _moment(record.get("CreatedDate")), _owner(record, connection)
    )
    return told(payload, record, [booked])


def _lead(name: str, record: Mapping[str, Any], connection: Connection) -> Sent:
    """Read a lead: qualified once it is converted."""
    payload = f"api:lead:{name}@{record.get('LastModifiedDate')}"
    if not record.get("IsConverted"):
        return untold(payload, record, "a lead counts once it is converted")
    at = _moment(record.get("LastModifiedDate"))
    return told(payload, record, [work(f"lead:{name}:qualified", "lead-qualified", at, _owner(record, connection))])


_READERS = {"deal": _deal, "call": _task, "task": _task, "meeting": _meeting, "lead": _lead}


def _owner(record: Mapping[str, Any], connection: Connection) -> str | None:
    return connection.owner(record["OwnerId"]) if record.get("OwnerId") else None


def _moment(text: Any) -> str | None:
    """Return an instant with its zone as RFC 3339 has it: Salesforce writes +0000 without a colon."""
    return f"{text[:-2]}:{text[-2:]}" if isinstance(text, str) and text[-5:-4] in {"+", "-"} else text
