"""A rehearsal: what the ledger would hold of some days under another playbook; nothing of it is kept.

The draft holds on those days only: before and after them the playbooks in force hold as they do. So what is rehearsed
with the playbook in force is what the ledger holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from services.scoring.domain.league import Edition, League
from services.scoring.domain.rhythm import Standing, first_subjects, rhythm
from services.scoring.domain.rules import Due, Key, Verdict, judge
from services.scoring.domain.windows import Allowed, Candidate, Place, allow, candidates, settle
from shared.contracts.activity import Activity
from shared.contracts.limits import WITHIN
from shared.contracts.rules import OVERLAY
from shared.periods import of_day


class Cell(NamedTuple):
    """What is summed: a rule (or prize) in a metric, for a rep in a team."""

    rule: str
    metric: str
    rep: str
    team: str


class Change(NamedTuple):
    """A sum as it is in the ledger and as it would be, both in smallest units; `id` is what it is the sum of."""

    id: tuple[str, ...]
    metric: str
    now: int
    draft: int
    rank_now: int
    rank_draft: int


Sums = Mapping[Cell, int]
Days = dict[str, dict[date, int]]
"""What stands of a rep, by metric and day."""


@dataclass(frozen=True)
class Stretch:
    """The days that are rehearsed, from `first` up to and without `last`."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of them."""
        return self.first <= day < self.last


def with_draft(league: League, draft: Edition, stretch: Stretch) -> League:
    """Return the league in which the draft holds on the days of the stretch, and nothing else is different."""
    before = [edition for edition in league.editions if edition.effective_from < stretch.first]
    after = [edition for edition in league.editions if edition.effective_from > stretch.last]
    then = league.edition_on(stretch.last)
    resumed = [replace(then, effective_from=stretch.last)] if then else []
    own = replace(draft, effective_from=stretch.first)
    return replace(league, editions=(*before, own, *resumed, *after), _teams={})


def reach(league: League, first: date) -> date:
    """Return the day from which work has to be known: limits count from the beginning of their period on."""
    kinds = {window.every for edition in league.editions for window in edition.windows.values()}
    return min((of_day(first, kind).first for kind in sorted(kinds, key=WITHIN.__getitem__)), default=first)


class Rehearsal:
    """What subjects earn under the league with the draft, for the days of the stretch."""

    def __init__(self, league: League, stretch: Stretch) -> None:
        """Know the rules; the subjects come one by one."""
        self.league, self._stretch = league, stretch
        self._limited: dict[str, Verdict] = {}
        self._windows: dict[str, list[Candidate]] = defaultdict(list)
        self._due: list[tuple[Key, Due]] = []

    def take(self, subject: str, history: Sequence[Activity]) -> None:
        """Judge a subject by its whole history."""
        verdict = judge(history, self.league)
        if not verdict.limited:
            self._count(settle(subject, verdict, {}, self.league))
            return
        self._limited[subject] = verdict
        for one in candidates(subject, verdict, self.league):
            self._windows[one.window].append(one)

    def finish(self) -> None:
        """Let limits hold, once every subject was taken."""
        allowed: dict[Place, Allowed] = {}
        for asking in self._windows.values():
            allowed |= allow(asking, self.league)
        for subject, verdict in self._limited.items():
            self._count(settle(subject, verdict, allowed, self.league))
        self._windows, self._limited = {}, {}

    def _count(self, due: Mapping[Key, Due]) -> None:
        self._due += [(key, one) for key, one in due.items() if self._stretch.holds(self.league.day(key.at))]

    def days(self, before: Mapping[str, Days]) -> dict[str, Days]:
        """Return what stands of each rep day by day: `before` the stretch as in the ledger, in it as rehearsed."""
        found = {rep: {metric: dict(sums) for metric, sums in days.items()} for rep, days in before.items()}
        for key, one in self._plain():
            sums = found.setdefault(key.rep, {}).setdefault(key.metric, {})
            day = self.league.day(key.at)
            sums[day] = sums.get(day, 0) + one.amount
        return {
            rep: {metric: {day: amount for day, amount in sums.items() if amount} for metric, sums in days.items()}
            for rep, days in found.items()
        }

    def firsts(self) -> set[str]:
        """Return the subjects of the firsts that something in the stretch may have won."""
        return {
            subject
            for key, _ in self._plain()
            for subject in first_subjects(key.rep, key.team, key.metric, self.league.day(key.at), self.league)
        }

    def standing(self, metric: str, period: tuple[date, date], owner: Mapping[str, str]) -> list[Standing]:
        """Return what stands of a metric in a period, of a rep or team (`owner`; empty: of everybody)."""
        return [
            Standing(key.at, key.rep, key.team, one.activity)
            for key, one in self._plain()
            if key.metric == metric
            and one.amount > 0
            and period[0] <= self.league.day(key.at) < period[1]
            and all(getattr(key, name) == value for name, value in owner.items())
        ]

    def sums(self, derived: Iterable[Mapping[Key, Due]]) -> dict[Cell, int]:
        """Return the sums of the stretch, together with what its days make together."""
        on_top = [pair for due in derived for pair in due.items() if self._stretch.holds(self.league.day(pair[0].at))]
        found: dict[Cell, int] = defaultdict(int)
        for key, one in (*self._due, *on_top):
            found[Cell(key.rule, key.metric, key.rep, key.team)] += one.amount
        return found

    def prizes(self, days: Mapping[str, Days]) -> Iterator[Mapping[Key, Due]]:
        """Yield what each rep's days make together."""
        return (rhythm(rep, sums, self.league) for rep, sums in days.items())

    def _plain(self) -> Iterator[tuple[Key, Due]]:
        return ((key, one) for key, one in self._due if not key.rule.endswith(OVERLAY))


def named(sums: Sums, rules: frozenset[str]) -> dict[Cell, int]:
    """Return sums by rule or prize, without what a prize's lines say behind their ~ (the day, what was reached)."""
    found: dict[Cell, int] = defaultdict(int)
    for cell, amount in sums.items():
        own, _, _ = cell.rule.partition("~")
        found[cell if own in rules or not own else cell._replace(rule=own)] += amount
    return found


def changes(now: Sums, draft: Sums, by: Sequence[str]) -> list[Change]:
    """Return every sum that is something in either, by these fields of a cell, and its rank in its metric.

    A mentor's part on top counts in no team's sum. Equal amounts share a rank (1, 2, 2, 4).
    """
    both = [_grouped(sums, by) for sums in (now, draft)]
    names = sorted({key for sums in both for key, amount in sums.items() if amount}, key=lambda key: (key[1], key[0]))
    ranks = [_ranks({key: sums.get(key, 0) for key in names}) for sums in both]
    found = [
        Change(name, metric, *(sums.get((name, metric), 0) for sums in both), *(each[name, metric] for each in ranks))
        for name, metric in names
    ]
    return sorted(found, key=lambda change: (change.metric, change.rank_draft, change.id))


_Name = tuple[tuple[str, ...], str]


def _grouped(sums: Sums, by: Sequence[str]) -> dict[_Name, int]:
    found: dict[_Name, int] = defaultdict(int)
    for cell, amount in sums.items():
        if "team" not in by or not cell.rule.endswith(OVERLAY):
            found[tuple(getattr(cell, name) for name in by), cell.metric] += amount
    return found


def _ranks(sums: Mapping[_Name, int]) -> dict[_Name, int]:
    metrics: dict[str, list[int]] = defaultdict(list)
    for (_, metric), amount in sums.items():
        metrics[metric].append(amount)
    return {key: 1 + sum(other > amount for other in metrics[key[1]]) for key, amount in sums.items()}
