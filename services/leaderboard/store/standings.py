"""Changing the standings: apply lines, keep documents, wipe, remember what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import orjson
from redis import Redis

from services.leaderboard.domain.increments import SequenceGap, SumTooLarge
from services.leaderboard.domain.league import check
from services.leaderboard.store import batch, keys
from services.leaderboard.store.reading import ATTEMPTS, ChangesTooFast, Reading, connect
from services.leaderboard.store.write_scripts import APPLY, PUT, TOUCH, WIPE
from shared.contracts.credit import Credit
from shared.contracts.league import ROSTER, LeagueDocument, to_wire

_MARKS = [
    *(keys.STATE, keys.SEEN, keys.GOAL, keys.ASKED, keys.BOARDS, keys.HOT, keys.DAYS),
    *(keys.WINS, keys.WIN_FACTS, keys.WINS_BY_TIME),
    *(keys.MOMENTS, keys.MOMENT_FACTS, keys.MOMENTS_BY_TIME),
]
"""In the order in which the scripts take them."""

_MAY_COME_AGAIN = timedelta(days=35)
"""For so long the same deal or milestone is not celebrated once more."""


class Applied(StrEnum):
    """What became of a run of lines."""

    APPLIED = "applied"
    SEEN = "seen"
    """All of it had been applied before."""
    EMPTY = "empty"
    """The standings are empty and wait for line 1, or for the roster whose time zone says where days begin."""


class Put(StrEnum):
    """What became of a document."""

    KNOWN = "known"
    STORED = "stored"
    WIPED = "wiped"
    """Stored; it moves the organisation to another time zone, so that the standings have to be made again."""


class Standings(Reading):
    """The standings of one league in Redis. Safe for several threads and processes."""

    def __init__(self, client: Redis) -> None:
        """Read and write through `client`."""
        super().__init__(client)
        self._apply = client.register_script(APPLY)
        self._put = client.register_script(PUT)
        self._wipe = client.register_script(WIPE)
        self._touch = client.register_script(TOUCH)

    @classmethod
    def open(cls, url: str) -> Standings:
        """Return the standings at a Redis URL; connects on first use."""
        return cls(connect(url))

    def apply(self, run: Sequence[Credit], now: datetime) -> Applied:
        """Add a run of consecutive lines of one partition, together with the mark of the last one, or nothing.

        Lines that were applied before are passed over. Raises SequenceGap, SumTooLarge, one of UNREACHABLE.
        """
        for _ in range(ATTEMPTS):
            zone = self._league.roster.zone if self._league.roster else None
            outcome, number, *where = self._apply(keys=_MARKS, args=[batch.batch(run, zone, now)])
            match outcome:
                case "stale":
                    self._read_documents()
                case "behind":
                    run = run[int(number) - run[0].seq + 1 :]
                case "gap":
                    raise SequenceGap(run[0].partition, int(number), run[0].seq)
                case "overflow":
                    raise SumTooLarge(f"{where[0]}: the sum of {where[1]} would pass 2^53; nothing was applied")
                case _:
                    return Applied(outcome)
        raise ChangesTooFast

    def put(self, document: LeagueDocument, now: datetime) -> Put:
        """Keep a document; the same one again changes nothing. Raises BadDocument, one of UNREACHABLE."""
        check(document)
        roster = document.kind == ROSTER
        zone = document.body["organisation"]["timezone"] if roster else ""
        outcome = self._put(
            keys=[*_MARKS, keys.LEAGUE],
            args=[
                f"{document.kind}:{document.version}",
                orjson.dumps(to_wire(document), option=orjson.OPT_SORT_KEYS),
                document.version if roster else 0,
                zone,
                batch.millis(now),
            ],
        )
        return Put(outcome)

    def wipe(self, now: datetime) -> None:
        """Forget totals and marks in one step; documents stay. Until the lines are back, it counts as rebuilding."""
        self._wipe(keys=_MARKS, args=[batch.millis(now)])

    def note_asked(self, what: Sequence[str], now: datetime) -> None:
        """Remember that these (`league`, or partitions of `credits`) were asked to be published again."""
        self._redis.hset(keys.ASKED, mapping=dict.fromkeys(what, batch.millis(now)))

    def touch(self, now: datetime) -> None:
        """Say that something changed that the standings do not hold: what is shown is drawn again."""
        self._touch(keys=[keys.STATE], args=[batch.millis(now)])

    def claim(self, celebration: str) -> bool:
        """Tell whether nobody celebrated this before; from now on somebody did."""
        return bool(self._redis.set(keys.CELEBRATED + celebration, 1, nx=True, ex=_MAY_COME_AGAIN))

    def is_blank(self) -> bool:
        """Tell whether there is nothing at all: a new or an emptied Redis."""
        return not self._redis.exists(keys.STATE, keys.SEEN, keys.GOAL, keys.ASKED)
