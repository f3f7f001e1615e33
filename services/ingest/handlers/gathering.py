"""Work for many threads at a time: whoever is first works for all who came meanwhile, and all wait until it is done."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from time import sleep
from typing import Generic, TypeVar

from shared.errors import Unavailable

PAUSE = 0.001
"""Seconds that others have to join, once several came at the same time; whoever comes alone never waits."""

P = TypeVar("P")
R = TypeVar("R")


@dataclass(slots=True)
class _Place(Generic[P, R]):
    """One thread's item, and what became of it."""

    item: P
    result: R | None = None
    error: Exception | None = None
    done: bool = False


class Gathering(Generic[P, R]):
    """One transaction for many requests: a disk that answers a thousand times a second serves many more of them."""

    def __init__(self, work: Callable[[Sequence[P]], Sequence[R]], size: Callable[[P], int], most: int) -> None:
        """Do `work` on items together, as many as have `most` in size (and always at least one)."""
        self._work, self._size, self._most = work, size, most
        self._waiting: deque[_Place[P, R]] = deque()
        self._turn = Lock()
        self._crowded = False

    def do(self, item: P) -> R:
        """Return what becomes of an item; raises what the work raises."""
        place: _Place[P, R] = _Place(item)
        self._waiting.append(place)
        with self._turn:
            while not place.done:
                self._settle(self._next())
        if place.error is not None:
            raise place.error
        return place.result  # type: ignore[return-value]  # there is one when there is no error

    def _next(self) -> list[_Place[P, R]]:
        """Take places off the queue; only whose turn it is does so."""
        if self._crowded:
            sleep(PAUSE)
        places = [self._waiting.popleft()]
        size = self._size(places[0].item)
        while self._waiting and (size := size + self._size(self._waiting[0].item)) <= self._most:
            places.append(self._waiting.popleft())
        self._crowded = len(places) > 1
        return places

    def _settle(self, places: Sequence[_Place[P, R]]) -> None:
        """Work on all of them; when that fails, on each by itself, so that no other has to pay for it."""
        try:
            results = self._work([place.item for place in places])
        except Exception as error:  # noqa: BLE001  whatever it is, whoever it belongs to is told
            if isinstance(error, Unavailable) or len(places) == 1:
                for place in places:
                    place.error, place.done = error, True
            else:
                for place in places:
                    self._settle([place])
        else:
            for place, result in zip(places, results, strict=True):
                place.result, place.done = result, True
