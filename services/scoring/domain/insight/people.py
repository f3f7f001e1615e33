"""What is seen of the people of one team: their deals, their work, their own past."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from services.scoring.domain.insight.clock import Span, Workdays
from services.scoring.domain.insight.episodes import OPEN, WON, Episode, Spell
from services.scoring.domain.insight.evidence import Mix, OpenDeal, Past, Rate
from services.scoring.domain.insight.forecast import whole
from services.scoring.domain.insight.known import Sums
from services.scoring.domain.insight.rates import LEAST, lasting, rate
from services.scoring.domain.insight.stages import BASE, WINDOW, Cohort, Passage, Stage, cohorts
from services.scoring.domain.insight.winning import YEAR, open_deals
from shared.periods import midnight

Cohorts = Mapping[Stage, Cohort]
Usual = Mapping[Stage, tuple[float, float]]
"""The days after which half, and STILL, of the deals had left each stage."""

STILL = 0.75
"""A deal stands still once it is in its stage for longer than this part of its like was."""


ALL = None
"""In the place of a rep: everybody."""


@dataclass(frozen=True)
class Flow:
    """The deals of a team as they went through the stages, seen on a day (ordinal)."""

    today: int
    episodes: Sequence[Episode]
    passages: Sequence[Passage]

    def cohorts(self, rep: str | None = ALL) -> Cohorts:
        """Return the cohorts of the last WINDOW days, of somebody or of all."""
        return self._now.get(rep, {})

    def cohorts_before(self, rep: str | None = ALL) -> Cohorts:
        """Return the cohorts of the BASE days before the last WINDOW days."""
        return self._before.get(rep, {})

    def cohorts_without(self, rep: str) -> Cohorts:
        """Return the cohorts of the last WINDOW days of all but one."""
        own, nothing = self.cohorts(rep), Cohort()
        return {stage: every.without(own.get(stage, nothing)) for stage, every in self.cohorts().items()}

    @cached_property
    def _now(self) -> Mapping[str | None, Cohorts]:
        return self._by_rep(self.today + 1 - WINDOW, self.today + 1)

    @cached_property
    def _before(self) -> Mapping[str | None, Cohorts]:
        return self._by_rep(self.today + 1 - WINDOW - BASE, self.today + 1 - WINDOW)

    def _by_rep(self, first: int, last: int) -> Mapping[str | None, Cohorts]:
        by_rep: dict[str | None, list[Passage]] = defaultdict(list)
        for one in self.passages:
            if first <= one.entered < last:
                by_rep[one.rep].append(one)
                by_rep[ALL].append(one)
        return {rep: cohorts(passed) for rep, passed in by_rep.items()}

    def open(self, rep: str | None = ALL) -> Sequence[Spell]:
        """Return the deals that are open now, of somebody or of all."""
        return self._open.get(rep, ())

    @cached_property
    def _open(self) -> Mapping[str | None, Sequence[Spell]]:
        found: dict[str | None, list[Spell]] = defaultdict(list)
        for spell in open_deals(self.episodes, self.today + 1):
            found[spell.rep].append(spell)
            found[ALL].append(spell)
        return found

    def still(self, rep: str) -> tuple[Rate, Rate]:
        """Return how many of the open deals stand still: of somebody, and of all others."""
        k, n = self._still.get(rep, (0, 0))
        all_k, all_n = self._still.get(ALL, (0, 0))
        return rate(k, n), rate(all_k - k, all_n - n)

    @cached_property
    def _still(self) -> Mapping[str | None, tuple[int, int]]:
        known = {rep: [each for each in deals if each.stage in self.usual] for rep, deals in self._open.items()}
        return {
            rep: (sum(_is_still(deal, self.usual, self.today) for deal in deals), len(deals))
            for rep, deals in known.items()
        }

    def win(self, rep: str | None = ALL) -> Rate:
        """Return how many of the deals decided within a year were won, of somebody or of all."""
        return rate(*self._decided.get(rep, (0, 0)))

    def win_without(self, rep: str) -> Rate:
        """Return how many of the deals decided within a year were won, of all but one."""
        (k, n), (all_k, all_n) = self._decided.get(rep, (0, 0)), self._decided.get(ALL, (0, 0))
        return rate(all_k - k, all_n - n)

    @cached_property
    def _decided(self) -> Mapping[str | None, tuple[int, int]]:
        found: dict[str | None, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for each in self.episodes:
            if each.outcome != OPEN and self.today - YEAR < each.end <= self.today:
                for rep in (each.spells[-1].rep, ALL):
                    k, n = found[rep]
                    found[rep] = k + (each.outcome == WON), n + 1
        return found

    @cached_property
    def usual(self) -> Usual:
        """The days after which half, and STILL, of the deals had left each stage; only where that is known."""
        every = cohorts(one for one in self.passages if one.entered > self.today - WINDOW - BASE)
        times = {stage: each.times for stage, each in every.items() if each.entered >= LEAST}
        found = {stage: (lasting(each), lasting(each, STILL)) for stage, each in times.items()}
        return {stage: (half, most) for stage, (half, most) in found.items() if half is not None and most is not None}


def stuck(
    deals: Iterable[Spell], usual: Mapping[Stage, tuple[float, float]], today: int, zone: ZoneInfo
) -> list[OpenDeal]:
    """Return the deals that stand still, the largest first."""
    found = [
        _stuck(spell, today - spell.stage_since, usual[spell.stage][0], zone)
        for spell in deals
        if _is_still(spell, usual, today)
    ]
    return sorted(found, key=lambda each: (-(each.amount or 0), -each.days, each.deal))


def _is_still(spell: Spell, usual: Usual, today: int) -> bool:
    return spell.stage in usual and today - spell.stage_since > usual[spell.stage][1]


def _stuck(spell: Spell, days: int, usual: float, zone: ZoneInfo) -> OpenDeal:
    since: datetime = midnight(date.fromordinal(spell.stage_since), zone)
    return OpenDeal(spell.deal, spell.rep, spell.stage[1], since, days, usual, spell.value)


def past(sums: Sums, work: Workdays, spans: Sequence[Span], part: float | None, *, begin: int) -> tuple[Past, ...]:
    """Return what earlier spans had at the same part of their working time, and in the end.

    Of a day that was not over then, the amount is taken to have come in evenly. Spans that began before `begin` are
    left out.
    """
    if part is None:
        return ()
    return tuple(
        Past(
            span.name,
            _up_to(sums, span.first, *work.point(span, part)),
            sums.between(span.first, span.last),
        )
        for span in spans
        if whole(span, begin, span.last)
    )


def _up_to(sums: Sums, first: int, day: int, part: float) -> int:
    return sums.between(first, day) + round(part * sums.between(day, day + 1))


def mix(now: Mapping[str, int], before: Mapping[str, int], team: Mapping[str, int]) -> tuple[Mix, ...]:
    """Return each kind of work now and before, with its part of all work; most work first."""
    all_now, all_before, all_team = (max(sum(each.values()), 1) for each in (now, before, team))
    found = [
        Mix(
            *(kind, now.get(kind, 0), before.get(kind, 0)),
            *(now.get(kind, 0) / all_now, before.get(kind, 0) / all_before, team.get(kind, 0) / all_team),
        )
        for kind in now.keys() | before.keys()
    ]
    return tuple(sorted(found, key=lambda each: (-each.now, -each.before, each.activity)))
