"""/commission/v1/totals: what a period costs, with control sums, for finance."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response

from services.commission.domain.payroll import as_csv
from services.commission.domain.totals import CONTROL, HEADER, Total, Totals, all_of, control_of, rows_of
from services.commission.exports import workbook
from services.commission.handlers import Leagues
from services.commission.handlers.overview import Overviews
from services.commission.handlers.totalling import totals_of
from services.commission.schemas.totals import Totals as TotalsSchema
from services.commission.schemas.totals import TotalsQuery
from services.commission.store import Desks
from services.commission.web.rendering import money
from shared.periods import Period
from shared.web import Blueprint, requires

_FORMS = {
    "application/json": {"schema": TotalsSchema},
    "text/csv": {"schema": {"type": "string"}},
    workbook.CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}},
}


def totals_routes(desks: Desks, leagues: Leagues, overviews: Overviews) -> Blueprint:
    """Return the route of the totals."""
    blueprint = Blueprint("totals", __name__, url_prefix="/commission/v1")

    @blueprint.get("/totals")
    @requires("payouts:read")
    @blueprint.arguments(TotalsQuery, location="query")
    @blueprint.response(200)
    @blueprint.doc(responses={"200": {"content": _FORMS}})
    def totals(query: dict[str, Any]) -> Any:
        """Add a period up by team, plan and component, with control sums: JSON, or CSV and XLSX for spreadsheets."""
        period: Period = query["period"]
        with desks.reading() as desk:
            found = totals_of(desk, leagues, overviews, period)
        match query["format"]:
            case "csv":
                return download(
                    as_csv(HEADER, all_of(found)).encode(), f"totals-{period.id}.csv", "text/csv; charset=utf-8"
                )
            case "xlsx":
                return download(_workbook(found), f"totals-{period.id}.xlsx", workbook.CONTENT_TYPE)
        return _said(found)

    return blueprint


def _workbook(found: Totals) -> bytes:
    sheets = [workbook.Sheet("totals", HEADER, rows_of(found)), workbook.Sheet("control", CONTROL, control_of(found))]
    return workbook.workbook(sheets)


def download(body: bytes, name: str, content_type: str) -> Response:
    """Return a file to be kept."""
    response = Response(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response


def _said(found: Totals) -> dict[str, Any]:
    return {
        "period": found.period,
        "run": found.run or None,
        "state": found.state,
        "totals": [_total(one) for one in found.rows],
        "control": [_total(one) for one in found.control],
    }


def _total(one: Total) -> dict[str, Any]:
    return {**asdict(one), **money(one.amount, one.currency)}
