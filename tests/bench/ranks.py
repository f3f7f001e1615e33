"""Boards of a thousand to a million members: a member's rank with the page around it, and the first look at a board."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from redis import Redis

from services.leaderboard.domain.boards import MEASURES, REPS, Board
from services.leaderboard.domain.increments import runs
from services.leaderboard.domain.league import League
from services.leaderboard.store import Standings, keys
from shared import periods
from shared.contracts.credit import Credit
from shared.contracts.league import PLAYBOOK, ROSTER, LeagueDocument
from shared.contracts.playbook import parse_playbook
from shared.contracts.roster import Membership, Organisation, Rep, Roster, Team
from shared.contracts.targets import Target, Targets
from tests.bench.workload import LABEL
from tests.engines import redis

SIZES = (1_000, 10_000, 100_000, 1_000_000)
LOOKS, AROUND = 300, 3
YEAR = "2026"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PLAYBOOK_BODY = {"metrics": [{"id": "revenue", "unit": "EUR", "label": LABEL}], "rules": []}
ORGANISATION = {"name": "Bench", "timezone": "Europe/Amsterdam", "currency": "EUR"}


def run() -> Iterator[str]:
    """Yield the figures for each size: what a look costs and how it grows, the first look, a line, the memory."""
    smallest: dict[str, float] = {}
    for size in SIZES:
        with redis.start() as engine, Redis.from_url(engine.url) as client:
            standings = office(engine.url, client, size)
            before = _megabytes(client)
            client.config_set("slowlog-log-slower-than", 1_000)
            for by in MEASURES:
                board, began = Board("revenue", YEAR, REPS, by), perf_counter()
                standings.board(board, 0, 1)
                built = perf_counter() - began
                look = _milliseconds(_looks(standings, board, size))
                grown = look / smallest.setdefault(by, look)
                yield (
                    f"{size:>9,} members by {by}: rank and page around {look:.2f} ms (x {grown:.1f}), "
                    f"first look {built:.2f} s"
                )
            line = _milliseconds(_lines(standings, size))
            longest = max((step["duration"] for step in client.slowlog_get(128)), default=1_000) / 1_000
            used = (_megabytes(client) - before) / len(MEASURES)
            yield (
                f"{size:>9,} members: a line on all three {line:.2f} ms, {used:.0f} MB for each ranking, "
                f"others waited {longest:.0f} ms at most while it was made"
            )
            standings.close()


def office(url: str, client: Redis, size: int) -> Standings:
    """Return standings whose year holds an amount for each of so many reps, on a roster with as many."""
    standings, random = Standings.open(url), Random(size)
    bodies = ((ROSTER, {"organisation": ORGANISATION, "teams": [], "reps": []}), (PLAYBOOK, PLAYBOOK_BODY))
    for kind, body in bodies:
        standings.put(LeagueDocument(kind, 1, date(2026, 1, 1), "bench", NOW, body), NOW)
    standings._league = _league(standings.documents().stamp, size)  # reading a million reps from JSON is no part of it
    board = Board("revenue", YEAR, REPS)
    for start in range(0, size, 10_000):
        members = range(start, min(size, start + 10_000))
        client.zadd(keys.TOTALS + board.name, {f"rep-{n}": random.randrange(100_000_000) for n in members})
    client.zadd(keys.BOARDS, {board.name: float("inf")})
    return standings


def _league(stamp: int, size: int) -> League:
    year, teams = periods.parse(YEAR), {f"t{n}": Team(f"t{n}", f"Team {n}") for n in range(20)}
    fte = [Decimal(part) for part in ("1", "0.8", "0.6", "0.5")]
    reps = {
        f"rep-{n}": Rep(
            *(f"rep-{n}", f"Rep {n}", f"Rep {n}", ()),
            memberships=(Membership(f"t{n % 20}", year.first, None, fte[n % 4]),),
            mentors=(),
            on_tv=False,
        )
        for n in range(size)
    }
    targets = tuple(Target("revenue", year, Decimal(500_000 + n % 1_000), rep, None) for n, rep in enumerate(reps))
    roster = Roster(Organisation("Bench", "Europe/Amsterdam", "EUR", "nl"), teams, reps)
    return League(stamp, (), roster, Targets(targets), parse_playbook(PLAYBOOK_BODY).metrics)


def _looks(standings: Standings, board: Board, size: int) -> list[Callable[[], object]]:
    random = Random(1)
    return [partial(_look, standings, board, f"rep-{random.randrange(size)}") for _ in range(LOOKS)]


def _look(standings: Standings, board: Board, member: str) -> None:
    """Do what GET …/around/<member> does: the page, and the next better and worse standings."""
    page, neighbours = standings.around(board, member, AROUND), standings.neighbours(board, member)
    assert page is not None
    assert neighbours is not None


def _lines(standings: Standings, size: int) -> list[Callable[[], object]]:
    random = Random(2)
    facts: dict[str, Any] = {"subject": "D", "rule": "won", "metric": "revenue", "team": "t1", "activity": "a"}
    facts |= {"inbox": 1, "playbook": 1, "roster": 1, "at": NOW, "booked_at": NOW, "amount": 100}
    given = [Credit(0, n, rep=f"rep-{random.randrange(size)}", **facts) for n in range(1, LOOKS)]
    return [partial(standings.apply, run, NOW) for run in runs(given, 1)]


def _milliseconds(calls: Sequence[Callable[[], object]]) -> float:
    """Return the median time of a call."""
    times = []
    for call in calls:
        began = perf_counter()
        call()
        times.append(perf_counter() - began)
    return median(times) * 1000


def _megabytes(client: Redis) -> float:
    return float(client.info("memory")["used_memory"]) / 1e6
