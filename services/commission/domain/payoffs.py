"""A curve applied to a measured result, with the steps that show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from services.commission.domain.curves import Payoff, Slice, evaluate
from services.commission.domain.derivation import Step, step
from services.commission.domain.quantities import RATIO, TIMES, Quantity
from shared.contracts.curve import ATTAINMENT, POINTED, Curve


@dataclass(frozen=True, slots=True)
class Units:
    """What a curve's numbers are: `pays` its results, `rate` its rates and slopes; None: the axis's own unit."""

    pays: str | None
    rate: str


def multiples(curve: Curve, result: Quantity, cap_step: str = "cap") -> tuple[Payoff, tuple[Step, ...]]:
    """Return what the curve pays as a multiple of what 100 % pays, held by those limits that are multiples."""
    most, least = (limit.value if limit and not limit.money else None for limit in (curve.cap, curve.floor))
    payoff = evaluate(curve, result.value, most, least)
    own_axis = curve.over == ATTAINMENT and curve.kind not in POINTED
    units = Units(None if own_axis or result.unit == RATIO else RATIO, TIMES)
    return payoff, tuple(_steps(payoff, result, units, cap_step))


def units_of(curve: Curve, result: Quantity) -> tuple[Payoff, tuple[Step, ...]]:
    """Return as how many units the curve counts an amount; its limits are in money and come later."""
    payoff = evaluate(curve, result.value)
    return payoff, tuple(_steps(payoff, result, Units(None, TIMES), ""))


def money_of(curve: Curve, result: Quantity, currency: str) -> tuple[Payoff, tuple[Step, ...]]:
    """Return the money that the curve's own rates pay for an amount; its limits come later."""
    payoff = evaluate(curve, result.value)
    return payoff, tuple(_steps(payoff, result, Units(currency, currency), ""))


def _steps(payoff: Payoff, result: Quantity, units: Units, cap_step: str) -> Iterator[Step]:
    def on_axis(value: Fraction) -> Quantity:
        return Quantity(value, result.unit, result.label)

    def paid(value: Fraction) -> Quantity:
        return Quantity(value, units.pays) if units.pays else on_axis(value)

    if result.value < 0:
        yield step("below-zero", on_axis(payoff.result), amount=result)
    for part in payoff.slices:
        about = {"start": on_axis(_shown_start(part)), "amount": on_axis(part.width)}
        yield step(part.name, paid(part.pays), **about, rate=Quantity(part.rate, units.rate))
    if len(payoff.slices) > 1:
        yield step("sum", paid(payoff.uncapped))
    if payoff.least is not None and payoff.raised > payoff.uncapped:
        yield step("floor", paid(payoff.raised), least=paid(payoff.least), amount=paid(payoff.uncapped))
    if payoff.capped and payoff.most is not None:
        yield step(cap_step, paid(payoff.pays), most=paid(payoff.most), amount=paid(payoff.raised))


def _shown_start(part: Slice) -> Fraction:
    """Return the boundary that a slice is told by: for what ends at one, that end."""
    return part.end if part.name in {"point", "below"} and part.end is not None else part.start
