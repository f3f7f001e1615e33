"""The consumer loop on a real bus."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import pytest
from prometheus_client import generate_latest

from shared import loop
from shared.bus import Bus, BusUnavailable, Consumer, Outgoing, Record, open_bus
from shared.metrics import Metrics
from tests.engines import Engine

TOPIC = "requests"
DEADLINE = 20.0
ROOT = Path(__file__).parents[1]


@pytest.fixture
def bus(redis_bus_url: str) -> Iterator[Bus]:
    opened = open_bus(redis_bus_url)
    yield opened
    opened.close()


@dataclass
class Running:
    """A loop on a thread of its own, and what its handler was given."""

    bus: Bus
    run_dir: Path
    handle: Callable[[list[int]], None] = lambda _: None
    tick: Callable[[], bool] = lambda: False
    metrics: Metrics = field(default_factory=lambda: Metrics("test-consumer"))
    stop: threading.Event = field(default_factory=threading.Event)
    given: list[list[int]] = field(default_factory=list)
    escaped: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.consumer = self.bus.consumer([TOPIC], "group", "test")
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def handled(self) -> list[int]:
        return [number for batch in self.given for number in batch]

    def end(self) -> None:
        self.stop.set()
        self.join()

    def join(self) -> None:
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            loop.run(
                self.consumer, self._handle, metrics=self.metrics, run_dir=self.run_dir, tick=self.tick,
                stop=self.stop, transient=[ConnectionError], wait=0.2,
            )  # fmt: skip
        except BaseException as error:  # noqa: BLE001  the test looks at what escaped
            self.escaped.append(error)

    def _handle(self, records: list[Record]) -> None:
        values = [int(record.value) for record in records]
        self.given.append(values)
        self.handle(values)


def test_what_was_handled_is_committed(bus: Bus, tmp_path: Path) -> None:
    publish(bus, range(10))
    running = Running(bus, tmp_path)
    until(lambda: running.handled() == list(range(10)))
    running.end()

    assert uncommitted(bus) == []
    assert running.escaped == []


def test_a_stop_finishes_the_batch_at_hand_and_begins_no_other(bus: Bus, tmp_path: Path) -> None:
    publish(bus, range(10))
    entered, leave = threading.Event(), threading.Event()

    def handle(_: list[int]) -> None:
        entered.set()
        assert leave.wait(DEADLINE)

    running = Running(bus, tmp_path, handle)
    assert entered.wait(DEADLINE)
    publish(bus, range(10, 20))
    running.stop.set()
    leave.set()
    running.join()

    assert running.given == [list(range(10))]
    assert uncommitted(bus) == list(range(10, 20))


def test_an_engine_that_is_away_means_the_same_records_again(bus: Bus, tmp_path: Path) -> None:
    publish(bus, range(5))
    running: Running

    def handle(_: list[int]) -> None:
        if len(running.given) < 4:
            raise ConnectionError("the store is away")

    running = Running(bus, tmp_path, handle)
    until(lambda: len(running.given) >= 4)
    publish(bus, range(5, 6))
    until(lambda: len(running.given) >= 5)
    running.end()

    assert running.given == [[0, 1, 2, 3, 4]] * 4 + [[5]]
    assert value(running.metrics, 'samenspel_backoffs_total{reason="ConnectionError"}') == 3
    assert value(running.metrics, 'samenspel_records_handled_total{topic="requests"}') == 6
    assert uncommitted(bus) == []


def test_a_stop_while_an_engine_is_away_commits_nothing(bus: Bus, tmp_path: Path) -> None:
    publish(bus, range(5))

    def handle(_: list[int]) -> None:
        raise ConnectionError("the store is away")

    running = Running(bus, tmp_path, handle)
    until(lambda: len(running.given) >= 2)
    running.end()

    assert running.escaped == []
    assert uncommitted(bus) == list(range(5))


def test_an_unknown_error_escapes_uncommitted_and_the_partitions_are_handed_over(bus: Bus, tmp_path: Path) -> None:
    publish(bus, range(5))

    def handle(_: list[int]) -> None:
        raise LookupError("nobody thought of this")

    running = Running(bus, tmp_path, handle)
    running.join()

    assert [str(error) for error in running.escaped] == ["nobody thought of this"]
    begun = monotonic()
    assert uncommitted(bus) == list(range(5))
    assert monotonic() - begun < 1.5, "the lease of two seconds was not waited for"


def test_a_bus_that_goes_away_is_waited_for(bus: Bus, redis_engine: Engine, tmp_path: Path) -> None:
    publish(bus, range(5))
    running = Running(bus, tmp_path)
    until(lambda: running.handled() == list(range(5)))
    redis_engine.kill()
    until(lambda: value(running.metrics, 'samenspel_backoffs_total{reason="BusUnavailable"}') >= 1)
    redis_engine.start()
    until(lambda: works(lambda: publish(bus, range(5, 8))))
    until(lambda: running.handled()[-3:] == [5, 6, 7])
    running.end()

    assert running.escaped == []


def test_background_work_is_done_between_batches_and_without_waiting_while_there_is_some(
    bus: Bus, tmp_path: Path
) -> None:
    done: list[float] = []

    def tick() -> bool:
        done.append(monotonic())
        return len(done) < 50

    running = Running(bus, tmp_path, tick=tick)
    until(lambda: len(done) > 50)
    running.end()

    assert done[49] - done[0] < 50 * 0.2 / 2, "polls did not wait their 0.2 s"


def test_the_sign_of_life_is_renewed_and_goes_with_the_loop(bus: Bus, tmp_path: Path) -> None:
    alive = tmp_path / "run" / "test-consumer.alive"
    running = Running(bus, tmp_path / "run")
    until(alive.exists)
    first = alive.stat().st_mtime_ns
    until(lambda: alive.stat().st_mtime_ns > first)
    running.end()

    assert not alive.exists()


def test_lag_and_throughput_are_left_in_a_file(bus: Bus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0.0)
    turns: list[None] = []

    def tick() -> bool:
        publish(bus, range(3))
        turns.append(None)
        return False

    running = Running(bus, tmp_path, tick=tick)
    until(lambda: len(turns) > 5)
    running.end()

    file = (tmp_path / "test-consumer.prom").read_text()
    assert 'samenspel_lag{partition="0",topic="requests"} 3.0' in file
    assert f'samenspel_records_handled_total{{topic="requests"}} {len(running.handled()):.1f}' in file
    assert f"samenspel_batch_seconds_count {len(running.given):.1f}" in file


def test_pauses_grow_and_are_bounded() -> None:
    pauses = [loop.pause_after(failures) for failures in range(1, 5000)]

    assert loop.SHORTEST_PAUSE / 2 <= pauses[0] <= loop.SHORTEST_PAUSE
    assert pauses[4] > pauses[0]
    assert all(loop.LONGEST_PAUSE / 2 <= pause <= loop.LONGEST_PAUSE for pause in pauses[10:])


def test_a_signal_finishes_the_batch_and_the_process_ends_well(bus: Bus, redis_bus_url: str, tmp_path: Path) -> None:
    publish(bus, range(5))
    with process(redis_bus_url, tmp_path) as child:
        until((tmp_path / "begun").exists)
        child.send_signal(signal.SIGTERM)
        (tmp_path / "go").touch()
        assert child.wait(DEADLINE) == 0

    assert uncommitted(bus) == []


def test_a_second_signal_ends_a_process_that_is_stuck(bus: Bus, redis_bus_url: str, tmp_path: Path) -> None:
    publish(bus, range(5))
    log = tmp_path / "log"
    with process(redis_bus_url, tmp_path) as child:
        until((tmp_path / "begun").exists)
        child.send_signal(signal.SIGTERM)
        until(lambda: b"stopping" in log.read_bytes())
        child.send_signal(signal.SIGTERM)
        assert child.wait(DEADLINE) == -signal.SIGTERM

    assert uncommitted(bus) == list(range(5))


PROGRAM = """
import sys, threading
from pathlib import Path
from shared import loop
from shared.bus import open_bus
from shared.metrics import Metrics

