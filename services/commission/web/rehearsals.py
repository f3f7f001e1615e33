"""/commission/v1/rehearsals: a draft of the plans on past periods; nothing is kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from services.commission.domain.rehearsal import Change, Cost, Rehearsal, distribution
from services.commission.handlers.rehearsing import rehearse
from services.commission.schemas import rehearsals as schemas
from services.commission.store import Books
from services.commission.web.rendering import money
from shared.web import Blueprint, requires


def rehearsal_routes(books: Books) -> Blueprint:
    """Return the route of rehearsals."""
    blueprint = Blueprint("rehearsals", __name__, url_prefix="/commission/v1")

    @blueprint.post("/rehearsals")
    @requires("runs:write")
    @blueprint.arguments(schemas.RehearsalOrder)
    @blueprint.response(200, schemas.Rehearsal)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def ask(order: dict[str, Any]) -> dict[str, Any]:
        """Tell what a draft of the plans would have cost, who gains and who loses; nothing of it is kept."""
        with books.page() as page:
            found = rehearse(page, order["plans"], order["first"], order["last"])
        return rendered(found)

    return blueprint


def rendered(found: Rehearsal) -> dict[str, Any]:
    """Return a rehearsal as JSON."""
    return {
        "periods": [period.id for period in found.periods],
        "exceptions": dict(found.exceptions),
        "currencies": [_currency(found, currency) for currency in found.currencies],
    }


def _currency(found: Rehearsal, currency: str) -> dict[str, Any]:
    changes, (gain, lose, same) = found.of(currency), found.counts(currency)
    return {
        "currency": currency,
        "total": _compared(found.total(currency)),
        "gain": gain,
        "lose": lose,
        "same": same,
        "periods": [{"period": one.period.id, **_compared(one)} for one in found.costs if one.currency == currency],
        "payees": [{"rep": one.rep, "name": one.name, "team": one.team, **_compared(one)} for one in changes],
        "distribution": [asdict(column) for column in distribution(changes)],
    }


def _compared(one: Change | Cost) -> dict[str, Any]:
    return {
        "now": money(one.now, one.currency),
        "draft": money(one.draft, one.currency),
        "difference": money(one.draft - one.now, one.currency),
    }
