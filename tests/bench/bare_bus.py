"""The floor of the throughput bench: the same records over the bus and nothing else."""

import multiprocessing
import time
from collections.abc import Sequence
from uuid import uuid4

from shared.bus import Outgoing, open_bus
from shared.contracts import activity
from shared.contracts.wire import decode, encode
from shared.topics import TOPICS, partition_of
from tests.bench.workload import as_activity, posts

PUBLISH_AT_ONCE = 16


def records(count: int, lines: int) -> list[Outgoing]:
    """Return `count` activities as records of at most `lines` activities of one partition each."""
    partitions = TOPICS["activities"].partitions
    by_partition: dict[int, list[dict[str, object]]] = {p: [] for p in range(partitions)}
    for n, post in enumerate(posts(count), 1):
        fact = as_activity(post, n)
        by_partition[partition_of(fact.key, partitions)].append(activity.to_wire(fact))
    return [
        Outgoing("activities", "", value, partition)
        for partition, all_lines in by_partition.items()
        for i in range(0, len(all_lines), lines)
        for value in encode("activities", all_lines[i : i + lines])
    ]


def seconds(bus_url: str, outgoing: Sequence[Outgoing], *, read: bool) -> float:
    """Publish the records while another process takes and commits them; return the wall time.

    With `read` the other process also reads each activity out of its record, as every real reader must.
    """
    group = f"bare-{uuid4().hex[:8]}"
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    reader = context.Process(target=_read, args=(bus_url, group, len(outgoing), read, ready, done))
    reader.start()
    ready.wait(60)
    bus = open_bus(bus_url)
    bus.ping()
    begun = time.perf_counter()
    for i in range(0, len(outgoing), PUBLISH_AT_ONCE):
        bus.publish(outgoing[i : i + PUBLISH_AT_ONCE])
    if not done.wait(300):
        reader.kill()
        raise TimeoutError("the bare bus did not deliver every record within 300 s")
    elapsed = time.perf_counter() - begun
    reader.join()
    bus.close()
    return elapsed


def _read(bus_url: str, group: str, expected: int, read: bool, ready, done) -> None:  # type: ignore[no-untyped-def]  # noqa: PLR0917  a process takes them by place
    bus = open_bus(bus_url)
    consumer = bus.consumer(["activities"], group, "bare-1")
    got = 0
    while got < expected:
        found = consumer.poll(0.2)
        if len(consumer.assigned()) == TOPICS["activities"].partitions:
            ready.set()
        got += len(found)
        if read:
            for record in found:
                decode("activities", record.value, activity.from_wire)
        if found:
            consumer.commit(found)
    done.set()
    consumer.close()
    bus.close()
