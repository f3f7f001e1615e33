"""A member of a consumer group on Redis Streams."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile
from threading import Event, Thread
from time import monotonic
from typing import Any, cast

from redis import Redis

from shared.bus.interface import BusUnavailable, Options, Record
from shared.bus.redis_group import Group, Mark, answering

SHARE_SECONDS = 0.5
LONGEST_BATCH_SECONDS = 300.0
READ_BYTES = 16_000_000

_Entries = list[tuple[bytes, dict[bytes, bytes]]]


@dataclass(slots=True)
class _Held:
    """A partition held: how far it is committed, and the positions read since."""

    topic: str
    partition: int
    mark: Mark
    read: str
    open: deque[str] = field(default_factory=deque)

    def mark_up_to(self, position: str) -> Mark:
        """Return the mark with everything up to `position` done."""
        limit = _order(position)
        done = sum(1 for _ in takewhile(lambda entry: _order(entry) <= limit, self.open))
        return Mark(position, self.mark.done + done) if done else self.mark

    def settle(self, mark: Mark) -> None:
        """Take `mark` over as committed."""
        for _ in range(mark.done - self.mark.done):
            self.open.popleft()
        self.mark = mark


class RedisConsumer:
    """Reads the partitions whose lease it holds."""

    def __init__(self, client: Redis, group: Group, streams: Mapping[str, tuple[str, int]], options: Options) -> None:
        """Prepare to join with the first poll; `streams` names the (topic, partition) of each."""
        self._client, self._group, self._streams = client, group, streams
        self._places = {place: stream for stream, place in streams.items()}
        self._held: dict[str, _Held] = {}
        self._ready: deque[Record] = deque()
        self._record_bytes = 64_000.0
        self._share_due = 0.0
        self._slice = min(SHARE_SECONDS, options.patience / 2)
        self._heartbeat = _Heartbeat(group, options.lease)

    def poll(self, timeout: float, limit: int = 500) -> list[Record]:
        """Return the next records; blocks on the server, so that a new record is here within a millisecond."""
        deadline = monotonic() + timeout
        while True:
            self._share()
            if not self._ready:
                self._read(deadline - monotonic(), limit)
            if self._ready or monotonic() >= deadline:
                return [self._ready.popleft() for _ in range(min(limit, len(self._ready)))]

    def commit(self, records: Sequence[Record]) -> None:
        """Move the group's mark in the partitions that are still held."""
        last: dict[str, str] = {}
        for record in records:
            stream = self._places[record.topic, record.partition]
            last[stream] = max(record.position, last.get(stream, record.position), key=_order)
        marks = {stream: self._held[stream].mark_up_to(last[stream]) for stream in last if stream in self._held}
        for stream in self._group.commit(marks) if marks else ():
            self._held[stream].settle(marks[stream])

    def assigned(self) -> frozenset[tuple[str, int]]:
        """Return the partitions held; none once the lease must have run out."""
        if self._heartbeat.lapsed():
            return frozenset()
        return frozenset((held.topic, held.partition) for held in self._held.values())

    def lag(self) -> dict[tuple[str, int], int]:
        """Return records given to each held partition less those committed."""
        added = self._group.added(list(self._held))
        pairs = zip(self._held.values(), added, strict=True)
        return {(held.topic, held.partition): max(0, count - held.mark.done) for held, count in pairs}

    def close(self) -> None:
        """Stop the heartbeat and leave the group; an unreachable server lets the lease run out instead."""
        self._heartbeat.stop()
        self._held.clear()
        self._ready.clear()
        with suppress(BusUnavailable):
            self._group.leave()

    def _share(self) -> None:
        """Renew the membership and the share of partitions, a few times a second."""
        now = monotonic()
        self._heartbeat.alive(now)
        if now < self._share_due:
            return
        lapsed = self._heartbeat.lapsed()
        self._hold(self._group.share(), start_again=lapsed)
        self._heartbeat.confirm(now)
        self._share_due = now + self._slice

    def _hold(self, marks: Mapping[str, Mark], *, start_again: bool) -> None:
        """Read on where the server's mark is the one known here; else start at the server's, somebody moved it."""
        kept = {} if start_again else {s: held for s, held in self._held.items() if marks.get(s) == held.mark}
        gained = {s: _Held(*self._streams[s], mark, mark.position) for s, mark in marks.items() if s not in kept}
        if gained or len(kept) < len(self._held):
            places = {(held.topic, held.partition) for held in kept.values()}
            self._ready = deque(record for record in self._ready if (record.topic, record.partition) in places)
        self._held = kept | gained

    def _read(self, wait: float, limit: int) -> None:
        wait = min(wait, self._share_due - monotonic())
        if not self._held:
            self._heartbeat.pause(wait)
            return
        positions: dict[Any, Any] = {stream: held.read for stream, held in self._held.items()}
        count = max(1, int(min(limit, READ_BYTES / self._record_bytes) / len(positions)))
        block = max(1, int(wait * 1000)) if wait > 0 else None
        with answering():
            answer = cast("list[tuple[bytes, _Entries]]", self._client.xread(positions, count=count, block=block))
        for stream, entries in answer:
            self._take(self._held[stream.decode()], entries)
        if self._ready:
            self._record_bytes = 1 + sum(len(record.value) for record in self._ready) / len(self._ready)

    def _take(self, held: _Held, entries: _Entries) -> None:
        for entry, fields in entries:
            held.read = entry.decode()
            held.open.append(held.read)
            [(key, value)] = fields.items()
            self._ready.append(Record(held.topic, held.partition, held.read, key.decode(), value))


class _Heartbeat:
    """Keeps the membership while a batch is handled, but not for a consumer that hangs."""

    def __init__(self, group: Group, lease: float) -> None:
        self._group, self._lease = group, lease
        self._alive = self._confirmed = monotonic()
        self._over = Event()
        self._thread = Thread(target=self._beat, name="bus-heartbeat", daemon=True)

    def alive(self, now: float) -> None:
        """Note that the consumer polls."""
        self._alive = now
        if self._thread.ident is None:
            self._thread.start()

    def confirm(self, now: float) -> None:
        """Note that the server took the membership, asked at `now`."""
        self._confirmed = now

    def lapsed(self) -> bool:
        """Tell whether the lease must have run out."""
        return monotonic() > self._confirmed + self._lease

    def pause(self, seconds: float) -> None:
        """Wait for `seconds`, less when stopped."""
        self._over.wait(max(0.0, seconds))

    def stop(self) -> None:
        """End the thread."""
        self._over.set()

    def _beat(self) -> None:
        while not self._over.wait(self._lease / 4):
            now = monotonic()
            if now < self._alive + LONGEST_BATCH_SECONDS:
                with suppress(BusUnavailable):
                    if self._group.renew():
                        self._confirmed = now


def _order(position: str) -> tuple[int, int]:
    milliseconds, _, sequence = position.partition("-")
    return int(milliseconds), int(sequence)
