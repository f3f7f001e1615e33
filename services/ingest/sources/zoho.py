"""Zoho CRM: notifications of a watched channel. They name records and, where asked for, what changed in them.

Zoho signs nothing: it repeats the channel's token inside the body, which therefore has to be read, up to a size, before
anybody is trusted. A notification has no moment but that of sending, no owner, and nothing of what was before.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.domain.masking import MASK
from services.ingest.domain.results import Sent, Want
from services.ingest.sources import Delivery, Unverified, json_of, matches_any
from services.ingest.sources.fields import (
    Unreadable,
    amount_of,
    can_be_kept,
    currency_of,
    id_of,
    instant_of_ms,
    instant_of_text,
    line_of,
    name_of,
    object_in,
    seconds_of,
)
from services.ingest.sources.retracting import of_meeting, taken_back
from shared.contracts.activity import DEAL, RETRACTION, DealChange, Scalar
from shared.errors import TooLarge

NAME = "zoho"
LARGEST = 256 * 1024
"""Bytes of a body that is read before its sender is known; a notification is far smaller."""

MOST = 1000
"""Records in one notification."""

WANTED: Mapping[str, str] = {"Deals": "deal", "Calls": "call", "Events": "meeting", "Tasks": "task"}
"""What each module's records are called when Zoho is asked about them."""

_COMMON = ("server_time", "module", "operation", "channel_id", "token")
_COMPLETED = "Completed"
_CALL_STATUS = {"Outgoing_Call_Status", "Call_Status"}
_NOT_MADE = {"Scheduled", "Cancelled", "Overdue", "Missed"}
_DIRECTIONS = {"Inbound": "inbound", "Outbound": "outbound"}


@dataclass(frozen=True, slots=True)
class _Notice:
    """What a notification says of one record; `changed` are the fields it names, `values` those it tells."""

    module: str
    operation: str
    record: str
    name: str
    sent_at: datetime
    changed: frozenset[str]
    values: Mapping[str, Any]

    @property
    def at(self) -> datetime:
        """When the record was changed where that is told, else when the notification was sent."""
        told = self.values.get("Modified_Time")
        return instant_of_text(told, "/Modified_Time") if told is not None else self.sent_at


_Reader = Callable[[_Notice, Connection], tuple[tuple[Claim, ...], str | None]]
"""The claims of a notice, and why it needs none; neither: the record has to be asked for."""


def verify(delivery: Delivery, connection: Connection, now: datetime) -> None:
    """Return when the body holds one of the connection's secrets as its token; else raise Unverified.

    Raises TooLarge before anything is read, and Malformed.
    """
    if len(delivery.body) > LARGEST:
        raise TooLarge(f"a notification of {len(delivery.body)} bytes: at most {LARGEST} are read of an unknown sender")
    body = json_of(delivery.body)
    said = object_in(body)
    token, channel = said.get("token"), name_of(said.get("channel_id"))
    matches = matches_any(token if isinstance(token, str) else "", connection.secrets)
    if not matches or (connection.account and channel != connection.account):
        raise Unverified("the body must hold the channel's token, as it was given when the channel was made")


def read(delivery: Delivery, connection: Connection) -> list[Sent]:
    """Read one thing for each record of a notification; raises Malformed."""
    body = json_of(delivery.body)
    if not isinstance(body, dict) or not can_be_kept(body):
        return [Sent(None, None, problems=(Unreadable("", body, "a notification as an object").problem,))]
    said = {**body, "token": MASK} if "token" in body else body
    try:
        return [_read(notice, raw, connection) for notice, raw in _notices(said)]
    except Unreadable as error:
        return [Sent(None, said, problems=(error.problem,))]


