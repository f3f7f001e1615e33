"""What is paid deal by deal: each deal alone, or each at the tier that the running total reached."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from services.commission.domain.curves import evaluate, rate_at, scaled
from services.commission.domain.derivation import Step, step
from services.commission.domain.jobs import ONE, ZERO, Job, Pay, full_pay
from services.commission.domain.payee import Deal, Measured
from services.commission.domain.quantities import Operand, Quantity
from shared.contracts.plan import (
    ATTAINMENT,
    BEFORE,
    COMMISSION,
    DEAL,
    LARGEST_FIRST,
    ORIGINAL_RATE,
    SMALLEST_FIRST,
    STEPS,
    TIME,
    WHOLE,
    Curve,
)

_ORDERS: Mapping[str, Callable[[Deal], tuple[object, ...]]] = {
    TIME: lambda deal: (deal.at, deal.id),
    LARGEST_FIRST: lambda deal: (-deal.amount, deal.at, deal.id),
    SMALLEST_FIRST: lambda deal: (deal.amount, deal.at, deal.id),
}


def by_deals(job: Job, measured: Measured) -> Pay:
    """Return what the deals pay together, with a step for each; the component's own limits come later."""
    curve = job.component.curve
    if curve.over == ATTAINMENT and measured.target is not None:
        curve = scaled(curve, measured.target.value)
    paid = _alone if job.component.accumulate == DEAL else _running
    ordered = sorted(measured.deals, key=_ORDERS[job.component.order])
    each = list(paid(job, curve, ordered, measured))
    value = sum((one.result.value for one in each), ZERO)
    told = (step("deals-sum", job.money(value)),) if len(each) != 1 else ()
    by_deal = {deal.id: one.result.value for deal, one in zip(ordered, each, strict=True)}
    return Pay(value, (*each, *told), full=full_pay(job, measured), deals=by_deal)


def _alone(job: Job, curve: Curve, deals: Sequence[Deal], measured: Measured) -> Iterator[Step]:
    for deal in deals:
        whole = deal.whole if job.component.splits == COMMISSION else deal.amount
        said = _about(job, deal, measured)
        whole, taken_back = _with_reversals(job, deal, whole)
        pays = _of_total(job, curve, _counted(curve, whole)) * taken_back
        if job.component.splits == COMMISSION and deal.whole != deal.amount:
            part = deal.amount / deal.whole if deal.whole else ZERO
            said |= {"part": _share(part), "whole": _amount(measured, deal.whole)}
            yield _paid(job, curve, "deal-split", pays * part, said)
        else:
            yield _paid(job, curve, "deal", pays, said)


def _running(job: Job, curve: Curve, deals: Sequence[Deal], measured: Measured) -> Iterator[Step]:
    total = ZERO
    for deal in deals:
        amount, taken_back = _with_reversals(job, deal, deal.amount)
        amount = _counted(curve, amount)
        before, total = total, total + amount
        said = _about(job, deal, measured) | {
            "before": _amount(measured, before),
            "after": _amount(measured, total),
        }
        chosen = before if job.component.tier_of == BEFORE else total
        if curve.kind == STEPS:
            yield _paid(job, curve, "deal-at-step", evaluate(curve, chosen).uncapped * taken_back, said)
        elif curve.kind == WHOLE:
            rate = rate_at(curve, chosen) * (ONE if job.component.rate is None else job.component.rate)
            said["rate"] = job.money(rate)
            yield _paid(job, curve, "deal-at-tier", amount * rate * taken_back, said)
        else:
            pays = _of_total(job, curve, total) - _of_total(job, curve, before)
            yield _paid(job, curve, "deal-in-slices", pays * taken_back, said)


def _with_reversals(job: Job, deal: Deal, amount: Fraction) -> tuple[Fraction, Fraction]:
    """Return the amount that goes through the curve, and which part of its pay is left.

    At the original rate a deal is paid as if nothing had been taken back, and gives back in proportion.
    """
    earned = deal.earned
    if job.component.reversals != ORIGINAL_RATE or not earned or earned == deal.amount:
        return amount, ONE
    left = deal.amount / earned
    return (amount / left if left else earned), left


def _counted(curve: Curve, amount: Fraction) -> Fraction:
    """Return what counts of one deal's amount."""
    cap = curve.deal_cap
    if cap is None or not cap.counts:
        return amount
    return max(min(amount, cap.value), -cap.value)


def _of_total(job: Job, curve: Curve, total: Fraction) -> Fraction:
    """Return what an amount pays in money; one below zero takes back what it would have paid."""
    rate = ONE if job.component.rate is None else job.component.rate
    paid = evaluate(curve, abs(total)).uncapped * rate
    return paid if total >= 0 else -paid


def _paid(job: Job, curve: Curve, name: str, pays: Fraction, said: dict[str, Operand]) -> Step:
    cap = curve.deal_cap
    if cap is None or cap.counts or abs(pays) <= cap.value:
        return step(name, job.money(pays), **said)
    held = cap.value if pays > 0 else -cap.value
    return step("deal-capped", job.money(held), deal=said["deal"], amount=said["amount"], pays=job.money(pays))


def _about(job: Job, deal: Deal, measured: Measured) -> dict[str, Operand]:
    day = job.payee.day(deal.at).isoformat()
    return {"deal": deal.id.removeprefix("deal:"), "day": day, "amount": _amount(measured, deal.amount)}


def _amount(measured: Measured, value: Fraction) -> Quantity:
    return Quantity(value, measured.counted.unit, measured.counted.label)


def _share(part: Fraction) -> Quantity:
    return Quantity(part, "ratio")
