"""What Salesforce's records mean here: opportunities, tasks, events and leads; every other kind carries no work.

Only what was said is told: a stage change that says nothing of the owner leaves the owner as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent, Want
from services.ingest.sources.fields import Unreadable, amount_of, currency_of, instant_of_text, line_of, seconds_of
from services.ingest.sources.retracting import counts_again, of_meeting, taken_back
from services.ingest.sources.salesforce.facts import CREATE, DELETE, STATE, UNDELETE, UPDATE, Facts, instant_or_none
from services.ingest.sources.salesforce.ids import OPPORTUNITY, QUEUE, long_form
from shared.contracts.activity import DEAL, DealChange, Scalar

STAGE, AMOUNT, CURRENCY, OWNER = "StageName", "Amount", "CurrencyIsoCode", "OwnerId"
LONGEST_STAGE = 100

_EMPTIED = {"stage", "amount", "name"}
"""What a deal may really lose; a currency or a record type without a value is one that is not used."""

_WHATEVER_CHANGED: Mapping[tuple[bool | None, bool | None], str] = {
    (True, True): "won",
    (True, None): "won",
    (False, True): "lost",
}
"""The status by (IsWon, IsClosed) where it is not known which of them changed."""

_COMPLETED = "Completed"
_SERIES = "3"
_SUBTYPES = {"Call": "call", "Email": "email", "ListEmail": "email"}
_TYPES = {"Call": "call", "Email": "email"}
_DIRECTIONS = {"Inbound": "inbound", "Outbound": "outbound"}

_Reader = Callable[[Facts, Connection, Any], Sent]


def read(facts: Facts, connection: Connection, raw: Any) -> Sent:
    """Return what the facts about a record claim, or why they claim nothing; `raw` is what they were read from."""
    reader = _READERS.get(facts.entity)
    if reader is None:
        return Sent(facts.name, raw, ignored=f"{facts.entity} records carry no work here")
    try:
        return reader(facts, connection, raw)
    except Unreadable as error:
        return Sent(facts.name, raw, problems=(error.problem,))


def want_of(entity: str, record: str) -> tuple[Want, ...]:
    """Return the question that completes a record, or none where its kind carries no work."""
    return (Want(WANTED[entity], record),) if entity in WANTED else ()


def _opportunity(facts: Facts, connection: Connection, raw: Any) -> Sent:
    gone = facts.kind == DELETE or _truth(facts.said.get("IsDeleted")) is True
    said = {"status": "deleted"} if gone else _deal_fields(facts, connection)
    owner_said = OWNER in facts.said and not gone
    claim = Claim(
        id=facts.name,
        type=DEAL,
        occurred_at=facts.at,
        owner=_owner(facts, connection) if owner_said else None,
        owner_said=owner_said,
        actor=facts.actor,
        deal=DealChange(connection.deal(facts.record), said),
        sequence=facts.order,
    )
    lacking = not gone and _lacks(facts, said, owner_said=owner_said)
    wants = want_of(facts.entity, facts.record) if lacking else ()
    if not said and not owner_said:
        return Sent(facts.name, raw, ignored="nothing of it that counts has changed", wants=wants)
    return Sent(facts.name, raw, (claim,), wants=wants)


def _deal_fields(facts: Facts, connection: Connection) -> dict[str, str | None]:
    """Return what was said of a deal, in our words and with Salesforce's names for stages and record types."""
    stage, amount = connection.fields.get("stage", STAGE), connection.fields.get("amount", AMOUNT)
    pipeline = connection.fields.get("pipeline", "RecordTypeId")
    readers: Mapping[str, tuple[str, Callable[[Any], str | None]]] = {
        "stage": (stage, lambda value: _line(value, f"/{stage}")),
        "amount": (amount, lambda value: amount_of(value, f"/{amount}")),
        "currency": (CURRENCY, lambda value: currency_of(value, f"/{CURRENCY}")),
        "name": ("Name", line_of),
        "pipeline": (pipeline, lambda value: _line(value, f"/{pipeline}")),
    }
    told = {ours: read(facts.said[theirs]) for ours, (theirs, read) in readers.items() if theirs in facts.said}
    if facts.changed(stage) is False:
        told.pop("stage", None)  # an enriched event that is sent again has the stage of today
    said = {ours: value for ours, value in told.items() if value is not None or ours in _EMPTIED}
    if facts.whole and connection.currency:
        said.setdefault("currency", connection.currency)
    status = _status(facts)
    return {**said, "status": status} if status or facts.kind == UNDELETE else said


