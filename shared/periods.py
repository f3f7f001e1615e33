"""Periods in the organisation's time zone: half-open days, ISO weeks, months, quarters, years."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_SATURDAY = 5
KINDS = ("day", "week", "month", "quarter", "year")
RANGE = "range"
"""The kind of a stretch of days that is no calendar period."""

_YEARS = range(1900, 3000)
"""Years that are asked about; those before and after them have calendars too."""

_SHAPES = (
    ("day", re.compile(r"(\d{4})-(\d{2})-(\d{2})")),
    ("week", re.compile(r"(\d{4})-W(\d{2})")),
    ("month", re.compile(r"(\d{4})-(\d{2})")),
    ("quarter", re.compile(r"(\d{4})-Q([1-4])")),
    ("year", re.compile(r"(\d{4})")),
)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar period: `first` is its first day, `last` the first day after it.

    `id` is its name everywhere: 2026-11-24, 2026-W48, 2026-11, 2026-Q4, 2026.
    """

    first: date
    last: date
    kind: str
    id: str

    def start(self, zone: ZoneInfo) -> datetime:
        """Return the instant (UTC) at which the period begins in `zone`."""
        return midnight(self.first, zone)

    def end(self, zone: ZoneInfo) -> datetime:
        """Return the instant (UTC) at which the next period begins in `zone`."""
        return midnight(self.last, zone)

    def contains(self, at: datetime, zone: ZoneInfo) -> bool:
        """Tell whether the instant `at` falls in the period: start <= at < end."""
        return self.first <= at.astimezone(zone).date() < self.last

    def previous(self) -> "Period":
        """Return the period of the same kind just before this one."""
        return of_day(self.first - timedelta(days=1), self.kind)

    def next(self) -> "Period":
        """Return the period of the same kind just after this one."""
        return of_day(self.last, self.kind)

    def days(self) -> Iterator[date]:
        """Yield each calendar day of the period."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days))


def is_working_day(day: date, holidays: Container[date] = ()) -> bool:
    """Tell whether a day is one from Monday to Friday, and no holiday."""
    return day.weekday() < _SATURDAY and day not in holidays


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant (UTC) of `day` in `zone`.

    Where the clock jumps over midnight, fold=0 reads the old offset, which is the jump itself.
    """
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def days(first: date, last: date) -> Period:
    """Return the days from `first` up to and without `last` as a period of no calendar (kind RANGE)."""
    return Period(first, last, RANGE, f"{first.isoformat()}/{last.isoformat()}")


@lru_cache(maxsize=4096)
def of_day(day: date, kind: str) -> Period:
    """Return the period of `kind` that holds the calendar day; ValueError for an unknown kind."""
    match kind:
        case "day":
            return Period(day, day + timedelta(days=1), kind, day.isoformat())
        case "week":
            monday = day - timedelta(days=day.weekday())
            year, week, _ = day.isocalendar()
            return Period(monday, monday + timedelta(days=7), kind, f"{year:04d}-W{week:02d}")
        case "month":
            first = day.replace(day=1)
            return Period(first, _add_months(first, 1), kind, f"{day:%Y-%m}")
        case "quarter":
            first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
            name = f"{day.year:04d}-Q{(day.month + 2) // 3}"
            return Period(first, _add_months(first, 3), kind, name)
        case "year":
            return Period(date(day.year, 1, 1), date(day.year + 1, 1, 1), kind, f"{day.year:04d}")
    raise ValueError(f"unknown kind of period {kind!r}: one of {', '.join(KINDS)}")


def of(at: datetime, kind: str, zone: ZoneInfo) -> Period:
    """Return the period of `kind` that holds the instant `at` in `zone`."""
    return of_day(at.astimezone(zone).date(), kind)


def all_of(at: datetime, zone: ZoneInfo) -> tuple[Period, ...]:
    """Return the day, week, month, quarter and year that hold the instant `at` in `zone`."""
    day = at.astimezone(zone).date()
    return tuple(of_day(day, kind) for kind in KINDS)


@lru_cache(maxsize=4096)
def parse(text: str) -> Period:
    """Read a period's id; ValueError says which forms exist."""
    for kind, shape in _SHAPES:
        if match := shape.fullmatch(text):
            parts = [int(part) for part in match.groups()]
            if parts[0] not in _YEARS:
                raise ValueError(f"{text!r} is too far away: the years {_YEARS[0]} to {_YEARS[-1]} can be asked for")
            return of_day(_first_day(kind, parts), kind)
    raise ValueError(f"{text!r} is not a period: write 2026-11-24, 2026-W48, 2026-11, 2026-Q4 or 2026")


def _first_day(kind: str, parts: list[int]) -> date:
    match kind:
        case "week":
            return date.fromisocalendar(parts[0], parts[1], 1)
        case "quarter":
            return date(parts[0], 3 * parts[1] - 2, 1)
        case "month":
            return date(parts[0], parts[1], 1)
        case "year":
            return date(parts[0], 1, 1)
    return date(*parts)


def _add_months(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
