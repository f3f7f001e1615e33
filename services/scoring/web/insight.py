"""/scoring/v1/teams and /scoring/v1/reps: goals, forecast, funnel, signals; callers see the own teams and person."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Response

from services.scoring.domain.insight.shapes import RepInsight
from services.scoring.handlers.insight import FRESH_SECONDS, Insight, NoRep, NoSignal
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looking import NoRoster
from services.scoring.handlers.sight import NotYours
from services.scoring.schemas.insight import (
    InsightQuery,
    Mark,
    MarkBody,
    MovesQuery,
    RepInsightView,
    TeamInsightView,
    Teams,
    WhatIfView,
)
from shared import periods
from shared.periods import Period
from shared.web import Blueprint, caller, etagged, requires


class _Desk:
    """Read what is asked, and keep callers to what they may see."""

    def __init__(self, insight: Insight, leagues: Leagues, clock: Callable[[], datetime]) -> None:
        self.insight, self._leagues, self.clock = insight, leagues, clock

    def asked(self, query: Mapping[str, Any]) -> tuple[Period, str, datetime]:
        """Return period, metric and moment."""
        league, now = self._leagues.now(), self.clock()
        period = query.get("period") or periods.of_day(league.day(now), "month").id
        return periods.parse(period), self.insight.metric_of(query.get("metric"), now).id, now

    def told(self, query: Mapping[str, Any], build: Callable[[Period, str, datetime], Any]) -> Response:
        """Answer what is asked, under a tag that changes when something was booked and every few minutes."""
        asked = self.asked(query)
        period, metric, now = asked
        sight = caller()
        whose = f"{sight.rep}.{sorted(sight.teams) if sight.teams is not None else '*'}" if sight.bounded else "all"
        fresh = int(now.timestamp()) // FRESH_SECONDS
        tag = f"{self.insight.version()}.{period.id}.{metric}.{fresh}.{whose}".replace('"', "")
        return etagged(tag, lambda: build(*asked))

    def check_team(self, team: str) -> None:
        """Raise NotYours for a team of others."""
        if not caller().sees_team(team):
            raise NotYours

    def check_rep(self, rep: str) -> str | None:
        """Return somebody's team today; raises NotYours for who is neither the caller nor in an own team, NoRep."""
        roster = self._leagues.now().roster
        if roster is None:
            raise NoRoster
        team = roster.team_of(rep, self.clock())
        if not caller().sees_rep(rep, [team] if team else []):
            raise NotYours
        if rep not in roster.reps:
            raise NoRep
        return team


def insights(insight: Insight, leagues: Leagues, clock: Callable[[], datetime]) -> Blueprint:
    """Return the routes of insight."""
    blueprint = Blueprint("insight", __name__, url_prefix="/scoring/v1")
    desk = _Desk(insight, leagues, clock)

    @blueprint.get("/teams")
    @requires("insight:read", bounded=True)
    @blueprint.arguments(InsightQuery, location="query")
    @blueprint.response(200, Teams)
    def teams(query: dict[str, Any]) -> Response:
        """Put the teams that the caller may see side by side."""
        sees = caller().sees_team
        return desk.told(query, lambda period, metric, now: {"teams": insight.teams(period, metric, now, sees)})

    @blueprint.get("/teams/<team>/insight")
    @requires("insight:read", bounded=True)
    @blueprint.arguments(InsightQuery, location="query")
    @blueprint.response(200, TeamInsightView)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def one_team(query: dict[str, Any], team: str) -> Response:
        """Tell everything about a team: goals, forecast with its past, funnel, members, signals, mentors."""
        desk.check_team(team)
        return desk.told(query, lambda *asked: insight.team(team, *asked))

    @blueprint.get("/teams/<team>/moves")
    @requires("insight:read", bounded=True)
    @blueprint.arguments(MovesQuery, location="query")
    @blueprint.response(200, WhatIfView)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def move(query: dict[str, Any], team: str) -> Response:
        """Tell what it would do to both teams' numbers when somebody of this team moved; nothing is changed by it."""
        desk.check_team(team)
        desk.check_team(query["to"])
        if desk.check_rep(query["rep"]) != team:
            raise NoRep
        return desk.told(query, lambda *asked: insight.move(query["rep"], query["to"], query["day"], *asked))

    @blueprint.put("/teams/<team>/signals/<signal>")
    @requires("insight:read", bounded=True)
    @blueprint.arguments(InsightQuery, location="query")
    @blueprint.arguments(MarkBody)
    @blueprint.response(200, Mark)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def mark(query: dict[str, Any], body: dict[str, Any], team: str, signal: str) -> dict[str, Any]:
        """Mark a signal of the team as dealt with, or not; it has no other consequence."""
        desk.check_team(team)
        asked = desk.asked(query)
        if signal not in {each.id for each in insight.team(team, *asked).signals}:
            raise NoSignal
        insight.mark(signal, caller().name, asked[-1], done=body["done"])
        return {"signal": signal, "done": body["done"]}

    @blueprint.get("/reps/<rep>/insight")
    @requires("insight:read", bounded=True)
    @blueprint.arguments(InsightQuery, location="query")
    @blueprint.response(200, RepInsightView)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def one_rep(query: dict[str, Any], rep: str) -> Response:
        """Tell everything about a person: to that person, and to who leads the team."""
        desk.check_rep(rep)

        def told(*asked: Any) -> RepInsight:
            found = insight.rep(rep, *asked)
            if caller().rep != rep and found.team:
                desk.check_team(found.team)  # it is held against the team of that time
            return found

        return desk.told(query, told)

    return blueprint
