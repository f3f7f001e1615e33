"""Work for many threads at a time: whoever is first works for all who came meanwhile, and all wait until it is done."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic, sleep
from typing import Generic, TypeVar

from shared.errors import Unavailable

PAUSE, LONGEST_PAUSE = 0.001, 0.01
"""Seconds without anybody coming after which the work begins while it is crowded; whoever comes alone never waits."""

CROWDED = 0.1
"""Seconds for which it is crowded after several came at the same time."""

P = TypeVar("P")
R = TypeVar("R")


def _closed() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Place(Generic[P, R]):
    """One thread's item, what became of it, and the gate that opens when that is known or when it is to lead."""

    item: P
    gate: Lock = field(default_factory=_closed)
    result: R | None = None
    error: Exception | None = None
    done: bool = False


class Gathering(Generic[P, R]):
    """One transaction for many requests: a disk that answers a thousand times a second serves many more of them."""

    def __init__(self, work: Callable[[Sequence[P]], Sequence[R]], size: Callable[[P], int], most: int) -> None:
        """Do `work` on items together, as many as have `most` in size (and always at least one)."""
        self._work, self._size, self._most = work, size, most
        self._waiting: deque[_Place[P, R]] = deque()
        self._lock, self._led = Lock(), False
        self._crowded_until = 0.0

    def do(self, item: P) -> R:
        """Return what becomes of an item; raises what the work raises."""
        place: _Place[P, R] = _Place(item)
        with self._lock:
            self._waiting.append(place)
            leads, self._led = not self._led, True
        if not leads:
            place.gate.acquire()
        if not place.done:
            self._lead()
        if place.error is not None:
            raise place.error
        return place.result  # type: ignore[return-value]  # there is one when there is no error

    def _lead(self) -> None:
        """Work for those at the head of the queue, oneself among them, and hand the lead to whoever is next."""
        if monotonic() < self._crowded_until:
            self._let_join()
        with self._lock:
            places = self._next()
        if len(places) > 1:
            self._crowded_until = monotonic() + CROWDED
        try:
            self._settle(places)
        finally:
            for place in places:
                if not place.done:
                    place.error, place.done = Unavailable("the process was told to stop"), True
                place.gate.release()
            with self._lock:
                self._led = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].gate.release()

    def _let_join(self) -> None:
        """Wait while ever more are coming; they could not be served any sooner one by one."""
        seen, until = 0, monotonic() + LONGEST_PAUSE
        while seen < len(self._waiting) and monotonic() < until:
            seen = len(self._waiting)
            sleep(PAUSE)

    def _next(self) -> list[_Place[P, R]]:
        places = [self._waiting.popleft()]
        size = self._size(places[0].item)
        while self._waiting and (size := size + self._size(self._waiting[0].item)) <= self._most:
            places.append(self._waiting.popleft())
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
