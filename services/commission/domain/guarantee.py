"""A guarantee: the least that a plan pays in a period, as long as it holds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from services.commission.domain.assigning import Assignment
from services.commission.domain.components import Line
from services.commission.domain.derivation import Step, step
from services.commission.domain.quantities import RATIO, Quantity
from services.commission.domain.ramp import months_later
from services.commission.domain.segments import Segment
from shared.contracts.plan import AMOUNT, INDIVIDUAL, LINEAR, Component, Curve
from shared.contracts.roster import Rep
from shared.contracts.timing import Guarantee
from shared.money import exponent, round_half_up

GUARANTEE = "guarantee"
ONE = Fraction(1)
_COMPONENT = Component(
    "plan-guarantee", {"nl": "Garantie", "en": "Guarantee"}, INDIVIDUAL, "", None, None, Curve(LINEAR, AMOUNT, None)
)


def guarantee_lines(assignment: Assignment, lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the line that brings what the plan pays in the period up to the guarantee; none where that is more."""
    said = assignment.plan.time.guarantee
    end = _end(said, assignment.payee.rep) if said else None
    if said is None or (end is not None and end <= assignment.own[0].first):
        return
    share = _share(assignment, said, end)
    unit = 10 ** exponent(assignment.plan.currency)
    paid, least = sum(line.amount for line in lines), round_half_up(said.amount * share)
    if paid < least:
        whole, floor, held, raised = (
            Quantity(Fraction(value, unit), assignment.plan.currency)
            for value in (said.amount, least, paid, least - paid)
        )
        told = step("guaranteed", floor, amount=whole, share=Quantity(share, RATIO))
        yield _line(assignment, least - paid, (told, step("raised-to-guarantee", raised, amount=held)))


def _end(said: Guarantee, rep: Rep) -> date | None:
    """Return the day from which the guarantee does not hold any more: until then, and in the first months only."""
    begun = rep.started
    first = months_later(begun, said.months) if said.months and begun else None
    return min((day for day in (said.until, first) if day), default=None)


def _share(assignment: Assignment, said: Guarantee, end: date | None) -> Fraction:
    """Return the part of the period in the plan until the guarantee ends; all of it where it is not prorated."""
    if not said.prorated:
        return ONE
    parts = [part for part in (_until(part, end) for part in assignment.own) if part]
    return assignment.presence.part_of_period(parts)


def _until(part: Segment, end: date | None) -> Segment | None:
    if end is None or part.last <= end:
        return part
    return replace(part, last=end) if part.first < end else None


def _line(assignment: Assignment, minor: int, steps: tuple[Step, ...]) -> Line:
    value = Fraction(minor, 10 ** exponent(assignment.plan.currency))
    nothing = (None, None, None, None)
    return Line(assignment.plan, assignment.version, _COMPONENT, *nothing, value, minor, steps, kind=GUARANTEE)
