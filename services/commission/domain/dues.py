"""What a statement hands over to the balances: draws that are due, what waits, and the room under a plan's cap."""

from collections.abc import Iterator
from fractions import Fraction

from services.commission.domain.assigning import Assignment
from services.commission.domain.balances import DrawDue
from services.commission.domain.components import Line, to_minor
from services.commission.domain.league import League
from services.commission.domain.payee import Payee
from services.commission.domain.results import Results
from services.commission.domain.segments import by_plan
from services.commission.domain.statements import Statement
from shared.contracts.plan import CARRIED, Plan
from shared.money import round_half_up

HELD_BACK, RELEASED_NOW = "held-back", "released-now"
"""The steps of a line that say what waits, and what of it has come free in the same period."""


def held_of(line: Line) -> int:
    """Return what waits of a line, in minor units; below zero what it pays of what waited in an earlier period."""
    if line.origin is not None:
        return -line.amount
    waits = sum((one.result.value for one in line.steps if one.name == HELD_BACK), Fraction(0))
    freed = sum((one.result.value for one in line.steps if one.name == RELEASED_NOW), Fraction(0))
    return to_minor(line.plan, line.unrounded + waits - freed) - line.amount if waits else 0


def draws_of(one: Statement) -> Iterator[tuple[str, DrawDue]]:
    """Yield the draws of the plans in the statement, each with its currency and the part of the days in the plan."""
    whole = (one.period.last - one.period.first).days
    for plan, own in by_plan(one.segments):
        if plan.draw and plan.period == one.period.kind:
            yield plan.currency, DrawDue(plan.draw, plan.id, Fraction(sum(part.days for part in own), whole))


def plan_rooms(one: Statement, league: League) -> Iterator[tuple[Plan, int]]:
    """Yield how much more each plan could have paid under its own cap, in minor units, where it carries the excess."""
    payee = Payee(one.rep, one.period, league, Results())
    for plan, own in by_plan(one.segments):
        if plan.cap and plan.cap.excess == CARRIED and plan.period == one.period.kind:
            share = Assignment(payee, plan, own[0].version or 0, own, one.segments).share
            most = Fraction(plan.cap.amount or 0)
            if plan.cap.multiple is not None:
                most = plan.cap.multiple * plan.incentive_of(one.rep.id)
            paid = sum(line.amount for line in one.lines if line.plan == plan and line.origin is None)
            yield plan, max(round_half_up(most * (share if plan.cap.prorated else 1)) - paid, 0)
