"""POST /scoring/v1/rehearsals: a playbook over days that have been."""

import time
from typing import Any

from services.scoring.domain.rehearsal import Stretch
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.rehearsing import Bounds, draft_of, numbered, rehearse, told
from services.scoring.schemas.rehearsals import RehearsalAsked, RehearsalView
from services.scoring.store.past import History
from shared.web import Blueprint, requires

MOST_ACTIVITIES = 100_000
SECONDS = 20.0
"""What one answer may take; the command takes as long as it takes."""


def rehearsals(history: History, leagues: Leagues) -> Blueprint:
    """Return the route that rehearses."""
    blueprint = Blueprint("rehearsals", __name__, url_prefix="/scoring/v1")

    @blueprint.post("/rehearsals")
    @requires("operator", "league:write")
    @blueprint.arguments(RehearsalAsked)
    @blueprint.response(200, RehearsalView)
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(422, response="UNPROCESSABLE_ENTITY")
    def post(asked: dict[str, Any]) -> dict[str, Any]:
        """Rehearse a draft or a version: standings, points per rep and rule, who gains and who loses.

        Nothing is kept or handed on. At most 100,000 activities and 20 seconds; more is refused.
        """
        league = leagues.now()
        draft = draft_of(asked["draft"], league) if "draft" in asked else numbered(asked.get("version"), league)
        return told(rehearse(draft, Stretch(asked["first"], asked["last"]), league, history, bounds()))

    return blueprint


def bounds() -> Bounds:
    """Return how much an answer may take, from now on."""
    until = time.monotonic() + SECONDS
    return Bounds(MOST_ACTIVITIES, lambda: time.monotonic() > until)
