"""Take another look at one parked activity."""

from typing import Protocol

from services.ingest.domain.arrivals import Parked, Settled
from services.ingest.domain.directory import Directory
from services.ingest.handlers import parking as handlers
from services.ingest.handlers.parking import Decide
from shared.errors import Outdated


class NoLongerParked(Outdated):
    """This activity is no longer parked."""


class Parking(handlers.Parking, Protocol):
    """Where parked activities are."""

    def items(self, reason: str | None, after: int, limit: int) -> list[Parked]:
        """Return parked activities in the order they came, those behind number `after`."""
        ...


class OnlyOne:
    """A parking that holds one activity, so that it is looked at as all others are."""

    def __init__(self, parking: Parking, number: int) -> None:
        """Know which."""
        self._parking, self._number = parking, number

    def waits(self, number: int) -> bool:
        """Tell whether something parked was not held against document `number` yet."""
        return self._parking.waits(number)

    def recheck(self, number: int, limit: int, decide: Decide) -> tuple[int, int]:
        """Look at up to `limit` that were not held against document `number` yet."""
        return self._parking.recheck(number, limit, decide)

    def release(
        self, reason: str | None, reference: str | None, after: int, limit: int, decide: Decide
    ) -> tuple[int, int, int]:
        """Look at the one; raises NoLongerParked, and nothing is changed, when it has just been released."""

        def only(parked: Parked) -> Settled:
            if parked.number != self._number:
                raise NoLongerParked
            return decide(parked)

        return self._parking.release(reason, reference, self._number - 1, 1, only)


def release_one(parking: Parking, known: Directory, number: int, passable: frozenset[str]) -> tuple[int, int]:
    """Look at one parked activity; returns how many were released and how many not: one and none, or none and one."""
    if not any(each.number == number for each in parking.items(None, number - 1, 1)):
        raise NoLongerParked
    return handlers.release(OnlyOne(parking, number), known, None, None, passable)
