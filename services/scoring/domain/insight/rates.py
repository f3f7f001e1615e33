"""Rates with their uncertainty, and times of which some are not over yet."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from math import sqrt

from services.scoring.domain.insight.evidence import Rate

Z95, Z99 = 1.96, 2.576
"""Standard deviations of a normal distribution that hold 95 and 99 in 100."""

LEAST = 10
"""A rate of fewer cases is not shown."""

Time = tuple[int, bool]
"""Days in a stage, and whether they are over (else: at least so many)."""

Times = Mapping[Time, int]
"""How often each was seen."""


def interval(k: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return the interval in which the true rate lies (Wilson, 1927); 0 to 1 without any case."""
    if not n:
        return 0.0, 1.0
    middle, half = (k + z * z / 2) / (n + z * z), z * sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def rate(k: int, n: int) -> Rate:
    """Return k of n with its interval; hidden below LEAST."""
    if n < LEAST:
        return Rate(n, k, None, None, None)
    low, high = interval(k, n)
    return Rate(n, k, k / n, low, high)


def lower(one: Rate, other: Rate, z: float = Z99) -> bool:
    """Tell whether one rate is clearly below another: a two-sample test of proportions with the pooled rate."""
    if one.rate is None or other.rate is None:
        return False
    pooled = (one.k + other.k) / (one.n + other.n)
    error = sqrt(pooled * (1 - pooled) * (1 / one.n + 1 / other.n))
    return error > 0 and (other.rate - one.rate) / error > z


def lasting(times: Times, part: float = 0.5) -> float | None:
    """Return after how many days this part is over, by Kaplan and Meier (1958); None when so much never was.

    Those that end on a day are taken before those that were seen up to that day only.
    """
    alive, left, goal = 1.0, sum(times.values()), 1 - part + 1e-9
    for (days, over), n in sorted(times.items(), key=lambda each: (each[0][0], not each[0][1])):
        if over:
            alive *= 1 - n / left
            if alive <= goal:
                return float(days)
        left -= n
    return None


def longer(times: Times, usual: float) -> tuple[int, int]:
    """Return how many times are longer than usual, and of how many that is known: (k, n)."""
    known = Counter[bool]()
    for (days, over), n in times.items():
        if over or days > usual:
            known[days > usual] += n
    return known[True], known.total()


def place(value: float, among: Sequence[float]) -> int:
    """Return how many of some values are not above a value."""
    return bisect_right(sorted(among), value)
