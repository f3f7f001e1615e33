"""Where a hub hears of changes, and of what screens are told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Protocol

from services.leaderboard.domain.told import Told


class News(Protocol):
    """Where news comes from, and where every web process hears it."""

    def follow(self, stop: threading.Event) -> Iterator[int | Told]:
        """Yield the version of the standings again and again, and what screens are told, until `stop` is set."""
        ...

    def tell(self, told: Told) -> None:
        """Tell something to every process that follows."""
        ...
