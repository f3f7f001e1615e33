"""/ingest/v1/league: documents, their versions, what differs between them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, request

from services.ingest.domain.access import ACCESS
from services.ingest.handlers import documents
from services.ingest.handlers.documents import Draft, InvalidDocument, League
from services.ingest.schemas import answers
from services.ingest.sources.documents import at_lines, read
from shared.contracts.league import to_wire
from shared.errors import Forbidden, Outdated
from shared.web import Blueprint, caller, etagged, requires

_BODY = {"schema": {"type": "object", "description": "the body of the document; `effective_from` may stand in it"}}
_HEADERS = [
    {
        "in": "header",
        "name": "If-Match",
        "schema": {"type": "string"},
        "description": 'the version you changed, such as "3": refused when another has come since',
    }
]


def league_documents(league: League, clock: Callable[[], datetime]) -> Blueprint:
    """Return the routes of league documents."""
    blueprint = Blueprint("league", __name__, url_prefix="/ingest/v1/league")

    @blueprint.put("/<kind>")
    @requires("league:write", "accounts:write")
    @blueprint.arguments(answers.PutQuery, location="query")
    @blueprint.doc(
        requestBody={"required": True, "content": {"application/json": _BODY, "application/yaml": _BODY}},
        parameters=_HEADERS,
    )
    @blueprint.response(201, answers.DocumentKept)
    @blueprint.alt_response(200, schema=answers.DocumentKept, description="The latest version was identical")
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(412, response="PRECONDITION_FAILED")
    def put(query: dict[str, Any], kind: str) -> tuple[Any, int, dict[str, str]]:
        """Put a document as a new version; all its problems are named at once."""
        _refuse_who_may_not(kind, "league:write")
        kind_of_text, text = request.headers.get("Content-Type", ""), request.get_data()
        draft = Draft(kind, caller().name, read(kind_of_text, text), query.get("effective_from"), _seen_by_author())
        try:
            outcome = documents.put(draft, league, clock())
        except InvalidDocument as bad:
            raise InvalidDocument(bad.detail, at_lines(bad.problems, kind_of_text, text)) from bad
        return documents.told(outcome), 201 if outcome.created else 200, {"ETag": f'"{outcome.document.version}"'}

    @blueprint.get("/<kind>")
    @requires("league:read", "league:write", "accounts:write")
    @blueprint.arguments(answers.WhichQuery, location="query")
    @blueprint.response(200, answers.Document)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def get(query: dict[str, Any], kind: str) -> Response:
        """Return a version with its body: the latest, a numbered one, or the one in force on a day."""
        _refuse_who_may_not(kind, "league:read", "league:write")
        found = documents.version(league, kind, query.get("version"), query.get("at"))
        return etagged(str(found.version), lambda: to_wire(found))

    @blueprint.get("/<kind>/versions")
    @requires("league:read", "league:write", "accounts:write")
    @blueprint.response(200, answers.Versions)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def versions(kind: str) -> dict[str, Any]:
        """List the versions of a document, oldest first."""
        _refuse_who_may_not(kind, "league:read", "league:write")
        return {"versions": league.versions(kind)}

    @blueprint.get("/<kind>/diff")
    @requires("league:read", "league:write", "accounts:write")
    @blueprint.arguments(answers.DiffQuery, location="query")
    @blueprint.response(200, answers.Difference)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def diff(query: dict[str, Any], kind: str) -> dict[str, Any]:
        """Tell in sentences what changed between two versions."""
        _refuse_who_may_not(kind, "league:read", "league:write")
        older, newer, sentences = documents.compare(league, kind, query.get("older"), query.get("newer"))
        return {"older": older, "newer": newer, "diff": sentences}

    return blueprint


def _refuse_who_may_not(kind: str, *scopes: str) -> None:
    """Refuse everybody else than admins the document that says who is admin, and admins those that decide money."""
    documents.refuse_unknown_kind(kind)
    needed = frozenset({"accounts:write"} if kind == ACCESS else scopes)
    if not needed & caller().scopes:
        raise Forbidden(f"this needs the scope {' or '.join(sorted(needed))}")


def _seen_by_author() -> int | None:
    """Return the version that If-Match names, 0 for `If-None-Match: *`, None when neither stands there."""
    if request.if_none_match.star_tag:
        return 0
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    (tag,) = request.if_match.as_set() if len(request.if_match) == 1 else ("",)
    if not tag.isdecimal() or len(tag) > 18:
        raise Outdated('If-Match names one version, such as "3"')
    return int(tag)
