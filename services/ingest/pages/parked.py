"""/ingest/parked: what waits for a repair or a person's yes, and letting it go."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import flask
from flask import Response

from services.ingest.domain.arrivals import Parked
from services.ingest.domain.directory import PASSABLE, REASONS, Held
from services.ingest.domain.quality import Review
from services.ingest.handlers import one_parked
from services.ingest.handlers import parking as handlers
from services.ingest.handlers.letting import let_through
from services.ingest.handlers.names import Names
from services.ingest.schemas.search import ParkedPageQuery, ReleaseForm
from shared import logs
from shared.web import caller, forms, limit_body, page, requires, see_other
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


def parked_pages(parking: Parking, names: Names, clock: Callable[[], datetime]) -> flask.Blueprint:
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
            older=forms.address("/ingest/parked", {"reason": asked.get("reason")}, after=items[-1].number)
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

        def go(held: one_parked.Parking) -> tuple[int, int]:
            if number is not None:
                return one_parked.release_one(held, names.now(), number, passable)
            return handlers.release(held, names.now(), reason, reference, passable)

        yes = Review(caller().name, clock(), "")
        released, still = let_through(parking, go, yes) if passable else go(parking)
        log.info("released", reason=reason, released=released, as_they_are=order["as_they_are"])
        return see_other("/ingest/parked", released=str(released), still=str(still))

    return pages


def _groups(counts: list[tuple[Held, int]]) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Return (reason, how many, [(name, how many)]) with the largest reason first."""
    groups: dict[str, list[tuple[str, int]]] = {}
    for held, count in counts:
        groups.setdefault(held.reason, []).append((held.reference, count))
    sums = [(reason, sum(count for _, count in found), found) for reason, found in groups.items()]
    return sorted(sums, key=lambda group: (-group[1], group[0]))
