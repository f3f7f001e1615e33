"""One payout line: a component of a plan for one payee, derived from result to rounded money."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from services.commission.domain.derivation import Step, step
from services.commission.domain.findings import BELOW_ZERO, OVER_CAP, Finding, finding
from services.commission.domain.payoffs import over_amount, over_attainment
from services.commission.domain.quantities import DAYS, FTE, RATIO, TIMES, Operand, Quantity
from services.commission.domain.results import Measured, Payee, Unmeasured, measure
from services.commission.domain.segments import Share
from shared.contracts.plan import ATTAINMENT, Component, Plan
from shared.money import exponent, round_half_up

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Line:
    """What one component pays: `amount` in minor units, rounded once from `unrounded` (usual units).

    `team` is set for a team component; `result`, `target`, `attainment` as far as they could be measured.
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


@dataclass(frozen=True)
class Job:
    """A component to be paid to a payee for the time in the plan that `shares` hold."""

    payee: Payee
    plan: Plan
    version: int
    component: Component
    shares: tuple[Share, ...]
    team: str | None

    @cached_property
    def share(self) -> Fraction:
        """The part of a whole period that is paid."""
        return sum((share.value for share in self.shares), ZERO)

    def money(self, value: Fraction) -> Quantity:
        """Return a value in usual units of the plan's currency."""
        return Quantity(value, self.plan.currency)


@dataclass(frozen=True, slots=True)
class Pay:
    """What a component pays in usual units, unrounded, with its steps and notes."""

    value: Fraction
    steps: tuple[Step, ...]
    notes: tuple[Finding, ...] = ()


def line_of(job: Job) -> Line:
    """Compute one payout line; one that cannot be computed pays nothing and says why."""
    measured = measure(job.payee, job.plan, job.component, job.team)
    if isinstance(measured, Unmeasured):
        nothing = step("not-paid", job.money(ZERO))
        return _line(job, measured.amount, None, Pay(ZERO, (*measured.steps, nothing), (measured.problem,)))
    pay = _by_weight(job, measured) if job.component.weight is not None else _by_rate(job, measured)
    below = measured.counted.value < 0 or measured.amount.value < 0
    notes = (finding(BELOW_ZERO, job.component.id, metric=_metric(measured)), *pay.notes) if below else pay.notes
    return _line(job, measured.amount, measured, Pay(pay.value, (*measured.steps, *pay.steps), notes))


def _line(job: Job, amount: Quantity | None, measured: Measured | None, pay: Pay) -> Line:
    unit = 10 ** exponent(job.plan.currency)
    minor = round_half_up(pay.value * unit)
    rounded = step("rounded", job.money(Fraction(minor, unit)), currency=job.plan.currency)
    return Line(
        plan=job.plan,
        version=job.version,
        component=job.component,
        team=job.team,
        result=amount,
        target=measured.target if measured else None,
        attainment=measured.attainment if measured else None,
        unrounded=pay.value,
        amount=minor,
        steps=(*pay.steps, rounded) if measured else pay.steps,
        findings=pay.notes,
    )


def _by_weight(job: Job, measured: Measured) -> Pay:
    payoff, curve_steps = over_attainment(job.component.curve, measured.attainment or ZERO)
    base, base_steps = _base(job)
    value = base * payoff.pays
    multiple = Quantity(payoff.pays, RATIO)
    paid = step("payout", job.money(value), base=job.money(base), multiple=multiple)
    lost = base * (payoff.uncapped - payoff.pays)
    return Pay(value, (*curve_steps, *base_steps, paid), _over_cap(job, lost))


def _base(job: Job) -> tuple[Fraction, tuple[Step, ...]]:
    """Return what the component pays at 100 %: target incentive, weight and share of the period multiplied."""
    rep, plan, weight = job.payee.rep.id, job.plan, job.component.weight or ZERO
    incentive = job.money(Fraction(plan.incentive_of(rep), 10 ** exponent(plan.currency)))
    base = incentive.value * weight * job.share
    name = "own-incentive" if rep in plan.incentives else "incentive"
    said = step(name, incentive, plan=plan.label or plan.id)
    result = step(
        "base" if job.share == ONE else "base-of-share",
        job.money(base),
        incentive=incentive,
        weight=Quantity(weight, RATIO),
        share=Quantity(job.share, RATIO),
    )
    return base, (said, *_share_steps(job), result)


def _share_steps(job: Job) -> Iterator[Step]:
    if job.share == ONE and len(job.shares) == 1:
        return
    for share in job.shares:
        part = share.segment
        about: dict[str, Operand] = {
            "first": part.first.isoformat(),
            "last": part.last.isoformat(),
            "team": job.payee.team_name(part.team),
            "days": Quantity(Fraction(part.days), DAYS),
            "of": Quantity(Fraction(share.of), DAYS),
            "fte": Quantity(share.fte, FTE),
        }
        name = "share-of-days" if share.fte == ONE else "share-of-days-and-fte"
        yield Step(name, Quantity(share.value, RATIO), about)


def _by_rate(job: Job, measured: Measured) -> Pay:
    by_attainment = job.component.curve.over == ATTAINMENT
    pay = _rate_over_attainment(job, measured) if by_attainment else _rate_over_amount(job, measured)
    if job.team is None or job.share == ONE:
        return pay
    value = pay.value * job.share
    shared = step("share-of-rate", job.money(value), amount=job.money(pay.value), share=Quantity(job.share, RATIO))
    return Pay(value, (*pay.steps, *_share_steps(job), shared), pay.notes)


def _rate_over_amount(job: Job, measured: Measured) -> Pay:
    rate, limit = job.component.rate or ZERO, job.component.curve.cap
    cap = limit.value if limit else None
    payoff, steps = over_amount(job.component.curve, measured.counted)
    counted = Quantity(payoff.pays, measured.counted.unit, measured.counted.label)
    earned = rate * payoff.pays
    said = (*_telling(steps), step("rate", job.money(earned), amount=counted, rate=job.money(rate)))
    if cap is None or earned <= cap:
        return Pay(earned, said)
    limited = step("money-cap", job.money(cap), most=job.money(cap), amount=job.money(earned))
    return Pay(cap, (*said, limited), _over_cap(job, earned - cap))


def _rate_over_attainment(job: Job, measured: Measured) -> Pay:
    rate, attainment = job.component.rate or ZERO, max(measured.attainment or ZERO, ZERO)
    payoff, steps = over_attainment(job.component.curve, attainment)
    amount = Quantity(max(measured.counted.value, ZERO), measured.counted.unit, measured.counted.label)
    multiple = payoff.pays / attainment if attainment else ZERO
    average = step(
        "average-multiple",
        Quantity(multiple, TIMES),
        multiple=Quantity(payoff.pays, RATIO),
        attainment=Quantity(attainment, RATIO),
    )
    value = amount.value * rate * multiple
    paid = step("rate", job.money(value), amount=amount, rate=job.money(rate * multiple))
    lost = amount.value * rate * ((payoff.uncapped - payoff.pays) / attainment) if attainment else ZERO
    return Pay(value, (*steps, average, paid), _over_cap(job, lost))


def _telling(steps: Sequence[Step]) -> Sequence[Step]:
    """Leave out a curve's only step when it says that an amount counts as itself."""
    return () if [one.name for one in steps] == ["linear"] else steps


def _over_cap(job: Job, lost: Fraction) -> tuple[Finding, ...]:
    return (finding(OVER_CAP, job.component.id, lost=job.money(lost)),) if lost else ()


def _metric(measured: Measured) -> Operand:
    return measured.amount.label or measured.amount.unit
