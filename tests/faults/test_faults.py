"""Faults, and after each: nothing lost, nothing twice, and everything as it would have been.

Each kind on both sizes is a long test; `make faults` tries many.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import Engine, redis
from tests.faults.catalogue import EVERYWHERE, faults_for
from tests.faults.proxy import Proxy
from tests.faults.trial import Setting, hits

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture
def calm_redis(redis_engine: Engine) -> Iterator[Engine]:
    """A second Redis, for the chain that is left alone."""
    with redis.start() as engine:
        yield engine


@pytest.mark.long
def test_on_one_machine_every_fault_ends_in_what_an_undisturbed_run_gives(
    calm_redis: Engine, redis_engine: Engine, tmp_path: Path
) -> None:
    names = sorted(faults_for("redis", "sqlite"))
    setting = Setting("redis", "sqlite", int(time.time()), events=30 * len(names))
    told = list(hits(setting, {"calm": calm_redis, "redis": redis_engine}, tmp_path, names))
    assert len(told) == len(names)


@pytest.mark.long
@pytest.mark.kafka
@pytest.mark.postgres
def test_at_scale_every_fault_ends_in_what_an_undisturbed_run_gives(
    calm_redis: Engine, redis_engine: Engine, kafka_engine: Engine, postgres_engine: Engine, tmp_path: Path
) -> None:
    engines = {"calm": calm_redis, "redis": redis_engine, "kafka": kafka_engine, "postgres": postgres_engine}
    names = sorted(EVERYWHERE)
    setting = Setting("kafka", "postgres", int(time.time()), events=30 * len(names))
    assert len(list(hits(setting, engines, tmp_path, names))) == len(names)


def test_a_network_that_is_cut_lets_nothing_through_and_one_that_heals_does(redis_engine: Engine) -> None:
    host, _, port = redis_engine.url.removeprefix("redis://").partition("/")[0].partition(":")
    proxy = Proxy(host, int(port))
    try:
        assert _asked(proxy) == b"+PONG\r\n"
        proxy.refuse()
        assert _asked(proxy) == b""
        proxy.heal()
        assert _asked(proxy) == b"+PONG\r\n"
    finally:
        proxy.close()


def _asked(proxy: Proxy) -> bytes:
    try:
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as line:
            line.sendall(b"PING\r\n")
            return line.recv(100)
    except OSError:
        return b""
