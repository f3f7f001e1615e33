"""What a period will end at, as a range: from how earlier periods filled, and from open deals.

Everything is computed from what was known when a day began, so that the same function looks back without seeing more
than could be seen then (see `accuracy`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erf, exp, log, sqrt
from statistics import pvariance
from typing import NamedTuple

from services.scoring.domain.insight.clock import Span, Workdays
from services.scoring.domain.insight.episodes import Episode
from services.scoring.domain.insight.known import Income, Sums
from services.scoring.domain.insight.shapes import COMBINED, CURVE, DEALS, Forecast, Part
from services.scoring.domain.insight.winning import Expected, expected

SHOWN_FROM = 0.2
"""Part of the working time that must be over."""

LEAST_DAYS = 20
"""Working days of history without which the pace of the past says too little."""

HALF_YEAR = 182
PACE = 0.5
"""What the pace of the last half year weighs, in periods: the period itself weighs the share of it that is there."""

BLOCK = 20
"""Working days over which the past's ups and downs are measured."""

DRIFT = 0.2
"""Standard error of the pace itself, as a part: an office does not go on exactly as it did."""

Z80 = 1.397
"""Four in five outcomes lie within so many standard deviations, where these are themselves guessed from little.

It is the quantile of Student's t with 8 degrees of freedom; that of the normal distribution would be 1.282.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A team's or a rep's past: what was earned, its deals (none: they do not earn this metric), working days."""

    income: Income
    deals: Sequence[Episode]
    work: Workdays
    money: bool


