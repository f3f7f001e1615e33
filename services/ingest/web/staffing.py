"""POST /ingest/v1/league/roster/import: a personnel file merged into the roster."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import request

from services.ingest.handlers import searching, staffing
from services.ingest.handlers.documents import League
from services.ingest.handlers.names import Names
from services.ingest.schemas.staffing import ImportAnswer, ImportQuery
from services.ingest.sources import people
from shared.errors import UnsupportedMedia
from shared.web import Blueprint, caller, json_body, requires

_BODIES = {
    "text/csv": {"schema": {"type": "string", "description": "a table; see services/ingest/sources/people.py"}},
    "application/json": {"schema": {"description": "people with employments, as an HR system exports them"}},
}


def roster_import(league: League, names: Names, clock: Callable[[], datetime]) -> Blueprint:
    """Return the route that takes a personnel file."""
    blueprint = Blueprint("staffing", __name__, url_prefix="/ingest/v1/league/roster")

    @blueprint.post("/import")
    @requires("league:write")
    @blueprint.arguments(ImportQuery, location="query")
    @blueprint.doc(requestBody={"required": True, "content": _BODIES})
    @blueprint.response(200, ImportAnswer)
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(412, response="PRECONDITION_FAILED")
    @blueprint.alt_response(415, response="UNSUPPORTED_MEDIA_TYPE")
    def bring_in(query: dict[str, Any]) -> dict[str, Any]:
        """Merge a personnel file into the roster, or tell in sentences what it would change.

        Transfers, leavers, part-time and mentors, each from a day on. Nobody is deleted; a file with a problem changes
        nothing.
        """
        now = clock()
        today = now.astimezone(searching.zone_of(names.now().roster)).date()
        order = staffing.Order(caller().name, query["as_of"] or today, query["new_teams"], query["dry_run"])
        return asdict(staffing.bring_in(_read(), order, league, now))

    return blueprint


def _read() -> people.Reading:
    if request.is_json:
        return people.read_hris(json_body())
    if request.mimetype == "text/csv":
        return people.read_csv(request.get_data())
    raise UnsupportedMedia(f"send text/csv or application/json, not {request.mimetype or 'without a content type'}")
