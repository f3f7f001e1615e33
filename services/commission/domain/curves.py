"""Payout curves: from a result to what it pays, with the slices that show how.

All numbers are exact fractions. Tiers are half-open: a result that stands exactly on a tier's start is in
that tier.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from shared.contracts.plan import FLAT, INTERPOLATED, LINEAR, MARGINAL, WHOLE, Curve, Point, Tier

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the result, from `start` to `end` (None: no end), of which `width` is reached at `rate`.

    `name` says how it was cut: linear, tier, whole-tier, point (all up to a point), line (on from it).
    """

    name: str
    start: Fraction
    end: Fraction | None
    width: Fraction
    rate: Fraction
    pays: Fraction


@dataclass(frozen=True, slots=True)
class Payoff:
    """What a curve pays for `result`: the sum of the slices, then at most `most` (None: no limit)."""

    result: Fraction
    slices: tuple[Slice, ...]
    uncapped: Fraction
    most: Fraction | None

    @property
    def pays(self) -> Fraction:
        """What is paid after the cap."""
        return self.uncapped if self.most is None else min(self.uncapped, self.most)

    @property
    def capped(self) -> bool:
        """Tell whether the cap took something away."""
        return self.pays < self.uncapped


def evaluate(curve: Curve, result: Fraction, most: Fraction | None) -> Payoff:
    """Return what `curve` pays for `result`; a negative result counts as zero.

    `most` is the cap in the unit of what the curve pays.
    """
    reached = max(result, ZERO)
    slices = tuple(_SHAPES[curve.kind](curve, reached))
    return Payoff(reached, slices, sum((part.pays for part in slices), ZERO), most)


def _linear(_curve: Curve, result: Fraction) -> list[Slice]:
    return [Slice("linear", ZERO, None, result, ONE, result)]


def _ends(tiers: Sequence[Tier]) -> list[Fraction | None]:
    return [*(tier.start for tier in tiers[1:]), None]


def _marginal(curve: Curve, result: Fraction) -> list[Slice]:
    slices: list[Slice] = []
    for tier, end in zip(curve.tiers, _ends(curve.tiers), strict=True):
        if slices and result <= tier.start:
            break
        width = (result if end is None else min(result, end)) - tier.start
        slices.append(Slice("tier", tier.start, end, width, tier.rate, width * tier.rate))
    return slices


def _whole(curve: Curve, result: Fraction) -> list[Slice]:
    reached = [(tier, end) for tier, end in zip(curve.tiers, _ends(curve.tiers), strict=True) if tier.start <= result]
    tier, end = reached[-1]
    return [Slice("whole-tier", tier.start, end, result, tier.rate, result * tier.rate)]


def _interpolated(curve: Curve, result: Fraction) -> list[Slice]:
    lines = list(pairwise(curve.points))
    last = curve.points[-1]
    if result >= last.at:
        return _along(last, None, result, ZERO if curve.beyond == FLAT else _slope(*lines[-1]))
    before, after = next((a, b) for a, b in lines if a.at <= result < b.at)
    return _along(before, after.at, result, _slope(before, after))


def _slope(before: Point, after: Point) -> Fraction:
    return (after.pays - before.pays) / (after.at - before.at)


def _along(point: Point, end: Fraction | None, result: Fraction, slope: Fraction) -> list[Slice]:
    """Return what the point pays, then the straight line from there on."""
    width = result - point.at
    line = Slice("line", point.at, end, width, slope, width * slope)
    if not point.pays:
        return [line]
    average = point.pays / point.at if point.at else ZERO
    return [Slice("point", ZERO, point.at, point.at, average, point.pays), line]


_SHAPES: Mapping[str, Callable[[Curve, Fraction], list[Slice]]] = {
    LINEAR: _linear,
    MARGINAL: _marginal,
    WHOLE: _whole,
    INTERPOLATED: _interpolated,
}
