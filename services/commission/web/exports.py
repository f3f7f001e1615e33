"""/commission/v1/exports: handing approved runs over to payroll."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response

from services.commission.handlers import exporting
from services.commission.handlers.booking import Documents
from services.commission.handlers.ordering import order_against, order_of
from services.commission.schemas import exports as schemas
from services.commission.store import Desks
from services.commission.web import life_rendering as rendering
from services.commission.web.asking import KEY, SEEN, asked
from shared.web import Blueprint, requires


def exports(desks: Desks, documents: Documents, clock: Callable[[], datetime]) -> Blueprint:
    """Return the routes of exports."""
    blueprint = Blueprint("exports", __name__, url_prefix="/commission/v1")

    @blueprint.post("/runs/<run>/exports")
    @requires("payouts:export")
    @blueprint.arguments(schemas.ExportOrder)
    @blueprint.doc(parameters=[KEY, SEEN])
    @blueprint.response(201, schemas.Export)
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    @blueprint.alt_response(412, response="PRECONDITION_FAILED")
    def make(body: dict[str, Any], run: str) -> dict[str, Any]:
        """Export what payroll was not handed of an approved run yet; nothing is handed over twice."""
        order = order_of(body["format"], body["periods"], documents, clock())
        return rendering.export(exporting.export(desks, run, order, asked(clock())))

    @blueprint.get("/runs/<run>/exports")
    @requires("payouts:read", "payouts:export")
    @blueprint.response(200, schemas.Exports)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def of_run(run: str) -> dict[str, Any]:
        """List the exports of a run, oldest first."""
        with desks.reading() as desk:
            found = desk.exports.of_run(desk.runs.get(run).id)
        return {"exports": [rendering.export(one) for one in found]}

    @blueprint.get("/exports/<export>")
    @requires("payouts:read", "payouts:export")
    @blueprint.response(200, schemas.Export)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def one(export: str) -> dict[str, Any]:
        """Return an export with its control sums and files."""
        with desks.reading() as desk:
            return rendering.export(desk.exports.get(export))

    @blueprint.get("/exports/<export>/files/<name>")
    @requires("payouts:read", "payouts:export")
    @blueprint.doc(responses={"200": {"description": "The file, the same bytes every time"}})
    @blueprint.alt_response(404, response="NOT_FOUND")
    def file(export: str, name: str) -> Response:
        """Download a file of an export: the same bytes every time."""
        with desks.reading() as desk:
            found, body = exporting.download(desk, export, name)
        response = Response(body, content_type=found.content_type)
        response.set_etag(found.content)
        response.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
        response.headers["Cache-Control"] = "private, no-cache"
        return response

    @blueprint.post("/exports/<export>/confirmation")
    @requires("payouts:export")
    @blueprint.doc(parameters=[KEY])
    @blueprint.response(200, schemas.Export)
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    @blueprint.alt_response(412, response="PRECONDITION_FAILED")
    def confirmation(export: str) -> dict[str, Any]:
        """Note that payroll has taken an export in."""
        return rendering.export(exporting.confirm(desks, export, asked(clock())))

    @blueprint.post("/exports/<export>/cancellation")
    @requires("payouts:export")
    @blueprint.arguments(schemas.CancelOrder)
    @blueprint.doc(parameters=[KEY])
    @blueprint.response(200, schemas.Export)
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    @blueprint.alt_response(412, response="PRECONDITION_FAILED")
    def cancellation(body: dict[str, Any], export: str) -> dict[str, Any]:
        """Take an export back: void where payroll never took it in, else countered by one with the opposite lines."""
        with desks.reading() as desk:
            order = order_against(desk.exports.get(export), body["periods"], documents)
        request = asked(clock(), body["reason"])
        return rendering.export(exporting.cancel(desks, export, order, request, imported=body["imported"]))

    return blueprint
