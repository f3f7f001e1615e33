"""Count refused senders: whoever knocks at a thousand doors a second must not write a thousand rows."""

import threading
from datetime import datetime, timedelta
from typing import Protocol

EVERY = timedelta(seconds=5)
"""A connection's refusals are written down at most so often; those in between are counted with the next one."""


class Senders(Protocol):
    """Where counts are kept."""

    def refuse(self, connection: str, number: int, why: str, at: datetime) -> None:
        """Count refused requests, the last one at `at`."""
        ...


class Refusals:
    """Refusals of this process that are not written down yet."""

    def __init__(self, senders: Senders) -> None:
        """Begin with none."""
        self._senders = senders
        self._waiting: dict[str, int] = {}
        self._written: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def note(self, connection: str, why: str, at: datetime) -> None:
        """Count one refusal, and write down what was counted when it is time."""
        with self._lock:
            self._waiting[connection] = self._waiting.get(connection, 0) + 1
            written = self._written.get(connection)
            if written is not None and at - written < EVERY:
                return
            self._written[connection] = at
            number = self._waiting.pop(connection)
        self._senders.refuse(connection, number, why, at)
