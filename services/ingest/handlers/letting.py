"""Let parked activities through as they are, with the name of the one who says so."""

from collections.abc import Callable
from dataclasses import replace

from services.ingest.domain.arrivals import Parked, Settled
from services.ingest.domain.quality import Review
from services.ingest.handlers.one_parked import Parking
from services.ingest.handlers.parking import Decide

Release = Callable[[Parking], tuple[int, int]]


class _Agreed:
    """A parking that keeps, with everything that it lets go, whose yes that was."""

    def __init__(self, parking: Parking, yes: Review) -> None:
        self._parking, self._yes = parking, yes

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
        """Look at up to `limit` behind number `after`."""

        def agreed(parked: Parked) -> Settled:
            settled = decide(parked)
            if any(part.held for part in settled.parts):
                return settled
            return replace(settled, yes=replace(self._yes, note=parked.held.reason))

        return self._parking.release(reason, reference, after, limit, agreed)


def let_through(parking: Parking, release: Release, yes: Review) -> tuple[int, int]:
    """Release with a person's yes, which is kept with each; returns how many were released and how many not."""
    return release(_Agreed(parking, yes))
