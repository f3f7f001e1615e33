"""What was known at a moment of what was earned: sums by day, of lines that had happened and had arrived by then."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

LOADED_DAYS = 30
"""Days after which a first line is history that was loaded, or computed again, and counts as known when it happened."""


class Earned(NamedTuple):
    """What a rep earned on a day (ordinal), and on which day that was known."""

    day: int
    known: int
    rep: str
    amount: int


def known_on(day: int, booked: int, *, first: bool) -> int:
    """Return the day on which a line was known: `first` says that nothing stood there before it.

    A correction is known when it is booked, however long that takes: else a deal that was reversed later would be
    missing at a moment when everybody still counted on it.
    """
    return day if first and booked - day > LOADED_DAYS else max(day, booked)


class Sums:
    """Sums by day, with sums of stretches."""

    def __init__(self, by_day: Mapping[int, int]) -> None:
        """Take what stands by day."""
        self.days: Sequence[int] = sorted(by_day)
        self.by_day = by_day
        self._up_to = [0, *accumulate(by_day[day] for day in self.days)]

    def between(self, first: int, last: int) -> int:
        """Return the sum of the days from `first` up to and without `last`."""
        return self._up_to[bisect_left(self.days, last)] - self._up_to[bisect_left(self.days, first)]


class Income:
    """What somebody earned over the years, as it was known at any moment."""

    def __init__(self, earned: Iterable[Earned]) -> None:
        """Add up what was earned on the same day and known on the same day."""
        sums: dict[tuple[int, int], int] = defaultdict(int)
        for day, known, _, amount in earned:
            sums[day, known] += amount
        self._sums = sums

    def at(self, origin: int) -> Sums:
        """Return what was known when the day `origin` began, of the days before it."""
        by_day: dict[int, int] = defaultdict(int)
        for (day, known), amount in self._sums.items():
            if day < origin and known < origin:
                by_day[day] += amount
        return Sums(by_day)

    def now(self) -> Sums:
        """Return everything, as it is known by now."""
        by_day: dict[int, int] = defaultdict(int)
        for (day, _), amount in self._sums.items():
            by_day[day] += amount
        return Sums(by_day)
