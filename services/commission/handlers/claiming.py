"""Adjustments by hand, and disputes: objections that are answered, and lead to adjustments where they are right."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.commission.domain.claims import OPEN, Adjustment, Dispute, Entry, PeriodOver, UnknownLine
from services.commission.domain.league import read_league
from services.commission.domain.paylines import RunLine
from services.commission.domain.runs import ADJUST, CALCULATED, DISPUTE, Event
from services.commission.handlers.answering import UnknownRep
from services.commission.handlers.calculating import Desks
from services.commission.handlers.once import Request, done_once
from services.commission.store import Desk
from shared.periods import Period


@dataclass(frozen=True, slots=True)
class Wanted:
    """An adjustment as it is asked for; `amount` in minor units, `origin` the earlier period it is about."""

    period: Period
    rep: str
    currency: str
    amount: int
    reason: str
    reference: str = ""
    origin: str = ""


def adjust(desks: Desks, wanted: Wanted, request: Request) -> Adjustment:
    """Make an adjustment for a period that is still open or calculated; the next calculation pays it.

    Raises UnknownRep or PeriodOver.
    """
    with desks.writing() as desk:
        number = done_once(desk, request, lambda: str(_adjust(desk, wanted, request, None).number))
        return next(one for one in desk.claims.adjustments() if one.number == int(number))


def _adjust(desk: Desk, wanted: Wanted, request: Request, dispute: int | None) -> Adjustment:
    if wanted.rep not in read_league(desk.page.documents()).roster.reps and dispute is None:
        raise UnknownRep(f"{wanted.rep!r} is no rep of the roster")
    _check_open(desk, wanted.period)
    said = {name: getattr(wanted, name) for name in ("rep", "currency", "amount", "reason", "reference", "origin")}
    made = desk.claims.add_adjustment(
        Adjustment(period=wanted.period, **said, author=request.actor, at=request.now, dispute=dispute)
    )
    about = {"adjustment": str(made.number), "rep": made.rep, "amount": str(made.amount), "currency": made.currency}
    event = Event(request.now, request.actor, ADJUST, made.period.id, None, None, None, made.reason, about)
    desk.trail.add(event)
    return made


def _check_open(desk: Desk, period: Period) -> None:
    desk.runs.lock_chain(period.kind)
    closed, active = desk.runs.closed(period.kind), desk.runs.active(period.kind)
    if closed and period.first <= closed[-1].period.first:
        raise PeriodOver(f"{closed[-1].period.id} is closed: adjust {closed[-1].period.next().id}")
    if active and active.state != CALCULATED and period.first <= active.period.first:
        raise PeriodOver(f"run {active.id} is {active.state}: discard it, or adjust {active.period.next().id}")


def object_to(desks: Desks, run: str, line: str, text: str, request: Request) -> Dispute:
    """Open a dispute about a line of a run; raises UnknownRun or UnknownLine."""
    with desks.writing() as desk:
        number = done_once(desk, request, lambda: str(_object(desk, run, line, text, request).number))
        return desk.claims.dispute(int(number))


def line_of(desk: Desk, run: str, line: str) -> RunLine:
    """Return a line of a run; raises UnknownRun or UnknownLine."""
    found = next((one for one in desk.runs.lines(desk.runs.get(run).id) if one.id == line), None)
    if found is None:
        raise UnknownLine(f"run {run} has no line {line!r}")
    return found


def _object(desk: Desk, run: str, line: str, text: str, request: Request) -> Dispute:
    found = line_of(desk, run, line)
    entry = Entry(request.now, request.actor, OPEN, text)
    made = desk.claims.add_dispute(Dispute(run, line, found.rep, (entry,)))
    _note(desk, made, None, request, text)
    return made


def answer(desks: Desks, number: int, entry: Entry, wanted: Wanted | None, request: Request) -> Dispute:
    """Bring a dispute to its next state, with the adjustment where it is granted; the line itself stays as it is.

    Raises UnknownDispute, DisputeOver, OwnDispute, AdjustmentNeeded, PeriodOver.
    """
    with desks.writing() as desk:
        done_once(desk, request, lambda: str(_answer(desk, number, entry, wanted, request).number))
        return desk.claims.dispute(number)


def _answer(desk: Desk, number: int, entry: Entry, wanted: Wanted | None, request: Request) -> Dispute:
    found = desk.claims.dispute(number, lock=True)
    found.followed_by(entry, pays=wanted is not None)
    if wanted is not None:
        made = _adjust(desk, replace(wanted, rep=found.rep), request, number)
        entry = replace(entry, adjustment=made.number)
    said = desk.claims.say(found.followed_by(entry, pays=wanted is not None), entry)
    _note(desk, said, found.state, request, entry.text)
    return said


def _note(desk: Desk, one: Dispute, before: str | None, request: Request, text: str) -> None:
    about = {"dispute": str(one.number), "line": one.line}
    period = desk.runs.get(one.run).period.id
    desk.trail.add(Event(request.now, request.actor, DISPUTE, period, one.run, before, one.state, text, about))
