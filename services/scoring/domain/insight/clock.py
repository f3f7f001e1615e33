"""Working time: days from Monday to Friday without holidays, as numbers of days (`date.toordinal`)."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.scoring.domain.insight.shapes import Clock
from shared.periods import Period, is_working_day, midnight

OFFICE_OPENS, OFFICE_CLOSES = time(9), time(18)
"""The hours over which a day's part of the working time passes."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` up to and without `last`, as ordinals, under the period's name."""

    first: int
    last: int
    name: str


def span_of(period: Period) -> Span:
    """Return a period's days as ordinals."""
    return Span(period.first.toordinal(), period.last.toordinal(), period.id)


@dataclass(frozen=True, slots=True)
class Workdays:
    """The working days of some years, in rising order."""

    days: Sequence[int]

    def between(self, first: int, last: int) -> int:
        """Count the working days from `first` up to and without `last`."""
        return bisect_left(self.days, last) - bisect_left(self.days, first)

    def within(self, first: int, last: int) -> Sequence[int]:
        """Return the working days from `first` up to and without `last`."""
        return self.days[bisect_left(self.days, first) : bisect_left(self.days, last)]

    def reached(self, span: Span, part: float) -> int:
        """Return the day at whose beginning this part of the span's working time is over, to the nearest day."""
        days = self.within(span.first, span.last)
        over = round(part * len(days))
        return days[over] if over < len(days) else span.last

    def point(self, span: Span, part: float) -> tuple[int, float]:
        """Return the day within which this part of the span's working time is over, and how much of that day is."""
        days = self.within(span.first, span.last)
        over = round(part * len(days), 6)
        return (days[int(over)], over % 1) if over < len(days) else (span.last, 0.0)

    def part(self, span: Span, day: int) -> float | None:
        """Return which part of the span's working time is over when a day begins; None without working days."""
        total = self.between(span.first, span.last)
        return self.between(span.first, min(max(day, span.first), span.last)) / total if total else None


@lru_cache(maxsize=64)
def workdays(first_year: int, last_year: int, holidays: frozenset[date]) -> Workdays:
    """Return the working days of years, the last one included."""
    first, last = date(first_year, 1, 1).toordinal(), date(last_year + 1, 1, 1).toordinal()
    return Workdays([n for n in range(first, last) if is_working_day(date.fromordinal(n), holidays)])


def clock(period: Period, now: datetime, zone: ZoneInfo, work: Workdays) -> Clock:
    """Return where a period is at an instant; a day's part passes evenly over the office's hours."""
    here, span = now.astimezone(zone), span_of(period)
    today = here.date().toordinal()
    total = work.between(span.first, span.last)
    over = float(work.between(span.first, min(max(today, span.first), span.last)))
    if span.first <= today < span.last and work.between(today, today + 1):
        over += _part_of_day(here.time())
    left = work.between(max(today, span.first), max(span.last, today))
    return Clock(period.id, period.kind, period.first, period.last, total, left, over / total if total else None)


def in_day(day: int, part: float, zone: ZoneInfo) -> datetime:
    """Return when this part of a working day is over; its beginning where none is."""
    here = date.fromordinal(day)
    if not part:
        return midnight(here, zone)
    return datetime.combine(here, OFFICE_OPENS, zone) + part * timedelta(hours=OFFICE_CLOSES.hour - OFFICE_OPENS.hour)


def _part_of_day(moment: time) -> float:
    opens, closes = (each.hour * 60 + each.minute for each in (OFFICE_OPENS, OFFICE_CLOSES))
    return min(max((moment.hour * 60 + moment.minute - opens) / (closes - opens), 0.0), 1.0)
