"""/ingest/v1/asking: what CRMs' APIs are asked for, and why there is no answer yet."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from services.ingest.domain.asking import GIVEN_UP, GONE, WAITING, Line, Question
from services.ingest.domain.connections import Connection
from services.ingest.domain.directory import Directory
from services.ingest.handlers.names import Names
from services.ingest.schemas import asking as schemas
from services.ingest.store import Asking
from shared.errors import NotFound
from shared.web import Blueprint, requires

SHOWN = 20
"""Questions without an answer that are listed for each connection."""


class NoSuchLine(NotFound):
    """There is no connection of this name whose API is asked."""


def asking(queue: Asking, names: Names, clock: Callable[[], datetime]) -> Blueprint:
    """Return the routes for those who look after the connections' APIs."""
    blueprint = Blueprint("asking", __name__, url_prefix="/ingest/v1")

    @blueprint.get("/asking")
    @requires("operator")
    @blueprint.response(200, schemas.Lines)
    def lines() -> dict[str, Any]:
        """Tell of each connection with an API what waits to be asked, and what stands in the way."""
        return {"lines": list(_lines(queue, names.now()))}

    @blueprint.post("/asking/<connection>/resume")
    @requires("operator")
    @blueprint.response(200, schemas.Resumed)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def resume(connection: str) -> dict[str, Any]:
        """Ask again at once, because something was repaired; also for what was given up."""
        if connection not in {each.name for each in _asked(names.now())}:
            raise NoSuchLine
        return {"opened": queue.resume(connection), "asked_again": queue.ask_again(connection, clock())}

    return blueprint


def _asked(known: Directory) -> Iterator[Connection]:
    return (each for each in known.connections.values() if each.api)


def _lines(queue: Asking, known: Directory) -> Iterator[dict[str, Any]]:
    counts, lines = queue.counts(), queue.lines()
    for each in _asked(known):
        line = lines.get(each.name, Line(each.name))
        yield {
            "connection": each.name,
            "state": line.state,
            "reason": line.reason,
            "until": line.until,
            "waiting": counts.get((each.name, WAITING), 0),
            "gone": counts.get((each.name, GONE), 0),
            "given_up": counts.get((each.name, GIVEN_UP), 0),
            "refused": line.refused,
            "troubles": [_question(question) for question in queue.troubles(each.name, SHOWN)],
        }


def _question(question: Question) -> dict[str, Any]:
    names = ("object", "id", "state", "reason", "attempts", "since", "due_at")
    return {name: getattr(question, name) for name in names}