class Moment(NamedTuple):
    """A span as it is seen when the day `origin` begins and `part` of its working time is over."""

    span: Span
    origin: int
    part: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is still to come, by one method; `n` is what it rests on."""

    method: str
    mean: float
    variance: float
    n: int


@dataclass(frozen=True, slots=True)
class Lessons:
    """What forecasts of the past teach: the weight of each method, and by what the variance is to be multiplied."""

    weights: Mapping[str, float]
    width: float


UNLEARNED = Lessons({CURVE: 2 / 3, DEALS: 1 / 3}, 1.0)
"""Nothing was learned yet: what was earned is surer than what is said of deals."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will be earned in a span: `so_far`, and what is still to come (mean and variance of both methods as one).

    `unlearned` is the variance before what was learned from the past.
    """

    so_far: int
    mean: float
    variance: float
    unlearned: float
    weights: tuple[float, ...]
    parts: tuple[Estimate, ...]
    of_open: float | None

    def at(self, z: float) -> float:
        """Return the outcome that is so many standard deviations from the middle: what is to come is log-normal."""
        return self.so_far + quantile(self.mean, self.variance, z)

    def reaches(self, goal: int) -> float:
        """Return the chance that a goal is reached."""
        if goal <= self.so_far:
            return 1.0
        if self.mean <= 0:
            return 0.0
        spread = log(1 + self.variance / self.mean**2)
        z = (log(goal - self.so_far) - log(self.mean) + spread / 2) / sqrt(spread) if spread else 0.0
        return 0.5 - erf(z / sqrt(2)) / 2


def quantile(mean: float, variance: float, z: float) -> float:
    """Return a quantile of the log-normal distribution with this mean and variance; 0 where nothing is to come."""
    if mean <= 0:
        return 0.0
    spread = log(1 + variance / mean**2)
    return mean * exp(z * sqrt(spread) - spread / 2)


def outlook(case: Case, moment: Moment, earlier: Sequence[Span], learned: Lessons = UNLEARNED) -> Outlook | None:
    """Return what a span will end at, seen at a moment; None with less than LEAST_DAYS working days of history."""
    span, origin, _ = moment
    sums = case.income.at(origin)
    if case.work.between(sums.days[0] if sums.days else origin, origin) < LEAST_DAYS:
        return None
    so_far = sums.between(span.first, min(origin, span.last))
    deals = expected(case.deals, sums, origin, span.last, money=case.money) if case.deals else None
    found = [filling(case, sums, moment, earlier), *([_of_deals(deals)] if deals else [])]
    every = sum(learned.weights[each.method] for each in found)
    weights = tuple(learned.weights[each.method] / every for each in found)
    mean = sum(w * each.mean for w, each in zip(weights, found, strict=True))
    variance = sum(w * (each.variance + (each.mean - mean) ** 2) for w, each in zip(weights, found, strict=True))
    of_open = deals.of_open if deals else None
    return Outlook(so_far, mean, variance * learned.width, variance, weights, tuple(found), of_open)


def _of_deals(deals: Expected) -> Estimate:
    return Estimate(DEALS, deals.mean, deals.variance + (DRIFT * deals.mean) ** 2, deals.n)


def filling(case: Case, sums: Sums, moment: Moment, earlier: Sequence[Span]) -> Estimate:
    """Return what is to come by how earlier periods filled.

    The share that is usually there by now is the mean of the earlier periods' and, as one more, an even filling. The
    level is what that share makes of the amount so far, held together with the pace of the last half year.
    """
    span, origin, part = moment
    begin = sums.days[0]
    days = case.work.between(begin, origin)
    since = max(begin, origin - HALF_YEAR)
    total = case.work.between(span.first, span.last)
    pace = sums.between(since, origin) / max(case.work.between(since, origin), 1)
    shares = [part, *_shares(case.work, sums, part, [each for each in earlier if whole(each, begin, origin)])]
    share = sum(shares) / len(shares)
    level = (sums.between(span.first, origin) + PACE * pace * total) / (share + PACE)
    mean, left = max(level * (1 - share), 0.0), total * (1 - part)
    noise = _noise(case.work, sums, begin, origin) * left * (1 + left / days)
    return Estimate(CURVE, mean, noise + (DRIFT * mean) ** 2, len(shares) - 1)


def whole(span: Span, begin: int, origin: int) -> bool:
    """Tell whether a span is over and history had begun by its first tenth."""
    return span.last <= origin and begin <= span.first + (span.last - span.first) / 10


def _shares(work: Workdays, sums: Sums, part: float, earlier: Sequence[Span]) -> list[float]:
    """Return which share of the whole each earlier period had at the same part of its working time."""
    found = []
    for span in earlier:
        final = sums.between(span.first, span.last)
        if final > 0:
            found.append(min(max(sums.between(span.first, work.reached(span, part)) / final, 0.0), 1.0))
    return found


def _noise(work: Workdays, sums: Sums, begin: int, origin: int) -> float:
    """Return the variance that a working day adds, measured over blocks of days: good days come in rows."""
    days = [*work.within(begin, origin), origin]
    up_to = [sums.between(begin, day) for day in days]
    block = max(1, min(BLOCK, (len(days) - 1) // 4))
    sizes = [up_to[n + block] - up_to[n] for n in range(len(up_to) - block)]
    return pvariance(sizes) / block if len(sizes) > 1 else 0.0


def told(found: Outlook | None, lacking: tuple[str, ...], run_rate: int | None, goal: int | None) -> Forecast:
    """Return an outlook as it is shown; hidden while something is lacking."""
    if found is None or lacking:
        return Forecast(False, lacking or ("history",), None, None, None, None, run_rate, (), None)
    parts = tuple(_part(each, weight, found.so_far) for each, weight in zip(found.parts, found.weights, strict=True))
    method = COMBINED if len(parts) > 1 else parts[0].method
    range_ = (round(found.at(-Z80)), round(found.so_far + found.mean), round(found.at(Z80)))
    return Forecast(True, (), method, *range_, run_rate, parts, found.reaches(goal) if goal else None)


def _part(one: Estimate, weight: float, so_far: int) -> Part:
    low, high = (round(so_far + quantile(one.mean, one.variance, z)) for z in (-Z80, Z80))
    return Part(one.method, low, round(so_far + one.mean), high, weight, one.n)
