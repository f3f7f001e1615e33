"""What Dataverse's messages mean here: opportunities, phone calls, appointments and leads; the rest carries no work.

Of a deal, what the message changed is told, completed by the image of the record where the step sends one. Its status
is told where the message itself changed it: Dataverse keeps the status apart from the stage of the sales process.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent, Want
from services.ingest.sources.dynamics.context import (
    CREATE,
    DELETE,
    Context,
    Reference,
    moment_of,
)
from services.ingest.sources.fields import Unreadable, amount_of, line_of, seconds_of
from services.ingest.sources.retracting import counts_again, of_meeting, taken_back
from shared.contracts.activity import DEAL, DealChange, Scalar

WANTED: Mapping[str, str] = {"opportunity": "deal", "phonecall": "call", "appointment": "meeting"}
"""What each kind of record is called when Dataverse is asked about it."""

STAGE, ESTIMATED, ACTUAL, CURRENCY, OWNER = (
    "stepname",
    "estimatedvalue",
    "actualvalue",
    "transactioncurrencyid",
    "ownerid",
)
LONGEST_STAGE = 100

_STATUSES: Mapping[int | None, str] = {0: "open", 1: "won", 2: "lost"}
_CLOSING: Mapping[str, str] = {"Win": "won", "WinOpportunity": "won", "Lose": "lost", "LoseOpportunity": "lost"}
_OPEN, _COMPLETED, _CANCELLED = 0, 1, 2
_QUALIFIED = 1
_SERIES = {"recurringappointmentmaster"}

_Reader = Callable[[Context, Connection, Any], Sent]


def read(context: Context, connection: Connection, raw: Any) -> Sent:
    """Return what a message claims, or why it claims nothing; raises Unreadable."""
    if context.entity in _SERIES:
        return Sent(context.name, raw, ignored="a series of meetings: each of them comes by itself")
    closes = context.message in _CLOSING and context.entity == "opportunityclose"
    reader = _opportunity if closes else _READERS.get(context.entity)
    if reader is None:
        return Sent(context.name, raw, ignored=f"{context.entity} records carry no work here")
    if context.cut and context.entity in WANTED and context.message != DELETE:
        lacks = Unreadable("/InputParameters", "(absent)", "the content: the message was too large, so it was left out")
        return Sent(context.name, raw, problems=() if connection.api else (lacks.problem,), wants=_want(context))
    return reader(context, connection, raw)


def _opportunity(context: Context, connection: Connection, raw: Any) -> Sent:
    gone = context.message == DELETE
    said = {"status": "deleted"} if gone else _deal_fields(context, connection)
    owner = None if gone else _owner(context, connection)
    if not gone and not _touched(context, connection):
        return Sent(context.name, raw, ignored="nothing of it that counts has changed")
    claim = Claim(
        id=context.name,
        type=DEAL,
        occurred_at=context.at,
        owner=owner,
        owner_said=owner is not None,
        actor=context.actor,
        deal=DealChange(connection.deal(_deal_id(context)), said),
        sequence=context.order,
    )
    alone = said.keys() & {"stage", "status"} and not (owner and "amount" in said)
    lacks = not gone and (alone or (CURRENCY in context.known and "currency" not in said))
    return Sent(context.name, raw, (claim,), wants=_want(context) if lacks else ())


def _touched(context: Context, connection: Connection) -> bool:
    """Tell whether the message changed anything of a deal that counts; an image repeats what did not change."""
    fields = {"statecode", OWNER, CURRENCY, "name", *_own_fields(connection)}
    return context.message in _CLOSING or bool(fields & {*context.said, *_moved(context)})


def _own_fields(connection: Connection) -> tuple[str, ...]:
    amounts = (connection.fields["amount"],) if "amount" in connection.fields else (ESTIMATED, ACTUAL)
    return (connection.fields.get("stage", STAGE), connection.fields.get("pipeline", ""), *amounts)


def _deal_fields(context: Context, connection: Connection) -> dict[str, str | None]:
    """Return what is known of a deal, in our words; a field that nobody told is not there."""
    known = context.known
    stage, pipeline = connection.fields.get("stage", STAGE), connection.fields.get("pipeline", "")
    said: dict[str, str | None] = {}
    for ours, theirs in (("stage", stage), ("pipeline", pipeline)):
        if known.get(theirs) is not None:
            said[ours] = _word(known[theirs], f"/{theirs}")
    if "name" in known:
        said["name"] = line_of(known["name"])
    status = _CLOSING.get(context.message) or _STATUSES.get(_state(context))
    return {
        **said,
        **_amount(context, connection, status),
        **_currency(known, connection),
        **({"status": status} if status else {}),
    }


def _amount(context: Context, connection: Connection, status: str | None) -> dict[str, str | None]:
    """Return the amount: what was really earned once the deal is closed, before that what is expected."""
    own, known = connection.fields.get("amount"), context.known
    earned = _close(context).get("actualrevenue") if context.message in _CLOSING else known.get(ACTUAL)
    closed = status in {"won", "lost"} or known.get("statecode") in (1, 2) or ESTIMATED not in known
    if own is None and earned is not None and closed:
        return {"amount": amount_of(earned, f"/{ACTUAL}")}
    name = own or ESTIMATED
    return {"amount": amount_of(known[name], f"/{name}")} if name in known else {}


def _currency(known: Mapping[str, Any], connection: Connection) -> dict[str, str | None]:
    """Return the currency's ISO code: Dataverse gives a lookup, whose meaning the connection or the API knows."""
    found = known.get(CURRENCY)
    if not isinstance(found, Reference):
        return {}
    code = next((code for each, code in connection.currencies.items() if each.lower() == found.id), None)
    if code is None and not connection.api:
        raise Unreadable(f"/{CURRENCY}", found.id, "a currency that stands in the connection's `currencies`")
    return {"currency": code} if code else {}


