"""What may be expected of open deals: how often deals that stood as long in the same stage were won in time.

For each open deal, deals that ever stood in its stage for at least as many weeks are followed from that week on
(landmarking: van Houwelingen, 2007); those that are not decided yet count for as long as they were seen, so that the
chance to be won within the days left is a cumulative incidence (Aalen and Johansen, 1978), weighed with that of all new
deals as if those were five more (a beta prior). Deals that will come are expected at the pace of the last weeks.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from statistics import pvariance
from typing import NamedTuple

from services.scoring.domain.insight.episodes import OPEN, WON, Episode, Spell
from services.scoring.domain.insight.known import Sums

WEEK, YEAR, ARRIVALS = 7, 365, 56
PRIOR = 5
"""So many deals is the experience with all new deals worth, against that with deals like this one."""

LEAST_WINS = 10
"""Fewer deals won in a year say too little."""

_NEW = ("", "")
"""The stage that every deal is in from its beginning to its end."""

_RATIO = (0.2, 5.0)


class Cell(NamedTuple):
    """Deals that went alike, in whole weeks since they came into a stage: seen from, in it until, followed until."""

    seen: int
    left: int
    followed: int
    outcome: str


class Curve(NamedTuple):
    """The chance to be won within 0, 1, 2 … weeks, and how many deals it rests on."""

    won: Sequence[float]
    n: int

    def within(self, days: float) -> float:
        """Return the chance to be won within so many days; a week's part counts evenly."""
        week, part = divmod(days / WEEK, 1)
        last = len(self.won) - 1
        here, then = self.won[min(int(week), last)], self.won[min(int(week) + 1, last)]
        return here + part * (then - here)


@dataclass(frozen=True, slots=True)
class Odds:
    """What was known of chances at a moment, for so many weeks ahead."""

    cells: Mapping[tuple[str, str], Mapping[Cell, int]]
    weeks: int
    _kept: dict[tuple[tuple[str, str], int], Curve] = field(default_factory=dict)

    def wins(self, stage: tuple[str, str], age: int, within: int) -> float:
        """Return the chance that a deal `age` days in a stage is won within so many days."""
        like = self._curve(stage, age // WEEK)
        return (like.n * like.within(within) + PRIOR * self.new.within(within)) / (like.n + PRIOR)

    @property
    def new(self) -> Curve:
        """The chances of a new deal."""
        return self._curve(_NEW, 0)

    def _curve(self, stage: tuple[str, str], age: int) -> Curve:
        key = stage, age
        if key not in self._kept:
            self._kept[key] = incidence(self.cells.get(stage, {}), age, self.weeks)
        return self._kept[key]


def incidence(cells: Mapping[Cell, int], age: int, weeks: int) -> Curve:
    """Return the chance to be won within weeks, from `age` weeks in the stage on."""
    risk, wins, losses = ([0] * (weeks + 2) for _ in range(3))
    there = 0
    for (seen, left, followed, outcome), n in cells.items():
        if left < age:
            continue
        there += n
        risk[min(max(seen - age, 0), weeks + 1)] += n
        end = followed - age
        if end < weeks:
            risk[end + 1] -= n
            if outcome != OPEN:
                (wins if outcome == WON else losses)[end] += n
    alive, won, at_risk = 1.0, [0.0], 0
    for week in range(weeks):
        at_risk += risk[week]
        part = alive / at_risk if at_risk > 0 else 0.0
        won.append(won[-1] + part * wins[week])
        alive = max(alive - part * (wins[week] + losses[week]), 0.0)
    return Curve(won, there)


def odds(past: Iterable[Episode], origin: int, within: int) -> Odds:
    """Return the chances for days ahead as they were known when the day `origin` began, from the deals of a year.

    A deal is followed from the first day on which any was decided: those decided before are not known.
    """
    mine = [each for each in past if each.begin < origin and each.end >= origin - YEAR]
    start = min((each.end for each in mine if each.end < origin and each.outcome != OPEN), default=origin)
    cells: dict[tuple[str, str], Counter[Cell]] = defaultdict(Counter)
    for each in mine:
        end, outcome = (each.end, each.outcome) if each.end < origin else (origin, OPEN)
        seen = (start - each.begin) // WEEK if start > each.begin else 0
        followed = (end - each.begin) // WEEK
        cells[_NEW][Cell(seen, followed, followed, outcome)] += 1
        for stage, since, until, _ in each.stays:
            if since < origin:
                seen = (start - since) // WEEK if start > since else 0
                left = (min(until, origin) - since) // WEEK
                cells[stage][Cell(seen, left, (end - since) // WEEK, outcome)] += 1
    return Odds(cells, ceil(within / WEEK) + 1)


@dataclass(frozen=True, slots=True)
class Worth:
    """What a won deal brings in the metric: `ratio` of its amount, or `mean` where that is not known (or no matter)."""

    ratio: float | None  # None: amounts do not matter to the metric
    mean: float
    spread: float  # variance of what won deals brought
    wins: int

    def of(self, value: int | None) -> float:
        """Return what a deal would bring."""
        return self.mean if value is None or self.ratio is None else self.ratio * value


def worth(past: Iterable[Episode], sums: Sums, origin: int, *, money: bool) -> Worth | None:
    """Return what won deals brought in the year before a day; None where too few were won."""
    won = [e for e in past if e.outcome == WON and origin - YEAR <= e.end < origin]
    if len(won) < LEAST_WINS:
        return None
    brought = sums.between(min(each.end for each in won), origin)
    mean = brought / len(won)
    said = [each.value for each in won if each.value is not None] if money else []
    whole = sum(said) * len(won) / len(said) if said else 0
    ratio = min(max(brought / whole, _RATIO[0]), _RATIO[1]) if whole > 0 else None
    spread = pvariance([ratio * value for value in said]) if ratio and len(said) > 1 else mean**2
    return Worth(ratio, mean, spread, len(won))


class Expected(NamedTuple):
    """What may be expected of deals: the mean, its variance, and how much of it is of deals that are open now."""

    mean: float
    variance: float
    of_open: float
    n: int


def expected(past: Sequence[Episode], sums: Sums, origin: int, last: int, *, money: bool) -> Expected | None:
    """Return what deals will bring from the day `origin` up to the day `last`; None while too little is known."""
    brings = worth(past, sums, origin, money=money)
    if brings is None:
        return None
    within = last - origin
    chances = odds(past, origin, within)
    chosen = list(open_deals(past, origin))
    parts = [(chances.wins(s.stage, origin - s.stage_since, within), brings.of(s.value)) for s in chosen]
    of_open = sum(chance * value for chance, value in parts)
    coming = _arrivals(past, origin) * sum(chances.new.within(days) for days in range(within))
    mean = of_open + coming * brings.mean
    wins = coming + sum(chance for chance, _ in parts)
    chance = sum(p * (1 - p) * value**2 for p, value in parts) + coming * brings.mean**2
    return Expected(mean, chance + wins * brings.spread + mean**2 / brings.wins, of_open, brings.wins)


def open_deals(past: Iterable[Episode], origin: int) -> Iterator[Spell]:
    """Yield what was open when the day `origin` began."""
    return (spell for each in past if (spell := each.spell(origin)))


def _arrivals(past: Iterable[Episode], origin: int) -> float:
    """Return how many new deals came in a day, over the last weeks."""
    return sum(origin - ARRIVALS <= each.begin < origin for each in past) / ARRIVALS