def _notices(said: Mapping[str, Any]) -> Iterator[tuple[_Notice, Mapping[str, Any]]]:
    """Give what is said of each record, and the notification as it would be for that record alone."""
    module, operation = id_of(said.get("module"), "/module"), id_of(said.get("operation"), "/operation")
    sent_at, at = said.get("server_time"), instant_of_ms(said.get("server_time"), "/server_time")
    channel, listed = id_of(said.get("channel_id"), "/channel_id"), said.get("ids")
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST:
        raise Unreadable("/ids", listed, f"the ids of the records that changed, at most {MOST}")
    named, told = _named_of(said.get("affected_fields")), _told_of(said.get("affected_values"))
    for record in dict.fromkeys(id_of(each, "/ids") for each in listed):
        entries, names = told.get(record, []), named.get(record, [])
        values = {key: value for each in entries for key, value in object_in(each.get("values")).items()}
        alone = {"ids": [record], "affected_fields": [{record: names}], "affected_values": entries}
        raw = said if len(listed) == 1 else {**{name: said.get(name) for name in _COMMON}, **alone}
        name = f"{channel}:{module}:{record}:{operation}:{sent_at}"
        yield _Notice(module, operation, record, name, at, frozenset(names) | values.keys(), values), raw


def _read(notice: _Notice, raw: Any, connection: Connection) -> Sent:
    reader = _READERS.get(notice.module)
    if reader is None:
        return Sent(notice.name, raw, ignored=f"{notice.module} records carry no work here")
    try:
        claims, ignored = reader(notice, connection)
    except Unreadable as error:
        return Sent(notice.name, raw, problems=(error.problem,))
    if ignored:
        return Sent(notice.name, raw, ignored=ignored)
    wants = (Want(WANTED[notice.module], notice.record),) if _lacks(notice, claims) else ()
    lacks = Unreadable("/affected_values", "(absent)", "what the record says: only its id was sent").problem
    return Sent(notice.name, raw, claims, () if claims or connection.api else (lacks,), wants=wants)


def _lacks(notice: _Notice, claims: tuple[Claim, ...]) -> bool:
    """Tell whether Zoho is to be asked: nothing was told, or not whose it is or what it is worth."""
    said: set[str] = {name for claim in claims if claim.deal for name in claim.deal.set}
    complete = "deleted" in {claim.deal.set.get("status") for claim in claims if claim.deal} or "amount" in said
    if notice.module == "Deals":
        return not claims or not complete or (not claims[0].owner and notice.operation != "delete")
    return not claims or any(claim.owner is None and claim.type != RETRACTION for claim in claims)


def _deal(notice: _Notice, connection: Connection) -> tuple[tuple[Claim, ...], str | None]:
    own = connection.fields
    stage, amount, pipeline = own.get("stage", "Stage"), own.get("amount", "Amount"), own.get("pipeline", "Pipeline")
    if notice.operation == "delete":
        return (_change(notice, connection, {"status": "deleted"}),), None
    values = notice.values
    readers: Mapping[str, tuple[str, Callable[[Any], str | None]]] = {
        "stage": (stage, lambda value: _word(value, f"/{stage}")),
        "pipeline": (pipeline, lambda value: _word(value, f"/{pipeline}")),
        "amount": (amount, lambda value: amount_of(value, f"/{amount}")),
        "currency": ("Currency", lambda value: currency_of(value, "/Currency")),
        "name": ("Deal_Name", line_of),
    }
    counts = {theirs for theirs, _ in readers.values()} | {"Owner"}
    if notice.operation == "update" and notice.changed and not counts & notice.changed:
        return (), "nothing of it that counts has changed"
    said = {ours: read(values[theirs]) for ours, (theirs, read) in readers.items() if theirs in values}
    if notice.operation == "insert" and connection.currency and said.get("amount"):
        said["currency"] = said.get("currency") or connection.currency
    return (_change(notice, connection, said),) if said or "Owner" in values else (), None


def _change(notice: _Notice, connection: Connection, said: Mapping[str, str | None]) -> Claim:
    owner_said = "Owner" in notice.values and said.get("status") != "deleted"
    return Claim(
        id=notice.name,
        type=DEAL,
        occurred_at=notice.at,
        owner=_owner(notice, connection) if owner_said else None,
        owner_said=owner_said,
        deal=DealChange(connection.deal(notice.record), said),
    )


