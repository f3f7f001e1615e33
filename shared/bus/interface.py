"""What a bus promises, whichever broker stands behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.errors import TooLarge, Unavailable
from shared.topics import Topic, partition_of

MAX_RECORD_BYTES = 1_000_000


class BusUnavailable(Unavailable):
    """The bus cannot be reached or cannot take records at the moment."""


class RecordTooLarge(TooLarge):
    """A record is larger than the bus takes."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to publish; without `partition`, the hash of the key chooses it."""

    topic: str
    key: str
    value: bytes
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A record read; `position` is opaque, ordered within its partition."""

    topic: str
    partition: int
    position: str
    key: str
    value: bytes


class Consumer(Protocol):
    """One member of a consumer group; for one thread."""

    def poll(self, timeout: float, limit: int = 500) -> list[Record]:
        """Return up to `limit` next records, in order within a partition; wait at most `timeout` seconds for one.

        Raises BusUnavailable.
        """
        ...

    def commit(self, records: Sequence[Record]) -> None:
        """Mark these records, and all before them in their partitions, as done.

        A partition lost in the meantime is left to its new owner. Raises BusUnavailable.
        """
        ...

    def assigned(self) -> frozenset[tuple[str, int]]:
        """Return the (topic, partition) pairs this consumer may read now, as far as it knows."""
        ...

    def lag(self) -> dict[tuple[str, int], int]:
        """Return how many records of each assigned partition are not committed. Raises BusUnavailable."""
        ...

    def close(self) -> None:
        """Leave the group and hand the partitions over at once; commits nothing, never fails."""
        ...


class Bus(Protocol):
    """A way to a broker; `publish` may be called from several threads."""

    def publish(self, records: Sequence[Outgoing]) -> None:
        """Publish, in this order within a partition, and return when all are acknowledged.

        Raises RecordTooLarge before anything is sent. Raises BusUnavailable when it is not known what arrived:
        publish the same records again then; readers may meet repeats, but never a changed order.
        """
        ...

    def consumer(self, topics: Sequence[str], group: str, name: str) -> Consumer:
        """Join `group`, all of whose members read the same topics; a new group starts at the earliest record."""
        ...

    def incarnation(self) -> str:
        """Return an id that changes when the data of the broker is gone. Raises BusUnavailable."""
        ...

    def empty(self) -> None:
        """Take every record and every mark of the groups away, for ever; the next incarnation is another.

        For a moment at which nobody publishes or reads. Raises BusUnavailable.
        """
        ...

    def ping(self) -> None:
        """Return when the broker answers. Raises BusUnavailable."""
        ...

    def close(self) -> None:
        """Let go of the connections; consumers are closed by those who asked for them."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What the query of a bus URL may set.

    `prefix` keeps the topics and groups of several installations on one broker apart; `patience` is how many seconds a
    call waits for a silent broker; `lease` is after how many silent seconds a consumer loses its partitions.
    """

    prefix: str = ""
    patience: float = 10.0
    lease: float = 15.0


def partition_for(record: Outgoing, topics: Mapping[str, Topic]) -> int:
    """Return the partition `record` goes to. Raises KeyError, ValueError for one that the table does not have."""
    partitions = topics[record.topic].partitions
    if record.partition is None:
        return partition_of(record.key, partitions)
    if not 0 <= record.partition < partitions:
        raise ValueError(f"{record.topic} has partitions 0 to {partitions - 1}, not {record.partition}")
    return record.partition


def refuse_oversized(records: Sequence[Outgoing]) -> None:
    """Raise RecordTooLarge for the first record with a value over MAX_RECORD_BYTES."""
    for record in records:
        if len(record.value) > MAX_RECORD_BYTES:
            raise RecordTooLarge(
                f"a record for {record.topic} with key {record.key!r} has {len(record.value):,} bytes; the limit is "
                f"{MAX_RECORD_BYTES:,}. Split its batch into smaller records; nothing of this call was published."
            )
