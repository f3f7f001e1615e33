"""Payout curves: from a result to what it pays, with the slices that show how.

All numbers are exact fractions. Tiers are contiguous: a result exactly on a tier's start is in that tier, or, with
boundary lower, still in the one before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from shared.contracts.curve import (
    EXCESS,
    FLAT,
    FROM_VALUE,
    FROM_ZERO,
    INTERPOLATED,
    LINEAR,
    LOWER,
    MARGINAL,
    STEPS,
    WHOLE,
    Curve,
    Point,
    Tier,
)

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the result, from `start` to `end` (None: no end), of which `width` is reached at `rate`.

    `name` says how it was cut: linear, tier, whole-tier, step, point (all up to a point), line (on from it),
    at-threshold (what reaching it pays), below (nothing is reached).
    """

    name: str
    start: Fraction
    end: Fraction | None
    width: Fraction
    rate: Fraction
    pays: Fraction


@dataclass(frozen=True, slots=True)
class Payoff:
    """What a curve pays for `result`: the sum of the slices, then from `least` to `most` (None: no limit)."""

    result: Fraction
    slices: tuple[Slice, ...]
    uncapped: Fraction
    most: Fraction | None = None
    least: Fraction | None = None

    @property
    def raised(self) -> Fraction:
        """What is paid after the floor."""
        return self.uncapped if self.least is None else max(self.uncapped, self.least)

    @property
    def pays(self) -> Fraction:
        """What is paid after the floor and the cap."""
        return self.raised if self.most is None else min(self.raised, self.most)

    @property
    def capped(self) -> bool:
        """Tell whether the cap took something away."""
        return self.pays < self.raised


def evaluate(curve: Curve, result: Fraction, most: Fraction | None = None, least: Fraction | None = None) -> Payoff:
    """Return what `curve` pays for `result`; a negative result counts as zero.

    `most` and `least` are its cap and floor in the unit of what the curve pays.
    """
    reached = max(result, ZERO)
    slices = tuple(_slices(curve, reached))
    return Payoff(reached, slices, sum((part.pays for part in slices), ZERO), most, least)


def rate_at(curve: Curve, result: Fraction) -> Fraction:
    """Return the rate of the tier that a total stands in; nothing below the threshold."""
    threshold = curve.threshold
    if threshold is not None and not reaches(curve, result, threshold.at):
        return ZERO
    return _reached_tier(curve, max(result, ZERO))[0].rate


def scaled(curve: Curve, unit: Fraction) -> Curve:
    """Return a curve over attainment as one over amounts, where 100 % is `unit`; limits stay as they are."""
    threshold = curve.threshold
    return replace(
        curve,
        tiers=tuple(Tier(tier.start * unit, tier.rate) for tier in curve.tiers),
        points=tuple(Point(point.at * unit, point.pays) for point in curve.points),
        threshold=threshold and replace(threshold, at=threshold.at * unit),
    )


def reaches(curve: Curve, result: Fraction, start: Fraction) -> bool:
    """Tell whether a result has reached a boundary, by the side that the boundary itself belongs to."""
    return result > start if curve.boundary == LOWER else result >= start


def _slices(curve: Curve, result: Fraction) -> list[Slice]:
    threshold = curve.threshold
    if threshold is None:
        return _SHAPES[curve.kind](curve, result, ZERO)
    if not reaches(curve, result, threshold.at):
        return [_below(threshold.at, result)]
    if threshold.then == FROM_ZERO:
        return _SHAPES[curve.kind](curve, result, ZERO)
    above = _SHAPES[curve.kind](curve, result, threshold.at)
    if threshold.then == FROM_VALUE:
        return [Slice("at-threshold", threshold.at, None, threshold.at, ZERO, threshold.pays), *above]
    return above


def _below(start: Fraction, result: Fraction) -> Slice:
    return Slice("below", ZERO, start, result, ZERO, ZERO)


def _linear(_curve: Curve, result: Fraction, after: Fraction) -> list[Slice]:
    name = "linear-above" if after else "linear"
    return [Slice(name, after, None, result - after, ONE, result - after)]


def _ends(tiers: Sequence[Tier]) -> list[Fraction | None]:
    return [*(tier.start for tier in tiers[1:]), None]


def _marginal(curve: Curve, result: Fraction, after: Fraction) -> list[Slice]:
    slices: list[Slice] = []
    for tier, end in zip(curve.tiers, _ends(curve.tiers), strict=True):
        start = max(tier.start, after)
        if end is not None and end <= start:
            continue
        if slices and result <= start:
            break
        width = (result if end is None else min(result, end)) - start
        slices.append(Slice("tier", start, end, width, tier.rate, width * tier.rate))
    return slices


def _excess(curve: Curve, result: Fraction, after: Fraction) -> list[Slice]:
    first = curve.tiers[0].start
    return _marginal(curve, result, after) if result > first else [_below(first, result)]


def _reached_tier(curve: Curve, result: Fraction) -> tuple[Tier, Fraction | None]:
    tiers = list(zip(curve.tiers, _ends(curve.tiers), strict=True))
    return [tiers[0], *(each for each in tiers[1:] if reaches(curve, result, each[0].start))][-1]


def _whole(curve: Curve, result: Fraction, after: Fraction) -> list[Slice]:
    tier, end = _reached_tier(curve, result)
    name = "whole-tier-above" if after else "whole-tier"
    width = result - after
    return [Slice(name, tier.start, end, width, tier.rate, width * tier.rate)]


def _steps(curve: Curve, result: Fraction, _after: Fraction) -> list[Slice]:
    reached = [point for point in curve.points if reaches(curve, result, point.at)]
    if not reached:
        return [_below(curve.points[0].at, result)]
    return [Slice("step", reached[-1].at, None, result, ZERO, reached[-1].pays)]


def _interpolated(curve: Curve, result: Fraction, _after: Fraction) -> list[Slice]:
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


_SHAPES: Mapping[str, Callable[[Curve, Fraction, Fraction], list[Slice]]] = {
    LINEAR: _linear,
    MARGINAL: _marginal,
    WHOLE: _whole,
    EXCESS: _excess,
    INTERPOLATED: _interpolated,
    STEPS: _steps,
}
"""The slices of a result by kind of curve; what lies up to the third argument (a threshold) pays nothing."""
