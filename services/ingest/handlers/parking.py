"""Take another look at what is parked."""

from collections.abc import Callable
from typing import Protocol

import orjson

from services.ingest.domain import claims
from services.ingest.domain.arrivals import Parked, Settled
from services.ingest.domain.directory import Directory, resolve
from services.ingest.handlers.receiving import published

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
    looked, _ = parking.recheck(known.number, CHUNK, _decider(known))
    return looked


def release(
    parking: Parking, known: Directory, reason: str | None, reference: str | None, passable: frozenset[str]
) -> tuple[int, int]:
    """Look at everything parked for a reason (None: any) and a name (None: any); how many were released, how many not.

    Reasons in `passable` no longer hold an activity up.
    """
    after = total = free = 0
    looked = CHUNK
    while looked == CHUNK:
        after, looked, released = parking.release(reason, reference, after, CHUNK, _decider(known, passable))
        total, free = total + looked, free + released
    return free, total - free


def _decider(known: Directory, passable: frozenset[str] = frozenset()) -> Decide:
    def decide(parked: Parked) -> Settled:
        claim = claims.from_json(orjson.loads(parked.claim))
        found = resolve(claim, known, passable)
        if found.held:
            return Settled(parked.number, parked.claim, 0, found.held)
        body, partition = published(claim, parked.connection, found.rep)
        return Settled(parked.number, body.decode(), partition, None)

    return decide
