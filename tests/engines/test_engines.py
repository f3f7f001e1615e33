"""The engines keep their promises: same place and data after a crash, nothing left behind, a reason when missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from redis import Redis
from sqlalchemy import create_engine, inspect, text

from tests.conftest import _session
from tests.engines import Engine, EngineMissing, GivenEngine, postgres, redis

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from tests.engines import redis
engine = redis._start_process()
print(engine.pid, flush=True)
sys.stdin.read()
"""


def test_redis_keeps_place_and_data_over_a_crash_and_a_stop(redis_engine: Engine, redis_url: str) -> None:
    with closing(Redis.from_url(redis_url, db=2)) as client:
        client.set("kept", "yes")
        redis_engine.kill()
        redis_engine.start()
        redis_engine.stop()
        redis_engine.start()
        assert client.get("kept") == b"yes"
        client.flushdb()


@pytest.mark.postgres
def test_postgres_keeps_place_and_data_over_a_crash_and_a_stop(postgres_engine: Engine, postgres_url: str) -> None:
    with postgres.fresh_database(postgres_url) as url:
        address = url.replace("+psycopg", "")
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        postgres_engine.kill()
        postgres_engine.start()
        postgres_engine.stop()
        postgres_engine.start()
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_a_database_is_empty_and_this_tests_own(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == []
        connection.execute(text("CREATE TABLE left_behind (id INTEGER)"))
    engine.dispose()


def test_closing_ends_the_process_and_removes_the_folder() -> None:
    with redis._start_process() as engine:
        pid, folder = engine.pid, engine.folder
        assert pid is not None
        assert runs(pid)

    assert not runs(pid)
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux to notice the death of a parent")
def test_a_server_does_not_outlive_a_killed_test_run() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        pid = int(child.stdout.readline())
        assert runs(pid)
        child.send_signal(signal.SIGKILL)

    deadline = monotonic() + 10
    while runs(pid):
        assert monotonic() < deadline


def test_an_engine_given_by_the_environment_is_used_and_not_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(redis.VARIABLE, "redis://elsewhere:6379/0")

    engine = redis.start()

    assert isinstance(engine, GivenEngine)
    assert engine.url == "redis://elsewhere:6379/0"
    with pytest.raises(EngineMissing, match="cannot be stopped"):
        engine.kill()


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_a_missing_engine_skips_with_its_reason_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    def missing() -> Engine:
        raise EngineMissing("no java on the PATH")

    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="no java on the PATH"):
        next(_session(missing))


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
