"""/scoring/v1/objections: what people have against a line, and what became of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.scoring.domain.objections import ACCEPTED, DECIDES, FRONT_DOOR, OBJECTS, Objection, Step
from services.scoring.handlers import sight
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looking import line_of
from services.scoring.handlers.objecting import Desk
from services.scoring.schemas.objections import NewObjection, NewStep, Objections, ObjectionsQuery, ObjectionView
from services.scoring.store import Reader
from shared.contracts.times import to_text
from shared.web import Blueprint, caller, requires


def objections(desk: Desk, reader: Reader, leagues: Leagues, clock: Callable[[], datetime]) -> Blueprint:
    """Return the routes of objections."""
    blueprint = Blueprint("objections", __name__, url_prefix="/scoring/v1")

    @blueprint.post("/objections")
    @requires(OBJECTS, DECIDES, bounded=True)
    @blueprint.arguments(NewObjection)
    @blueprint.response(201, ObjectionView)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def open_one(said: dict[str, Any]) -> dict[str, Any]:
        """Object to a line; the line itself is never changed."""
        sight.check_line(line_of(reader, said["line"]), caller())
        return view(desk.open(said["line"], said["text"], caller().name, clock()))

    @blueprint.get("/objections")
    @requires("credits:read", OBJECTS, DECIDES, bounded=True)
    @blueprint.arguments(ObjectionsQuery, location="query")
    @blueprint.response(200, Objections)
    def several(query: dict[str, Any]) -> dict[str, Any]:
        """List the objections to a line, or the latest of a rep or of all."""
        state, who = query.get("state"), caller()
        if "line" in query:
            sight.check_line(line_of(reader, query["line"]), who)
            found = desk.of_line(query["line"])
        else:
            if "rep" in query:
                sight.check_rep(query["rep"], who, leagues.now())
            found = desk.latest(query.get("rep"), state, sight.within(who))
        return {"objections": [view(each) for each in found if state in (None, each.state)]}

    @blueprint.get("/objections/<name>")
    @requires("credits:read", OBJECTS, DECIDES, bounded=True)
    @blueprint.response(200, ObjectionView)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def one(name: str) -> dict[str, Any]:
        """Show an objection with its trail."""
        found = desk.one(name)
        sight.check_objection(found, caller(), reader)
        return view(found)

    @blueprint.post("/objections/<name>/steps")
    @requires(OBJECTS, DECIDES, bounded=True)
    @blueprint.arguments(NewStep)
    @blueprint.response(201, ObjectionView)
    @blueprint.alt_response(403, response="FORBIDDEN")
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    def take_step(said: dict[str, Any], name: str) -> dict[str, Any]:
        """Answer, accept or decline; who opened it does not decide it. An acceptance tells what to hand in."""
        sight.check_objection(desk.one(name), caller(), reader)
        step = Step(clock(), caller().name, said["kind"], said["text"])
        return view(desk.step(name, step, caller().scopes, said.get("amount"), said.get("metric")))

    return blueprint


def view(found: Objection) -> dict[str, Any]:
    """Show an objection."""
    last = found.trail[-1]
    todo = {"post": FRONT_DOOR, "body": last.correction} if last.kind == ACCEPTED else None
    steps = [
        {"at": to_text(each.at), "by": each.by, "kind": each.kind, "text": each.text, "correction": each.correction}
        for each in found.trail
    ]
    return {
        "id": found.id,
        "line": found.line,
        "rep": found.rep,
        "state": found.state,
        "trail": steps,
        "hand_in": todo,
        "why": f"/scoring/v1/credits/{found.line}",
    }
