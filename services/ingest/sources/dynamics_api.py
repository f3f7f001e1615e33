"""Dataverse's Web API (Dynamics 365): records by id with the currency's ISO code, and users' e-mail addresses.

Documented: `GET /api/data/v9.2/{set}(<guid>)` with `$select` and `$expand`; a lookup is `_<name>_value`, its kind an
annotation that `Prefer: odata.include-annotations` asks for (an owner may be a team, which has no e-mail address);
`systemusers(<guid>)?$select=internalemailaddress`; 429 with `Retry-After` under service protection. Standard values:
opportunity statecode 0 open, 1 won, 2 lost; phonecall and appointment statecode 1 completed, 2 cancelled.
Not verified on a live account: which moment `actualend` of an appointment keeps when it is completed by hand.
"""

from collections.abc import Mapping
from typing import Any

from services.ingest.domain.asking import meaning as plain_meaning
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.sources.apis import OWNER, Answer, Found, Request, deal, money, parsed, told, untold, work

NAME = "dynamics api"
OBJECTS = {"deal": 1, "call": 1, "meeting": 1, OWNER: 1}

_KIND = "@Microsoft.Dynamics.CRM.lookuplogicalname"
_WORK = "statecode,_ownerid_value,modifiedon,createdon,actualend,scheduledstart"
_CURRENCY = "transactioncurrencyid($select=isocurrencycode)"
_PATHS = {
    "deal": ("opportunities", "statecode,stepname,estimatedvalue,actualvalue,_ownerid_value,modifiedon", _CURRENCY),
    "call": ("phonecalls", f"{_WORK},directioncode,actualdurationminutes", ""),
    "meeting": ("appointments", _WORK, ""),
    OWNER: ("systemusers", "internalemailaddress", ""),
}
_OWN = {"deal": ("stage", "amount", "pipeline"), "meeting": ("meeting_outcome",)}
_STATUSES = {0: "open", 1: "won", 2: "lost"}
_COMPLETED, _CANCELLED = 1, 2
_ANNOTATIONS = {"prefer": 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"'}


def headers(token: str) -> Mapping[str, str]:
    """Show who asks."""
    return {"authorization": f"Bearer {token}", "odata-version": "4.0", "odata-maxversion": "4.0"}


def request(kind: str, ids: list[str], connection: Connection) -> Request:
    """Ask for one record, with the fields that the connection names as its own."""
    table, columns, expanded = _PATHS[kind]
    own = [connection.fields[name] for name in _OWN.get(kind, ()) if name in connection.fields]
    expand = f"&$expand={expanded}" if expanded else ""
    return Request(
        f"/api/data/v9.2/{table}({ids[0]})?$select={','.join([columns, *own])}{expand}", headers=_ANNOTATIONS
    )


def meaning(answer: Answer) -> str:
    """Return what a status means; Dataverse has no meanings of its own."""
    return plain_meaning(answer.status, answer.headers)


def read(kind: str, ids: list[str], answer: Answer, connection: Connection) -> Found:
    """Read one record."""
    record = parsed(answer)
    if kind == OWNER:
        email = record.get("internalemailaddress")
        return Found(owners={ids[0]: email} if email else {})
    return Found((_READERS[kind](ids[0], record, connection),))


def _deal(name: str, record: Mapping[str, Any], connection: Connection) -> Sent:
    """Read an opportunity, all of it as of its last change; once it is closed, its actual value counts."""
    status = _STATUSES.get(record.get("statecode", -1))
    own, value = connection.fields, record.get("actualvalue") if status in {"won", "lost"} else None
    expected = record.get("estimatedvalue") if value is None else value
    said: dict[str, Any] = {"amount": money(record.get(own["amount"]) if "amount" in own else expected)}
    code = (record.get("transactioncurrencyid") or {}).get("isocurrencycode")
    parts = {"currency": code, "status": status, "owner": _owner(record, connection)}
    parts |= {"stage": _word(record, own.get("stage", "stepname")), "pipeline": _word(record, own.get("pipeline", ""))}
    said.update({part: value for part, value in parts.items() if value is not None})
    return deal(name, record, [(record.get("modifiedon"), said)], connection)


def _call(name: str, record: Mapping[str, Any], connection: Connection) -> Sent:
    payload = f"api:call:{name}@{record.get('modifiedon')}"
    if record.get("statecode") != _COMPLETED:
        return untold(payload, record, f"a call counts once it is completed; its state is {record.get('statecode')}")
    minutes, outgoing = record.get("actualdurationminutes"), record.get("directioncode")
    data = {
        "duration_s": minutes * 60 if isinstance(minutes, int) else None,
        "direction": None if outgoing is None else "outbound" if outgoing else "inbound",
    }
    at = record.get("actualend") or record.get("modifiedon")
    return told(payload, record, [work(f"call:{name}", "call", at, _owner(record, connection), data)])


def _meeting(name: str, record: Mapping[str, Any], connection: Connection) -> Sent:
    """Read an appointment: booked when it was made, and what came of it."""
    payload, owner, state = f"api:meeting:{name}@{record.get('modifiedon')}", *_of(record, connection)
    items = [work(f"meeting:{name}:booked", "meeting-booked", record.get("createdon"), owner)]
    if "meeting_outcome" in connection.fields:
        outcome = _word(record, connection.fields["meeting_outcome"])
        items += [work(f"meeting:{name}:{outcome}", outcome, record.get("modifiedon"), owner)] if outcome else []
    elif state == _COMPLETED:
        held = record.get("actualend") or record.get("scheduledstart")
        items.append(work(f"meeting:{name}:held", "meeting", held, owner))
    elif state == _CANCELLED:
        items.append(work(f"meeting:{name}:cancelled", "meeting-cancelled", record.get("modifiedon"), owner))
    return told(payload, record, items)


_READERS = {"deal": _deal, "call": _call, "meeting": _meeting}


def _word(record: Mapping[str, Any], name: str) -> str | None:
    """Return a choice's number or a text, as text."""
    return None if record.get(name) is None else str(record[name])


def _of(record: Mapping[str, Any], connection: Connection) -> tuple[str | None, Any]:
    return _owner(record, connection), record.get("statecode")


def _owner(record: Mapping[str, Any], connection: Connection) -> str | None:
    """Return the owner's name here; a team is nobody's work."""
    owner = record.get("_ownerid_value")
    return connection.owner(owner) if owner and record.get(f"_ownerid_value{_KIND}") != "team" else None
