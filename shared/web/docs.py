"""The description for people and programs: a page without scripts, and openapi.json."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import flask
import orjson
from flask import Response, render_template, request

from shared.auth import SCOPES
from shared.web.access import public
from shared.web.description import groups, refusals
from shared.web.openapi import Api

_WHY = "describes the interface, holds no data"
_STYLE = Path(__file__).parent / "templates" / "samenspel" / "pages.css"


def documentation(service: str, api: Api) -> flask.Blueprint:
    """Return the routes that describe a service; what they answer is made once, when first asked."""
    blueprint = flask.Blueprint("docs", __name__, url_prefix=f"/{service}", template_folder="templates")

    @blueprint.get("/openapi.json")
    @public(_WHY)
    def openapi() -> Response:
        """Return the OpenAPI description."""
        return _kept(_json(), "application/json")

    @blueprint.get("/docs")
    @public(_WHY)
    def docs() -> Response:
        """Return the description as a page."""
        return _kept(_page(), "text/html; charset=utf-8")

    @blueprint.get("/pages.css")
    @public("colours and sizes")
    def style() -> Response:
        """Return how the kit's own pages look."""
        return _kept(_STYLE.read_bytes(), "text/css; charset=utf-8")

    @cache
    def _json() -> bytes:
        return orjson.dumps(api.spec.to_dict())

    @cache
    def _page() -> bytes:
        spec = api.spec.to_dict()
        told = {"spec": spec, "groups": groups(spec), "refusals": refusals(), "scopes": SCOPES, "service": service}
        return render_template("samenspel/docs.html", **told).encode()

    return blueprint


def _kept(content: bytes, content_type: str) -> Response:
    """Return content that a browser may keep and asks about again."""
    response = Response(content, content_type=content_type)
    response.set_etag(hashlib.sha256(content).hexdigest()[:16])
    response.headers["Cache-Control"] = "public, no-cache"
    response.make_conditional(request)
    return response
