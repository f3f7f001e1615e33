"""What tests of the bus do again and again: publish numbers, read them, wait with a deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic

from shared.bus import Bus, BusUnavailable, Consumer, Outgoing, Record
from shared.topics import TOPICS

TOPIC = "activities"
PARTITIONS = TOPICS[TOPIC].partitions
DEADLINE = 30.0


@contextmanager
def reading(bus: Bus, group: str = "group") -> Iterator[Consumer]:
    consumer = bus.consumer([TOPIC], group, "reader")
    try:
        yield consumer
    finally:
        consumer.close()


def publish_numbers(bus: Bus, values: range, partition: int = 2) -> None:
    bus.publish([Outgoing(TOPIC, "key", str(value).encode(), partition) for value in values])


def numbers(records: list[Record]) -> list[int]:
    return [int(record.value) for record in records]


def take(consumer: Consumer, count: int) -> list[Record]:
    """Read until there are exactly `count` records, polling over a broker that is not quite there."""
    got: list[Record] = []
    deadline = monotonic() + DEADLINE
    while len(got) < count:
        assert monotonic() < deadline, f"{len(got)} of {count} records: {got[:3]} …"
        try:
            got += consumer.poll(0.2, count - len(got))
        except BusUnavailable:
            continue
    return got


def first_appearances(consumer: Consumer, count: int) -> list[int]:
    """Read until there are `count` different values, and return them in the order in which they appeared."""
    seen: dict[int, None] = {}
    deadline = monotonic() + DEADLINE
    while len(seen) < count:
        assert monotonic() < deadline, f"{len(seen)} of {count}"
        try:
            seen.update(dict.fromkeys(numbers(consumer.poll(0.2, count - len(seen)))))
        except BusUnavailable:
            continue
    return list(seen)


def next_value(bus: Bus) -> bytes:
    """Publish a marker to every partition, and return the value that is read first in the partition of the test."""
    bus.publish([Outgoing(TOPIC, "k", b"marker", partition) for partition in range(PARTITIONS)])
    with reading(bus) as consumer:
        values = {record.value for record in take(consumer, PARTITIONS)}
        assert len(values) == 1, values
        return values.pop()


def poll_for(consumer: Consumer, seconds: float) -> None:
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        consumer.poll(0.2)


def works(call: Callable[[], None]) -> bool:
    try:
        call()
    except BusUnavailable:
        return False
    return True


def until(condition: Callable[[], bool]) -> None:
    """Wait for the condition, with a deadline."""
    deadline = monotonic() + DEADLINE
    pause = Event()
    while not condition():
        assert monotonic() < deadline, "did not happen"
        pause.wait(0.02)
