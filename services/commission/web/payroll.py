"""/commission/v1/payroll: who is on whose payroll, and which wage component is what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import request

from services.commission.handlers.booking import NoPayroll, checked
from services.commission.schemas.payroll import PayrollDocument, PayrollSchema
from services.commission.store.payroll import PayrollDocuments, PayrollVersion
from shared.errors import Outdated
from shared.web import Blueprint, caller, json_body, requires


def payroll_routes(documents: PayrollDocuments, clock: Callable[[], datetime]) -> Blueprint:
    """Return the routes of the payroll document."""
    blueprint = Blueprint("payroll", __name__, url_prefix="/commission/v1")

    @blueprint.get("/payroll")
    @requires("payouts:export")
    @blueprint.response(200, PayrollDocument)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def latest() -> tuple[dict[str, Any], int, dict[str, str]]:
        """Return the payroll document that holds."""
        held = documents.latest()
        if held is None:
            raise NoPayroll("put one with PUT /commission/v1/payroll")
        return _told(held), 200, {"ETag": f'"{held.version}"'}

    @blueprint.put("/payroll")
    @requires("payouts:export")
    @blueprint.doc(requestBody={"required": True, "content": {"application/json": {"schema": PayrollSchema}}})
    @blueprint.response(201, PayrollDocument)
    @blueprint.alt_response(412, response="PRECONDITION_FAILED")
    @blueprint.alt_response(422, response="UNPROCESSABLE_ENTITY")
    def put() -> tuple[dict[str, Any], int, dict[str, str]]:
        """Put a new version; with If-Match only when nobody else did meanwhile. Every problem is named at once."""
        made = documents.put(checked(json_body()), caller().name, clock(), _seen())
        return _told(made), 201, {"ETag": f'"{made.version}"'}

    return blueprint


def _told(held: PayrollVersion) -> dict[str, Any]:
    return held._asdict()


def _seen() -> int | None:
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    tags = list(request.if_match.as_set())
    if len(tags) != 1 or not tags[0].isdecimal():
        raise Outdated("If-Match names one version of the document")
    return int(tags[0])
