"""One trial: two chains with the same stream, one of them hit by a fault after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from shared.periods import of_day
from tests.engines import Engine, postgres
from tests.faults import story
from tests.faults.catalogue import Fault, World, faults_for
from tests.faults.proxy import Proxy
from tests.faults.watched import Watched, feed, is_settled, picture, put_league, verify

DATABASES = ("ingest", "scoring", "leaderboard", "commission")
BUS = "patience=2&lease=2"
STANDINGS = 2
"""The Redis database of the disturbed chain's standings; the other's is one further."""


@dataclass(frozen=True)
class Setting:
    """Which engines the disturbed chain runs on, how much is sent, and the dice's seed."""

    bus: str
    sql: str
    seed: int
    events: int = 600


def hits(setting: Setting, engines: Mapping[str, Engine], folder: Path, names: Sequence[str]) -> Iterator[str]:
    """Hit a chain with these faults, one after another; yields what each was, after all was found to agree.

    Raises AssertionError with the first difference.
    """
    dice, now = Random(setting.seed), datetime.now(UTC)
    league, events = story.league(now.date()), story.stream(now, dice, setting.events)
    known, pieces = faults_for(setting.bus, setting.sql), story.pieces(events, len(names) + 1)
    with ExitStack() as stack:
        calm = stack.enter_context(_calm(engines, folder / "calm"))
        world = stack.enter_context(_world(setting, engines, folder / "hit", dice))
        both = (calm, world.chain)
        for chain in both:
            put_league(chain, league)
        activities, _ = _fed(both, pieces[0], lambda: "")
        for name, piece in zip(names, pieces[1:], strict=True):
            more, said = _fed(both, piece, partial(known[name], world))
            activities += more
            _compare(both, activities, now, f"{said}, seed {setting.seed}")
            yield said
        for chain in both:
            verify(chain)


def _fed(both: tuple[Watched, Watched], piece: Sequence[story.Event], fault: Callable[[], str]) -> tuple[int, str]:
    """Hand a piece in at both; returns how many of it are new activities, and what the fault was."""
    calm, hit = both
    outcome, _ = feed(calm, piece)
    _, said = feed(hit, piece, fault)
    return outcome["accepted"], said


def _compare(both: tuple[Watched, Watched], activities: int, now: datetime, what: str) -> None:
    month, week = of_day(now.date(), "month"), of_day(now.date(), "week")
    pictures = []
    for chain in both:
        chain.wait_until(partial(is_settled, chain, activities), f"the chain to settle after {what}", 90, every=0.3)
        pictures.append(picture(chain, [str(now.year), month.id, week.id], [month.id, month.previous().id]))
    expected, found = pictures
    different = {key: (expected[key], found[key]) for key in expected if expected[key] != found[key]}
    assert different == {}, f"after {what}: {different}"


@contextmanager
def _calm(engines: Mapping[str, Engine], folder: Path) -> Iterator[Watched]:
    """Yield the chain that nothing happens to: a Redis of its own, SQLite."""
    folder.mkdir()
    calm = engines["calm"]
    databases = {name: f"sqlite:///{folder / name}.db" for name in DATABASES}
    chain = Watched(folder, f"{_with(calm.url, database=0)}?{BUS}", _with(calm.url, database=STANDINGS), databases)
    try:
        chain.start()
        yield chain
    finally:
        chain.stop()


@contextmanager
def _world(setting: Setting, engines: Mapping[str, Engine], folder: Path, dice: Random) -> Iterator[World]:
    folder.mkdir()
    with ExitStack() as stack:
        proxies: dict[str, Proxy] = {}

        def through(name: str, url: str) -> str:
            parts = urlsplit(url)
            if name not in proxies:
                proxies[name] = Proxy(parts.hostname or "", parts.port or 0)
                stack.callback(proxies[name].close)
            return _with(url, port=proxies[name].port)

        standings = _with(engines["redis"].url, database=STANDINGS)
        bus = engines["kafka"].url if setting.bus == "kafka" else through("redis", _with(engines["redis"].url))
        databases = {name: f"sqlite:///{folder / name}.db" for name in DATABASES}
        if setting.sql == "postgres":
            own = {name: stack.enter_context(postgres.fresh_database(engines["postgres"].url)) for name in DATABASES}
            databases = {name: through("postgres", url) for name, url in own.items()}
        used = {name: engine for name, engine in engines.items() if name in ("redis", setting.bus, setting.sql)}
        where = f"{bus}?prefix={uuid4().hex[:8]}-&{BUS}"
        chain = Watched(folder, where, through("redis", standings), databases)
        stack.callback(chain.stop)
        chain.start()
        yield World(chain, used, proxies, standings, dice, sqlite=setting.sql == "sqlite")


def _with(url: str, port: int | None = None, database: int | None = None) -> str:
    """Return a URL with another port or another Redis database."""
    parts = urlsplit(url)
    host = parts.netloc if port is None else f"{parts.netloc.rpartition(':')[0]}:{port}"
    path = parts.path if database is None else f"/{database}"
    return urlunsplit(parts._replace(netloc=host, path=path))


__all__ = ["Fault", "Setting", "hits"]
