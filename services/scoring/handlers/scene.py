"""What insight is computed from: the league at a moment, and rows turned into days and values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.scoring.domain.amounts import rate_of
from services.scoring.domain.insight.clock import Span, Workdays, clock, span_of, workdays
from services.scoring.domain.insight.episodes import EVER, Episode, Spell, episodes
from services.scoring.domain.insight.goals import Wanted, goal, goal_of
from services.scoring.domain.insight.known import Earned, known_on
from services.scoring.domain.insight.shapes import Clock, Goal
from services.scoring.domain.insight.stages import Passage, Stage, passages
from services.scoring.domain.league import Edition, League
from services.scoring.store.insight import LineRow, VisitRow
from shared.contracts.credit import EARNED
from shared.contracts.playbook import WON, Metric
from shared.contracts.roster import Roster
from shared.contracts.targets import Targets
from shared.periods import Period, of_day

HISTORY = timedelta(days=1120)
"""How far back lines are looked at: three years and some."""

VISITED = timedelta(days=800)
"""How far back deals are looked at."""


class Made(NamedTuple):
    """What is made of the visits of a deal."""

    episodes: Sequence[Episode]
    passages: Sequence[Passage]


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER = 900_000_000
"""A quarter of an hour in microseconds: days of every zone in use begin at one."""

_UNKNOWN = ("-", "-")
"""The stage of a deal that is in none."""


@dataclass(frozen=True)
class Scene:
    """A metric of the league at a moment."""

    league: League
    roster: Roster
    edition: Edition
    targets: Targets
    metric: Metric
    now: datetime
    _rates: dict[str, float | None] = field(default_factory=dict)
    _days: dict[int, int] = field(default_factory=dict)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return self.roster.zone

    @cached_property
    def today(self) -> date:
        """The organisation's day."""
        return self.league.day(self.now)

    @cached_property
    def work(self) -> Workdays:
        """The working days of some years around now."""
        year = self.today.year
        return workdays(year - 5, year + 1, self.roster.organisation.holidays)

    def clock(self, period: Period) -> Clock:
        """Return where a period is."""
        return clock(period, self.now, self.zone, self.work)

    def goal(self, period: Period, amount: int, *, team: str | None = None, rep: str | None = None) -> Goal:
        """Return an amount against the goal of a team or a rep."""
        return goal(self.clock(period), self.metric.id, amount, goal_of(period, self._wanted(team, rep), self.work))

    def _wanted(self, team: str | None, rep: str | None) -> Wanted:
        def wanted(period: Period) -> Fraction | None:
            of_rep = self.targets.of_rep(rep, self.metric.id, period) if rep else None
            said = self.targets.of_team(team, self.metric.id, period) if team else of_rep
            return None if said is None else Fraction(said) * 10**self.metric.decimals

        return wanted

    def fte(self, team: str, day: date) -> float:
        """Return a team's full-time equivalents on a day."""
        return float(sum(member.fte for _, member in self.roster.members(team, day)))

    @cached_property
    def _number(self) -> int:
        return self.today.toordinal()

    @cached_property
    def _is_money(self) -> bool:
        return self.metric.is_money

    @cached_property
    def earns(self) -> bool:
        """Tell whether won deals bring this metric."""
        rules = self.edition.playbook.rules
        won = any(g.metric == self.metric.id for rule in rules if rule.trigger.kind == WON for g in rule.grants)
        return won or self.metric.is_money

    @cached_property
    def order(self) -> Mapping[Stage, int]:
        """The open stages, each with its place in its pipeline."""
        pipelines = self.edition.playbook.pipelines.values()
        return {(p.id, s.id): n for p in pipelines for n, s in enumerate(p.stages) if s.closes is None}

    @cached_property
    def _pipeline_of(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for pipeline, stage in self.order:
            found.setdefault(stage, pipeline)
        return found

    def day(self, moment: int) -> int:
        """Return the ordinal of the organisation's day of a moment in microseconds since 1970."""
        quarter = moment // _QUARTER
        found = self._days.get(quarter)
        if found is None:
            at = _EPOCH + timedelta(microseconds=quarter * _QUARTER)
            found = self._days[quarter] = at.astimezone(self.zone).date().toordinal()
        return found

    def earned(self, rows: Iterable[LineRow]) -> list[Earned]:
        """Return lines as what was earned on days."""
        found = []
        for row in rows:
            day = self.day(row.at)
            found.append(
                Earned(day, known_on(day, self.day(row.booked_at), first=row.reason == EARNED), row.rep, row.amount)
            )
        return found

    def made(self, rows: Iterable[VisitRow]) -> dict[str, Made]:
        """Return what the visits of deals make, by deal; those of one deal stand together and in order."""
        return {deal: self._made(own) for deal, own in groupby(rows, key=itemgetter(0))}

    def _made(self, rows: Iterable[VisitRow]) -> Made:
        found = episodes(map(self._spell, rows))
        return Made(found, passages(found, self.order, self._number))

    def _spell(self, row: VisitRow) -> Spell:
        deal, stage_since, since, left, status, rep, pipeline, stage, amount, currency = row
        until = EVER if left is None else self.day(left)
        until = EVER if until > self._number else until  # it moves to another team one day: not yet
        place = (pipeline or self._pipeline_of.get(stage, "-"), stage) if stage else _UNKNOWN
        value = self._value(amount, currency) if self._is_money else None
        return Spell(deal, self.day(stage_since), self.day(since), until, status, rep or "", place, value)

    def _value(self, amount: str | None, currency: str | None) -> int | None:
        """Return an amount in smallest units of the metric; None when nobody said it, or in what."""
        if not amount or not currency:
            return None
        if currency not in self._rates:
            rate = rate_of(currency, self.metric, self.edition, self.league)
            self._rates[currency] = None if rate is None else float(rate * 10**self.metric.decimals)
        factor = self._rates[currency]
        try:
            return None if factor is None else round(float(amount) * factor)
        except (ValueError, OverflowError):  # no number, or one that is no sensible amount
            return None

    def guided(self) -> dict[str, list[str]]:
        """Return by mentor whom they guide today."""
        found: dict[str, list[str]] = {}
        for rep in self.roster.reps.values():
            for pair in rep.mentors:
                if pair.start <= self.today and (pair.end is None or self.today < pair.end):
                    found.setdefault(pair.rep, []).append(rep.id)
        return found

    def spans(self, periods: Sequence[Period]) -> list[Span]:
        """Return periods as ordinals."""
        return [span_of(each) for each in periods]

    def holding(self, kind: str) -> Period:
        """Return the period of a kind that holds today."""
        return of_day(self.today, kind)
