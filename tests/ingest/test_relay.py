"""The relay as a process, on real engines: killed, interrupted, asked again; nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from services.ingest.domain.arrivals import Origin
from services.ingest.handlers.names import Names
from services.ingest.handlers.receiving import receive
from services.ingest.sources import api
from services.ingest.store import Inbox, League, Outbox
from shared.bus import Bus, Consumer, Outgoing, Record, open_bus
from shared.contracts import activity, wire
from shared.contracts.times import to_text

ROOT = Path(__file__).parents[2]
DEADLINE = 30.0


class Process:
    """The relay, started and stopped by its pid."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.ingest.consumer"], cwd=ROOT, env=self._environment, stderr=log
            )

    def end(self, number: int) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        return process.wait(DEADLINE)

    @property
    def log(self) -> str:
        return self._log.read_text()


@pytest.fixture
def relay(database_url: str, bus_url: str, tmp_path: Path) -> Iterator[Process]:
    environment = {
        **os.environ,
        "INGEST_DATABASE_URL": database_url,
        "SAMENSPEL_BUS_URL": bus_url,
        "SAMENSPEL_RUN_DIR": str(tmp_path / "run"),
    }
    process = Process(environment, tmp_path / "relay.log")
    yield process
    process.end(signal.SIGKILL)


@pytest.fixture
def reader(bus: Bus) -> Iterator[Consumer]:
    consumer = bus.consumer(["activities", "league", "dead-letters"], group="reader", name="reader")
    yield consumer
    consumer.close()


@pytest.fixture
def send(engine: Engine) -> Callable[..., None]:
    inbox, names = Inbox(engine), Names(League(engine))

    def hand_in(count: int, start: int = 0, **more: Any) -> None:
        items = [
            {"id": str(n), "type": "deal", "occurred_at": "2026-11-24T13:00:00Z", "deal": {"id": f"D-{n}"}, **more}
            for n in range(start, start + count)
        ]
        receive(api.read_items(items), Origin("crm", "api"), names.now(), inbox, datetime.now(UTC))

    return hand_in


def read_until(reader: Consumer, enough: Callable[[list[Record]], bool]) -> list[Record]:
    """Read until there is enough; fails at the deadline."""
    records: list[Record] = []
    deadline = time.monotonic() + DEADLINE
    while not enough(records):
        assert time.monotonic() < deadline, f"waited in vain; read {len(records)} records"
        new = reader.poll(0.2)
        reader.commit(new)
        records += new
    return records


def activities(records: list[Record]) -> list[str]:
    batches = [wire.decode("activities", r.value, activity.from_wire) for r in records if r.topic == "activities"]
    return [fact.id for batch in batches for fact in batch]


def have(count: int) -> Callable[[list[Record]], bool]:
    return lambda records: len(set(activities(records))) >= count


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.mark.long  # the big run of the chain kills it as well
def test_everything_arrives_although_the_relay_is_killed_again_and_again(
    relay: Process, reader: Consumer, send: Callable[..., None], outbox: Outbox
) -> None:
    relay.start()
    records: list[Record] = []
    for round_number in range(3):
        send(500, start=500 * round_number)
        records += read_until(reader, lambda found: bool(activities(found)))
        relay.end(signal.SIGKILL)
        send(100, start=10_000 + 100 * round_number)
        relay.start()
    already = set(activities(records))
    read_until(reader, lambda found: len(already | set(activities(found))) >= 1800)
    eventually(lambda: outbox.waiting()[0] == 0)
    assert relay.end(signal.SIGTERM) == 0, relay.log


