"""Ranking a board, when somebody looks at it for the first time or after the documents changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import TypeVar, cast

from redis import Redis

from services.leaderboard.domain.boards import TOTAL, Board
from services.leaderboard.domain.increments import LONGEST_RUN
from services.leaderboard.domain.league import League, whole
from services.leaderboard.store import batch, keys
from services.leaderboard.store.rank_scripts import FILL, FINISH, START

RANKING_LASTS_MS = 3_600_000
"""For how long a ranking is kept up to date after it was looked at last."""

_AT_ONCE = 20
"""Steps that are sent together."""

T = TypeVar("T")


class Ranker:
    """Makes rankings of one store. Safe for several threads and processes."""

    def __init__(self, client: Redis) -> None:
        """Write through `client`."""
        self._redis = client
        self._start = client.register_script(START)
        self._fill = client.register_script(FILL)
        self._finish = client.register_script(FINISH)

    def rank(self, league: League, board: Board) -> None:
        """Rank every member of the board's scope and everyone who has a total.

        Nothing comes of it when the documents change meanwhile, or somebody else was quicker: look again.
        """
        name = f"{board.name}:{board.by}"
        ranking, divisors = keys.RANKING + name, keys.DIVISORS + name
        new = [ranking + keys.NEW, divisors + keys.NEW]
        other = 1 if board.by == TOTAL else 0
        started = self._start(keys=[keys.STATE, keys.HOT, *new], args=[league.stamp, name, RANKING_LASTS_MS, other])
        if started != "started":
            return
        known = league.denominators(board)
        self._fill_in(board, league, new, _rostered(known))
        self._fill_in(board, league, new, self._others(board, known))
        self._finish(keys=[keys.STATE, keys.HOT, ranking, divisors, *new], args=[league.stamp, name])

    def _fill_in(self, board: Board, league: League, new: list[str], parts: Iterable[bytes]) -> None:
        named = [keys.TOTALS + board.name, *new]
        for some in _parts(parts, _AT_ONCE):
            with self._redis.pipeline(transaction=False) as pipe:
                for part in some:
                    self._fill(keys=named, args=[league.stamp, RANKING_LASTS_MS, part], client=pipe)
                pipe.execute()

    def _others(self, board: Board, known: Mapping[str, object]) -> Iterable[bytes]:
        """Yield those who have a total and are not on the roster."""
        having = self._redis.zscan_iter(keys.TOTALS + board.name, count=LONGEST_RUN)
        others = (member for member, _ in cast("Iterable[tuple[str, float]]", having) if member not in known)
        return (batch.members(some) for some in _parts(others, LONGEST_RUN))


def _rostered(known: Mapping[str, Fraction | None]) -> Iterable[bytes]:
    return (batch.members(*zip(*some, strict=True)) for some in _parts(whole(known).items(), LONGEST_RUN))


def _parts(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while part := list(islice(rest, size)):
        yield part
