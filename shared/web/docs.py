"""The description for people and programs: a page without scripts, and openapi.json."""

from __future__ import annotations

import flask
import orjson
from flask import Response, render_template

from shared.web.access import public
from shared.web.openapi import Api

_WHY = "describes the interface, holds no data"


def documentation(service: str, api: Api) -> flask.Blueprint:
    """Return the routes that describe a service."""
    blueprint = flask.Blueprint(
        "docs", __name__, url_prefix=f"/{service}", template_folder="templates", static_folder=None
    )

    @blueprint.get("/openapi.json")
    @public(_WHY)
    def openapi() -> Response:
        """Return the OpenAPI description."""
        return Response(orjson.dumps(api.spec.to_dict()), content_type="application/json")

    @blueprint.get("/docs")
    @public(_WHY)
    def docs() -> str:
        """Return the description as a page."""
        return render_template("samenspel/docs.html", spec=api.spec.to_dict(), service=service)

    return blueprint
