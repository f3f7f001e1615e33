"""/scoring/v1/contests: which contests there are, and who leads."""

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Any

from services.scoring.handlers import sight
from services.scoring.handlers.contests import Standings, listed, standing
from services.scoring.handlers.leagues import Leagues
from services.scoring.schemas.contests import Contests, ContestStandings
from services.scoring.store import Reader
from shared.contracts.contest_places import Place
from shared.contracts.contests import Contest
from shared.contracts.times import to_text
from shared.web import Blueprint, caller, requires

BEFORE, RUNNING, OVER = "before", "running", "over"
_DECIMALS = 6


def contests(reader: Reader, leagues: Leagues, clock: Callable[[], datetime]) -> Blueprint:
    """Return the routes of contests; hidden ones are told to operators only."""
    blueprint = Blueprint("contests", __name__, url_prefix="/scoring/v1")

    @blueprint.get("/contests")
    @requires("credits:read", "boards:read", bounded=True)
    @blueprint.response(200, Contests)
    def all_of_them() -> dict[str, Any]:
        """List the contests, the next one to end first."""
        found = listed(leagues, hidden=_sees_hidden())
        return {"contests": [_contest(each, clock()) for each in found]}

    @blueprint.get("/contests/<name>")
    @requires("credits:read", "boards:read", bounded=True)
    @blueprint.response(200, ContestStandings)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def one(name: str) -> dict[str, Any]:
        """Tell where a contest stands, with what its scores are made of."""
        found = standing(name, leagues, reader, hidden=_sees_hidden())
        return _standings(sight.seen_places(found, caller(), leagues.now()), clock())

    return blueprint


def _sees_hidden() -> bool:
    return "operator" in caller().scopes


def _contest(contest: Contest, now: datetime) -> dict[str, Any]:
    state = BEFORE if now < contest.start else RUNNING if now < contest.end else OVER
    return {
        "id": contest.id,
        "label": dict(contest.label),
        "from": to_text(contest.start),
        "to": to_text(contest.end),
        "state": state,
        "metric": contest.metric,
        "scope": contest.scope,
        "scoring": contest.scoring,
        "tie": contest.tie,
        "prize": dict(contest.prize) if contest.prize else None,
        "published": contest.published,
        "standings": f"/scoring/v1/contests/{contest.id}",
    }


def _standings(found: Standings, now: datetime) -> dict[str, Any]:
    return {
        **_contest(found.contest, now),
        "unit": found.metric.unit,
        "decimals": found.metric.decimals,
        "roster": found.roster,
        "places": [_place(place) for place in found.places],
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "rank": place.rank,
        "id": place.id,
        "score": None if place.score is None else _decimal(place.score),
        "amount": place.amount,
        "fte_days": _decimal(place.fte_days),
        "reached": to_text(place.reached) if place.reached else None,
    }


def _decimal(value: Fraction) -> str:
    """Write a fraction with up to six decimals."""
    return f"{float(round(value, _DECIMALS)):.{_DECIMALS}f}".rstrip("0").rstrip(".")
