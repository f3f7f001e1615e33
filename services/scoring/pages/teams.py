"""/scoring/teams: what a manager sees of teams and people, what signals say, and what a move would do."""

from collections.abc import Callable
from datetime import datetime

import flask
from flask import Response

from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.objecting import Desk
from services.scoring.pages.asking import SORTS, Insight, NotYourTeam, Room
from services.scoring.schemas.pages import MarkForm, MoveQuery, TeamQuery, TeamsQuery
from shared.web import caller, forms, limit_body, page, requires, see_other


def team_pages(insight: Insight, leagues: Leagues, desk: Desk, clock: Callable[[], datetime]) -> flask.Blueprint:
    """Return the pages of teams."""
    pages = flask.Blueprint("team_pages", __name__, url_prefix="/scoring")
    room = Room(insight, leagues, desk, clock)

    @pages.get("/teams")
    @requires("insight:read", bounded=True)
    def teams() -> str | Response:
        """Show my teams side by side; somebody with one team is led to it."""
        asked = room.asked(TeamsQuery)
        own = room.seen(asked.roster)
        if not own:
            raise NotYourTeam
        if len(own) == 1 and caller().bounded:
            return see_other(f"/scoring/teams/{own[0]}")
        by = asked.said["by"]
        return page("teams.html", title="teams.title", **asked.frame(rows=room.rows(asked, by), by=by, sorts=SORTS))

    @pages.get("/teams/<team>")
    @requires("insight:read", bounded=True)
    def team(team: str) -> str:
        """Show a team: goal, pace, forecast, people, signals, what waits."""
        asked = room.asked(TeamQuery, team)
        told = insight.team(team, asked.period, asked.metric.id, asked.now)
        reps = [member.rep for member in told.members]
        more = asked.frame(i=told, team=team, teams=room.seen(asked.roster), objections=room.waiting(reps), reps=reps)
        return page("team.html", title="team.title", **more)

    @pages.get("/teams/<team>/reps/<rep>")
    @requires("insight:read", bounded=True)
    def rep(team: str, rep: str) -> str:
        """Show a person of the team: against the own past and beside the team, with what is worth a talk."""
        asked = room.asked(TeamQuery, team)
        known = asked.member(rep, team)
        told = room.person(asked, rep)
        more = asked.frame(i=told, team=team, rep=known, objections=room.waiting([rep]), reps=[rep])
        return page("team_rep.html", title="rep.title", **more)

    @pages.get("/teams/<team>/move")
    @requires("insight:read", bounded=True)
    def move(team: str) -> str:
        """Show what it would do to both teams' numbers when somebody moved; nothing is changed by it."""
        asked = room.asked(MoveQuery, team)
        members = [each.id for each, _ in asked.roster.members(team, asked.today)]
        others = [each for each in room.seen(asked.roster) if each != team]
        more = asked.frame(w=room.moved(asked, team), team=team, members=members, others=others)
        return page("team_move.html", title="move.title", **more)

    @pages.post("/teams/<team>/signals/<signal>")
    @requires("insight:read", bounded=True)
    @limit_body(4000)
    def mark(team: str, signal: str) -> Response:
        """Mark a signal as dealt with, or as not dealt with after all."""
        asked, said = room.asked(TeamQuery, team), forms.form(MarkForm())
        room.mark(asked, signal, team, done=said["done"])
        back = f"/scoring/teams/{team}/reps/{said['rep']}" if "rep" in said else f"/scoring/teams/{team}"
        done = "marked" if said["done"] else "unmarked"
        return see_other(back, period=asked.period.id, metric=asked.metric.id, done=done)

    return pages
