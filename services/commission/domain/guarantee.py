"""A guarantee: the least that a plan pays in a period, as long as it holds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from services.commission.domain.assigning import Assignment
from services.commission.domain.components import Line
from services.commission.domain.derivation import Step, step
from services.commission.domain.quantities import RATIO, Quantity
from services.commission.domain.segments import Segment
from shared.contracts.plan import AMOUNT, INDIVIDUAL, LINEAR, Component, Curve
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
    if said is None or (said.until is not None and said.until <= assignment.own[0].first):
        return
    share = _share(assignment, said)
    unit = 10 ** exponent(assignment.plan.currency)
    paid, least = sum(line.amount for line in lines), round_half_up(said.amount * share)
    if paid < least:
        whole, floor, held, raised = (
            Quantity(Fraction(value, unit), assignment.plan.currency)
            for value in (said.amount, least, paid, least - paid)
        )
        told = step("guaranteed", floor, amount=whole, share=Quantity(share, RATIO))
        yield _line(assignment, least - paid, (told, step("raised-to-guarantee", raised, amount=held)))


def _share(assignment: Assignment, said: Guarantee) -> Fraction:
    """Return the part of the period in the plan until the guarantee ends; all of it where it is not prorated."""
    if not said.prorated:
        return ONE
    parts = [part for part in (_until(part, said) for part in assignment.own) if part]
    return assignment.presence.part_of_period(parts)


def _until(part: Segment, said: Guarantee) -> Segment | None:
    if said.until is None or part.last <= said.until:
        return part
    return replace(part, last=said.until) if part.first < said.until else None


def _line(assignment: Assignment, minor: int, steps: tuple[Step, ...]) -> Line:
    value = Fraction(minor, 10 ** exponent(assignment.plan.currency))
    nothing = (None, None, None, None)
    return Line(assignment.plan, assignment.version, _COMPONENT, *nothing, value, minor, steps, kind=GUARANTEE)