def _call(notice: _Notice, connection: Connection) -> tuple[tuple[Claim, ...], str | None]:
    values = notice.values
    if notice.operation == "delete":
        return taken_back([f"call:{notice.record}"], notice.at), None
    status = values.get("Outgoing_Call_Status", values.get("Call_Status"))
    if status is None:
        edited = notice.operation == "update" and notice.changed
        return (), "a call that was edited is no new call" if edited and not _CALL_STATUS & notice.changed else None
    if str(status) in _NOT_MADE or values.get("Call_Type") == "Missed":
        return (), "a call counts once it is made"
    data = {
        "duration_s": seconds_of(values.get("Call_Duration_in_seconds")),
        "direction": _DIRECTIONS.get(str(values.get("Call_Type"))),
        "outcome": line_of(values.get("Call_Result")),
    }
    begun = values.get("Call_Start_Time")
    at = instant_of_text(begun, "/Call_Start_Time") if begun is not None else notice.at
    return (_work(notice, connection, ("call", f"call:{notice.record}"), at, data),), None


def _meeting(notice: _Notice, connection: Connection) -> tuple[tuple[Claim, ...], str | None]:
    """Read a meeting: booked once; what came of it only where a field of the connection's choice says so."""
    values, own = notice.values, connection.fields.get("meeting_outcome", "")
    record, claims = f"meeting:{notice.record}", []
    if notice.operation == "delete":
        return taken_back(of_meeting(record, connection), notice.at), None
    if notice.operation == "insert" and "Owner" in values:
        claims.append(_work(notice, connection, ("meeting-booked", f"{record}:booked"), notice.at, {}))
    label = _word(values.get(own), f"/{own}") if own else None
    if label:
        claims.append(_work(notice, connection, (label, f"{record}:{label}"), notice.at, {}))
    if claims or notice.operation == "insert" or own in notice.changed:
        return tuple(claims), None
    return (), "a meeting that was moved or edited is no new meeting"


def _task(notice: _Notice, connection: Connection) -> tuple[tuple[Claim, ...], str | None]:
    status = notice.values.get("Status")
    if notice.operation == "delete":
        return taken_back([f"task:{notice.record}"], notice.at), None
    if status is None and (not notice.changed or "Status" in notice.changed):
        return (), None
    if status != _COMPLETED:
        return (), "a task counts once it is completed"
    return (_work(notice, connection, ("task", f"task:{notice.record}"), notice.at, {}),), None


def _work(
    notice: _Notice, connection: Connection, named: tuple[str, str], at: datetime, data: Mapping[str, Scalar]
) -> Claim:
    """Return work done, named by its type and business key: an edit never counts again."""
    about = name_of(object_in(notice.values.get("What_Id")).get("id"))
    of_deal = notice.values.get("$se_module") == "Deals"
    owner = _owner(notice, connection)
    return Claim(
        id=named[1],
        type=named[0],
        occurred_at=at,
        owner=owner,
        owner_said=owner is not None,
        deal=DealChange(connection.deal(about), {}) if about and of_deal else None,
        data={name: value for name, value in data.items() if value is not None} or None,
    )


def _owner(notice: _Notice, connection: Connection) -> str | None:
    """Return an owner's e-mail address where it is told, else the id; Zoho writes an object, or the bare id."""
    said = notice.values.get("Owner")
    email, name = object_in(said).get("email"), name_of(object_in(said).get("id", said))
    if isinstance(email, str) and "@" in email:
        return name_of(email)
    return connection.owner(name) if name else None


def _word(value: Any, pointer: str) -> str | None:
    """Return short text or a lookup's name; None when it was emptied, Unreadable when it is something else."""
    found = object_in(value).get("name", value)
    word = line_of(found)
    if found not in (None, "") and (word is None or len(word) > 100):
        raise Unreadable(pointer, value, "text of at most 100 characters")
    return word


def _told_of(listed: Any) -> Mapping[str, list[Any]]:
    """Return the entries of `affected_values` by record."""
    groups: dict[str, list[Any]] = defaultdict(list)
    for each in listed if isinstance(listed, list) else []:
        groups[name_of(object_in(each).get("record_id")) or ""].append(each)
    return groups


def _named_of(listed: Any) -> Mapping[str, list[str]]:
    """Return the field names in `affected_fields` by record: each entry is an object of records."""
    groups: dict[str, list[str]] = defaultdict(list)
    for each in listed if isinstance(listed, list) else []:
        for record, names in object_in(each).items():
            groups[record] += [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return groups


_READERS: Mapping[str, _Reader] = {"Deals": _deal, "Calls": _call, "Events": _meeting, "Tasks": _task}
