"""The one consumer loop: poll, handle (store the effect, hand on), commit; in that order, always.

    loop.run(consumer, handle, metrics=Metrics("scoring-consumer"), run_dir=settings.run_dir)

Two kinds of failure: an engine that cannot be reached means a pause and the same records again, uncommitted; any other
error leaves `run` uncommitted and ends the process. SIGTERM and SIGINT finish the batch at hand; a second one ends it.

`<run_dir>/<process>.alive` is touched in every turn (a file older than a minute and the longest batch means a process
that hangs) and goes when the loop ends; `<run_dir>/<process>.prom` has the metrics, written every few seconds.
"""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import uniform
from time import monotonic
from types import FrameType

from shared import logs
from shared.bus import Consumer, Record
from shared.errors import Unavailable
from shared.metrics import Metrics

SHORTEST_PAUSE = 0.1
LONGEST_PAUSE = 10.0
REPORT_SECONDS = 5.0

log = logs.get("loop")

Handle = Callable[[list[Record]], None]


def run(
    consumer: Consumer,
    handle: Handle,
    *,
    metrics: Metrics,
    run_dir: Path,
    transient: Sequence[type[Exception]] = (),
    tick: Callable[[], bool] = lambda: False,
    stop: threading.Event | None = None,
    wait: float = 1.0,
    limit: int = 500,
) -> None:
    """Run until `stop` is set or a signal comes, then close the consumer.

    `tick` does background work between batches and tells whether it did any, in which case polling does not wait;
    `wait` is how many seconds a poll waits for records, `limit` how many it takes; `transient` are errors that pass,
    besides `Unavailable`.
    """
    stop = stop or threading.Event()
    instruments = _Instruments(metrics, run_dir)
    loop = _Loop(consumer, handle, tick, (Unavailable, *transient), stop, wait, limit, instruments)
    with _signals_setting(stop):
        try:
            while not stop.is_set():
                loop.turn()
        finally:
            consumer.close()
            instruments.end()


@dataclass
class _Loop:
    consumer: Consumer
    handle: Handle
    tick: Callable[[], bool]
    transient: tuple[type[Exception], ...]
    stop: threading.Event
    wait: float
    limit: int
    instruments: _Instruments
    failures: int = 0

    def turn(self) -> None:
        """Do what there is to do, once."""
        self.instruments.beat()
        try:
            worked = self.tick()
            self.instruments.report(self.consumer)
            records = self.consumer.poll(0.0 if worked else self.wait, self.limit)
        except self.transient as error:
            self._pause(error)
        else:
            self.failures = 0
            self._settle(records)

    def _settle(self, records: list[Record]) -> None:
        """Handle and commit what was read, again and again while an engine is away; only a stop lets go of it."""
        while records:
            try:
                with self.instruments.seconds.time():
                    self.handle(records)
                    self.consumer.commit(records)
            except self.transient as error:
                self._pause(error)
                if self.stop.is_set():
                    return
            else:
                self.failures = 0
                self.instruments.count(records)
                return

    def _pause(self, error: Exception) -> None:
        self.failures += 1
        seconds = pause_after(self.failures)
        log.warning("waiting for an engine", reason=str(error), seconds=round(seconds, 2))
        self.instruments.backoffs.labels(type(error).__name__).inc()
        self.instruments.beat()
        self.stop.wait(seconds)


def pause_after(failures: int) -> float:
    """Return how many seconds to wait after so many failures in a row: doubling, bounded, half of it by chance."""
    return min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** min(failures - 1, 20)) * uniform(0.5, 1.0)


class _Instruments:
    """What an operator sees of the loop."""

    def __init__(self, metrics: Metrics, run_dir: Path) -> None:
        self._metrics, self._run_dir = metrics, run_dir
        self._alive = run_dir / f"{metrics.process}.alive"
        self._report_due = 0.0
        self.seconds = metrics.histogram("samenspel_batch_seconds", "Seconds to handle and commit a batch.")
        self.backoffs = metrics.counter("samenspel_backoffs_total", "Pauses because an engine was away.", ["reason"])
        self._handled = metrics.counter("samenspel_records_handled_total", "Records handled, committed.", ["topic"])
        self._lag = metrics.gauge("samenspel_lag", "Records not committed yet.", ["topic", "partition"])
        run_dir.mkdir(parents=True, exist_ok=True)

    def beat(self) -> None:
        """Show that the process does not hang."""
        self._alive.touch()

    def count(self, records: Sequence[Record]) -> None:
        """Count what was handled."""
        for topic, number in Counter(record.topic for record in records).items():
            self._handled.labels(topic).inc(number)

    def report(self, consumer: Consumer) -> None:
        """Measure the lag and leave the metrics in their file, unless that was done a moment ago."""
        if monotonic() < self._report_due:
            return
        self._report_due = monotonic() + REPORT_SECONDS
        lag = consumer.lag()
        self._lag.clear()
        for (topic, partition), records in lag.items():
            self._lag.labels(topic, partition).set(records)
        self._metrics.write(self._run_dir)

    def end(self) -> None:
        """Leave the last figures, and no sign of life."""
        self._metrics.write(self._run_dir)
        self._alive.unlink(missing_ok=True)


@contextmanager
def _signals_setting(stop: threading.Event) -> Iterator[None]:
    """Let the first SIGTERM or SIGINT set `stop`, and the second do what it did before; only in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(number: int, _: FrameType | None) -> None:
        log.info("stopping", signal=signal.Signals(number).name)
        stop.set()
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        restore()
