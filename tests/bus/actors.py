"""Publishers and members that work on threads of their own while a test changes the world around them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

from shared.bus import Bus, Outgoing, Record
from tests.bus.steps import DEADLINE, PARTITIONS, TOPIC, publish_numbers, works


class Publisher:
    """Publishes rising numbers on a thread of its own, each call repeated until it works."""

    def __init__(self, bus: Bus) -> None:
        self.published = self.failures = 0
        self._bus, self._stop, self._mark = bus, Event(), 0
        self._thread = Thread(target=self._run)
        self._thread.start()

    def advances(self) -> bool:
        """Tell whether a hundred numbers went out since the last time this was true."""
        if self.published < self._mark + 100:
            return False
        self._mark = self.published
        return True

    def close(self) -> None:
        self._stop.set()
        self._thread.join(DEADLINE)

    def _run(self) -> None:
        while not self._stop.is_set():
            if works(lambda: publish_numbers(self._bus, range(self.published, self.published + 5))):
                self.published += 5
            else:
                self.failures += 1


class HandledLog:
    """Who handled which record, in the order in which it happened."""

    def __init__(self) -> None:
        self.published: dict[int, list[int]] = defaultdict(list)
        self._handled: list[tuple[int, int, Worker]] = []
        self._lock = Lock()
        self._seen = 0

    def add(self, worker: Worker, records: list[Record]) -> None:
        with self._lock:
            self._handled += [(record.partition, int(record.value), worker) for record in records]

    def grows(self) -> bool:
        """Tell whether every partition got something since the last time this was true."""
        fresh = {partition for partition, _, _ in self._handled[self._seen :]}
        if len(fresh) < PARTITIONS:
            return False
        self._seen = len(self._handled)
        return True

    def complete(self) -> bool:
        return len(self._handled) >= sum(len(values) for values in self.published.values())

    def handlers(self) -> set[Worker]:
        return {worker for _, _, worker in self._handled}

    def by_partition(self) -> dict[int, list[int]]:
        handled: dict[int, list[int]] = defaultdict(list)
        for partition, value, _ in self._handled:
            handled[partition].append(value)
        return handled


class Worker:
    """A member that polls, handles and commits on a thread of its own."""

    def __init__(self, bus: Bus, log: HandledLog) -> None:
        self.consumer = bus.consumer([TOPIC], "group", "worker")
        self._log, self._stop = log, Event()
        self._thread = Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(DEADLINE)

    def _run(self) -> None:
        while not self._stop.is_set():
            records = self.consumer.poll(0.2)
            self._log.add(self, records)
            if records:
                self.consumer.commit(records)
        self.consumer.close()


@contextmanager
def publishing(bus: Bus, log: HandledLog) -> Iterator[None]:
    """Publish rising numbers to every partition for as long as the block lasts."""
    stop = Event()

    def run() -> None:
        number = 0
        while not stop.wait(0.01):
            bus.publish([Outgoing(TOPIC, "k", str(number).encode(), partition) for partition in range(PARTITIONS)])
            for partition in range(PARTITIONS):
                log.published[partition].append(number)
            number += 1

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(DEADLINE)