def _status(facts: Facts) -> str | None:
    """Return the status where Salesforce itself says that it changed; else the stage implies it.

    An unchanged IsWon is null, and an open stage change may carry IsClosed=false: neither is a change of status. Of a
    restored record, None takes its deletion back.
    """
    won, closed = _truth(facts.said.get("IsWon")), _truth(facts.said.get("IsClosed"))
    if facts.kind == UPDATE and facts.told.changed is None:
        return _WHATEVER_CHANGED.get((won, closed))
    if facts.kind == UPDATE and not (facts.changed("IsWon") or facts.changed("IsClosed")):
        return None
    if won or closed or (facts.kind == UPDATE and won is False and closed is None):
        return "won" if won else "lost"
    return "open" if closed is False and facts.kind != CREATE else None


def _lacks(facts: Facts, said: Mapping[str, Any], *, owner_said: bool) -> bool:
    """Tell whether the CRM should be asked: something unknown was emptied, or a change of stage came alone."""
    moved = "stage" in said or "status" in said
    alone = facts.kind == UPDATE and moved and not (owner_said and "amount" in said)
    return facts.told.unclear or alone or (facts.kind == UNDELETE and "stage" not in said)


def _task(facts: Facts, connection: Connection, raw: Any) -> Sent:
    said, works = facts.said, [f"call:{facts.record}", f"task:{facts.record}"]
    if facts.kind == DELETE or _reopened(facts):
        return Sent(facts.name, raw, taken_back(works, facts.at, facts.actor))
    if _truth(said.get("IsRecurrence")):
        return Sent(facts.name, raw, ignored="a series of tasks: each of them comes by itself")
    if not _is_done(said):
        return Sent(facts.name, raw, ignored="a task counts once it is completed")
    if _unmoved(facts, "Status", "IsClosed", "CompletedDateTime"):
        return Sent(facts.name, raw, ignored="a task that was completed before was edited")
    kind = _SUBTYPES.get(str(said.get("TaskSubtype"))) or _TYPES.get(str(said.get("Type"))) or line_of(said.get("Type"))
    if kind is None and "TaskSubtype" not in said:
        lacks = Unreadable("/TaskSubtype", "(absent)", "Call, Email or Task: without it nobody knows what was done")
        wants = want_of(facts.entity, facts.record)
        return Sent(facts.name, raw, problems=() if connection.api else (lacks.problem,), wants=wants)
    data = {
        "duration_s": seconds_of(_whole(said.get("CallDurationInSeconds"))),
        "direction": _DIRECTIONS.get(str(said.get("CallType"))),
        "outcome": line_of(said.get("CallDisposition")),
        "counterparty": line_of(said.get("WhoId")),
    }
    name = f"{'call' if kind == 'call' else 'task'}:{facts.record}"
    at = instant_or_none(said.get("CompletedDateTime")) or facts.at
    again = counts_again([name], facts.at, facts.actor) if facts.kind in {UPDATE, UNDELETE} else ()
    return _worked(facts, connection, raw, [_work(facts, connection, (name, kind or "task"), at, data)], again)


def _event(facts: Facts, connection: Connection, raw: Any) -> Sent:
    """Read a meeting: booked once, and what came of it where a field of the connection says so."""
    said, record = facts.said, f"meeting:{facts.record}"
    if facts.kind == DELETE:
        return Sent(facts.name, raw, taken_back(of_meeting(record, connection), facts.at, facts.actor))
    why = next((why for applies, why in _NO_MEETING if applies(facts)), None)
    if why:
        return Sent(facts.name, raw, ignored=why)
    ends = _end(said)
    claims = []
    if facts.whole:
        booked = instant_or_none(said.get("CreatedDate")) or facts.at
        claims.append(_work(facts, connection, (f"meeting:{facts.record}:booked", "meeting-booked"), booked, {}))
    own = connection.fields.get("meeting_outcome", "")
    label = _outcome(said, own)
    if label and not _unmoved(facts, own):
        at = min(ends, facts.at) if ends else facts.at
        claims.append(_work(facts, connection, (f"meeting:{facts.record}:{label}"[:200], label), at, {}))
    if not claims:
        return Sent(facts.name, raw, ignored="a meeting that was moved or edited is no new meeting")
    works = of_meeting(record, connection) if facts.kind == UNDELETE else []
    return _worked(facts, connection, raw, claims, counts_again(works, facts.at, facts.actor))


def _lead(facts: Facts, connection: Connection, raw: Any) -> Sent:
    """Read a conversion: one act, though its account, contact and opportunity come as events of their own."""
    if not _truth(facts.said.get("IsConverted")) or facts.kind == DELETE:
        return Sent(facts.name, raw, ignored="a lead counts once it is converted")
    if _unmoved(facts, "IsConverted"):
        return Sent(facts.name, raw, ignored="a lead that was converted before was edited")
    claim = _work(
        facts, connection, (f"lead:{facts.record}:qualified", "lead-qualified"), _converted(facts, connection), {}
    )
    made = facts.said.get("ConvertedOpportunityId")
    if made:
        deal = DealChange(connection.deal(long_form(made, "/ConvertedOpportunityId")), {})
        claim = replace(claim, deal=deal)
    return _worked(facts, connection, raw, [claim])


