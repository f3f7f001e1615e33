"""/ingest/parked: what waits for a repair or a person's yes, and letting it go."""

from typing import Protocol

import flask
from flask import Response, request

from services.ingest.domain.arrivals import Parked
from services.ingest.domain.directory import PASSABLE, REASONS, Held
from services.ingest.handlers import parking as handlers
from services.ingest.handlers.names import Names
from services.ingest.handlers.one_parked import release_one
from services.ingest.pages import forms
from services.ingest.schemas.search import ParkedPageQuery, ReleaseForm
from shared import logs
from shared.web import caller, limit_body, page, requires, see_other
from shared.web.pages import UTC

SHOWN = 50

log = logs.get(__name__)


class Parking(handlers.Parking, Protocol):
    """Where parked activities are."""

    def counts(self) -> list[tuple[Held, int]]:
        """Return how many are parked for each reason and name, the most first."""
        ...

    def items(self, reason: str | None, after: int, limit: int) -> list[Parked]:
        """Return parked activities in the order they came, those behind number `after`."""
        ...


def parked_pages(parking: Parking, names: Names) -> flask.Blueprint:
    """Return the page of what is parked and the form that releases it."""
    pages = flask.Blueprint("parked_pages", __name__, url_prefix="/ingest")

    @pages.get("/parked")
    @requires("operator", "league:write")
    def parked() -> str:
        """Show what is parked by reason and name, and the first of each."""
        roster = names.now().roster
        asked, _ = forms.query(ParkedPageQuery())
        counts = parking.counts()
        items = parking.items(asked.get("reason"), asked.get("after", 0), SHOWN)
        return page(
            "parked.html",
            title="parked.title",
            zone=roster.zone if roster else UTC,
            groups=_groups(counts),
            total=sum(count for _, count in counts),
            items=items,
            asked=asked,
            older=forms.address("/ingest/parked", request.args, after=items[-1].number)
            if len(items) == SHOWN
            else None,
            released=asked.get("released"),
            still=asked.get("still"),
            remedies=REASONS,
            passable=PASSABLE,
        )

    @pages.post("/parked/release")
    @requires("operator", "league:write")
    @limit_body(2000)
    def release() -> Response:
        """Look again at one parked activity, at those of a reason or a name, or at all."""
        order = forms.form(ReleaseForm())
        passable = PASSABLE if order["as_they_are"] else frozenset[str]()
        number, reason, reference = order.get("number"), order.get("reason"), order.get("reference")
        if number is None:
            released, still = handlers.release(parking, names.now(), reason, reference, passable)
        else:
            released, still = release_one(parking, names.now(), number, passable)
        log.info("released", by=caller().name, reason=reason, released=released, as_they_are=order["as_they_are"])
        return see_other("/ingest/parked", released=str(released), still=str(still))

    return pages


def _groups(counts: list[tuple[Held, int]]) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Return (reason, how many, [(name, how many)]) with the largest reason first."""
    groups: dict[str, list[tuple[str, int]]] = {}
    for held, count in counts:
        groups.setdefault(held.reason, []).append((held.reference, count))
    sums = [(reason, sum(count for _, count in found), found) for reason, found in groups.items()]
    return sorted(sums, key=lambda group: (-group[1], group[0]))
