"""The chart of a period, day by day: what stands, what is expected, the period before, and what is to come."""

from dataclasses import dataclass
from datetime import date

from services.scoring.domain.insight.clock import Span, Workdays
from services.scoring.domain.insight.forecast import Z80, Outlook, quantile
from services.scoring.domain.insight.known import Sums
from services.scoring.domain.insight.shapes import Point


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart is drawn from; `elapsed` is the part of the working time that is over, `before` the span before."""

    sums: Sums
    work: Workdays
    span: Span
    before: Span
    today: int
    elapsed: float | None
    goal: int | None
    outlook: Outlook | None

    def points(self) -> tuple[Point, ...]:
        """Return every day of the span."""
        return tuple(self._point(day) for day in range(self.span.first, self.span.last))

    def _point(self, day: int) -> Point:
        part = self.work.part(self.span, day + 1)
        expected = None if part is None or self.goal is None else round(self.goal * part)
        actual = self.sums.between(self.span.first, day + 1) if day <= self.today else None
        return Point(date.fromordinal(day), actual, expected, self._previous(part), *self._ahead(day, part))

    def _previous(self, part: float | None) -> int | None:
        if part is None or not self.sums.days or self.sums.days[0] >= self.before.last:
            return None
        return self.sums.between(self.before.first, self.work.reached(self.before, part))

    def _ahead(self, day: int, part: float | None) -> tuple[int | None, int | None, int | None]:
        """Return low, mid and high from today on: what is to come, spread over the working time that is left."""
        seen, over = self.outlook, self.elapsed
        if seen is None or over is None or part is None or day < self.today or over >= 1:
            return None, None, None
        share = min(max((part - over) / (1 - over), 0.0), 1.0) if day > self.today else 0.0
        mean, variance = seen.mean * share, seen.variance * share
        low, high = (seen.so_far + quantile(mean, variance, z) for z in (-Z80, Z80))
        return round(low), round(seen.so_far + mean), round(high)