def _phonecall(context: Context, connection: Connection, raw: Any) -> Sent:
    record, state = f"call:{context.record}", _state(context)
    if context.message == DELETE or (state == _OPEN and context.message != CREATE):
        return Sent(context.name, raw, taken_back([record], context.at, context.actor))
    if state != _COMPLETED:
        return Sent(context.name, raw, ignored="a call counts once it is completed")
    known = context.known
    minutes, outgoing = seconds_of(known.get("actualdurationminutes")), known.get("directioncode")
    data = {
        "duration_s": None if minutes is None else minutes * 60,
        "direction": ("outbound" if outgoing else "inbound") if isinstance(outgoing, bool) else None,
        "counterparty": line_of(known.get("phonenumber")),
    }
    at = _ended(known, "actualend", context.at)
    again = counts_again([record], context.at, context.actor) if context.message != CREATE else ()
    return _worked(context, connection, raw, [("call", record, at, data)], again)


def _appointment(context: Context, connection: Connection, raw: Any) -> Sent:
    """Read a meeting: booked once, then what came of it, by its state or by a field of the connection's choice."""
    own, record = connection.fields.get("meeting_outcome"), f"meeting:{context.record}"
    items: list[tuple[str, str, datetime, Mapping[str, Scalar]]] = []
    if context.message == DELETE:
        return Sent(context.name, raw, taken_back(of_meeting(record, connection), context.at, context.actor))
    if context.message == CREATE:
        items.append(("meeting-booked", f"{record}:booked", context.at, {}))
    held = min(_ended(context.known, "actualend", _ended(context.known, "scheduledstart", context.at)), context.at)
    if own:
        label = _word(context.said[own], f"/{own}") if context.said.get(own) is not None else None
        items += [(label, f"{record}:{label}", held, {})] if label else []
    elif _state(context) == _COMPLETED:
        items.append(("meeting", f"{record}:held", held, {}))
    elif _state(context) == _CANCELLED:
        items.append(("meeting-cancelled", f"{record}:cancelled", context.at, {}))
    if not items:
        return Sent(context.name, raw, ignored="a meeting that was moved or edited is no new meeting")
    return _worked(context, connection, raw, items)


