"""A component to be paid to a payee, and what it comes to before it is rounded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from services.commission.domain.curves import evaluate, scaled
from services.commission.domain.derivation import Step, step
from services.commission.domain.findings import CARRIED_OVER, OVER_CAP, Finding, finding
from services.commission.domain.payee import Measured, Payee
from services.commission.domain.proration import Share, total
from services.commission.domain.quantities import Quantity
from shared.contracts.plan import CARRIED, GROUPS, TEAM, Component, Plan
from shared.money import exponent
from shared.periods import Period

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Job:
    """A component to be paid to a payee for the time in the plan that `shares` hold; `team` is set for a team's.

    What adds up over a quarter or year has the job of its earlier payment periods `before` it (None: there are none);
    its own time has `periods` of them. What waited for something is `paid_in` a later period (None: its own).
    """

    payee: Payee
    plan: Plan
    version: int
    component: Component
    shares: tuple[Share, ...]
    team: str | None
    before: "Job | None" = None
    periods: int = 1
    paid_in: Period | None = None

    @cached_property
    def share(self) -> Fraction:
        """How many whole periods are paid: the part of one, or of each of several added up.

        A pool is paid for all of its time: that of the members counts in the sharing.
        """
        return Fraction(self.periods) if self.component.pool else total(self.shares)

    @property
    def part(self) -> Fraction:
        """The part of its whole time that is paid."""
        return self.share / self.periods

    @property
    def grouped(self) -> bool:
        """Tell whether the result is a group's, of which the payee's time in it is paid."""
        return self.component.scope in GROUPS

    def money(self, value: Fraction) -> Quantity:
        """Return a value in usual units of the plan's currency."""
        return Quantity(value, self.plan.currency)

    def of_minor(self, minor: int) -> Fraction:
        """Return minor units of the plan's currency in usual units."""
        return Fraction(minor, 10 ** exponent(self.plan.currency))

    def team_for(self, scope: str) -> str | None:
        """Return the team whose result another part of the plan looks at: this line's, else the payee's last one."""
        if scope != TEAM:
            return None
        return self.team or (self.shares[-1].segment.team if self.shares else None)


@dataclass(frozen=True, slots=True)
class Pay:
    """What a component pays in usual units, unrounded, with its steps and notes.

    `full` is what it pays at 100 % (None: there is none). `over` is what lay above its cap; `room` how much more
    it could have paid under it (None: no cap). `deals` is what each deal was paid, where that is worked out.
    `earlier` is what earlier periods paid of the same whole: the line is the rise of that whole, rounded.
    """

    value: Fraction
    steps: tuple[Step, ...] = ()
    notes: tuple[Finding, ...] = ()
    full: Fraction | None = None
    over: Fraction = ZERO
    room: Fraction | None = None
    deals: Mapping[str, Fraction] = field(default_factory=dict)
    earlier: Fraction = ZERO

    def then(self, value: Fraction, *steps: Step) -> "Pay":
        """Return the pay after it became `value` by further steps."""
        return replace(self, value=value, steps=(*self.steps, *steps))


def limited(job: Job, pay: Pay, most: Fraction | None, least: Fraction | None) -> Pay:
    """Hold a pay between a least and a most in money (usual units)."""
    if least is not None and pay.value < least:
        pay = pay.then(
            least, step("money-floor", job.money(least), least=job.money(least), amount=job.money(pay.value))
        )
    if most is None:
        return pay
    pay = replace(pay, room=max(most - pay.value, ZERO) if pay.room is None else min(pay.room, most - pay.value))
    if pay.value <= most:
        return pay
    return over_cap(job, pay, pay.value - most).then(
        most, step(_cap_step(job, "money-cap"), job.money(most), most=job.money(most), amount=job.money(pay.value))
    )


def over_cap(job: Job, pay: Pay, over: Fraction) -> Pay:
    """Note what a cap took away from a pay."""
    if not over:
        return pay
    kept = job.component.curve.excess == CARRIED
    note = finding(CARRIED_OVER if kept else OVER_CAP, job.component.id, lost=job.money(over))
    return replace(pay, over=pay.over + over, room=ZERO, notes=(*pay.notes, note))


def _cap_step(job: Job, name: str) -> str:
    return f"{name}-carried" if job.component.curve.excess == CARRIED else name


def cap_step(job: Job) -> str:
    """Return the name of the step at which a curve's cap takes something away."""
    return _cap_step(job, "cap")


def full_pay(job: Job, measured: Measured) -> Fraction | None:
    """Return what is paid at 100 % of the target: by the rate, or by the curve's own money; None without a target."""
    rate, curve = job.component.rate, job.component.curve
    if measured.target is None:
        return None
    if rate is not None:
        return rate * measured.target.value
    if not curve.tiers:
        return evaluate(curve, ONE).uncapped
    return evaluate(scaled(curve, measured.target.value), measured.target.value).uncapped
