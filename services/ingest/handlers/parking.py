"""Take another look at what is parked."""

from collections.abc import Callable
from typing import Protocol

import orjson

from services.ingest.domain import claims
from services.ingest.domain.arrivals import Parked, Part, Settled
from services.ingest.domain.directory import UNREADABLE, Directory, resolve
from services.ingest.domain.results import Sent
from services.ingest.handlers import taking
from services.ingest.handlers.receiving import TIMELESS, part_of
from services.ingest.sources.hooks import read_again

CHUNK = 1000

Decide = Callable[[Parked], Settled]


class Parking(Protocol):
    """Where parked activities are."""

    def waits(self, number: int) -> bool:
        """Tell whether something parked was not held against document `number` yet."""
        ...

    def recheck(self, number: int, limit: int, decide: Decide) -> tuple[int, int]:
        """Look at up to `limit` that were not held against document `number` yet; how many looked at, released."""
        ...

    def release(
        self, reason: str | None, reference: str | None, after: int, limit: int, decide: Decide
    ) -> tuple[int, int, int]:
        """Look at up to `limit` behind number `after`; last one looked at, how many, how many released."""
        ...


def recheck(parking: Parking, known: Directory) -> int:
    """Hold one chunk of what is parked against the newest documents; how many were looked at."""
    if not parking.waits(known.number):
        return 0
    looked, _ = parking.recheck(known.number, CHUNK, decider(known))
    return looked


def release(
    parking: Parking, known: Directory, reason: str | None, reference: str | None, passable: frozenset[str]
) -> tuple[int, int]:
    """Look at everything parked for a reason (None: any) and a name (None: any); how many were released, how many not.

    Reasons in `passable` no longer hold an activity up.
    """
    after = total = free = 0
    looked = CHUNK
    decide = decider(known, passable)
    while looked == CHUNK:
        after, looked, released = parking.release(reason, reference, after, CHUNK, decide)
        total, free = total + looked, free + released
    return free, total - free


def decider(known: Directory, passable: frozenset[str] = frozenset()) -> Decide:
    """Return what takes another look at something parked."""

    def decide(parked: Parked) -> Settled:
        if parked.held.reason == UNREADABLE:
            return _read_again(parked, known)
        claim = claims.from_json(orjson.loads(parked.claim))
        at = parked.received_at if parked.source not in TIMELESS else None
        found = resolve(claim, known, passable, parked.connection, received_at=at)
        if found.ignored:
            return Settled(parked.number, (), found.ignored)
        part = part_of(found, claim, parked.connection, parked.name)
        owner = taking.wants(Sent(None, None), [part], parked.connection, known)
        return Settled(parked.number, (part,), wants=owner)

    return decide


def _read_again(parked: Parked, known: Directory) -> Settled:
    """Read a payload as if it came now; while that still fails, it stays as it is."""
    connection = known.connections.get(parked.connection)
    payload = orjson.loads(parked.payload) if parked.payload else None
    sent = read_again(parked.source, payload, connection) if connection and payload is not None else ()
    found = [(each, *taking.meaning(each, parked.connection, known, parked.received_at)) for each in sent]
    parts = tuple(part for _, some, _ in found for part in some)
    if not sent or any(part.held and part.held.reason == UNREADABLE for part in parts):
        return Settled(parked.number, (Part(parked.claim, 0, parked.held, parked.name),))
    wants = tuple(want for each, some, _ in found for want in taking.wants(each, some, parked.connection, known))
    ignored = None if parts else next(why for _, _, why in found)
    return Settled(parked.number, parts, ignored, wants)