def handle(records):
    (folder / "begun").touch()
    while not (folder / "go").exists():
        threading.Event().wait(0.01)

folder = Path(sys.argv[2])
consumer = open_bus(sys.argv[1]).consumer(["requests"], "group", "child")
loop.run(consumer, handle, metrics=Metrics("child-consumer"), run_dir=folder)
"""


@contextmanager
def process(url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a loop in a process of its own, whose handler waits for a file named `go`."""
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen([sys.executable, "-c", PROGRAM, url, str(folder)], cwd=ROOT, stdout=log, stderr=log)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def publish(bus: Bus, values: range) -> None:
    bus.publish([Outgoing(TOPIC, "key", str(value).encode()) for value in values])


def uncommitted(bus: Bus) -> list[int]:
    """Return what the group would read next."""
    publish(bus, range(999, 1000))
    with reading(bus) as consumer:
        got: list[int] = []
        deadline = monotonic() + DEADLINE
        while 999 not in got:
            assert monotonic() < deadline, got
            got += [int(record.value) for record in consumer.poll(0.2)]
    return got[:-1]


def until(condition: Callable[[], object]) -> None:
    """Wait for the condition, with a deadline."""
    deadline = monotonic() + DEADLINE
    pause = threading.Event()
    while not condition():
        assert monotonic() < deadline, "did not happen"
        pause.wait(0.02)


def works(call: Callable[[], None]) -> bool:
    try:
        call()
    except BusUnavailable:
        return False
    return True


def value(metrics: Metrics, sample: str) -> float:
    """Return the value of a sample as Prometheus would read it."""
    found = re.search(rf"^{re.escape(sample)} (.+)$", generate_latest(metrics.registry).decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


@contextmanager
def reading(bus: Bus) -> Iterator[Consumer]:
    consumer = bus.consumer([TOPIC], "group", "test")
    try:
        yield consumer
    finally:
        consumer.close()
