"""The standings in Redis. (Signatures; the bodies follow.)"""

import threading
from collections.abc import Iterator, Sequence

import redis

from services.leaderboard.domain.boards import Board, Freshness, Neighbours, Page, Win
from services.leaderboard.domain.league import League

PREFIX = "{samenspel}:"
CHANNEL = PREFIX + "changed"
"""Pub/sub: each applied batch and each league change sends the new version as its message."""

UNREACHABLE: tuple[type[Exception], ...] = (redis.ConnectionError, redis.TimeoutError)
"""What is raised while Redis cannot be reached: try again later."""


class Standings:
    """The standings of one league. `Standings.open(redis_url)`; safe for several threads."""

    @classmethod
    def open(cls, url: str) -> "Standings":
        """Return the standings at a Redis URL; connects on first use."""
        raise NotImplementedError

    def version(self) -> int:
        """Return a number that grows with each applied batch and league change; 0: empty."""
        raise NotImplementedError

    def documents(self) -> League:
        """Return the league as it is now: `.roster`, `.targets`, `.metrics`, `.stamp`."""
        raise NotImplementedError

    def board(self, board: Board, start: int = 0, count: int = 50) -> Page:
        """Return `count` rows from place `start`; members at zero stand there as well."""
        raise NotImplementedError

    def around(self, board: Board, member: str, n: int = 3) -> Page | None:
        """Return up to `n` rows before and after the member; None when not on the board."""
        raise NotImplementedError

    def neighbours(self, board: Board, member: str) -> Neighbours | None:
        """Return the next better and next worse standing; None when not on the board."""
        raise NotImplementedError

    def latest_wins(self, n: int = 50) -> Sequence[Win]:
        """Return the deals won last, newest first; a win that was taken back is gone."""
        raise NotImplementedError

    def freshness(self) -> Freshness:
        """Return how current the standings are."""
        raise NotImplementedError

    def changes(self, stop: threading.Event, every: float = 1.0) -> Iterator[int]:
        """Yield the version, and again whenever it has changed, until `stop` is set.

        Listens to the channel and looks itself every `every` seconds, since messages can get lost.
        Raises one of UNREACHABLE when Redis goes away.
        """
        raise NotImplementedError

    def ping(self) -> None:
        """Return when Redis answers; raises one of UNREACHABLE."""
        raise NotImplementedError
