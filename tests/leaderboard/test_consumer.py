"""The consumer process: restarts, kills, emptied stores, over a real bus."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from redis import Redis

from services.leaderboard import cli
from services.leaderboard.consumer import EXIT_GAP, run
from services.leaderboard.domain.boards import Board
from services.leaderboard.handlers import TOPICS_READ, handle
from services.leaderboard.settings import ConsumerSettings
from services.leaderboard.store import Standings, keys
from shared.bus import Bus, Consumer, Outgoing, Record, open_bus
from shared.contracts import credit, request, wire
from shared.contracts import league as league_contract
from shared.contracts.credit import Credit
from tests.engines import Engine
from tests.leaderboard.sample import AT, NOW, REPS, content, league, line, put, target

PATIENCE = 60.0
DOCUMENTS = league(target("100", rep="anna"), target("500", team="noord"))


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until it holds; fail after PATIENCE seconds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def ledger(partition: int, lines: int) -> list[Credit]:
    """Return a partition of the ledger."""
    metrics = ("revenue", "points", "deals")
    return [
        line(
            seq, REPS[seq % len(REPS)]["id"], 1 + seq % 97, partition=partition, metric=metrics[seq % 3],
            at=AT - timedelta(days=seq % 50),
        )
        for seq in range(1, lines + 1)
    ]  # fmt: skip


LEDGER = {partition: ledger(partition, 600) for partition in (0, 3, 7)}


def poll_all(consumer: Consumer, count: int) -> list[Record]:
    """Poll until so many records have come."""
    records: list[Record] = []
    wait_for(lambda: records.extend(consumer.poll(0.2)) or len(records) == count)  # type: ignore[func-returns-value]
    return records


def publish_lines(bus: Bus, lines: Sequence[Credit], size: int = 25) -> None:
    """Publish one partition's lines, `size` a record."""
    parcels = (lines[start : start + size] for start in range(0, len(lines), size))
    records = [wire.encode("credits", map(credit.to_wire, parcel))[0] for parcel in parcels]
    bus.publish([Outgoing("credits", "", value, lines[0].partition) for value in records])


def publish_documents(bus: Bus) -> None:
    """Publish the league."""
    values = [wire.encode("league", [league_contract.to_wire(each)])[0] for each in DOCUMENTS]
    bus.publish([Outgoing("league", each.kind, value) for each, value in zip(DOCUMENTS, values, strict=True)])


def grown(url: str) -> dict[str, object]:
    """Return totals, marks and wins."""
    kept = (keys.TOTALS, keys.SEEN, keys.GOAL, keys.WINS, keys.BOARDS)
    return {key: value for key, value in content(url).items() if key.startswith(kept)}


def expected(url: str) -> dict[str, object]:
    """Return what the standings are when every line is applied once, by hand."""
    other = f"{url.rpartition('/')[0]}/2"
    with Redis.from_url(other) as client:
        client.flushdb()
    standings = Standings.open(other)
    put(standings, DOCUMENTS)
    for lines in LEDGER.values():
        standings.apply(lines, NOW)
    standings.close()
    return grown(other)


@pytest.fixture
def bus(redis_bus_url: str) -> Iterator[Bus]:
    opened = open_bus(redis_bus_url)
    yield opened
    opened.close()


@pytest.fixture
def given(fresh_redis_url: str, redis_bus_url: str, tmp_path: Path) -> ConsumerSettings:
    return ConsumerSettings(fresh_redis_url, redis_bus_url, tmp_path, "warning")


@contextmanager
def running(given: ConsumerSettings) -> Iterator[None]:
    """Run the consumer in a thread."""
    stop, failed = threading.Event(), []

    def work() -> None:
        try:
            run(given, stop)
        except Exception as error:  # noqa: BLE001  it is raised again where the test can see it
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert failed == []
    assert not thread.is_alive()


def start(given: ConsumerSettings) -> subprocess.Popen[bytes]:
    """Start the real process."""
    environment = {
        **os.environ,
        "SAMENSPEL_REDIS_URL": given.redis_url,
        "SAMENSPEL_BUS_URL": given.bus_url,
        "SAMENSPEL_RUN_DIR": str(given.run_dir),
    }
    return subprocess.Popen([sys.executable, "-m", "services.leaderboard.consumer"], env=environment)


@contextmanager
def scoring(bus: Bus) -> Iterator[list[request.Request]]:
    """Answer requests as scoring and ingest do: publish again from the first line, and the documents."""
    stop, answered = threading.Event(), list[request.Request]()

    def work() -> None:
        consumer = bus.consumer(["requests"], group="scoring", name="scoring")
        while not stop.is_set():
            records = consumer.poll(0.1)
            for asked in (
                each for record in records for each in wire.decode("requests", record.value, request.from_wire)
            ):
                answered.append(asked)
                if asked.topic == "league":
                    publish_documents(bus)
                for partition in (asked.partitions or LEDGER) if asked.topic == "credits" else ():
                    if partition in LEDGER:
                        publish_lines(bus, LEDGER[partition])
            consumer.commit(records)
        consumer.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield answered
    finally:
        stop.set()
        thread.join(PATIENCE)


