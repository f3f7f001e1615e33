"""One payout line: a component of a plan for one payee, derived from result to rounded money."""

from dataclasses import dataclass, replace
from fractions import Fraction

from services.commission.domain.accumulation import rise
from services.commission.domain.conditions import gated, in_column, modified
from services.commission.domain.derivation import Step, step
from services.commission.domain.findings import BELOW_ZERO, Finding, finding
from services.commission.domain.holdback import waiting
from services.commission.domain.jobs import ZERO, Job, Pay
from services.commission.domain.measuring import measure
from services.commission.domain.payee import Measured, Unmeasured
from services.commission.domain.paying import pay_of
from services.commission.domain.pools import part_of_pool
from services.commission.domain.quantities import Quantity
from shared.contracts.plan import CARRIED, HALF_EVEN, Component, Plan
from shared.money import exponent, round_half_even, round_half_up
from shared.periods import Period

COMPONENT, PRODUCT, CAP, FLOOR = "component", "product", "cap", "floor"
"""What makes a line: one component, the product of the factors, or the plan's own cap or floor."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one component pays: `amount` in minor units, rounded once from `unrounded` (usual units).

    `team` is set for a team component; `result`, `target`, `attainment` as far as they could be measured. `kind` tells
    what makes the line; lines of a plan as a whole have a component made up for them. `carried` is what a cap keeps for
    later periods, `room` how much more could have been paid under it (None: no cap), both in minor units.
    `origin` is the earlier period in which it was earned, where it waited for something.
    """

    plan: Plan
    version: int
    component: Component
    team: str | None
    result: Quantity | None
    target: Quantity | None
    attainment: Fraction | None
    unrounded: Fraction
    amount: int
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...] = ()
    kind: str = COMPONENT
    carried: int = 0
    room: int | None = None
    origin: Period | None = None


def line_of(job: Job) -> Line:
    """Compute one payout line; one that cannot be computed pays nothing and says why."""
    measured = measure(job.payee, job.plan, job.component, job.team)
    if isinstance(measured, Unmeasured):
        return unpaid(job, measured)
    pay = paid(job, measured)
    if isinstance(pay, Unmeasured):
        return unpaid(job, pay, measured)
    return rounded(job, measured, waiting(job, measured, rise(job, pay, paid_before(job))))


def paid_before(job: Job) -> Fraction:
    """Return what the earlier periods of a quarter or year were paid by the same arithmetic."""
    if job.before is None:
        return ZERO
    measured = measure(job.before.payee, job.plan, job.component, job.team)
    pay = measured if isinstance(measured, Unmeasured) else paid(job.before, measured)
    return ZERO if isinstance(pay, Unmeasured) else pay.value


def paid(job: Job, measured: Measured) -> Pay | Unmeasured:
    """Return what the component pays after its curve, its gates, the plan's modifiers and the sharing of a pool."""
    found = in_column(job)
    if isinstance(found, Unmeasured):
        return found
    job, told = found
    earned = pay_of(job, measured)
    pay = gated(job, measured, replace(earned, steps=(*told, *earned.steps)))
    pay = pay if isinstance(pay, Unmeasured) else modified(job, pay, [job.component.id])
    pay = pay if isinstance(pay, Unmeasured) or job.component.pool is None else part_of_pool(job, pay)
    if isinstance(pay, Unmeasured) or not (measured.counted.value < 0 or measured.amount.value < 0):
        return pay
    below = finding(BELOW_ZERO, job.component.id, metric=measured.amount.label or measured.amount.unit)
    return replace(pay, notes=(below, *pay.notes))


def unpaid(job: Job, why: Unmeasured, measured: Measured | None = None) -> Line:
    """Return the line of a component that cannot be computed."""
    steps = (*(measured.steps if measured else ()), *why.steps, step("not-paid", job.money(ZERO)))
    amount = measured.amount if measured else why.amount
    return Line(job.plan, job.version, job.component, job.team, amount, None, None, ZERO, 0, steps, (why.problem,))


def rounded(job: Job, measured: Measured, pay: Pay, kind: str = COMPONENT) -> Line:
    """Return the line of a pay, rounded once as the plan says.

    What was paid in parts is rounded as a whole, and the line is its rise: so the parts add up to the whole.
    """
    minor = to_minor(job.plan, pay.earlier + pay.value) - to_minor(job.plan, pay.earlier)
    told = step(_rounding(job), job.money(job.of_minor(minor)), currency=job.plan.currency)
    if pay.earlier:
        told = step("rounded-rise", told.result, before=job.money(pay.earlier), currency=job.plan.currency)
    return Line(
        plan=job.plan,
        version=job.version,
        component=job.component,
        team=job.team,
        result=measured.amount,
        target=measured.target,
        attainment=measured.attainment,
        unrounded=pay.value,
        amount=minor,
        steps=(*measured.steps, *pay.steps, told),
        findings=pay.notes,
        kind=kind,
        carried=to_minor(job.plan, pay.over) if job.component.curve.excess == CARRIED else 0,
        origin=job.payee.period if job.paid_in else None,
        room=None if pay.room is None else to_minor(job.plan, pay.room),
    )


def to_minor(plan: Plan, value: Fraction) -> int:
    """Round money in usual units to minor units as the plan says."""
    scaled = value * 10 ** exponent(plan.currency)
    return round_half_even(scaled) if plan.rounding.mode == HALF_EVEN else round_half_up(scaled)


def _rounding(job: Job) -> str:
    return "rounded-even" if job.plan.rounding.mode == HALF_EVEN else "rounded"


__all__ = ["CAP", "COMPONENT", "FLOOR", "PRODUCT", "Job", "Line", "line_of", "paid", "rounded", "unpaid"]
