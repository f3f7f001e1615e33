"""What a person's own days and totals make together: the level, streaks that run, the next milestones.

Pure functions of what stands, as everything of `rhythm` is; what was won already stands in the ledger itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.scoring.domain.league import Edition, League
from services.scoring.domain.rhythm import Days, is_day_of_streak
from shared.contracts.playbook import Label
from shared.contracts.rhythm import Milestone, Streak

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rung:
    """Where somebody stands on the ladder of levels; amounts in smallest units, `next` None: the top."""

    metric: str
    label: Label
    total: int
    start: int
    next: Label | None
    next_start: int | None

    @property
    def left(self) -> int | None:
        """What is still missing to the next level."""
        return None if self.next_start is None else max(0, self.next_start - self.total)

    @property
    def share(self) -> float:
        """Return which part of this level is behind."""
        if self.next_start is None:
            return 1.0
        return min(1.0, max(0.0, (self.total - self.start) / (self.next_start - self.start)))


@dataclass(frozen=True, slots=True)
class Run:
    """A streak as it stands today: `days` in a row, `left` to its next prize (None: won, and not given again).

    `today` is what today has of the `least` that counts; `secure` tells whether today counts already or need not.
    """

    streak: Streak
    days: int
    left: int | None
    today: int
    least: int
    secure: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """The next mark of a milestone; `total` and `mark` in smallest units."""

    milestone: Milestone
    total: int
    mark: int

    @property
    def left(self) -> int:
        """What is still missing."""
        return self.mark - self.total

    @property
    def share(self) -> float:
        """Return which part is behind."""
        return min(1.0, max(0.0, self.total / self.mark))


def rung(edition: Edition, totals: Mapping[str, int]) -> Rung | None:
    """Return the level that totals of all time are on; None: the playbook has no levels."""
    levels = edition.playbook.rhythm.levels
    if levels is None:
        return None
    metric = edition.playbook.metrics[levels.metric]
    starts = [metric.smallest(step.start) for step in levels.steps]
    total = totals.get(levels.metric, 0)
    at = max((n for n, start in enumerate(starts) if start <= total), default=0)
    higher = at + 1 < len(starts)
    return Rung(
        metric=levels.metric,
        label=levels.steps[at].label,
        total=total,
        start=starts[at],
        next=levels.steps[at + 1].label if higher else None,
        next_start=starts[at + 1] if higher else None,
    )


def runs(rep: str, days: Days, edition: Edition, league: League, today: date) -> Iterator[Run]:
    """Yield every streak of the playbook as it stands; today does not break one before it is over."""
    for streak in edition.playbook.rhythm.streaks:
        least = edition.playbook.metrics[streak.metric].smallest(streak.at_least)
        sums = days.get(streak.metric, {})
        counts = is_day_of_streak(rep, today, league)
        reached = sums.get(today, 0) >= least
        length = _behind(rep, sums, least, league, today if counts and reached else today - _DAY)
        over = not streak.again and length >= streak.length
        left = None if over else streak.length - length % streak.length
        yield Run(streak, length, left, sums.get(today, 0), least, reached or not counts)


def _behind(rep: str, sums: Mapping[date, int], least: int, league: League, day: date) -> int:
    """Count the days in a row that end on `day`; what is no day of a streak neither counts nor breaks it."""
    found, first = 0, min(sums, default=date.max)
    while day >= first:
        if is_day_of_streak(rep, day, league):
            if sums.get(day, 0) < least:
                break
            found += 1
        day -= _DAY
    return found


def marks(days: Days, edition: Edition) -> Iterator[Mark]:
    """Yield the next mark of every milestone that has one left."""
    for milestone in edition.playbook.rhythm.milestones:
        metric = edition.playbook.metrics[milestone.metric]
        total = sum(days.get(milestone.metric, {}).values())
        ahead = [mark for mark in map(metric.smallest, milestone.at) if mark > total]
        if ahead:
            yield Mark(milestone, total, ahead[0])
