"""What all slides of a view have in common: the league, the moment, the screen's team, who may be named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from services.leaderboard.domain.boards import TEAMS, Board, period_named
from services.leaderboard.domain.league import League
from services.leaderboard.domain.pace import Workdays, workdays
from services.leaderboard.domain.palette import GONE, color, letter
from services.leaderboard.domain.people import Profiles, person
from services.leaderboard.domain.slides.asked import OWN_TEAM, Slide
from shared import periods
from shared.contracts.playbook import Metric
from shared.contracts.times import to_text
from shared.money import round_half_up
from shared.periods import Period

MAIN_METRIC = "revenue"
WON = "deals"
"""The metric that counts wins."""


class NothingToShow(Exception):
    """A slide has nothing to show; `key` is the reason, which the screen has words for."""

    def __init__(self, key: str, detail: str = "") -> None:
        """Carry the reason."""
        super().__init__(key, detail)
        self.key, self.detail = key, detail


@dataclass(frozen=True)
class Scene:
    """The league at a moment, as a team's screen sees it; `team` None: nobody's."""

    league: League
    now: datetime
    team: str | None = None
    profiles: Profiles = field(default_factory=dict)

    @cached_property
    def today(self) -> Period:
        """The organisation's calendar day."""
        return periods.of(self.now, "day", self.league.zone)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {team: place for place, team in enumerate(self.league.roster.teams if self.league.roster else ())}

    def main_metric(self) -> Metric:
        """Return what is shown where nothing else is asked for: money, else the first metric of the playbook."""
        known = self.league.metrics
        if not known:
            raise NothingToShow("no_league")
        return known[MAIN_METRIC] if MAIN_METRIC in known else next(iter(known.values()))

    def mark(self, team: str) -> dict[str, Any]:
        """Return a team as it is drawn; one that left the roster has neither a letter nor a colour of its own."""
        place = self._places.get(team)
        return {
            "id": team,
            "name": self.league.name(Board("", "", TEAMS), team),
            "letter": GONE.letter if place is None else letter(place),
            "color": GONE.color if place is None else color(place),
        }

    def named(self, rep: str, *, people: bool) -> dict[str, str | None]:
        """Return a person's name and picture; both None where nobody is named, or this person may not be."""
        found = person(rep, self.league.roster, self.profiles) if people else None
        return {"rep": found.name, "avatar": found.avatar} if found else {"rep": None, "avatar": None}

    def team_of(self, rep: str) -> str | None:
        """Return the team that a rep is in, else was in last."""
        known = self.league.roster.reps.get(rep) if self.league.roster else None
        if known is None or not known.memberships:
            return None
        day = self.today.first
        now = [member.team for member in known.memberships if member.covers(day)]
        return now[0] if now else max(known.memberships, key=lambda member: member.start).team

    def own_team(self, asked: str | None) -> str | None:
        """Return the team that a slide is of, None: all together; NothingToShow when the roster has no such team."""
        team = self.team if asked == OWN_TEAM else asked
        if team is not None and team not in self._places:
            raise NothingToShow("unknown_team", team)
        return team


@dataclass(frozen=True, slots=True)
class Asked:
    """What a slide comes to in this league at this moment; `today` is the organisation's calendar day.

    On `holidays` nobody is expected to work.
    """

    metric: Metric
    period: Period
    by: str
    today: Period
    holidays: frozenset[date] = frozenset()

    @property
    def board(self) -> Board:
        """The teams in the period."""
        return self.of(TEAMS)

    def of(self, scope: str) -> Board:
        """Return the ranking of a scope in the period."""
        return Board(self.metric.id, self.period.id, scope, self.by)

    @property
    def is_running(self) -> bool:
        """Tell whether today is in the period."""
        return self.period.first <= self.today.first < self.period.last

    @property
    def workdays(self) -> Workdays:
        """The period's working days, seen from today."""
        return workdays(self.period, self.today.first, self.holidays)

    def day(self, metric: str) -> Board:
        """Return the teams today."""
        return Board(metric, self.today.id)


def resolve(slide: Slide, scene: Scene) -> Asked:
    """Return what a slide with a metric and a period comes to; raises NothingToShow."""
    league = scene.league
    if slide.metric and slide.metric not in league.metrics:
        raise NothingToShow("unknown_metric", f"{slide.metric}: {', '.join(league.metrics)}")
    try:
        period = period_named(slide.period, scene.now, league.zone)
    except ValueError:
        raise NothingToShow("bad_period", slide.period) from None
    metric = league.metrics[slide.metric] if slide.metric else scene.main_metric()
    return Asked(metric, period, slide.by, scene.today, league.holidays)


def metric_shown(metric: Metric) -> dict[str, Any]:
    """Return a metric as it is drawn."""
    unit = {"unit": metric.unit, "money": metric.is_money, "decimals": metric.decimals}
    return {"id": metric.id, **unit, "label": dict(metric.label)}


def period_shown(asked: Asked, league: League) -> dict[str, Any]:
    """Return a period as it is drawn: when it is over, and how far its working days are."""
    period, days = asked.period, asked.workdays
    return {
        "id": period.id,
        "kind": period.kind,
        "first": period.first.isoformat(),
        "ends_at": to_text(period.end(league.zone)),
        "state": "open" if asked.is_running else "ended" if period.last <= asked.today.first else "ahead",
        "workdays": {"begun": days.begun, "total": days.total},
        "expected_percent": None if days.expected is None else percent(days.expected),
    }


def percent(share: Fraction) -> float:
    """Return a share as percent with one decimal, which is exact enough for a bar."""
    return round_half_up(share * 1000) / 10