def test_a_crash_between_applying_and_committing_changes_nothing(
    bus: Bus, standings: Standings, fresh_redis_url: str
) -> None:
    publish_documents(bus)
    publish_lines(bus, LEDGER[0])
    first = bus.consumer(TOPICS_READ, group="leaderboard", name="first")
    records = poll_all(first, len(DOCUMENTS) + 24)
    handle(records, standings, bus.publish, NOW)
    before = content(fresh_redis_url)
    first.close()  # leaves without having committed
    second = bus.consumer(TOPICS_READ, group="leaderboard", name="second")
    again = poll_all(second, len(records))
    assert handle(again, standings, bus.publish, NOW + timedelta(minutes=1)) == {"seen": 600}
    second.commit(again)
    second.close()
    assert content(fresh_redis_url) == before


def test_a_consumer_that_is_killed_again_and_again_ends_in_the_same_standings(
    bus: Bus, given: ConsumerSettings, standings: Standings, fresh_redis_url: str
) -> None:
    publish_documents(bus)
    process = start(given)
    for part in range(4):
        for lines in LEDGER.values():
            publish_lines(bus, lines[part * 150 : (part + 1) * 150], size=5)
        if part < 2:
            wait_for(lambda: bool(standings.progress().seen))
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process = start(given)
    wait_for(lambda: standings.progress().seen == {0: 600, 3: 600, 7: 600})
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert grown(fresh_redis_url) == expected(fresh_redis_url)


def test_missing_lines_end_the_process_with_exit_code_3(
    bus: Bus, given: ConsumerSettings, standings: Standings
) -> None:
    publish_documents(bus)
    publish_lines(bus, LEDGER[0][:5])
    publish_lines(bus, LEDGER[0][6:9])
    assert start(given).wait(PATIENCE) == EXIT_GAP
    assert standings.progress().seen == {0: 5}


def test_lines_that_come_long_before_the_roster_are_fetched_again(
    bus: Bus, given: ConsumerSettings, standings: Standings, fresh_redis_url: str
) -> None:
    for lines in LEDGER.values():
        publish_lines(bus, lines)
    with scoring(bus), running(given):
        wait_for(lambda: standings.progress().seen == {0: 600, 3: 600, 7: 600})
        wait_for(lambda: not standings.freshness().rebuilding)
    assert grown(fresh_redis_url) == expected(fresh_redis_url)


@pytest.mark.parametrize("lines_first", [True, False])
def test_an_emptied_redis_fills_itself_again(
    bus: Bus, given: ConsumerSettings, standings: Standings, fresh_redis_url: str, lines_first: bool
) -> None:
    with scoring(bus) as asked, running(given):
        publish_documents(bus)
        for lines in LEDGER.values():
            publish_lines(bus, lines)
        wait_for(lambda: standings.progress().seen == {0: 600, 3: 600, 7: 600})
        before = grown(fresh_redis_url)
        asked.clear()
        with Redis.from_url(fresh_redis_url) as client:
            client.flushdb()
        if lines_first:
            publish_lines(bus, LEDGER[3][-10:])
        wait_for(lambda: standings.progress().seen == {0: 600, 3: 600, 7: 600})
        wait_for(lambda: not standings.freshness().rebuilding)
        assert {each.topic for each in asked} == {"league", "credits"}
    assert grown(fresh_redis_url) == before == expected(fresh_redis_url)


def test_a_redis_that_goes_away_and_comes_back_loses_nothing(
    bus: Bus, given: ConsumerSettings, redis_engine: Engine, standings: Standings, fresh_redis_url: str
) -> None:
    publish_documents(bus)
    with running(given):
        publish_lines(bus, LEDGER[0])
        wait_for(lambda: standings.progress().seen == {0: 600})
        redis_engine.stop()
        redis_engine.start()
        publish_lines(bus, LEDGER[3])
        publish_lines(bus, LEDGER[7])
        wait_for(lambda: standings.progress().seen == {0: 600, 3: 600, 7: 600})
    assert grown(fresh_redis_url) == expected(fresh_redis_url)


@pytest.mark.parametrize("emptied", [False, True])
def test_rebuild_gives_the_identical_standings(
    bus: Bus, given: ConsumerSettings, standings: Standings, fresh_redis_url: str, emptied: bool
) -> None:
    with scoring(bus), running(given):
        publish_documents(bus)
        for lines in LEDGER.values():
            publish_lines(bus, lines)
        wait_for(lambda: standings.progress().seen == {0: 600, 3: 600, 7: 600})
        before = grown(fresh_redis_url)
        if emptied:
            with Redis.from_url(fresh_redis_url) as client:
                client.flushdb()
        outcome = CliRunner().invoke(cli.cli, ["rebuild", "--deadline", str(PATIENCE), "--quiet-for", "2"], obj=given)
        assert outcome.exit_code == 0, outcome.output
        assert "done: 1,800 lines" in outcome.output
        assert not standings.freshness().rebuilding
    assert grown(fresh_redis_url) == before
    assert standings.board(Board("revenue", "2093-11", "reps")).rows[0].rank == 1


def test_rebuild_without_anybody_to_answer_says_who_must_run(given: ConsumerSettings, standings: Standings) -> None:
    put(standings, DOCUMENTS)
    standings.apply(LEDGER[0], datetime.now(UTC))
    outcome = CliRunner().invoke(cli.cli, ["rebuild", "--deadline", "0.6"], obj=given)
    assert outcome.exit_code == 1
    assert "consumers of scoring and leaderboard" in outcome.output
    assert standings.freshness().rebuilding
