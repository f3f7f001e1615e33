"""/ingest/v1/inbox and /ingest/v1/parked: what came in, and what waits for a name."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import orjson

from services.ingest.domain import arrivals
from services.ingest.domain.arrivals import Payload, Stored
from services.ingest.domain.directory import PASSABLE, REASONS, UNREADABLE, Held
from services.ingest.domain.masking import masked
from services.ingest.domain.quality import Review
from services.ingest.handlers import one_parked
from services.ingest.handlers import parking as handlers
from services.ingest.handlers.letting import let_through
from services.ingest.handlers.names import Names
from services.ingest.handlers.rereading import Inbox, NoSuchPayload, read_again
from services.ingest.schemas import answers
from shared.contracts.times import to_text
from shared.web import Blueprint, caller, requires


class Parking(handlers.Parking, Protocol):
    """Where parked activities are."""

    def counts(self) -> list[tuple[Held, int]]:
        """Return how many are parked for each reason and name, the most first."""
        ...

    def items(self, reason: str | None, after: int, limit: int) -> list[arrivals.Parked]:
        """Return parked activities in the order they came, those behind number `after`."""
        ...


def operations(inbox: Inbox, parking: Parking, names: Names, clock: Callable[[], datetime]) -> Blueprint:
    """Return the routes for those who look after the front door."""
    blueprint = Blueprint("inbox", __name__, url_prefix="/ingest/v1")

    @blueprint.get("/inbox/<int:number>")
    @requires("operator")
    @blueprint.response(200, answers.Received)
    @blueprint.alt_response(404, response="NOT_FOUND")
    def payload(number: int) -> dict[str, Any]:
        """Return a payload as it was received (secrets masked), and what became of it."""
        found = inbox.get(number) if number < 2**63 else None
        if found is None:
            raise NoSuchPayload
        return _received(found)

    @blueprint.post("/inbox/<int:number>/read-again")
    @requires("operator")
    @blueprint.response(200, answers.ReadAgain)
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(409, response="CONFLICT")
    def again(number: int) -> dict[str, Any]:
        """Read what a connection sent once more, by its mapping of today; what is there already stays as it is."""
        if number >= 2**63:
            raise NoSuchPayload
        return read_again(number, names.now(), inbox, clock())

    @blueprint.get("/parked")
    @requires("operator")
    @blueprint.arguments(answers.ParkedQuery, location="query")
    @blueprint.response(200, answers.Parked)
    def parked(query: dict[str, Any]) -> dict[str, Any]:
        """List what is parked and why: counts for each name, and the items page by page."""
        items = parking.items(query.get("reason"), query["after"], query["limit"])
        full = len(items) == query["limit"]
        return {
            "counts": [{**_held(held), "count": count} for held, count in parking.counts()],
            "items": [_item(item) for item in items],
            "next": items[-1].number if full else None,
        }

    @blueprint.post("/parked/release")
    @requires("operator")
    @blueprint.arguments(answers.ReleaseOrder)
    @blueprint.response(200, answers.Released)
    def release(order: dict[str, Any]) -> dict[str, int]:
        """Look at parked activities again, now."""
        passable = PASSABLE if order["as_they_are"] else frozenset[str]()
        reason, reference = order.get("reason"), order.get("reference")

        def go(held: one_parked.Parking) -> tuple[int, int]:
            return handlers.release(held, names.now(), reason, reference, passable)

        yes = Review(caller().name, clock(), "")
        released, still = let_through(parking, go, yes) if passable else go(parking)
        return {"released": released, "parked": still}

    return blueprint


def _received(found: Payload) -> dict[str, Any]:
    return {
        "inbox": found.inbox,
        "connection": found.connection,
        "id": found.key,
        "source": found.source,
        "received_at": found.received_at,
        "again": found.again,
        "ignored": found.ignored,
        "payload": masked(orjson.loads(found.payload)),
        "activities": [_stored(each) for each in found.activities],
    }


def _stored(each: Stored) -> dict[str, Any]:
    became = {"status": "parked", **_held(each.held), **_problems(each)} if each.held else {"status": "accepted"}
    at = to_text(each.published_at) if each.published_at else None
    return {"id": each.id, **became, "published_at": at, "activity": None if each.held else orjson.loads(each.body)}


def _problems(each: Stored) -> dict[str, Any]:
    return {"problems": orjson.loads(each.body)["problems"]} if each.held and each.held.reason == UNREADABLE else {}


def _held(held: Held) -> dict[str, str]:
    return {"reason": held.reason, "reference": held.reference, "remedy": REASONS[held.reason]}


def _item(item: arrivals.Parked) -> dict[str, Any]:
    claim = orjson.loads(item.claim)
    return {
        "inbox": item.inbox,
        "activity": f"{item.connection}:{claim['id']}",
        "type": claim["type"],
        "received_at": to_text(item.received_at),
        "reason": item.held.reason,
        "reference": item.held.reference,
    }
