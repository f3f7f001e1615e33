"""Let parked activities through as they are, and remember whose yes it was."""

from collections.abc import Callable
from typing import Protocol

from services.ingest.domain.arrivals import Parked, Settled
from services.ingest.domain.quality import Review
from services.ingest.handlers.one_parked import Parking
from services.ingest.handlers.parking import Decide

Release = Callable[[Parking], tuple[int, int]]


class Notes(Protocol):
    """Where is noted what people looked at."""

    def mark(self, flag: str, review: Review) -> None:
        """Remember who looked at something, when, and what they noted."""
        ...


class Noted:
    """A parking that knows which activities were let go."""

    def __init__(self, parking: Parking) -> None:
        """Note nothing yet."""
        self._parking = parking
        self.released: dict[int, str] = {}

    def waits(self, number: int) -> bool:
        """Tell whether something parked was not held against document `number` yet."""
        return self._parking.waits(number)

    def recheck(self, number: int, limit: int, decide: Decide) -> tuple[int, int]:
        """Look at up to `limit` that were not held against document `number` yet."""
        return self._parking.recheck(number, limit, decide)

    def items(self, reason: str | None, after: int, limit: int) -> list[Parked]:
        """Return parked activities in the order they came, those behind number `after`."""
        return self._parking.items(reason, after, limit)

    def release(
        self, reason: str | None, reference: str | None, after: int, limit: int, decide: Decide
    ) -> tuple[int, int, int]:
        """Look at up to `limit` behind number `after`; a chunk that fails is not noted."""
        going: dict[int, str] = {}

        def noting(parked: Parked) -> Settled:
            settled = decide(parked)
            if not any(part.held for part in settled.parts):
                going[parked.number] = parked.held.reason
            return settled

        told = self._parking.release(reason, reference, after, limit, noting)
        self.released |= going
        return told


def name_of(number: int) -> str:
    """Return under which name it is noted whose yes let an activity through."""
    return f"activity:{number}"


def let_through(parking: Parking, release: Release, notes: Notes, yes: Review) -> tuple[int, int]:
    """Release with a person's yes; returns how many were released and how many not."""
    noted = Noted(parking)
    told = release(noted)
    for number, reason in noted.released.items():
        notes.mark(name_of(number), Review(yes.seen_by, yes.seen_at, reason))
    return told