def _lead(context: Context, connection: Connection, raw: Any) -> Sent:
    if context.message != "QualifyLead" and _state(context) != _QUALIFIED:
        return Sent(context.name, raw, ignored="a lead counts once it is qualified")
    about = context.parameters.get("LeadId")
    record = about.id if isinstance(about, Reference) else context.record
    return _worked(context, connection, raw, [("lead-qualified", f"lead:{record}:qualified", context.at, {})])


def _worked(
    context: Context,
    connection: Connection,
    raw: Any,
    items: list[tuple[str, str, datetime, Mapping[str, Scalar]]],
    again: tuple[Claim, ...] = (),
) -> Sent:
    """Return work done under its business keys (type, key, moment, data): an edit never counts again."""
    owner, about = _owner(context, connection), context.known.get("regardingobjectid")
    about = about if isinstance(about, Reference) and about.kind == "opportunity" else None
    deal = DealChange(connection.deal(about.id), {}) if about else None
    claims = tuple(
        Claim(
            id=name,
            type=kind,
            occurred_at=at,
            owner=owner,
            owner_said=owner is not None,
            actor=context.actor,
            deal=deal,
            data={key: value for key, value in data.items() if value is not None} or None,
        )
        for kind, name, at, data in items
    )
    return Sent(context.name, raw, (*claims, *again), wants=() if owner else _want(context))


def _owner(context: Context, connection: Connection) -> str | None:
    """Return the owner's name in a roster; a team is shown to be one."""
    found = _moved(context).get(OWNER) or context.known.get(OWNER)
    if not isinstance(found, Reference):
        return None
    return connection.owner(f"team:{found.id}" if found.kind == "team" else found.id)


def _moved(context: Context) -> Mapping[str, Any]:
    """Return what the messages SetState and Assign say, which have no Target of their own."""
    parameters = context.parameters
    names = {"State": "statecode", "Assignee": OWNER}
    return {ours: parameters[theirs] for theirs, ours in names.items() if theirs in parameters}


def _state(context: Context) -> int | None:
    """Return the state that the message changed to; None when it changed none."""
    state = _moved(context).get("statecode", context.said.get("statecode"))
    return state if type(state) is int else None


def _close(context: Context) -> Mapping[str, Any]:
    """Return the OpportunityClose of a message that wins or loses a deal, under whichever name it comes."""
    entities = (each for each in context.parameters.values() if isinstance(each, dict))
    return next((each for each in entities if "opportunityid" in each), context.said)


def _deal_id(context: Context) -> str:
    about = _close(context).get("opportunityid") if context.message in _CLOSING else None
    return about.id if isinstance(about, Reference) else context.record


def _want(context: Context) -> tuple[Want, ...]:
    if context.message in _CLOSING:
        return (Want("deal", _deal_id(context)),)
    return (Want(WANTED[context.entity], context.record),) if context.entity in WANTED else ()


def _word(value: Any, pointer: str) -> str:
    """Return a choice's number or a short text as text; Unreadable when it is neither."""
    word = str(value) if type(value) is int else line_of(value)
    if word is None or len(word) > LONGEST_STAGE:
        raise Unreadable(pointer, value, f"a choice, or text of at most {LONGEST_STAGE} characters")
    return word


def _ended(known: Mapping[str, Any], name: str, otherwise: datetime) -> datetime:
    return moment_of(known[name], f"/{name}") if known.get(name) is not None else otherwise


_READERS: Mapping[str, _Reader] = {
    "opportunity": _opportunity,
    "phonecall": _phonecall,
    "appointment": _appointment,
    "lead": _lead,
}
