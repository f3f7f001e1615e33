"""Fixtures over real engines, started when the first test asks and ended with the session.

| fixture | is |
|---|---|
| `redis_url`, `postgres_url` | URL of the session's server; to store something, use the next two |
| `fresh_redis_url` | a Redis database that was emptied for this test |
| `database_url` | twice: an empty SQLite file, and an empty PostgreSQL database |
| `kafka_url` | URL of the session's broker |
| `bus_url`, `bus` | twice: Redis Streams and Kafka, with topics and groups of this test's own |
| `redis_bus_url`, `kafka_bus_url` | one of them, likewise |
| `browser` | Chromium without a window |
| `redis_engine`, `postgres_engine`, `kafka_engine` | the server, to stop, kill, start; the next test finds it running |

An engine that cannot be had skips the test with the reason; with CI=true in the environment it fails it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from redis import Redis

from shared.bus import Bus, BusUnavailable, open_bus
from tests.engines import Engine, EngineMissing, kafka, postgres, redis
from tests.engines.engine import wait_until

FRESH_REDIS_DATABASE = 1
CHROMIUM_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
# machines are small and shared: how long an example took says nothing
settings.register_profile("samenspel", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("samenspel")

QUICK = "patience=2&lease=2"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files: the processes that share the tests out then end at about the same time."""
    first = Path(__file__).parent / "e2e"
    items.sort(key=lambda item: first not in item.path.parents)


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[Engine]:
    yield from _session(redis.start)


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[Engine]:
    yield from _session(postgres.start)


@pytest.fixture(scope="session")
def _kafka_server() -> Iterator[Engine]:
    yield from _session(kafka.start)


@pytest.fixture
def redis_engine(_redis_server: Engine) -> Engine:
    """The session's Redis, running."""
    return _running(_redis_server)


@pytest.fixture
def postgres_engine(_postgres_server: Engine) -> Engine:
    """The session's PostgreSQL, running."""
    return _running(_postgres_server)


@pytest.fixture
def kafka_engine(_kafka_server: Engine) -> Engine:
    """The session's Kafka, running."""
    return _running(_kafka_server)


@pytest.fixture
def redis_url(redis_engine: Engine) -> str:
    """Where the session's Redis is."""
    return redis_engine.url


@pytest.fixture
def postgres_url(postgres_engine: Engine) -> str:
    """Where the session's PostgreSQL is, as a superuser of the database `postgres`."""
    return postgres_engine.url


@pytest.fixture
def kafka_url(kafka_engine: Engine) -> str:
    """Where the session's Kafka is."""
    return kafka_engine.url


@pytest.fixture
def fresh_redis_url(redis_url: str) -> str:
    """An empty Redis database."""
    url = f"{redis_url.rpartition('/')[0]}/{FRESH_REDIS_DATABASE}"
    with Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of this test's own, on both engines."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
    else:
        with postgres.fresh_database(request.getfixturevalue("postgres_url")) as url:
            yield url


@pytest.fixture
def redis_bus_url(redis_url: str) -> str:
    """Redis Streams with topics and groups of this test's own."""
    return _of_its_own(redis_url)


@pytest.fixture
def kafka_bus_url(kafka_url: str) -> str:
    """Kafka with topics and groups of this test's own."""
    return _of_its_own(kafka_url)


@pytest.fixture(params=["redis", pytest.param("kafka", marks=pytest.mark.kafka)])
def bus_engine(request: pytest.FixtureRequest) -> Engine:
    """The broker of each adapter."""
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    return engine


@pytest.fixture
def bus_url(bus_engine: Engine) -> str:
    """A bus of each adapter, with topics and groups of this test's own."""
    return _of_its_own(bus_engine.url)


@pytest.fixture
def bus(bus_url: str) -> Iterator[Bus]:
    """An open bus of each adapter, ready to be used."""
    opened = open_bus(bus_url)
    wait_until(lambda: _usable(opened), 60, "a bus that can be used")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window; one for all tests of a process, since Playwright runs only once in each."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        _miss(EngineMissing("no Chromium on the PATH: apt-get install chromium"))
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        yield launched
        launched.close()


def _session(start: Callable[[], Engine]) -> Iterator[Engine]:
    try:
        engine = start()
    except EngineMissing as missing:
        _miss(missing)
    with engine:
        yield engine


def _running(engine: Engine) -> Engine:
    engine.start()
    return engine


def _miss(missing: EngineMissing) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(str(missing))
    pytest.skip(str(missing))


def _usable(bus: Bus) -> bool:
    """Tell whether the broker, which another test may have just restarted, has taken the topics."""
    try:
        return bus.incarnation() != ""
    except BusUnavailable:
        return False


def _of_its_own(url: str) -> str:
    return f"{url}?prefix=t{uuid4().hex[:8]}-&{QUICK}"
