"""/commission/v1/adjustments, /disputes and what-if."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.commission.domain.claims import BY_PAYEE, Entry
from services.commission.handlers import bounds, claiming
from services.commission.handlers.claiming import Wanted
from services.commission.handlers.supposing import Deal, what_if
from services.commission.schemas import claims as schemas
from services.commission.store import Desks
from services.commission.web import life_rendering as rendering
from services.commission.web.asking import KEY, asked
from services.commission.web.rendering import statement
from shared.errors import FieldProblem, Forbidden, InvalidInput
from shared.money import to_minor
from shared.periods import Period
from shared.web import Blueprint, caller, requires

LARGEST_NUMBER = 2**62


def claims(desks: Desks, clock: Callable[[], datetime]) -> Blueprint:
    """Return the routes of adjustments, disputes and what-if."""
    blueprint = Blueprint("claims", __name__, url_prefix="/commission/v1")
    _adjustments(blueprint, desks, clock)
    _disputes(blueprint, desks, clock)
    _what_if(blueprint, desks, clock)
    return blueprint


def _adjustments(blueprint: Blueprint, desks: Desks, clock: Callable[[], datetime]) -> None:
    @blueprint.post("/adjustments")
    @requires("runs:write")
    @blueprint.arguments(schemas.AdjustmentOrder)
    @blueprint.doc(parameters=[KEY])
    @blueprint.response(201, schemas.Adjustment)
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    def adjust(order: dict[str, Any]) -> dict[str, Any]:
        """Add money by hand, or take it back, with a reason; the next calculation of the period pays it."""
        said = {name: order[name] for name in ("period", "rep", "currency", "reason", "reference")}
        origin = order["origin"].id if order["origin"] else ""
        wanted = Wanted(**said, amount=_minor(order, "/amount"), origin=origin)
        return rendering.adjustment(claiming.adjust(desks, wanted, asked(clock(), order["reason"])))

    @blueprint.get("/adjustments")
    @requires("payouts:read")
    @blueprint.arguments(schemas.AdjustmentsQuery, location="query")
    @blueprint.response(200, schemas.Adjustments)
    def listed(query: dict[str, Any]) -> dict[str, Any]:
        """List adjustments made by hand, with the closed run that paid each."""
        with desks.reading() as desk:
            found = desk.claims.adjustments(query["period"], query["rep"])
        return {"adjustments": [rendering.adjustment(one) for one in found]}


def _disputes(blueprint: Blueprint, desks: Desks, clock: Callable[[], datetime]) -> None:
    @blueprint.post("/disputes")
    @requires("disputes:write", "runs:write", bounded=True)
    @blueprint.arguments(schemas.DisputeOrder)
    @blueprint.doc(parameters=[KEY])
    @blueprint.response(201, schemas.Dispute)
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    def open_one(order: dict[str, Any]) -> dict[str, Any]:
        """Object to a line of a run; the line itself never changes."""
        bounds.check_line(desks, order["run"], order["line"], caller())
        made = claiming.object_to(desks, order["run"], order["line"], order["text"], asked(clock()))
        return rendering.dispute(made)

    @blueprint.get("/disputes")
    @requires("payouts:read", "disputes:write", bounded=True)
    @blueprint.arguments(schemas.DisputesQuery, location="query")
    @blueprint.response(200, schemas.Disputes)
    def listed(query: dict[str, Any]) -> dict[str, Any]:
        """List disputes, the latest first."""
        with desks.reading() as desk:
            rep = bounds.seen_rep(query["rep"], caller())
            found = desk.claims.disputes(run=query["run"], rep=rep, state=query["state"])
        return {"disputes": [rendering.dispute(one) for one in found]}

    @blueprint.get("/disputes/<int:number>")
    @requires("payouts:read", "disputes:write", bounded=True)
    @blueprint.response(200, schemas.Dispute)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def one(number: int) -> dict[str, Any]:
        """Return a dispute with everything that was said."""
        with desks.reading() as desk:
            return rendering.dispute(bounds.check_dispute(desk, min(number, LARGEST_NUMBER), caller()))

    @blueprint.post("/disputes/<int:number>/entries")
    @requires("disputes:write", "runs:write", bounded=True)
    @blueprint.arguments(schemas.EntryOrder)
    @blueprint.doc(parameters=[KEY])
    @blueprint.response(201, schemas.Dispute)
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    def answer(order: dict[str, Any], number: int) -> dict[str, Any]:
        """Answer, decide, object again or escalate; what is granted becomes an adjustment in an open period."""
        with desks.reading() as desk:
            bounds.check_dispute(desk, min(number, LARGEST_NUMBER), caller())
        state, request = order["state"], asked(clock())
        wanted_scope = "disputes:write" if state in BY_PAYEE else "runs:write"
        if wanted_scope not in caller().scopes:
            raise Forbidden(f"{state} needs the scope {wanted_scope}")
        entry = Entry(request.now, request.actor, state, order["text"])
        wanted = order["grant"] and _granted(order["grant"], order["text"], number)
        return rendering.dispute(claiming.answer(desks, min(number, LARGEST_NUMBER), entry, wanted, request))


def _granted(grant: dict[str, Any], text: str, number: int) -> Wanted:
    amount = _minor(grant, "/grant/amount")
    return Wanted(grant["period"], "", grant["currency"], amount, text, reference=f"dispute {number}")


def _minor(order: dict[str, Any], pointer: str) -> int:
    try:
        return to_minor(order["amount"], order["currency"])
    except ValueError as error:
        raise InvalidInput(
            "the amount cannot be paid", [FieldProblem(pointer, str(order["amount"]), str(error))]
        ) from error


def _what_if(blueprint: Blueprint, desks: Desks, clock: Callable[[], datetime]) -> None:
    @blueprint.post("/statements/<rep>/what-if")
    @requires("statements:read", bounded=True)
    @blueprint.arguments(schemas.WhatIfOrder)
    @blueprint.response(200, schemas.WhatIf)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def ask(order: dict[str, Any], rep: str) -> dict[str, Any]:
        """Tell what a rep would earn in the period if these deals closed; nothing of it is kept."""
        bounds.check_payee(rep, caller())
        period: Period = order["period"]
        deals = [
            Deal(one["name"] or f"what-if:{n}", one["metric"], one["amount"], one["on"])
            for n, one in enumerate(order["deals"], start=1)
        ]
        found = what_if(desks, rep, period, deals, clock())
        now, then = found.now.totals, found.then.totals
        more = {name: then.get(name, 0) - now.get(name, 0) for name in {*now, *then}}
        said = {"now": rendering.totals(now), "more": rendering.totals(more)}
        return {**statement(found.then, found.league, found.marks), **said}
