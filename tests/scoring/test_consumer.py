"""The consumer on a real bus: activities in, credits out, bad input set aside, everything again when asked."""

import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.scoring import consumer
from services.scoring.handlers import Scorer
from services.scoring.settings import ConsumerSettings
from services.scoring.store import PACKAGE, Ledger, Reader
from shared.bus import Bus, Outgoing, Record, open_bus
from shared.contracts import activity, credit, league, request, wire
from shared.contracts.activity import Activity
from shared.contracts.credit import Credit
from shared.contracts.request import Request
from shared.sql import migrate, open_engine
from tests.scoring.office import DOCUMENTS, WON, call

NOW = datetime(2026, 12, 31, tzinfo=UTC)
SECONDS = 30.0


class Chain:
    """A consumer in a thread on a bus and a database of its own."""

    def __init__(self, bus_url: str, database_url: str, run_dir: Path) -> None:
        self.bus: Bus = open_bus(bus_url)
        self.engine = open_engine(database_url)
        migrate(self.engine, PACKAGE)
        self.reader = Reader(self.engine)
        self.settings = ConsumerSettings(database_url, bus_url, run_dir, "error")
        self.lines: dict[str, Credit] = {}
        self.letters: list[Any] = []
        self.outside = self.bus.consumer(("credits", "dead-letters"), "test", "test")
        self.bus.ping()

    def start(self) -> None:
        self.stop = threading.Event()
        self.own_bus = open_bus(self.settings.bus_url)
        scorer = Scorer(Ledger(self.engine), self.own_bus.publish, lambda: NOW)
        self.thread = threading.Thread(target=consumer.run, args=[self.settings, self.own_bus, scorer, self.stop])
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(SECONDS)
        assert not self.thread.is_alive()
        self.own_bus.close()

    def send(self, facts: Sequence[Activity]) -> None:
        self.bus.publish([record for fact in facts for record in _records([activity.to_wire(fact)], fact.key)])

    def put(self) -> None:
        values = wire.encode("league", map(league.to_wire, DOCUMENTS))
        self.bus.publish([Outgoing("league", "league", value) for value in values])

    def read_until(self, enough: Callable[[], object]) -> None:
        deadline = time.monotonic() + SECONDS
        while not enough():
            assert time.monotonic() < deadline, (self.lines.keys(), self.letters)
            found = self.outside.poll(0.2)
            for record in found:
                self._take(record)
            self.outside.commit(found)

    def _take(self, record: Record) -> None:
        if record.topic == "credits":
            for line in wire.decode("credits", record.value, lambda given: credit.from_wire(given, record.partition)):
                self.lines[line.id] = line
        else:
            self.letters += wire.decode("dead-letters", record.value, dict)


def _records(lines: Sequence[Any], key: str) -> list[Outgoing]:
    return [Outgoing("activities", key, value) for value in wire.encode("activities", lines)]


@pytest.fixture
def chain(redis_bus_url: str, tmp_path: Path) -> Iterator[Chain]:
    made = Chain(redis_bus_url, f"sqlite:///{tmp_path / 'scoring.db'}", tmp_path / "run")
    made.start()
    yield made
    made.end()
    made.outside.close()
    made.bus.close()
    made.engine.dispose()


def test_what_is_sent_becomes_credits_also_when_the_documents_come_last(chain: Chain) -> None:
    chain.send([*WON, call("c", "03-02 10", rep="bram")])
    chain.put()
    chain.read_until(lambda: len(chain.lines) == 5)
    amounts = {(line.rule, line.metric, line.rep): line.amount for line in chain.lines.values()}
    assert amounts["won", "revenue", "sanne"] == 100_000
    assert amounts["call", "points", "bram"] == 5
    assert {line.booked_at for line in chain.lines.values()} == {NOW}


def test_a_bad_line_is_set_aside_and_the_good_ones_beside_it_count(chain: Chain) -> None:
    chain.put()
    bad = {**activity.to_wire(call("bad", "03-02 10")), "occurred_at": "yesterday"}
    lines = [activity.to_wire(call("a", "03-02 10")), bad, activity.to_wire(call("b", "03-02 11"))]
    chain.bus.publish([*_records(lines, "sanne"), Outgoing("activities", "sanne", b"no json")])
    chain.bus.publish([Outgoing("league", "league", b'{"v":2,"league":[]}')])
    chain.read_until(lambda: len(chain.lines) == 2 and len(chain.letters) == 3)
    letters = {letter["reason"].split(" ")[0]: letter for letter in chain.letters}
    alone = letters["the"]
    assert orjson.loads(b64decode(alone["raw"]))["activities"] == [bad]
    assert alone["topic"] == "activities"
    assert {letter["topic"] for letter in chain.letters} == {"activities", "league"}


def test_who_asks_gets_everything_again(chain: Chain) -> None:
    chain.put()
    chain.send(WON)
    chain.read_until(lambda: len(chain.lines) == 4)
    before = dict(chain.lines)
    chain.lines.clear()
    asked = Request("credits", None, "leaderboard", NOW)
    others = Request("activities", None, "leaderboard", NOW)
    nonsense = Request("credits", (99, -1), "leaderboard", NOW)
    for value in wire.encode("requests", map(request.to_wire, [others, nonsense, asked])):
        chain.bus.publish([Outgoing("requests", "credits", value)])
    chain.read_until(lambda: len(chain.lines) == 4)
    assert chain.lines == before
    assert set(chain.reader.mark()) <= set(range(8))


def test_a_second_start_goes_on_where_the_first_ended(chain: Chain) -> None:
    chain.put()
    chain.send(WON[:2])
    chain.read_until(lambda: len(chain.lines) == 1)
    chain.end()
    chain.send(WON[2:])
    chain.start()
    chain.read_until(lambda: len(chain.lines) == 4)
    assert chain.reader.gaps() == {}
    chain.read_until(lambda: chain.reader.progress()["unpublished"] == 0)
