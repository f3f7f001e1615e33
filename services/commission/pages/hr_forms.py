"""The forms of /commission/hr; what is refused is said on the page, and nothing of it was done."""

from collections.abc import Callable
from functools import wraps

import flask
from flask import Response

from services.commission.domain.claims import Entry
from services.commission.domain.runs import CLOSE, UnknownPeriod
from services.commission.handlers import claiming, exporting
from services.commission.handlers.booking import checked
from services.commission.handlers.calculating import calculate
from services.commission.handlers.claiming import Wanted
from services.commission.handlers.engine import engine_version
from services.commission.handlers.ordering import order_against, order_of
from services.commission.handlers.reviewing import check_scope, take
from services.commission.pages import forms
from services.commission.pages.hr import SCOPE, Hr
from services.commission.schemas.pages import (
    AnswerForm,
    EmptyForm,
    ExportForm,
    PayrollForm,
    StepForm,
    TakeBackForm,
)
from shared import periods
from shared.errors import Conflict, FieldProblem, Forbidden, InvalidInput, NotFound, Outdated
from shared.money import to_minor
from shared.periods import Period
from shared.web import caller, limit_body, requires, see_other
from shared.web.forms import document
from shared.web.problems import status_of

LARGEST = 1_000_000


SAID_ON_THE_PAGE = (Conflict, Forbidden, InvalidInput, NotFound, Outdated)

Answer = Response | tuple[str, int]
View = Callable[..., Response]


def hr_forms(hr: Hr) -> flask.Blueprint:
    """Return what the forms of the page do."""
    pages = flask.Blueprint("hr_forms", __name__, url_prefix="/commission/hr")
    _of_runs(pages, hr)
    _of_exports(pages, hr)
    _of_payroll(pages, hr)
    return pages


def _said_on(hr: Hr, period: Callable[[str], Period | None]) -> Callable[[View], Callable[..., Answer]]:
    """Show what is refused on the page of the period that the form was about, to those whom it is open to."""

    def around(view: View) -> Callable[..., Answer]:
        @wraps(view)
        def answer(**names: str) -> Answer:
            try:
                return view(**names)
            except SAID_ON_THE_PAGE as error:
                if SCOPE not in caller().scopes:
                    raise
                return hr.page(period(next(iter(names.values()), "")), error=error), status_of(type(error))

        return answer

    return around


def _back(period: Period | None, done: str) -> Response:
    return see_other("/commission/hr", period=period and period.id, done=done)


def _period_of(name: str) -> Period | None:
    """Return the period in the name of a run (2026-11.2) or an export (2026-11.2-x1)."""
    try:
        return periods.parse(name.partition(".")[0])
    except ValueError:
        return None


def _of_runs(pages: flask.Blueprint, hr: Hr) -> None:
    @pages.post("/<period>/runs")
    @requires("runs:write")
    @limit_body(2000)
    @_said_on(hr, _period_of)
    def start(period: str) -> Response:
        """Calculate a period."""
        forms.form(EmptyForm())
        wanted = _period_of(period)
        if wanted is None:
            raise UnknownPeriod(f"there is no period {period!r}")
        return _back(calculate(hr.desks, wanted, forms.asked(hr.clock()), engine_version()).period, "calculated")

    @pages.post("/runs/<run>/steps")
    @requires("runs:write", "runs:approve", "payouts:export")
    @limit_body(10_000)
    @_said_on(hr, _period_of)
    def step(run: str) -> Response:
        """Take a step with a run; closing asks for the name of the period, since nothing undoes it."""
        said = forms.form(StepForm())
        action, period = said["action"], _period_of(run)
        check_scope(action, caller().scopes)
        if action == CLOSE and said["name"] != (period and period.id):
            raise InvalidInput("type the name of the period to close it", [FieldProblem("/name", said["name"], run)])
        return _back(take(hr.desks, run, action, forms.asked(hr.clock(), said["reason"])).period, action)

    @pages.post("/runs/<run>/disputes/<int:number>")
    @requires("runs:write")
    @limit_body(10_000)
    @_said_on(hr, _period_of)
    def answer(run: str, number: int) -> Response:
        """Answer an objection; what is granted becomes an adjustment in a period that is open."""
        said, request = forms.form(AnswerForm()), forms.asked(hr.clock())
        entry = Entry(request.now, request.actor, said["state"], said["text"])
        claiming.answer(hr.desks, number, entry, _granted(said, number), request)
        return _back(_period_of(run), "answered")


def _granted(said: dict[str, object], number: int) -> Wanted | None:
    amount, period, currency, text = said["amount"], said["period"], str(said["currency"]), str(said["text"])
    if amount is None:
        return None
    if not isinstance(period, Period):
        raise InvalidInput("what is granted needs a period that pays it", [FieldProblem("/period", None, "2026-12")])
    try:
        return Wanted(period, "", currency, to_minor(str(amount), currency), text, reference=f"dispute {number}")
    except ValueError as error:
        raise InvalidInput("the amount cannot be paid", [FieldProblem("/amount", amount, str(error))]) from error


def _of_exports(pages: flask.Blueprint, hr: Hr) -> None:
    @pages.post("/runs/<run>/exports")
    @requires("payouts:export")
    @limit_body(10_000)
    @_said_on(hr, _period_of)
    def make(run: str) -> Response:
        """Export what payroll was not handed of an approved run yet."""
        order = order_of(forms.form(ExportForm())["format"], forms.payroll_periods(), hr.documents, hr.clock())
        exporting.export(hr.desks, run, order, forms.asked(hr.clock()))
        return _back(_period_of(run), "exported")

    @pages.post("/exports/<export>/confirmation")
    @requires("payouts:export")
    @limit_body(2000)
    @_said_on(hr, _period_of)
    def confirmation(export: str) -> Response:
        """Note that payroll has taken an export in."""
        forms.form(EmptyForm())
        exporting.confirm(hr.desks, export, forms.asked(hr.clock()))
        return _back(_period_of(export), "confirmed")

    @pages.post("/exports/<export>/cancellation")
    @requires("payouts:export")
    @limit_body(10_000)
    @_said_on(hr, _period_of)
    def cancellation(export: str) -> Response:
        """Take an export back."""
        said = forms.form(TakeBackForm())
        with hr.desks.reading() as desk:
            order = order_against(desk.exports.get(export), forms.payroll_periods(), hr.documents)
        request = forms.asked(hr.clock(), said["reason"])
        exporting.cancel(hr.desks, export, order, request, imported=said["imported"])
        return _back(_period_of(export), "taken_back")


def _of_payroll(pages: flask.Blueprint, hr: Hr) -> None:
    @pages.post("/<period>/payroll")
    @requires("payouts:export")
    @limit_body(LARGEST)
    @_said_on(hr, _period_of)
    def put(period: str) -> Response:
        """Put a new version of the payroll document, as YAML or JSON."""
        body = document(forms.form(PayrollForm())["document"])
        hr.documents.put(checked(body), caller().name, hr.clock(), None)
        return _back(_period_of(period), "payroll")
