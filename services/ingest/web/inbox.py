"""GET /ingest/v1/inbox: search in what came in."""

from typing import Any, Protocol

from services.ingest.domain.search import Answer, Asked
from services.ingest.handlers import searching
from services.ingest.handlers.names import Names
from services.ingest.schemas.search import InboxAnswer, InboxQuery
from shared.web import Blueprint, requires


class Searchable(Protocol):
    """Where payloads are searched."""

    def ask(self, asked: Asked) -> Answer:
        """Return one page of what was asked."""
        ...


def inbox_search(inbox: Searchable, names: Names) -> Blueprint:
    """Return the route that searches the inbox."""
    blueprint = Blueprint(
        "search", __name__, url_prefix="/ingest/v1", description="What came in, and what became of it."
    )

    @blueprint.get("/inbox")
    @requires("operator", "league:write")
    @blueprint.arguments(InboxQuery, location="query")
    @blueprint.response(200, InboxAnswer)
    def search(query: dict[str, Any]) -> dict[str, Any]:
        """Search payloads by deal, rep, id, connection, time and by what became of them; newest first."""
        return searching.answered(inbox.ask(searching.asked(query, names.now().roster)))

    return blueprint
