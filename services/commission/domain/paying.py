"""What a component pays for a measured result: by what 100 % pays, by each unit, or deal by deal."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from services.commission.domain.curves import scaled
from services.commission.domain.deals import by_deals
from services.commission.domain.derivation import Step, step
from services.commission.domain.jobs import ONE, ZERO, Job, Pay, cap_step, full_pay, limited, over_cap
from services.commission.domain.payee import Measured
from services.commission.domain.payoffs import money_of, multiples, units_of
from services.commission.domain.proration import share_steps
from services.commission.domain.quantities import RATIO, Quantity
from shared.contracts.plan import AMOUNT, ATTAINMENT, DEAL, MONEY, RUNNING, Curve, Limit


def pay_of(job: Job, measured: Measured) -> Pay:
    """Return what the component pays, its own limits included."""
    component = job.component
    if component.accumulate in (DEAL, RUNNING):
        return _limited_in_money(job, measured, by_deals(job, measured))
    if component.by_unit:
        return _by_unit(job, measured)
    if component.curve.rates == MONEY:
        return _by_points(job, measured)
    return _by_base(job, measured)


def axis_of(curve: Curve, measured: Measured) -> Quantity:
    """Return the result that the curve runs over."""
    return Quantity(measured.attainment or ZERO, RATIO) if curve.over == ATTAINMENT else measured.amount


def _by_base(job: Job, measured: Measured) -> Pay:
    curve = job.component.curve
    payoff, steps = multiples(curve, axis_of(curve, measured), cap_step(job))
    base, base_steps = base_of(job)
    value = base * payoff.pays
    paid = step("payout", job.money(value), base=job.money(base), multiple=Quantity(payoff.pays, RATIO))
    room = None if payoff.most is None else base * (payoff.most - payoff.pays)
    pay = Pay(value, (*steps, *base_steps, paid), full=base, room=room)
    pay = over_cap(job, pay, base * (payoff.raised - payoff.pays))
    return limited(job, pay, _money(curve.cap), _money(curve.floor))


def base_of(job: Job) -> tuple[Fraction, tuple[Step, ...]]:
    """Return what the component pays at 100 %: its amount, or incentive times weight; times the part of the period."""
    component = job.component
    if component.amount is not None:
        whole = job.of_minor(component.amount)
        said = step("own-amount", job.money(whole))
        weight = ONE
    else:
        rep, plan = job.payee.rep.id, job.plan
        whole, weight = job.of_minor(plan.incentive_of(rep)), ONE if component.weight is None else component.weight
        name = "own-incentive" if rep in plan.incentives else "incentive"
        said = step(name, job.money(whole), plan=plan.label or plan.id)
    base = whole * weight * job.share
    about = {"incentive": job.money(whole), "weight": Quantity(weight, RATIO), "share": Quantity(job.share, RATIO)}
    result = step("base" if job.share == ONE else "base-of-share", job.money(base), **about)
    time = () if component.pool else share_steps(job.shares, job.payee.league)
    return base, (said, *time, result)


def _by_points(job: Job, measured: Measured) -> Pay:
    """Pay what the curve's points say in money, for the payee's part of the period."""
    curve = job.component.curve
    payoff, steps = money_of(curve, axis_of(curve, measured), job.plan.currency)
    full = full_pay(job, measured) if curve.over == ATTAINMENT else None
    pay = _of_share(job, Pay(payoff.pays, steps, full=full))
    return _limited_in_money(job, measured, pay)


def _by_unit(job: Job, measured: Measured) -> Pay:
    curve, rate, result = job.component.curve, job.component.rate, measured.counted
    if curve.over == ATTAINMENT and measured.target is not None:
        curve, result = scaled(curve, measured.target.value), measured.amount
    if rate is None:
        payoff, steps = money_of(curve, result, job.plan.currency)
        pay = _of_counted(job, measured, result, Pay(payoff.pays, steps, full=full_pay(job, measured)))
    else:
        payoff, steps = units_of(curve, result)
        units = Quantity(payoff.pays, result.unit, result.label)
        units, told = _counted(measured, result, units)
        earned = rate * units.value
        said = (*_telling(steps), *told, step("rate", job.money(earned), amount=units, rate=job.money(rate)))
        pay = Pay(earned, said, full=full_pay(job, measured))
    pay = _limited_in_money(job, measured, pay)
    return _of_share(job, pay) if job.grouped else pay


def _counted(measured: Measured, result: Quantity, units: Quantity) -> tuple[Quantity, tuple[Step, ...]]:
    """Return what counts of units of the whole result: those of the days in the plan, in the plan's currency."""
    counted = measured.counted
    if counted == result or not result.value:
        return (units if counted == result else replace(counted, value=ZERO)), ()
    inside = replace(counted, value=units.value * counted.value / result.value)
    return inside, (step("in-plan-part", inside, amount=units, counted=counted, result_of_all=result),)


def _of_counted(job: Job, measured: Measured, result: Quantity, pay: Pay) -> Pay:
    if measured.counted == result:
        return pay
    part = measured.counted.value / result.value if result.value else ZERO
    value = pay.value * part
    counted = {"counted": measured.counted, "result_of_all": result}
    return pay.then(value, step("in-plan-part", job.money(value), amount=job.money(pay.value), **counted))


def _limited_in_money(job: Job, measured: Measured, pay: Pay) -> Pay:
    curve, full = job.component.curve, full_pay(job, measured)
    return limited(job, pay, _money(curve.cap, full), _money(curve.floor, full))


def _money(limit: Limit | None, full: Fraction | None = None) -> Fraction | None:
    """Return a limit in money; one that is a multiple needs what 100 % pays (without it, it is none here)."""
    if limit is None:
        return None
    if limit.money:
        return limit.value
    return None if full is None else limit.value * full


def _of_share(job: Job, pay: Pay) -> Pay:
    """Return the payee's part of what a whole period pays."""
    if job.part == ONE:
        return pay
    value = pay.value * job.part
    share = Quantity(job.part, RATIO)
    told = step("share-of-rate", job.money(value), amount=job.money(pay.value), share=share)
    shrunk = pay.then(value, *share_steps(job.shares, job.payee.league), told)
    parts = (None if one is None else one * job.part for one in (pay.full, pay.room))
    full, room = parts
    return replace(shrunk, full=full, room=room, over=pay.over * job.part)


def _telling(steps: Sequence[Step]) -> Sequence[Step]:
    """Leave out a curve's only step when it says that an amount counts as itself."""
    return () if [one.name for one in steps] == ["linear"] else steps


__all__ = ["AMOUNT", "axis_of", "base_of", "pay_of"]