def test_activities_and_documents_arrive_and_a_roster_releases_what_is_parked(
    relay: Process, reader: Consumer, send: Callable[..., None], league: League, roster: dict[str, Any]
) -> None:
    relay.start()
    send(2)
    send(3, start=2, owner="sanne@example.nl")
    assert set(activities(read_until(reader, have(2)))) == {"crm:0", "crm:1"}
    league.add("roster", date(2026, 1, 1), "els", roster, datetime.now(UTC), after=None)
    records = read_until(reader, have(3))
    assert set(activities(records)) == {"crm:2", "crm:3", "crm:4"}
    document, *_ = [orjson.loads(record.value) for record in records if record.topic == "league"]
    assert document["league"][0]["version"] == 1
    assert relay.end(signal.SIGTERM) == 0, relay.log


def test_a_reader_that_asks_gets_everything_again_and_nonsense_is_set_aside(
    relay: Process, reader: Consumer, bus: Bus, send: Callable[..., None]
) -> None:
    relay.start()
    send(50)
    read_until(reader, have(50))
    (request,) = wire.encode(
        "requests", [{"topic": "activities", "partitions": None, "by": "test", "at": to_text(datetime.now(UTC))}]
    )
    bus.publish([Outgoing("requests", "activities", b"no request"), Outgoing("requests", "activities", request)])
    records = read_until(reader, lambda found: have(50)(found) and any(r.topic == "dead-letters" for r in found))
    assert len(activities(records)) == 50
    (letter,) = [orjson.loads(record.value)["dead-letters"][0] for record in records if record.topic == "dead-letters"]
    assert letter["topic"] == "requests"
    assert relay.end(signal.SIGTERM) == 0, relay.log


def test_an_idle_relay_costs_next_to_nothing_and_wakes_at_once(
    relay: Process, reader: Consumer, send: Callable[..., None]
) -> None:
    relay.start()
    send(1)
    read_until(reader, have(1))
    assert relay._process
    before = cpu_seconds(relay._process.pid)
    time.sleep(3)  # the measured idleness itself, not a wait for something to happen
    used = cpu_seconds(relay._process.pid) - before
    assert used < 0.3, f"{used:.2f} s of CPU in 3 s of idleness"
    delays = []
    for n in range(1, 11):
        send(1, start=n)
        at = time.monotonic()
        read_until(reader, have(1))
        delays.append(time.monotonic() - at)
    assert sorted(delays)[5] < 0.5, delays  # usually some 20 ms; the median bears a machine that does much else


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.faults
def test_a_bus_that_goes_away_and_comes_back_empty_gets_everything_again(
    *,
    relay: Process,
    bus_engine: Any,
    bus_url: str,
    send: Callable[..., None],
    outbox: Outbox,
    request: pytest.FixtureRequest,
) -> None:
    if not bus_url.startswith("redis"):
        pytest.skip("a Kafka cluster keeps its data when it stops")
    relay.start()
    send(30)
    eventually(lambda: outbox.waiting()[0] == 0)
    bus_engine.kill()
    send(10, start=30)
    assert outbox.waiting()[0] == 10
    bus_engine.start()
    from redis import Redis  # noqa: PLC0415  only here

    with Redis.from_url(bus_url.partition("?")[0]) as client:
        client.flushdb()
    second = open_bus(bus_url)
    request.addfinalizer(second.close)
    reader = second.consumer(["activities"], group="late", name="late")
    request.addfinalizer(reader.close)
    assert set(activities(read_until(reader, have(40)))) == {f"crm:{n}" for n in range(40)}
    assert relay.end(signal.SIGTERM) == 0, relay.log


@pytest.mark.faults
@pytest.mark.postgres
def test_a_database_that_goes_away_and_comes_back_is_waited_for(
    *, relay: Process, reader: Consumer, send: Callable[..., None], engine: Engine, request: pytest.FixtureRequest
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server")
    server = request.getfixturevalue("postgres_engine")
    relay.start()
    send(10)
    read_until(reader, have(10))
    server.kill()
    eventually(lambda: "waiting for an engine" in relay.log)
    server.start()
    engine.dispose()
    send(10, start=10)
    assert set(activities(read_until(reader, have(10)))) >= {f"crm:{n}" for n in range(10, 20)}
    assert relay.end(signal.SIGTERM) == 0, relay.log
