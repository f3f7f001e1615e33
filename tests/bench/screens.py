"""A thousand screens on one web process while the standings change: how late the last one knows, and what it costs.

Beside it a bare server that sends the same bytes to as many connections under the same worker, by one thread each and
by one loop for all.
"""

import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import orjson
from redis import Redis

from services.leaderboard.domain import pairing
from services.leaderboard.domain.playlists import Playlist
from services.leaderboard.domain.screens import Setup
from services.leaderboard.pages.identity import COOKIE
from services.leaderboard.store import Standings
from services.leaderboard.store.decided import Decided
from shared.auth import mint
from tests.bench.bare_sse import CHANNEL
from tests.bench.crowd import Crowd
from tests.browser.office import TEAMS, Office, now
from tests.browser.server import Server
from tests.engines import redis

SCREENS, CHANGES, PER_SECOND = 1_000, 50, 5
PATH = "/leaderboard/v1/screens/self/stream"
BARE = "tests.bench.bare_sse:create_app()"
VIEWS = 2 * len(TEAMS)
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")

Change = Callable[[], int]


@dataclass(frozen=True)
class Measured:
    """Delays of each change in seconds, shortest first; the server's share of a core, its memory in MiB, bytes sent."""

    delays: list[list[float]]
    core: float
    memory: float
    sent: int
    coming: float

    def line(self, name: str) -> str:
        """Say it in one line."""
        last = [each[-1] for each in self.delays]
        middle = median(delay for each in self.delays for delay in each)
        return (
            f"{name}: last screen p50 {1000 * median(last):.0f} ms, worst {1000 * max(last):.0f} ms, all screens p50"
            f" {1000 * middle:.0f} ms; {100 * self.core:.0f} % of a core, {self.memory:.0f} MiB,"
            f" {self.sent / 1e6 / CHANGES * PER_SECOND:.1f} MB/s; all connected in {self.coming:.1f} s"
        )


def run() -> Iterator[str]:
    """Yield the figures, line by line."""
    with redis.start() as engine, _folder() as folder:
        yield f"{SCREENS:,} screens, {PER_SECOND} changes a second, load {os.getloadavg()[0]:.1f} at the start"
        yield measured(folder, engine.url, cookies=paired(folder)).line(f"paired screens, {VIEWS} views")
        ours = measured(folder, engine.url)
        yield ours.line("one view for all")
        size = ours.sent // CHANGES // SCREENS
        threads = {"SAMENSPEL_THREADS": str(SCREENS + 64)}
        for name, path, settings in (("a thread each", PATH, threads), ("one loop", f"{PATH}?by=loop", {})):
            bare = measured(folder, engine.url, path, bare=size, **settings)
            yield bare.line(f"bare server, {name}, {size} bytes a change")
            ratios = _last(ours) / _last(bare), ours.core / bare.core
            yield f"ours ÷ that: {ratios[0]:.2f} by the last screen, {ratios[1]:.2f} by processor time"
        yield f"load {os.getloadavg()[0]:.1f} at the end"


def paired(folder: Path) -> list[str]:
    """Pair the screens, of every team as many, on two playlists; return their cookies."""
    decided, pairs, moment = Decided.open(f"sqlite:///{folder}/screens.db"), [], now()
    slides = ({"type": "teams", "seconds": 20, "by": "attainment"}, {"type": "duel", "seconds": 20})
    short = decided.playlists.add(Playlist("", "short", slides), "bench", moment)
    for number in range(SCREENS):
        team, playlist = [*TEAMS][number % len(TEAMS)], (None, short.id)[number // len(TEAMS) % 2]
        moment += pairing.LASTS  # so that no pairing waits any more
        device, code = decided.pairings.begin(str(number), moment)
        decided.pairings.confirm(code, Setup(f"screen {number}", playlist, team), "bench", moment)
        if collected := decided.pairings.collect(device, moment):
            pairs.append(f"{COOKIE}={collected.secret}")
    decided.engine.dispose()
    return pairs


def measured(
    folder: Path, redis_url: str, path: str = PATH, *, cookies: Sequence[str] = (), bare: int = 0, **settings: str
) -> Measured:
    """Measure the web process, or the bare server that sends `bare` bytes a change."""
    server = Server(folder, redis_url, SAMENSPEL_TV_ACCESS="open", SAMENSPEL_TV_STREAMS="2000", **settings)
    server.app = BARE if bare else server.app
    with _changing(redis_url, bare) as change:
        server.start()
        crowd = Crowd(server.port, path, cookies)
        try:
            return _measure(server, crowd, change)
        finally:
            crowd.go()
            server.kill()


def _measure(server: Server, crowd: Crowd, change: Change) -> Measured:
    began = perf_counter()
    for _ in range(0, SCREENS, 50):
        crowd.come(50)
        crowd.look(0.02)
    crowd.look(0.5)
    crowd.look_until_all_heard(change(), 60)
    coming = perf_counter() - began
    crowd.forget()
    told: list[tuple[float, int]] = []
    core, began = _seconds(server.worker), perf_counter()
    changing = threading.Thread(target=_change_steadily, args=(change, told))
    changing.start()
    while changing.is_alive():
        crowd.look(0.2)
    crowd.look_until_all_heard(told[-1][1], 30)
    share = (_seconds(server.worker) - core) / (perf_counter() - began)
    return Measured(crowd.delays(told), share, _mebibytes(server.worker), crowd.received, coming)


def _change_steadily(change: Change, told: list[tuple[float, int]]) -> None:
    began, never = perf_counter(), threading.Event()
    for number in range(CHANGES):
        never.wait(max(0.0, began + number / PER_SECOND - perf_counter()))
        at = perf_counter()
        told.append((at, change()))


@contextmanager
def _changing(redis_url: str, bare: int) -> Iterator[Change]:
    """Return what changes something and tells the number of the change."""
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        if bare:
            filler = orjson.dumps({"filler": "x" * bare})
            numbers = iter(range(1, 1_000_000))

            def publish() -> int:
                number = next(numbers)
                client.publish(CHANNEL, b"%d-0\ndata: %s" % (number, filler))
                return number

            yield publish
            return
        standings = Standings.open(redis_url)
        office = Office(standings)
        office.fill(*TEAMS)

        def sell() -> int:
            office.sell("utrecht", 1_000)
            return standings.version()

        yield sell
        standings.close()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="samenspel-bench-") as name:
        mint(Path(name) / "tokens.json", "nobody", [])
        yield Path(name)


def _last(one: Measured) -> float:
    return median(each[-1] for each in one.delays)


def _seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _mebibytes(pid: int) -> float:
    """Return how much memory a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 2**20
