"""JSON in and out through orjson: strict at the door, exact and UTC on the way out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson
from flask import Flask, Response, request
from flask.json.provider import JSONProvider

from shared.errors import Malformed, UnsupportedMedia

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class Json(JSONProvider):
    """Let Flask read and write JSON through orjson."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        """Return JSON text."""
        return orjson.dumps(obj, default=default, option=_OPTIONS).decode()

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        """Read JSON text; raises ValueError."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a JSON response without a detour through text."""
        payload = orjson.dumps(self._prepare_response_obj(args, kwargs), default=default, option=_OPTIONS)
        return Response(payload, content_type="application/json")


def json_body() -> Any:
    """Return the parsed JSON body of the present request; raises Malformed or UnsupportedMedia."""
    if not request.is_json:
        raise UnsupportedMedia(f"send application/json, not {request.mimetype or 'a body without a content type'}")
    try:
        return orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the body is not JSON: {error}") from error


def etagged(tag: str, build: Callable[[], Any]) -> Response:
    """Answer 304 when the caller already has the state named by `tag`, else the JSON that `build` returns."""
    if request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        response = Response(orjson.dumps(build(), default=default, option=_OPTIONS), content_type="application/json")
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def default(value: Any) -> Any:
    """Write what orjson does not know: decimals as exact text, sets as sorted lists."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def install(app: Flask) -> None:
    """Give the application this JSON."""
    app.json = Json(app)
