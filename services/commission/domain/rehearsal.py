"""A draft of the plans against the present ones, over past periods: what it would have cost, who gains, who loses.

Compared is what the credits of a period earn: draws, balances and adjustments are none of a draft's doing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.commission.domain.statements import Statement
from shared.periods import Period

MOST_BINS = 10
"""Columns of the distribution on either side of zero."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a period costs in a currency, in minor units: by the present plans and by the draft."""

    period: Period
    currency: str
    now: int
    draft: int


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody gets over all the periods in a currency, in minor units: by the present plans and by the draft."""

    rep: str
    name: str
    team: str
    currency: str
    now: int
    draft: int

    @property
    def difference(self) -> int:
        """What the draft gives more; below zero: less."""
        return self.draft - self.now


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the distribution: from above `low` to `high` (of gains; mirrored of losses; both 0: unchanged)."""

    low: int
    high: int
    count: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of trying a draft; `exceptions` counts what was found with the draft, by code."""

    periods: tuple[Period, ...]
    costs: tuple[Cost, ...]
    changes: tuple[Change, ...]
    exceptions: Mapping[str, int]

    @property
    def currencies(self) -> list[str]:
        """The currencies that are paid in."""
        return sorted({one.currency for one in self.changes})

    def total(self, currency: str) -> Change:
        """Return everybody's together."""
        own = self.of(currency)
        return Change("", "", "", currency, sum(one.now for one in own), sum(one.draft for one in own))

    def of(self, currency: str) -> list[Change]:
        """Return who gets something in a currency; who gains most first, who loses most last."""
        own = (one for one in self.changes if one.currency == currency)
        return sorted(own, key=lambda one: (-one.difference, one.name, one.rep))

    def counts(self, currency: str) -> tuple[int, int, int]:
        """Return how many gain, lose, and get the same."""
        signs = [(one.difference > 0) - (one.difference < 0) for one in self.of(currency)]
        return signs.count(1), signs.count(-1), signs.count(0)


Pair = tuple[Period, Sequence[Statement], Sequence[Statement]]
"""A period with everybody's statements by the present plans and by the draft."""


def rehearsal(pairs: Iterable[Pair]) -> Rehearsal:
    """Compare."""
    periods: list[Period] = []
    costs: list[Cost] = []
    people: dict[tuple[str, str], Change] = {}
    exceptions: dict[str, int] = {}
    for period, now, draft in pairs:
        periods.append(period)
        costs += _costs(period, now, draft)
        for one in (*now, *draft):
            for currency in one.totals:
                people.setdefault((one.rep.id, currency), _nothing(one, currency))
        _add(people, now, draft)
        for one in draft:
            for code in {found.code for found in one.findings}:
                exceptions[code] = exceptions.get(code, 0) + 1
    changes = tuple(change for _, change in sorted(people.items()))
    return Rehearsal(tuple(periods), tuple(costs), changes, dict(sorted(exceptions.items())))


def _nothing(one: Statement, currency: str) -> Change:
    return Change(one.rep.id, one.rep.name, one.segments[-1].team if one.segments else "", currency, 0, 0)


def _add(people: dict[tuple[str, str], Change], now: Sequence[Statement], draft: Sequence[Statement]) -> None:
    for found, is_draft in ((now, False), (draft, True)):
        for one in found:
            for currency, minor in one.totals.items():
                held = people[one.rep.id, currency]
                sums = (held.now, held.draft + minor) if is_draft else (held.now + minor, held.draft)
                people[one.rep.id, currency] = Change(held.rep, held.name, held.team, currency, *sums)


def _costs(period: Period, now: Sequence[Statement], draft: Sequence[Statement]) -> Iterator[Cost]:
    sums = [_sums(found) for found in (now, draft)]
    for currency in sorted({*sums[0], *sums[1]}):
        yield Cost(period, currency, sums[0].get(currency, 0), sums[1].get(currency, 0))


def _sums(found: Sequence[Statement]) -> Mapping[str, int]:
    sums: dict[str, int] = {}
    for one in found:
        for currency, minor in one.totals.items():
            sums[currency] = sums.get(currency, 0) + minor
    return sums


def distribution(changes: Sequence[Change]) -> list[Column]:
    """Return how many gain or lose how much, in columns of one round width from the greatest loss on."""
    differences = [one.difference for one in changes]
    width = _round_width(max((abs(each) for each in differences), default=0))
    counts: dict[int, int] = {}
    for each in differences:
        place = -(-abs(each) // width) * ((each > 0) - (each < 0))
        counts[place] = counts.get(place, 0) + 1
    first, last = min(counts, default=0), max(counts, default=0)
    return [_column(place, width, counts.get(place, 0)) for place in range(min(first, -1), max(last, 1) + 1)]


def _column(place: int, width: int, count: int) -> Column:
    if place < 0:
        return Column(place * width, (place + 1) * width, count)
    return Column((place - 1) * width, place * width, count) if place else Column(0, 0, count)


def _round_width(largest: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, … units of a hundred with which MOST_BINS columns hold the largest."""
    width, steps = 100, (2, 5, 10)
    while True:
        for step in (1, *steps[:2]):
            if width * step * MOST_BINS >= largest:
                return width * step
        width *= 10
