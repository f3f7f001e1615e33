"""HTTP: statements, payouts, plans; runs, exports, adjustments and disputes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask, Response, request

from services.commission.domain.league import League
from services.commission.domain.payroll import DETAIL as DETAIL_COLUMNS
from services.commission.domain.payroll import PAYROLL as PAYROLL_COLUMNS
from services.commission.domain.payroll import as_csv, detail_rows, payroll_rows
from services.commission.exports.workbook import CONTENT_TYPE, Sheet, workbook
from services.commission.handlers import Leagues, bounds, payouts_of, statement_of
from services.commission.handlers import Payouts as Found
from services.commission.handlers.overview import Overviews
from services.commission.pages.rehearsals import rehearsal_pages
from services.commission.schemas import (
    CSV,
    DETAIL,
    JSON,
    XLSX,
    Payouts,
    PayoutsQuery,
    Plans,
    PlansQuery,
    Statement,
    StatementQuery,
)
from services.commission.settings import Settings, build
from services.commission.store import Books, Desks, Marks, Page
from services.commission.store.payroll import PayrollDocuments
from services.commission.web import rendering
from services.commission.web.claims import claims
from services.commission.web.exports import exports
from services.commission.web.payroll import payroll_routes
from services.commission.web.people import people
from services.commission.web.rehearsals import rehearsal_routes
from services.commission.web.runs import life
from services.commission.web.totals import totals_routes
from shared.money import to_major
from shared.periods import Period
from shared.settings import exit_on_bad_settings, load
from shared.web import Blueprint, caller, create_service, etagged, requires

Clock = Callable[[], datetime]
_TYPES = {"application/json": JSON, "text/csv": CSV, CONTENT_TYPE: XLSX}
_FORMS = {
    "application/json": {"schema": Payouts},
    "text/csv": {"schema": {"type": "string"}},
    CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}},
}


def create_app(settings: Settings | None = None, clock: Clock = lambda: datetime.now(UTC)) -> Flask:
    """Return the web process."""
    with exit_on_bad_settings():
        settings = settings or load(build)
        books = Books.open(settings.database_url)
        books.migrate()
        desks, documents, leagues = Desks(books.engine), PayrollDocuments(books.engine), Leagues()
        overviews = Overviews(leagues)
        return create_service(
            "commission",
            package="services.commission",
            web=settings.web,
            blueprints=[
                pay(books, leagues, clock),
                life(desks, clock),
                exports(desks, documents, clock),
                claims(desks, clock),
                payroll_routes(documents, clock),
                totals_routes(desks, leagues, overviews),
                rehearsal_routes(books),
                rehearsal_pages(books, leagues, clock),
                *people(desks, documents, leagues, overviews, clock),
            ],
            checks={"books": books.ping},
            summary="Statements and payouts, derived from the credits.",
            clock=clock,
        )


def pay(books: Books, leagues: Leagues, clock: Clock) -> Blueprint:
    """Return the routes under /commission/v1."""
    blueprint = Blueprint("pay", __name__, url_prefix="/commission/v1")

    @blueprint.get("/statements/<rep>")
    @requires("statements:read", bounded=True)
    @blueprint.arguments(StatementQuery, location="query")
    @blueprint.response(200, Statement)
    def statement(query: dict[str, Any], rep: str) -> Response:
        """Derive what one rep earned in a period, step by step."""
        bounds.check_payee(rep, caller())
        period: Period = query["period"]
        with _opened(books, leagues) as (page, league, marks):
            return etagged(
                f"{marks.tag}.{period.id}",
                lambda: rendering.statement(statement_of(page, league, rep, period), league, marks),
            )

    @blueprint.get("/payouts")
    @requires("payouts:read")
    @blueprint.arguments(PayoutsQuery, location="query")
    @blueprint.response(200)
    @blueprint.doc(responses={"200": {"content": _FORMS}})
    def payouts(query: dict[str, Any]) -> Response:
        """Give everybody's payouts of a period: JSON, or CSV and XLSX for payroll and for spreadsheets."""
        period: Period = query["period"]
        with _opened(books, leagues) as (page, league, marks):
            tag = f"{marks.tag}.{period.id}"
            form = _form(query.get("format"))
            if form != JSON:
                named = f"{tag}.{query['variant']}.{form}"
                return _file(named, query["variant"], form, lambda: payouts_of(page, league, period))
            response = etagged(tag, lambda: rendering.payouts(payouts_of(page, league, period), league, marks))
        response.vary.add("Accept")
        return response

    @blueprint.get("/plans")
    @requires("statements:read", bounded=True)
    @blueprint.arguments(PlansQuery, location="query")
    @blueprint.response(200, Plans)
    def plans(query: dict[str, Any]) -> Response:
        """Say in words what the plans pay for; to a seller the own one."""
        with _opened(books, leagues) as (_page, league, marks):
            day: date = query.get("on") or clock().astimezone(league.roster.zone).date()
            found = league.plans_on(day)
            seen = bounds.seen_plans(found.plans.plans if found else (), league, day, caller())
            tag = f"{marks.tag}.{day.isoformat()}.{caller().account}"
            return etagged(tag, lambda: rendering.plans(found, seen, league, day))

    return blueprint


@contextmanager
def _opened(books: Books, leagues: Leagues) -> Iterator[tuple[Page, League, Marks]]:
    with books.page() as page:
        marks = page.marks()
        yield page, leagues.of(page, marks), marks


def _form(form: str | None) -> str:
    """Return the form that is asked for: by name, else the preferred one of the Accept header."""
    return form or _TYPES[request.accept_mimetypes.best_match(list(_TYPES), "application/json")]


def _file(tag: str, variant: str, form: str, build: Callable[[], Found]) -> Response:
    """Answer with a file, and its control totals in headers; 304 when the caller has this state."""
    if request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        found = build()
        header, rows = (DETAIL_COLUMNS, detail_rows) if variant == DETAIL else (PAYROLL_COLUMNS, payroll_rows)
        cells = rows(found.statements)
        body = as_csv(header, cells).encode() if form == CSV else workbook([Sheet(variant, header, cells)])
        content_type = "text/csv; charset=utf-8" if form == CSV else CONTENT_TYPE
        response = Response(body, content_type=content_type)
        name = f"payouts-{found.period.id}-{variant}.{form}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        for total in found.totals:
            said = f"{total.currency} {to_major(total.sum, total.currency)}; payees={total.payees}; paid={total.paid}"
            response.headers.add("Control-Total", said)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Accept")
    return response
