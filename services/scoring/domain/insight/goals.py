"""Results against goals: what was set, what the goal of a longer or a shorter period means, pace, what is needed."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction

from services.scoring.domain.insight.clock import Workdays, span_of
from services.scoring.domain.insight.shapes import SET, SPREAD, SUMMED, Clock, Goal
from shared.money import round_half_up
from shared.periods import Period, of_day

Wanted = Callable[[Period], Fraction | None]
"""Returns the goal that was set for exactly a period, in smallest units; None without one."""

_SHORTER = {"quarter": ("month",), "year": ("quarter", "month")}
_LONGER = {
    "day": ("week", "month", "quarter", "year"),
    "week": ("month", "quarter", "year"),
    "month": ("quarter", "year"),
    "quarter": ("year",),
}


def goal_of(period: Period, wanted: Wanted, work: Workdays) -> tuple[Fraction, str] | None:
    """Return the goal of a period and where it comes from; None when nothing was set that says it.

    What was set for it, else the sum of the shorter periods in it, else its working days' part of a longer one: of
    several where it lies in several, as long as all of them have a goal.
    """
    exact = wanted(period)
    if exact is not None:
        return exact, SET
    for kind in _SHORTER.get(period.kind, ()):
        inside = [wanted(part) for part in _parts(period, kind)]
        if all(each is not None for each in inside):
            return sum((each for each in inside if each is not None), Fraction(0)), SUMMED
    for kind in _LONGER.get(period.kind, ()):
        days = {day.toordinal(): _of_day(day, kind, wanted, work) for day in period.days()}
        known = [each for each in days.values() if each is not None]
        if known and all(days[day] is not None for day in work.within(*_bounds(period))):
            return sum(known, Fraction(0)), SPREAD
    return None


def _parts(period: Period, kind: str) -> list[Period]:
    found = [of_day(period.first, kind)]
    while found[-1].last < period.last:
        found.append(found[-1].next())
    return found


def _bounds(period: Period) -> tuple[int, int]:
    return period.first.toordinal(), period.last.toordinal()


def _of_day(day: date, kind: str, wanted: Wanted, work: Workdays) -> Fraction | None:
    """Return a day's part of the goal of the longer period that holds it; only working days have one."""
    span = span_of(of_day(day, kind))
    whole, number = wanted(of_day(day, kind)), day.toordinal()
    total = work.between(span.first, span.last)
    return whole * work.between(number, number + 1) / total if whole is not None and total else None


def goal(clock: Clock, metric: str, amount: int, found: tuple[Fraction, str] | None) -> Goal:
    """Return an amount against its goal at a moment; `found` as goal_of has it."""
    if found is None or found[0] <= 0:
        return Goal(clock, metric, amount, None, None, None, None, None, None, None)
    wanted, elapsed = round_half_up(found[0]), clock.elapsed
    needed = max(wanted - amount, 0)
    return Goal(
        clock=clock,
        metric=metric,
        amount=amount,
        goal=wanted,
        source=found[1],
        share=amount / wanted,
        expected=None if elapsed is None else round(wanted * elapsed),
        pace=amount / (wanted * elapsed) if elapsed else None,
        needed=needed,
        needed_per_day=-(-needed // clock.days_left) if clock.days_left else None,
    )


def earlier(period: Period, count: int) -> list[Period]:
    """Return the periods of the same kind before one, the oldest first."""
    found = [period]
    for _ in range(count):
        found.insert(0, found[0].previous())
    return found[:-1]
