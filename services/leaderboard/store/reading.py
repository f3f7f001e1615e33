"""Reading the standings: boards, wins, documents, how current they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

import orjson
from redis import ConnectionError as RedisConnectionError
from redis import Redis
from redis import TimeoutError as RedisTimeoutError
from redis.backoff import NoBackoff
from redis.retry import Retry

from services.leaderboard.domain.boards import (
    Board,
    Entry,
    Freshness,
    Moment,
    Neighbours,
    Page,
    Progress,
    Row,
    Win,
    distance,
    shared_ranks,
)
from services.leaderboard.domain.increments import entry_key
from services.leaderboard.domain.league import League, read_league, row
from services.leaderboard.store import batch, keys
from services.leaderboard.store.news import News
from services.leaderboard.store.ranker import RANKING_LASTS_MS, Ranker
from services.leaderboard.store.read_scripts import NEIGHBOURS, PAGE
from shared.contracts import league as league_contract

UNREACHABLE: tuple[type[Exception], ...] = (RedisConnectionError, RedisTimeoutError)
"""What is raised while Redis cannot be reached: try again later."""

ATTEMPTS = 10
_PATIENCE_SECONDS = 10.0


class ChangesTooFast(RedisTimeoutError):
    """The documents changed again each time they had been read: try again later."""


def connect(url: str) -> Redis:
    """Return a client that connects on first use; one repetition covers a connection that had gone stale."""
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=_PATIENCE_SECONDS,
        socket_connect_timeout=_PATIENCE_SECONDS,
        health_check_interval=30,
        retry=Retry(NoBackoff(), 1),
    )


class Reading:
    """The standings of one league, to look at. Safe for several threads."""

    def __init__(self, client: Redis) -> None:
        """Read through `client`."""
        self._redis = client
        self.news = News(client, self.version)
        self._league = League(0)
        self._page = client.register_script(PAGE)
        self._neighbours = client.register_script(NEIGHBOURS)
        self._ranker = Ranker(client)

    def ping(self) -> None:
        """Return when Redis answers; raises one of UNREACHABLE."""
        self._redis.ping()

    def close(self) -> None:
        """Release the connections."""
        self._redis.close()

    def version(self) -> int:
        """Return a number that grows with each applied batch and league change; 0: empty."""
        return int(cast("str | None", self._redis.hget(keys.STATE, "version")) or 0)

    def documents(self) -> League:
        """Return the league as it is now; read again only when a document has come."""
        stamp = int(cast("str | None", self._redis.hget(keys.STATE, "league")) or 0)
        return self._league if stamp == self._league.stamp else self._read_documents()

    def board(self, board: Board, start: int = 0, count: int = 50) -> Page:
        """Return `count` rows from place `start` (0: the best); members at zero stand there as well."""
        return self._rows(board, "", start, count)

    def around(self, board: Board, member: str, n: int = 3) -> Page | None:
        """Return the member with up to `n` rows before and after; None when not on the board."""
        found = self._rows(board, member, n, n)
        return found if found.rows else None

    def neighbours(self, board: Board, member: str) -> Neighbours | None:
        """Return the next better and next worse standing; None when the member is not on the board."""
        league, answer = self._look(self._neighbours, board, member)
        if answer[0] == "absent":
            return None
        own, above, below = (_single(league, board, given) for given in answer[2:])
        return Neighbours(
            row=cast("Row", own),
            above=above,
            below=below,
            to_above=distance(above, own, board.by),
            to_below=distance(own, below, board.by),
            version=int(answer[1]),
        )

    def latest_wins(self, n: int = 50) -> Sequence[Win]:
        """Return the deals won last, newest first; a win that was taken back is gone."""
        found = self._latest(n, keys.WINS, keys.WIN_FACTS, keys.WINS_BY_TIME)
        return [batch.read_win(text, amount) for text, amount in found]

    def latest_moments(self, n: int = 50) -> Sequence[Moment]:
        """Return the streaks, bests, milestones and firsts of late, newest first; what was taken back is gone."""
        found = self._latest(n, keys.MOMENTS, keys.MOMENT_FACTS, keys.MOMENTS_BY_TIME)
        return [batch.read_moment(text) for text, _ in found]

    def _latest(self, n: int, sums: str, facts: str, by_time: str) -> list[tuple[str, int]]:
        latest = cast("list[str]", self._redis.zrange(by_time, 0, n - 1, desc=True))
        if not latest:
            return []
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hmget(facts, latest)
            pipe.hmget(sums, latest)
            texts, amounts = pipe.execute()
        return [(text, int(amount)) for text, amount in zip(texts, amounts, strict=True) if text]

    def freshness(self) -> Freshness:
        """Return how current the standings are."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hmget(keys.STATE, "booked", "applied")
            pipe.exists(keys.GOAL)
            (booked, applied), goal = pipe.execute()
        return Freshness(
            last_booked_at=batch.from_micros(int(booked)) if booked else None,
            applied_at=batch.from_micros(int(applied) * 1000) if applied else None,
            rebuilding=bool(goal),
        )

    def progress(self) -> Progress:
        """Return how far the lines have been applied, and how far they had been."""
        with self._redis.pipeline(transaction=True) as pipe:
            for key in (keys.SEEN, keys.GOAL, keys.ASKED):
                pipe.hgetall(key)
            seen, goal, asked = pipe.execute()
        return Progress(
            seen={int(partition): int(line) for partition, line in seen.items()},
            goal={int(partition): int(line) for partition, line in goal.items()},
            asked={what: batch.from_micros(int(at) * 1000) for what, at in asked.items()},
        )

    def boards(self) -> list[Board]:
        """Return every board that has totals, ranked by total; by metric, period, scope."""
        names = cast("list[str]", self._redis.zrange(keys.BOARDS, 0, -1))
        return [Board(*name.split(":", 2)) for name in sorted(names)]

    def totals(self, boards: Sequence[Board]) -> list[dict[str, int]]:
        """Return all totals that are not zero, of these boards at one and the same moment."""
        with self._redis.pipeline(transaction=True) as pipe:
            for board in boards:
                pipe.zrange(keys.TOTALS + board.name, 0, -1, withscores=True)
            answers = pipe.execute()
        return [{member: int(amount) for member, amount in answer} for answer in answers]

    def sum_of(self, boards: Sequence[Board]) -> dict[str, int]:
        """Return what the members have on these boards together; all of one scope."""
        if not boards:
            return {}
        added = self._redis.zunion([keys.TOTALS + board.name for board in boards], withscores=True)
        return {member: int(amount) for member, amount in cast("list[tuple[str, float]]", added) if amount}

    def amounts(self, asked: Sequence[tuple[Board, str]]) -> list[int]:
        """Return the amount of a member on a board, for each that is asked."""
        with self._redis.pipeline(transaction=True) as pipe:
            for board, member in asked:
                pipe.zscore(keys.TOTALS + board.name, member)
            return [int(amount or 0) for amount in pipe.execute()]

    def entries(self, metric: str, days: Sequence[date]) -> list[list[Entry]]:
        """Return what stands on each of the days, piece by piece of work; in no order."""
        with self._redis.pipeline(transaction=True) as pipe:
            for day in days:
                pipe.hgetall(f"{keys.ENTRIES}{metric}:{day.isoformat()}")
            answers = pipe.execute()
        return [[batch.read_entry(key, int(amount)) for key, amount in answer.items()] for answer in answers]

    def worth(self, metric: str, wins: Sequence[Win]) -> list[int | None]:
        """Return what each win brought in a metric; None where nothing did, or it is not kept any more."""
        with self._redis.pipeline(transaction=True) as pipe:
            for win in wins:
                day = win.at.astimezone(self._league.zone).date()
                pipe.hget(f"{keys.ENTRIES}{metric}:{day.isoformat()}", entry_key(win, win.team))
            return [None if amount is None else int(amount) for amount in pipe.execute()]

    def _read_documents(self) -> League:
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hget(keys.STATE, "league")
            pipe.hvals(keys.LEAGUE)
            stamp, texts = pipe.execute()
        documents = [league_contract.from_wire(orjson.loads(text)) for text in texts]
        self._league = read_league(int(stamp or 0), documents)
        return self._league

    def _rows(self, board: Board, member: str, start: int, count: int) -> Page:
        league, answer = self._look(self._page, board, member, start, count)
        if answer[0] == "absent":
            return Page((), 0, 0, int(answer[1]))
        version, total, first, rank = (int(value) for value in answer[1:5])
        members, scores = answer[5][::2], [float(score) for score in answer[5][1::2]]
        ranks = shared_ranks(rank, first, scores)
        standings = zip(members, scores, ranks, answer[6], strict=True)
        rows = (_row(league, board, standing) for standing in standings)
        return Page(tuple(rows), first, total, version)

    def _look(self, script: Any, board: Board, *arguments: str | int) -> tuple[League, list[Any]]:
        """Run a reading script; read the documents and rank the board first where it asks for it."""
        name = f"{board.name}:{board.by}"
        named = [keys.STATE, keys.TOTALS + board.name, keys.RANKING + name, keys.DIVISORS + name]
        for _ in range(ATTEMPTS):
            league = self._league
            answer = script(keys=named, args=[league.stamp, RANKING_LASTS_MS, *arguments])
            if answer[0] == "stale":
                self._read_documents()
            elif answer[0] == "build":
                self._ranker.rank(league, board)
            else:
                return league, answer
        raise ChangesTooFast


def _row(league: League, board: Board, standing: Sequence[Any]) -> Row:
    member, score, rank, amount = standing
    comparable = float(score) != float("inf")
    return row(league, board, int(rank) if comparable else None, member, int(float(amount or 0)))


def _single(league: League, board: Board, standing: Sequence[Any]) -> Row | None:
    return _row(league, board, standing) if standing else None
