"""A curve applied to a measured result, with the steps that show it."""

from collections.abc import Iterator
from fractions import Fraction

from services.commission.domain.curves import Payoff, evaluate
from services.commission.domain.derivation import Step, step
from services.commission.domain.quantities import RATIO, TIMES, Quantity
from shared.contracts.plan import Curve


def over_attainment(curve: Curve, attainment: Fraction) -> tuple[Payoff, tuple[Step, ...]]:
    """Return what the curve pays, as a multiple of what 100 % pays, with its cap."""
    payoff = evaluate(curve, attainment, curve.cap.value if curve.cap else None)
    return payoff, tuple(_steps(curve, payoff, Quantity(attainment, RATIO)))


def over_amount(curve: Curve, amount: Quantity) -> tuple[Payoff, tuple[Step, ...]]:
    """Return the amount that the curve makes of `amount`; its cap is in money and comes later."""
    payoff = evaluate(curve, amount.value, None)
    return payoff, tuple(_steps(curve, payoff, amount))


def _steps(curve: Curve, payoff: Payoff, result: Quantity) -> Iterator[Step]:
    def on_axis(value: Fraction) -> Quantity:
        return Quantity(value, result.unit, result.label)

    if result.value < 0:
        yield step("below-zero", on_axis(payoff.result), amount=result)
    for part in payoff.slices:
        start = on_axis((part.end or part.start) if part.name == "point" else part.start)
        rate = Quantity(part.rate, TIMES)
        yield step(part.name, on_axis(part.pays), start=start, amount=on_axis(part.width), rate=rate)
    if len(payoff.slices) > 1:
        yield step("sum", on_axis(payoff.uncapped))
    if payoff.capped and payoff.most is not None:
        yield step("cap", on_axis(payoff.pays), most=on_axis(payoff.most), amount=on_axis(payoff.uncapped))
