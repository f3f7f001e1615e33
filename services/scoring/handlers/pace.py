"""How much background work fits between two batches of live activities."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

BUDGET = 0.01
"""Seconds that live activities may wait for background work."""

LEAST, MOST = 10, 1000


@dataclass(slots=True)
class Piece:
    """One piece of work: at most `size`, of which so much is `done`."""

    size: int
    done: int = 0


class Pace:
    """The size of the next piece of background work, so that it takes about as long as it may."""

    def __init__(self, budget: float = BUDGET) -> None:
        """Begin with little."""
        self._budget = budget
        self.size = 2 * LEAST

    @contextmanager
    def piece(self) -> Iterator[Piece]:
        """Do one piece inside; the next is larger or smaller by how long this one took."""
        piece, begun = Piece(self.size), monotonic()
        yield piece
        if piece.done:
            self.took(piece.done, monotonic() - begun)

    def took(self, done: int, seconds: float) -> None:
        """Choose the next size; never more than twice this one."""
        fitting = done * self._budget / max(seconds, 1e-6)
        self.size = int(max(LEAST, min(fitting, 2 * self.size, MOST)))