def _converted(facts: Facts, connection: Connection) -> datetime:
    """Return when a lead was converted: a change says it to the second, a later state only the day."""
    said = facts.said.get("ConvertedDate")
    if facts.kind != STATE or not isinstance(said, str):
        return facts.at
    zone = ZoneInfo(connection.timezone or "UTC")
    day = instant_of_text(said, "/ConvertedDate").date()
    return facts.at if day >= facts.at.astimezone(zone).date() else datetime.combine(day, time(), zone).astimezone(UTC)


def _unmoved(facts: Facts, *names: str) -> bool:
    """Tell whether an update is known to have changed none of these fields, though it may repeat them."""
    return facts.kind == UPDATE and all(facts.changed(name) is False for name in names)


def _work(
    facts: Facts, connection: Connection, named: tuple[str, str], at: datetime, data: Mapping[str, Scalar]
) -> Claim:
    """Return work done under its business key (`named`: that and its type); an edit never counts again."""
    about = facts.said.get("WhatId")
    deal = isinstance(about, str) and about.startswith(OPPORTUNITY) and long_form(about, "/WhatId")
    return Claim(
        id=named[0],
        type=named[1],
        occurred_at=at,
        owner=_owner(facts, connection),
        owner_said=bool(facts.said.get(OWNER)),
        actor=facts.actor,
        deal=DealChange(connection.deal(deal), {}) if deal else None,
        data={name: value for name, value in data.items() if value is not None} or None,
    )


def _worked(facts: Facts, connection: Connection, raw: Any, claims: list[Claim], again: tuple[Claim, ...] = ()) -> Sent:
    lacking = any(claim.owner is None for claim in claims)
    return Sent(facts.name, raw, (*claims, *again), wants=want_of(facts.entity, facts.record) if lacking else ())


def _owner(facts: Facts, connection: Connection) -> str | None:
    """Return the owner's name in a roster; a queue is shown to be one."""
    value = facts.said.get(OWNER)
    if not value:
        return None
    owner = long_form(value, f"/{OWNER}")
    return connection.owner(f"queue:{owner}" if owner.startswith(QUEUE) else owner)


def _outcome(said: Mapping[str, Any], name: str) -> str | None:
    """Return what came of a meeting: the value of a list, or the name of a field that is ticked."""
    value = said.get(name)
    ticked = _truth(value)
    return line_of(value, 64) if ticked is None else (name if ticked else None)


def _line(value: Any, pointer: str) -> str | None:
    """Return short text; None when it was emptied, Unreadable when it is something else."""
    if value is not None and (not isinstance(value, str) or len(value) > LONGEST_STAGE):
        raise Unreadable(pointer, value, f"text of at most {LONGEST_STAGE} characters")
    return line_of(value)


def _is_done(said: Mapping[str, Any]) -> bool:
    """Tell whether a task is completed, or closed under another name."""
    return (
        said.get("Status") == _COMPLETED or _truth(said.get("IsClosed")) is True or bool(said.get("CompletedDateTime"))
    )


def _reopened(facts: Facts) -> bool:
    """Tell whether a task is said to be open after it was completed: only then are these emptied or false anew."""
    emptied = "CompletedDateTime" in facts.said and not facts.said["CompletedDateTime"]
    opened = _truth(facts.said.get("IsClosed")) is False
    told = (emptied and facts.changed("CompletedDateTime")) or (opened and facts.changed("IsClosed"))
    return facts.kind == UPDATE and bool(told)


def _end(said: Mapping[str, Any]) -> datetime | None:
    ends = instant_or_none(said.get("EndDateTime"))
    starts, minutes = instant_or_none(said.get("ActivityDateTime")), seconds_of(_whole(said.get("DurationInMinutes")))
    return ends or (starts + timedelta(minutes=minutes) if starts and minutes is not None else None)


def _truth(value: Any) -> bool | None:
    """Return true or false, as JSON or as the text that XML has for it; None for anything else."""
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value))


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else value


_NO_MEETING: tuple[tuple[Callable[[Facts], Any], str], ...] = (
    (
        lambda facts: str(facts.said.get("GroupEventType")) == _SERIES or _truth(facts.said.get("IsRecurrence")),
        "a series of meetings: each of them comes by itself",
    ),
    (lambda facts: _truth(facts.said.get("IsChild")), "an invitation: the meeting comes by itself"),
)
"""Which events are no meeting of their own, and why."""

_READERS: Mapping[str, _Reader] = {"Opportunity": _opportunity, "Task": _task, "Event": _event, "Lead": _lead}

WANTED: Mapping[str, str] = {"Opportunity": "deal", "Task": "task", "Event": "meeting", "Lead": "lead"}
"""What each kind of record is called when the CRM is asked about it."""
