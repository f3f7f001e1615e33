"""/commission/v1/totals: what a period costs, with control sums, for finance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Response

from services.commission.domain.paylines import RunLine
from services.commission.domain.payroll import Cell, as_csv
from services.commission.domain.runs import Run
from services.commission.domain.totals import (
    CONTROL,
    HEADER,
    LINES,
    Total,
    Totals,
    all_of,
    control_of,
    lines_of,
    rows_of,
)
from services.commission.exports.workbook import CONTENT_TYPE, Sheet, workbook
from services.commission.handlers import Leagues
from services.commission.handlers.overview import Overviews
from services.commission.handlers.totalling import totals_of
from services.commission.schemas import CSV, XLSX
from services.commission.schemas.totals import Totals as TotalsSchema
from services.commission.schemas.totals import TotalsQuery
from services.commission.store import Desks
from services.commission.web.rendering import money
from shared.periods import Period
from shared.web import Blueprint, requires

_FORMS = {
    "application/json": {"schema": TotalsSchema},
    "text/csv": {"schema": {"type": "string"}},
    CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}},
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
        if query["format"] == CSV:
            return table(f"totals-{period.id}", HEADER, all_of(found))
        if query["format"] == XLSX:
            return book(f"totals-{period.id}", [Sheet("totals", HEADER, rows_of(found)), _control(found)])
        return _said(found)

    return blueprint


def _control(found: Totals) -> Sheet:
    return Sheet("control", CONTROL, control_of(found))


def run_file(form: str, run: Run, names: Mapping[str, str], lines: Iterable[RunLine]) -> Response:
    """Return the lines of a run as a file, CSV or XLSX."""
    name, rows = f"run-{run.id}", lines_of(run.period.id, run.id, names, lines)
    return table(name, LINES, rows) if form == CSV else book(name, [Sheet("lines", LINES, rows)])


def table(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Return a CSV to be kept."""
    return _download(as_csv(header, rows).encode(), f"{name}.csv", "text/csv; charset=utf-8")


def book(name: str, sheets: Iterable[Sheet]) -> Response:
    """Return a workbook to be kept."""
    return _download(workbook(sheets), f"{name}.xlsx", CONTENT_TYPE)


def _download(body: bytes, name: str, content_type: str) -> Response:
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
