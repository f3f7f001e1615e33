"""Insight into teams and people: reads at one moment, computes, and keeps what nothing has changed since."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import date, datetime
from hashlib import sha256
from threading import Lock
from typing import Any, TypeVar

from services.scoring.domain.insight.accuracy import Check
from services.scoring.domain.insight.shapes import RepInsight, TeamInsight, TeamRow, WhatIf
from services.scoring.handlers.ahead import checks_of
from services.scoring.handlers.composing import Group, day_of, rep_insight, team_insight
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looking import NoRoster
from services.scoring.handlers.looks import Deals, Record, record_of, work_of
from services.scoring.handlers.moving import moved
from services.scoring.handlers.scene import Scene
from services.scoring.store.insight import Look, Looks
from shared.contracts.playbook import Metric
from shared.errors import NotFound
from shared.periods import Period

KEPT = 200
TEAMS_KEPT = 12
"""Of so many teams the deals are kept as last read, so that only those that changed are read again."""

FRESH_SECONDS = 300
"""So long an answer stands while nothing was booked: working time goes on."""

T = TypeVar("T")


class NoTeam(NotFound):
    """The roster has no such team."""


class NoSignal(NotFound):
    """The team has no such signal in this period (any more)."""


class NoRep(NotFound):
    """The roster has no such person."""


class NoMetric(NotFound):
    """The playbook in force has no such metric."""


class Insight:
    """Answers what is asked of teams and people."""

    def __init__(self, looks: Looks, leagues: Leagues) -> None:
        """Read nothing yet."""
        self._looks, self._leagues = looks, leagues
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._deals: OrderedDict[Hashable, Deals] = OrderedDict()
        self._lock = Lock()

    def metric_of(self, name: str | None, now: datetime) -> Metric:
        """Return the metric of a name, else the first that has goals, else the first; raises NoMetric."""
        edition = self._leagues.now().edition(now)
        metrics = edition.playbook.metrics if edition else {}
        if name is None:
            goals = {target.metric for target in self._leagues.targets().targets}
            name = next((each for each in metrics if each in goals), next(iter(metrics), None))
        if name is None or name not in metrics:
            raise NoMetric
        return metrics[name]

    def version(self) -> str:
        """Return a word that differs once anything differs that insight reads."""
        with self._looks.moment() as look:
            return sha256(repr(look.version()).encode()).hexdigest()[:16]

    def teams(self, period: Period, metric: str, now: datetime, sees: Callable[[str], bool]) -> tuple[TeamRow, ...]:
        """Return the teams that somebody sees in a period and a metric."""
        scene = self._scene(metric, now)
        return tuple(self._row(scene, team, period) for team in scene.roster.teams if sees(team))

    def team(self, team: str, period: Period, metric: str, now: datetime) -> TeamInsight:
        """Return everything about a team; raises NoTeam, NoMetric."""
        return self._team(self._scene(metric, now), team, period)

    def rep(self, rep: str, period: Period, metric: str, now: datetime) -> RepInsight:
        """Return everything about a person; raises NoRep, NoMetric."""
        scene = self._scene(metric, now)
        if rep not in scene.roster.reps:
            raise NoRep

        def compute(look: Look) -> RepInsight:
            member = scene.roster.membership(rep, day_of(scene, period))
            group = self._group(scene, look, member.team, period) if member else None
            return rep_insight(rep, record_of(scene, look, rep=rep), period, group)

        return self._keep(("rep", rep, period, metric), scene, compute)

    def move(  # noqa: PLR0917  who, where to, when, and the three that say what is asked
        self, rep: str, target: str, day: date, period: Period, metric: str, now: datetime
    ) -> WhatIf:
        """Return what a move on a day out of the present team would do to the numbers of both teams.

        Raises NoRep, NoTeam (also: it is the present one), NoMetric.
        """
        scene = self._scene(metric, now)
        member = scene.roster.membership(rep, scene.today)
        if member is None:
            raise NoRep
        if member.team == target:
            raise NoTeam
        source, to = self._team(scene, member.team, period), self._team(scene, target, period)
        with self._looks.moment() as look:
            return moved(rep, record_of(scene, look, rep=rep), period, day, (source, to))

    def mark(self, signal: str, by: str, now: datetime, *, done: bool) -> None:
        """Mark a signal as dealt with, or take the mark away."""
        self._looks.mark(signal, by, now, done=done)

    def _scene(self, metric: str, now: datetime) -> Scene:
        league = self._leagues.now()
        edition = league.edition(now)
        if league.roster is None:
            raise NoRoster("hand in a roster first: its teams are looked at here")
        if edition is None:
            raise NoMetric
        return Scene(league, league.roster, edition, self._leagues.targets(), self.metric_of(metric, now), now)

    def _row(self, scene: Scene, team: str, period: Period) -> TeamRow:
        found = self._team(scene, team, period)
        fte = scene.fte(team, day_of(scene, period))
        per_fte = round(found.goal.amount / fte) if fte else None
        return TeamRow(team, len(found.members), fte, found.goal, per_fte, found.forecast, len(found.signals))

    def _team(self, scene: Scene, team: str, period: Period) -> TeamInsight:
        if team not in scene.roster.teams:
            raise NoTeam

        def compute(look: Look) -> TeamInsight:
            group = self._group(scene, look, team, period)
            return team_insight(group, self._checks(group.record, team, period))

        return self._keep(("team", team, period, scene.metric.id), scene, compute)

    def _group(self, scene: Scene, look: Look, team: str, period: Period) -> Group:
        key = team, scene.metric.id, scene.league.number, scene.today
        record = record_of(scene, look, team=team, before=self._deals.get(key))
        with self._lock:
            self._deals[key] = record.deals
            self._deals.move_to_end(key)
            while len(self._deals) > TEAMS_KEPT:
                self._deals.popitem(last=False)
        reps = [rep.id for rep, _ in scene.roster.members(team, day_of(scene, period))]
        return Group(team, period, record, work_of(scene, look, reps, period, scene.clock(period)), reps)

    def _checks(self, record: Record, team: str, period: Period) -> list[Check]:
        """Return how forecasts turned out: looked back on once a day, unless an older past was loaded."""
        scene, begin = record.scene, record.sums.days[:1]
        key = "checks", team, period, scene.metric.id, scene.today, scene.league.number, *begin
        return self._remember(key, lambda: checks_of(record, period))

    def _keep(self, name: tuple[Hashable, ...], scene: Scene, compute: Callable[[Look], T]) -> T:
        """Return what was computed before, as long as nothing was booked and the time is about the same."""
        fresh = int(scene.now.timestamp()) // FRESH_SECONDS
        with self._looks.moment() as look:
            return self._remember((*name, scene.league.number, look.version(), fresh), lambda: compute(look))

    def _remember(self, key: Hashable, compute: Callable[[], T]) -> T:
        found: T | None = self._kept.get(key)
        if found is None:
            found = compute()
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return found
