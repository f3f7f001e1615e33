"""HTTP: boards as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response

from services.leaderboard.domain.boards import (
    IN_TEAM,
    MEASURES,
    NAMED_PERIODS,
    REPS,
    TEAMS,
    Board,
    Page,
    Row,
    kept_until,
    period_named,
)
from services.leaderboard.domain.league import League, knows_scope
from services.leaderboard.domain.people import Profiles
from services.leaderboard.schemas import Around, AroundQuery, Catalogue, PageQuery, Standing
from services.leaderboard.store import Standings
from services.leaderboard.web.seen import Sight
from shared.errors import FieldProblem, InvalidInput, NotFound
from shared.web import Blueprint, caller, etagged, requires

Clock = Callable[[], datetime]


class NoRoster(NotFound):
    """There is no roster yet, so that there is nobody to rank."""


class UnknownMetric(NotFound):
    """No playbook has this metric."""


class UnknownScope(NotFound):
    """There is no such scope."""


class PeriodNotKept(NotFound):
    """The boards of this period are no longer kept; its credits are."""


class NotOnBoard(NotFound):
    """This member does not stand on the board."""


def boards(standings: Standings, profiles: Callable[[], Profiles], clock: Clock) -> Blueprint:
    """Return the routes under /leaderboard/v1/boards; `profiles` tell who is shown on the TV, and how."""
    blueprint = Blueprint("boards", __name__, url_prefix="/leaderboard/v1/boards")

    @blueprint.get("")
    @requires("boards:read", bounded=True)
    @blueprint.response(200, Catalogue)
    def catalogue() -> Response:
        """Say which boards there are."""
        version = standings.version()
        return etagged(str(version), lambda: _catalogue(standings, version))

    @blueprint.get("/<metric>/<period>/<scope>")
    @requires("boards:read", bounded=True)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, Standing)
    def page(query: dict[str, Any], metric: str, period: str, scope: str) -> Response:
        """Rank a scope: `teams`, `reps` or `team:<id>`, in a period such as 2026-11 or `this-month`."""
        league = standings.documents()
        board, sight = _resolved(league, Board(metric, period, scope, query["by"]), clock()), _sight(league)
        sight.check_board(board)
        return etagged(
            f"{standings.version()}.{board.period_id}.{sight.tag}",
            lambda: _standing(standings, board, sight, standings.board(board, query["start"], query["count"])),
        )

    @blueprint.get("/<metric>/<period>/<scope>/around/<member>")
    @requires("boards:read", bounded=True)
    @blueprint.arguments(AroundQuery, location="query")
    @blueprint.response(200, Around)
    def around(query: dict[str, Any], metric: str, period: str, scope: str, member: str) -> Response:
        """Show a team or rep with the rows before and after, and the distance to the next standings.

        A seller is shown at most three rows each way, and colleagues without their names unless the TV shows them.
        """
        league = standings.documents()
        board, sight = _resolved(league, Board(metric, period, scope, query["by"]), clock()), _sight(league)
        sight.check_member(board, member)
        near = sight.near(board, query["n"])
        return etagged(
            f"{standings.version()}.{board.period_id}.{sight.tag}",
            lambda: _around(standings, board, sight, (member, near)),
        )

    def _sight(league: League) -> Sight:
        return Sight(caller(), league, profiles)

    return blueprint


def _resolved(league: League, asked: Board, now: datetime) -> Board:
    """Return the board that is asked for, with its period's id, or raise what is wrong with the question."""
    if league.roster is None:
        raise NoRoster
    if asked.metric not in league.metrics:
        raise UnknownMetric(f"{asked.metric!r} is none of {', '.join(sorted(league.metrics)) or '(no playbook yet)'}")
    if not knows_scope(league, asked.scope):
        raise UnknownScope(f"{asked.scope!r} is none of {', '.join(_scopes(league))}")
    board = replace(asked, period_id=_period_id(asked.period_id, league, now))
    end = kept_until(board.period, league.zone)
    if end is not None and end <= now:
        raise PeriodNotKept(f"boards of {board.period_id} were kept until {end:%Y-%m-%d}; see /scoring/v1/credits")
    return board


def _period_id(text: str, league: League, now: datetime) -> str:
    try:
        return period_named(text, now, league.zone).id
    except ValueError as error:
        expected = f"{error}; or one of {', '.join(sorted(NAMED_PERIODS))}"
        raise InvalidInput(problems=[FieldProblem("path/period", text, expected)]) from error


def _scopes(league: League) -> list[str]:
    return [TEAMS, REPS, *(IN_TEAM + team for team in (league.roster.teams if league.roster else ()))]


def _catalogue(standings: Standings, version: int) -> dict[str, Any]:
    league, held = standings.documents(), {(board.metric, board.period) for board in standings.boards()}
    return {
        "metrics": [_metric(league, metric) for metric in league.metrics],
        "scopes": _scopes(league),
        "by": MEASURES,
        "periods": {
            metric: [
                period.id for name, period in sorted(held, key=lambda pair: pair[1], reverse=True) if name == metric
            ]
            for metric in league.metrics
        },
        "version": version,
    }


def _around(standings: Standings, board: Board, sight: Sight, near: tuple[str, int]) -> dict[str, Any]:
    member, n = near
    page, neighbours = standings.around(board, member, n), standings.neighbours(board, member)
    if page is None or neighbours is None:
        raise NotOnBoard(f"{member!r} does not stand on {board.name}")
    return {
        **_standing(standings, board, sight, page),
        "member": member,
        "above": _next(board, sight, neighbours.above, neighbours.to_above),
        "below": _next(board, sight, neighbours.below, neighbours.to_below),
    }


def _standing(standings: Standings, board: Board, sight: Sight, page: Page) -> dict[str, Any]:
    league = sight.league
    freshness = standings.freshness()
    return {
        "metric": _metric(league, board.metric),
        "scope": board.scope,
        "by": board.by,
        "period": _period(league, board),
        "version": page.version,
        "as_of": freshness.applied_at,
        "freshness": {"last_booked_at": freshness.last_booked_at, "rebuilding": freshness.rebuilding},
        "total": page.total,
        "start": page.start,
        "rows": [_row(board, sight, row) for row in page.rows],
    }


def _metric(league: League, name: str) -> dict[str, Any]:
    metric = league.metrics[name]
    return {"id": metric.id, "unit": metric.unit, "decimals": metric.decimals, "label": dict(metric.label)}


def _period(league: League, board: Board) -> dict[str, Any]:
    period, zone = board.period, league.zone
    bounds = {"start": period.start(zone), "end": period.end(zone), "zone": zone.key}
    return {"id": period.id, "kind": period.kind, **bounds}


def _row(board: Board, sight: Sight, row: Row) -> dict[str, Any]:
    told = {**asdict(row), "name": sight.league.name(board, row.id), "why": _why(board, row.id)}
    return sight.row(board, told)


def _next(board: Board, sight: Sight, row: Row | None, distance: Any) -> dict[str, Any] | None:
    return {**_row(board, sight, row), "distance": distance} if row else None


def _why(board: Board, member: str) -> str:
    """Return where the lines are that make the member's amount."""
    owner = {"team": member} if board.scope == TEAMS else {"rep": member}
    inside = {"team": board.team} if board.team else {}
    return "/scoring/v1/credits?" + urlencode(owner | inside | {"period": board.period_id, "metric": board.metric})
