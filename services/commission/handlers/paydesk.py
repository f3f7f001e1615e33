"""Everything that HR has before them of a period: its state, its run, its exports, what payroll lacks, its trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from services.commission.domain.batches import Export, Sum, outstanding, sums_of
from services.commission.domain.booking import Booking, book
from services.commission.domain.claims import FOLLOWS, Dispute
from services.commission.domain.employers import FOUR_WEEKS, HIGHEST, WEEK, Employer, Payroll, PayrollPeriod
from services.commission.domain.overview import Entry, exceptions_first
from services.commission.domain.paylines import RunLine, pay_lines
from services.commission.domain.runs import DISCARDED, Event, Run
from services.commission.handlers.booking import Documents, NoPayroll, payroll_of
from services.commission.handlers.overview import Overview, Overviews
from services.commission.handlers.reviewing import Standing, standing
from services.commission.store import Desk
from services.commission.store.payroll import PayrollVersion
from shared.contracts.league import BadDocument
from shared.errors import FieldProblem
from shared.periods import Period, of_day

MOST_RUNS = 200
WEEKS = 4


@dataclass(frozen=True, slots=True)
class PayrollState:
    """How the payroll document stands: None in `payroll` where there is none; `problems` say what cannot be booked."""

    held: PayrollVersion | None
    payroll: Payroll | None
    problems: tuple[FieldProblem, ...]
    employers: tuple[tuple[Employer, str], ...]
    """Those that something of the run is booked at, each with the payroll period that is likely open."""


@dataclass(frozen=True, slots=True)
class PayDesk:
    """What HR has before them; `waiting` is what payroll still has to be handed, by currency."""

    standing: Standing
    overview: Overview
    entries: Sequence[Entry]
    exports: Sequence[Export]
    waiting: Mapping[str, Sum]
    disputes: Sequence[Dispute]
    payroll: PayrollState
    trail: Sequence[Event]
    periods: Sequence[tuple[Period, Run | None]]

    @property
    def questions(self) -> int:
        """How many objections are still to be answered."""
        return sum(bool(FOLLOWS[one.state]) and one.state != "denied" for one in self.disputes)


class _Lines(NamedTuple):
    """The lines of a run, and what is left of them to be handed over."""

    all: Sequence[RunLine]
    left: Sequence[RunLine]


def pay_desk(desk: Desk, documents: Documents, overviews: Overviews, period: Period, today: date) -> PayDesk:
    """Return what HR has before them of a period; NoRoster without a roster."""
    found, overview = standing(desk, period), overviews.of(desk, period)
    run = found.run
    exports = desk.exports.of_run(run.id) if run else []
    lines = desk.runs.lines(run.id) if run else []
    left = outstanding(lines, exports)
    return PayDesk(
        standing=found,
        overview=overview,
        entries=exceptions_first(overview.entries),
        exports=exports,
        waiting=sums_of(left),
        disputes=desk.claims.disputes(run=run.id) if run else [],
        payroll=_payroll(documents, run, _Lines(lines, left), overview, today),
        trail=desk.trail.of(period=period.id),
        periods=_periods(desk, period, today),
    )


def _payroll(documents: Documents, run: Run | None, lines: _Lines, overview: Overview, today: date) -> PayrollState:
    held = documents.latest()
    try:
        payroll = payroll_of(documents)
    except (NoPayroll, BadDocument):
        return PayrollState(held, None, (), ())
    names = {one.rep: one.name for one in overview.entries}
    likely = {name: likely_period(one, today) for name, one in payroll.employers.items()}

    def booked(found: Iterable[RunLine]) -> tuple[list[Booking], list[FieldProblem]]:
        due = list(pay_lines(run.id, found, lambda rep: names.get(rep, rep))) if run else []
        return book(due, payroll, likely, today)

    at = tuple((one.employer, likely[one.employer.id].id) for one in booked(lines.all)[0])
    return PayrollState(held, payroll, tuple(booked(lines.left)[1]), at)


def likely_period(employer: Employer, today: date) -> PayrollPeriod:
    """Return the payroll period of an employer that a day lies in: only a suggestion, payroll knows better."""
    if employer.period_type in (WEEK, FOUR_WEEKS):
        year, week, _ = today.isocalendar()
        number = week if employer.period_type == WEEK else (week - 1) // WEEKS + 1
        return PayrollPeriod(year, min(number, HIGHEST[employer.period_type]), employer.period_type)
    return PayrollPeriod(today.year, today.month, employer.period_type)


def _periods(desk: Desk, shown: Period, today: date) -> list[tuple[Period, Run | None]]:
    """Return the periods of a kind that have a run, the present one and the one before, the latest first."""
    runs = {one.period: one for one in reversed(desk.runs.latest(MOST_RUNS)) if one.state != DISCARDED}
    present = of_day(today, shown.kind)
    known = {present, present.previous(), shown, *(period for period in runs if period.kind == shown.kind)}
    return [(period, runs.get(period)) for period in sorted(known, reverse=True)]
