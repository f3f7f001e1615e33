"""A stretch of time that no board is of: which boards add up to it, and of which days only a part is in it.

The sums are exact: an hour of a contest counts what happened in that hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.leaderboard.domain.boards import TEAMS, Entry, kept_until
from shared import periods
from shared.periods import Period, midnight

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time from `start` up to and without `end`: whole `periods`, and the `days` of which only a part is in it."""

    start: datetime
    end: datetime
    periods: tuple[Period, ...]
    days: tuple[date, ...]

    def is_kept(self, zone: ZoneInfo, now: datetime) -> bool:
        """Tell whether the standings still hold everything that it is made of."""
        parts = [*self.periods, *(periods.of_day(day, "day") for day in self.days)]
        ends = [kept_until(part, zone) for part in parts]
        return all(end is None or end > now for end in ends)

    def sums(self, whole: Mapping[str, int], entries: Iterable[Entry], scope: str) -> dict[str, int]:
        """Return what each member of the scope has: `whole` in the periods, `entries` of the days."""
        found = dict(whole)
        for each in self.inside(entries):
            member = each.team if scope == TEAMS else each.rep
            if member:
                found[member] = found.get(member, 0) + each.amount
        return {member: amount for member, amount in found.items() if amount}

    def inside(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield the entries that are in it."""
        return (each for each in entries if self.start <= each.at < self.end)


def stretch(start: datetime, end: datetime, zone: ZoneInfo) -> Stretch:
    """Return what a stretch of time is made of, in as few periods as there can be."""
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    whole_from = first if midnight(first, zone) == start else first + _DAY
    days = () if midnight(last, zone) == end else (last,)
    if whole_from > first:
        days = (first, *days) if first < last or not days else days
    return Stretch(start, end, tuple(_whole(whole_from, last)), days)


def _whole(first: date, last: date) -> Iterator[Period]:
    """Yield the largest periods that fill the days from `first` up to and without `last`."""
    day = first
    while day < last:
        found = (periods.of_day(day, kind) for kind in reversed(periods.KINDS))
        part = next(period for period in found if period.first == day and period.last <= last)
        yield part
        day = part.last


def last_moments(members: Sequence[str], entries: Iterable[Entry], scope: str) -> dict[str, datetime]:
    """Return when each of these members got the last thing that stands among the entries."""
    found: dict[str, datetime] = {}
    for each in entries:
        member = each.team if scope == TEAMS else each.rep
        if member in members:
            found[member] = max(each.at, found.get(member, each.at))
    return found
