"""How forecasts of periods that are over turned out, each made with what was known at its moment.

What they teach goes into the next forecast: which of the methods came closer, and whether the ranges were as wide as
they should be. A forecast of the past learns from the periods before it only.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from services.scoring.domain.insight.clock import Span
from services.scoring.domain.insight.forecast import UNLEARNED, Z80, Case, Lessons, Moment, outlook, whole
from services.scoring.domain.insight.shapes import Accuracy

PARTS = (0.25, 0.5, 0.75)
"""At which parts of the working time a forecast is looked back on."""

LEAST_ORIGINS = 3
USUAL_ERROR = 0.15
"""Before anything was seen, each method is taken to be so far off, as a part of the outcome; worth one period."""

_WIDTH = (0.5, 3.0)


class Check(NamedTuple):
    """A forecast of the past beside its outcome and the plain run rate: amount so far / part of the time.

    `off` is how far each method was off as a part of the outcome; `surprise` is (outcome - mid) in the standard
    deviations that were forecast before any lesson.
    """

    span: str
    part: float
    low: float
    mid: float
    high: float
    run_rate: float
    outcome: int
    off: Mapping[str, float]
    surprise: float

    @property
    def covered(self) -> bool:
        """Tell whether the outcome lay within the range."""
        return self.low <= self.outcome <= self.high


def look_back(
    case: Case, spans: Sequence[Span], parts: Sequence[float] = PARTS, last: int | None = None
) -> list[Check]:
    """Return what would have been forecast in the `last` spans (None: all), when each part of their time was over.

    The spans are over, the oldest first. Those that history covers only in part are left out.
    """
    outcomes, found = case.income.now(), list[Check]()
    begin = outcomes.days[0] if outcomes.days else 0
    for number, span in enumerate(spans):
        outcome = outcomes.between(span.first, span.last)
        looked = last is None or number >= len(spans) - last
        if looked and whole(span, begin, span.last) and outcome > 0:
            learned = lessons(found)
            checks = [_check(case, spans[: number + 1], part, learned, outcome) for part in parts]
            found += [each for each in checks if each]
    return found


def _check(case: Case, spans: Sequence[Span], asked: float, learned: Lessons, outcome: int) -> Check | None:
    span = spans[-1]
    origin = case.work.reached(span, asked)
    part = case.work.part(span, origin)
    seen = outlook(case, Moment(span, origin, part), spans[:-1], learned) if part else None
    if not seen or not part:
        return None
    mid = seen.so_far + seen.mean
    off = {each.method: (seen.so_far + each.mean - outcome) / outcome for each in seen.parts}
    surprise = (outcome - mid) / seen.unlearned**0.5 if seen.unlearned > 0 else 0.0
    return Check(span.name, asked, seen.at(-Z80), mid, seen.at(Z80), seen.so_far / part, outcome, off, surprise)


def lessons(checks: Sequence[Check]) -> Lessons:
    """Return what forecasts of the past teach: each period is one witness, whatever the number of its forecasts."""
    by_span: dict[str, list[Check]] = defaultdict(list)
    for each in checks:
        by_span[each.span].append(each)
    if not by_span:
        return UNLEARNED
    periods = list(by_span.values())
    weights = {method: first / _mean_square(method, periods) for method, first in UNLEARNED.weights.items()}
    wide = [fmean(each.surprise**2 for each in inside) for inside in periods]
    width = (1 + sum(wide)) / (1 + len(wide))
    return Lessons(weights, min(max(width, _WIDTH[0] ** 2), _WIDTH[1] ** 2))


def _mean_square(method: str, periods: Sequence[Sequence[Check]]) -> float:
    """Return the mean square of how far a method was off, with the usual error as one period more."""
    seen = [[each.off[method] ** 2 for each in inside if method in each.off] for inside in periods]
    squares = [fmean(inside) for inside in seen if inside]
    return (USUAL_ERROR**2 + sum(squares)) / (1 + len(squares))


def accuracy(checks: Sequence[Check]) -> Accuracy | None:
    """Sum up; None with too few forecasts."""
    if len(checks) < LEAST_ORIGINS:
        return None
    mean = fmean(each.outcome for each in checks)
    covered = sum(each.covered for each in checks)
    return Accuracy(
        origins=len(checks),
        periods=len({each.span for each in checks}),
        covered=covered,
        coverage=covered / len(checks),
        error=fmean(abs(each.mid - each.outcome) for each in checks) / mean,
        run_rate_error=fmean(abs(each.run_rate - each.outcome) for each in checks) / mean,
        bias=fmean(each.mid - each.outcome for each in checks) / mean,
        width=fmean(each.high - each.low for each in checks) / mean,
    )
