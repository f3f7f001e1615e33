"""Small charts as SVG: where the parts of a picture stand, so that a template only has to draw them.

    {% import "samenspel/charts.html" as draw with context %}
    {{ draw.bullet(0.74, marker=0.73) }}   {{ draw.interval(charts.interval(0.18, 0.09, 0.32, 0.31)) }}

Places are percentages of the width, from 0 to 100, so that a picture fits any width without being distorted, on
screens and on paper. Every picture is decoration: the figures stand beside it as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, isfinite

WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the width: where it begins and how long it is, in percent."""

    start: float
    length: float

    @property
    def end(self) -> float:
        """Return where it ends."""
        return round(self.start + self.length, 2)


@dataclass(frozen=True, slots=True)
class Bullet:
    """A result on its way: the bar, the goal, where it should be by now, and where it may end."""

    bar: Stretch
    goal: float | None
    marker: float | None
    band: Stretch | None


@dataclass(frozen=True, slots=True)
class Interval:
    """A rate with what it may really be, beside what it is compared with."""

    band: Stretch
    point: float
    baseline: float | None


@dataclass(frozen=True, slots=True)
class Spark:
    """A line without axes, in a box of 100 by 100; `last` is where it ends, None for no line at all."""

    points: str
    last: tuple[float, float] | None


def place(value: float, whole: float) -> float:
    """Return where a value stands on a scale from nothing to `whole`, kept inside it."""
    if whole <= 0 or not isfinite(value):
        return 0.0
    return round(min(max(value / whole, 0.0), 1.0) * WHOLE, 2)


def stretch(low: float, high: float, whole: float) -> Stretch:
    """Return the part from one value to another."""
    start, end = place(low, whole), place(high, whole)
    return Stretch(start, round(max(0.0, end - start), 2))


def bullet(
    value: float,
    goal: float | None = None,
    *,
    expected: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Bullet:
    """Place a result, its goal, what is expected by now and the range of a forecast on one scale."""
    whole = max((each for each in (value, goal, expected, high) if each is not None), default=0.0)
    return Bullet(
        stretch(0, value, whole),
        None if goal is None else place(goal, whole),
        None if expected is None else place(expected, whole),
        None if low is None or high is None else stretch(low, high, whole),
    )


def interval(rate: float, low: float, high: float, baseline: float | None = None, *, whole: float = 1.0) -> Interval:
    """Place a rate with its uncertainty, and what it is compared with, on a scale up to `whole`."""
    return Interval(stretch(low, high, whole), place(rate, whole), None if baseline is None else place(baseline, whole))


def scale(values: Iterable[float], step: float = 0.25) -> float:
    """Return a scale that several rates share: the largest, up to the next step, at most one."""
    return min(1.0, max(step, ceil(max(values, default=step) / step) * step))


def shares(values: Sequence[float], whole: float | None = None) -> list[float]:
    """Return how long each bar is beside the longest, or beside `whole`."""
    longest = max(values, default=0.0) if whole is None else whole
    return [place(value, longest) for value in values]


def sparkline(values: Sequence[float | None]) -> Spark:
    """Return a line through the values from left to right; one that is missing is left out."""
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    if not known:
        return Spark("", None)
    lowest, highest = min(0.0, *(value for _, value in known)), max(0.0, *(value for _, value in known))
    height, width = (highest - lowest) or 1.0, max(1, len(values) - 1)
    at = [(round(n / width * WHOLE, 2), round((highest - value) / height * WHOLE, 2)) for n, value in known]
    return Spark(" ".join(f"{x},{y}" for x, y in at), at[-1])
