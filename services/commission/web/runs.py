"""/commission/v1/runs: a period from calculated to closed, what everybody is paid in it, and its audit trail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response

from services.commission.domain.canonical import Reader
from services.commission.domain.runs import UnknownPeriod
from services.commission.domain.settling import Settled
from services.commission.handlers import bounds
from services.commission.handlers.calculating import calculate
from services.commission.handlers.engine import engine_version
from services.commission.handlers.reviewing import check_scope, standing, take
from services.commission.handlers.stating import payee_of
from services.commission.handlers.verifying import verify
from services.commission.schemas import JSON
from services.commission.schemas import runs as schemas
from services.commission.schemas.totals import RunPayoutsQuery
from services.commission.store import Desks
from services.commission.web import life_rendering as rendering
from services.commission.web.asking import KEY, SEEN, asked
from services.commission.web.totals import run_file
from shared import periods
from shared.periods import Period
from shared.web import Blueprint, caller, etagged, requires

MOST_RUNS = 100


def life(desks: Desks, clock: Callable[[], datetime]) -> Blueprint:
    """Return the routes of periods and runs."""
    blueprint = Blueprint("runs", __name__, url_prefix="/commission/v1")
    _reading(blueprint, desks)
    _changing(blueprint, desks, clock)
    return blueprint


def _reading(blueprint: Blueprint, desks: Desks) -> None:
    @blueprint.get("/periods/<period>")
    @requires("payouts:read")
    @blueprint.response(200, schemas.Standing)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def period(period: str) -> dict[str, Any]:
        """Tell where a period is: open, or the state of its run."""
        with desks.reading() as desk:
            return rendering.standing(standing(desk, _period(period)))

    @blueprint.get("/runs")
    @requires("payouts:read")
    @blueprint.arguments(schemas.RunQuery, location="query")
    @blueprint.response(200, schemas.Runs)
    def runs(query: dict[str, Any]) -> dict[str, Any]:
        """List the runs of a period, or the latest of all, discarded ones included."""
        asked_for: Period | None = query["period"]
        with desks.reading() as desk:
            found = desk.runs.of_period(asked_for.id) if asked_for else desk.runs.latest(MOST_RUNS)
        return {"runs": [rendering.run(one) for one in found]}

    @blueprint.get("/runs/<run>")
    @requires("payouts:read")
    @blueprint.response(200, schemas.Run)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def run(run: str) -> Response:
        """Return the header of a run; its ETag is what If-Match takes."""
        with desks.reading() as desk:
            found = desk.runs.get(run)
        return etagged(found.tag, lambda: rendering.run(found))

    @blueprint.get("/runs/<run>/payouts")
    @requires("payouts:read")
    @blueprint.arguments(RunPayoutsQuery, location="query")
    @blueprint.response(200, schemas.RunPayouts)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def payouts(query: dict[str, Any], run: str) -> Response:
        """Return what everybody is paid in a run, line by line, with control totals; or its lines as CSV or XLSX."""
        with desks.reading() as desk:
            found = desk.runs.get(run)
            if query["format"] != JSON:
                names = {one.rep: one.name for one in desk.runs.payees(run)}
                return run_file(query["format"], found, names, desk.runs.lines(run))
            return etagged(found.tag, lambda: rendering.payouts(found, desk.runs.payees(run), desk.runs.lines(run)))

    @blueprint.get("/runs/<run>/statements/<rep>")
    @requires("statements:read", bounded=True)
    @blueprint.response(200, schemas.RunStatement)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def statement(run: str, rep: str) -> Response:
        """Return what one payee is paid in a run: earned, corrected, carried over, and derived step by step."""
        bounds.check_payee(rep, caller())
        with desks.reading() as desk:
            found = desk.runs.get(run)
            payee = payee_of(desk, found, rep)
            settled = Reader(desk.contents.read).get(Settled, payee.content)
        return etagged(f"{found.tag}.{rep}", lambda: rendering.statement(found, payee.content, settled))

    @blueprint.get("/balances")
    @requires("payouts:read")
    @blueprint.arguments(schemas.BalancesQuery, location="query")
    @blueprint.response(200, schemas.Balances)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def balances(query: dict[str, Any]) -> dict[str, Any]:
        """Return balances over a run: draws, debts, what caps and holdbacks keep."""
        with desks.reading() as desk:
            closed = desk.runs.closed(query["kind"])
            name = desk.runs.get(query["run"]).id if query["run"] else closed[-1].id if closed else None
            found = desk.runs.balances(name, query["rep"]) if name else []
        return {"run": name, "balances": [rendering.balance(one) for one in found]}

    @blueprint.get("/trail")
    @requires("payouts:read", "operator")
    @blueprint.arguments(schemas.TrailQuery, location="query")
    @blueprint.response(200, schemas.Trail)
    def trail(query: dict[str, Any]) -> dict[str, Any]:
        """Return the audit trail: who did what, when and why; of a period or a run where one is named."""
        asked_for: Period | None = query["period"]
        with desks.reading() as desk:
            found = desk.trail.of(period=asked_for.id if asked_for else None, run=query["run"])
        return {"events": [rendering.event(one) for one in found]}


def _changing(blueprint: Blueprint, desks: Desks, clock: Callable[[], datetime]) -> None:
    @blueprint.post("/runs")
    @requires("runs:write")
    @blueprint.arguments(schemas.CalculateOrder)
    @blueprint.doc(parameters=[KEY])
    @blueprint.response(201, schemas.Run)
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    def start(order: dict[str, Any]) -> tuple[Any, int, dict[str, str]]:
        """Calculate a period that has ended; a calculation that is not under review yet is replaced."""
        made = calculate(desks, order["period"], asked(clock()), engine_version())
        return rendering.run(made), 201, {"ETag": f'"{made.tag}"', "Location": f"/commission/v1/runs/{made.id}"}

    @blueprint.post("/runs/<run>/steps")
    @requires("runs:write", "runs:approve", "payouts:export")
    @blueprint.arguments(schemas.StepOrder)
    @blueprint.doc(parameters=[KEY, SEEN])
    @blueprint.response(200, schemas.Run)
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    @blueprint.alt_response(412, response="PRECONDITION_FAILED")
    def step(order: dict[str, Any], run: str) -> tuple[Any, int, dict[str, str]]:
        """Take a step with a run: submit, approve, discard or close. Whoever made something of it cannot approve it."""
        check_scope(order["action"], caller().scopes)
        found = take(desks, run, order["action"], asked(clock(), order["reason"]))
        return rendering.run(found), 200, {"ETag": f'"{found.tag}"'}

    @blueprint.post("/runs/<run>/verification")
    @requires("payouts:read", "operator")
    @blueprint.response(200, schemas.Verdict)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def verification(run: str) -> dict[str, Any]:
        """Compute a run again from its stored inputs, and compare with what is stored: byte for byte."""
        return rendering.verdict(verify(desks, run, asked(clock()), engine_version()))


def _period(text: str) -> Period:
    try:
        return periods.parse(text)
    except ValueError as error:
        raise UnknownPeriod(str(error)) from error
