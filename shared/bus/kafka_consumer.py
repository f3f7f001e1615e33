"""A member of a consumer group on Apache Kafka."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka import errors as kafka_errors
from kafka.structs import OffsetAndMetadata

from shared import logs
from shared.bus.interface import Options, Record
from shared.bus.kafka_topics import LOST, KafkaTopics, answering

PROBE_SECONDS = 1.0
LONGEST_BATCH_SECONDS = 300.0

log = logs.get("bus")


class _Ownership(ConsumerRebalanceListener):  # type: ignore[misc]
    """Which partitions are held now, and from which offset on commits count.

    `floor` has the lowest next offset worth committing of each partition with records read since it was assigned: a
    record read under an earlier assignment cannot move the group back. The client calls this on its own thread.
    """

    def __init__(self) -> None:
        self.held: frozenset[TopicPartition] = frozenset()
        self.floor: dict[TopicPartition, int] = {}
        self.keep_joining: Callable[[], None] = lambda: None

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Forget what is being handed over, and see to it that the rebalance which begins here also ends."""
        self.keep_joining()
        self.held -= frozenset(revoked)
        self.floor = {place: offset for place, offset in self.floor.items() if place not in revoked}

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Take over what was assigned."""
        self.held |= frozenset(assigned)


class KafkaGroupConsumer:
    """Reads what the group's coordinator assigns to it; the driver's client is made with the first poll."""

    def __init__(
        self, settings: Mapping[str, Any], cluster: KafkaTopics, topics: Sequence[str], options: Options
    ) -> None:
        """Prepare to join with the first poll; `settings` has the group, the client's name and the servers."""
        self._settings = {**settings, **_settings(options)}
        self._cluster, self._options = cluster, options
        self._topics = [options.prefix + topic for topic in topics]
        self._patience_ms = int(options.patience * 1000)
        self._ownership = _Ownership()
        self._client: Any = None
        self._incarnation = ""
        self._epochs: dict[TopicPartition, int] = {}
        self._probed = monotonic()

    def poll(self, timeout: float, limit: int = 500) -> list[Record]:
        """Return the next records; an empty answer is checked against the cluster once a second."""
        with answering():
            client = self._joined()
            batches = client.poll(timeout_ms=int(timeout * 1000), max_records=limit)
        for place, batch in batches.items():
            self._ownership.floor.setdefault(place, batch[0].offset)
            self._epochs[place] = batch[-1].leader_epoch
        if not batches:
            self._probe()
        return [self._record(raw) for batch in batches.values() for raw in batch]

    def commit(self, records: Sequence[Record]) -> None:
        """Commit the next offset of each partition that is still held."""
        following: dict[TopicPartition, int] = {}
        for record in records:
            place = TopicPartition(self._options.prefix + record.topic, record.partition)
            following[place] = max(int(record.position) + 1, following.get(place, 0))
        floor = self._ownership.floor
        wanted = {place: offset for place, offset in following.items() if offset > floor.get(place, offset)}
        if wanted:
            self._commit(wanted)

    def assigned(self) -> frozenset[tuple[str, int]]:
        """Return the partitions held; none once the coordinator has put this member out."""
        if self._client is None or self._client.group_metadata().generation_id < 0:
            return frozenset()
        return frozenset((self._topic(place), place.partition) for place in self._ownership.held)

    def lag(self) -> dict[tuple[str, int], int]:
        """Return the end of each held partition less what is committed."""
        held = list(self._ownership.held)
        if not held:
            return {}
        with answering():
            ends = self._client.end_offsets(held, timeout_ms=self._patience_ms)
        return {(self._topic(place), place.partition): max(0, ends[place] - self._done(place)) for place in held}

    def close(self) -> None:
        """Leave the group; an unreachable coordinator lets the session run out instead."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(kafka_errors.KafkaError):
                client.close(autocommit=False, timeout_ms=self._patience_ms)

    def _joined(self) -> Any:
        self._cluster.ensure()
        if self._client is None:
            self._incarnation = self._cluster.incarnation()
            self._client = KafkaConsumer(**self._settings)
            # kafka-python 3.0.12: a rejoin because of new metadata that outlasts a poll is forgotten, and the member
            # stays without partitions; asking for the rejoin lets the next poll wait for it
            self._ownership.keep_joining = self._client._coordinator.request_rejoin  # noqa: SLF001
            self._client.subscribe(self._topics, listener=self._ownership)
        return self._client

    def _probe(self) -> None:
        """Ask the cluster for its topics, since the driver is silent when nobody answers, and at topics made anew."""
        if monotonic() < self._probed + PROBE_SECONDS:
            return
        incarnation = self._cluster.incarnation()
        self._probed = monotonic()
        if incarnation != self._incarnation:
            self.close()

    def _commit(self, wanted: Mapping[TopicPartition, int]) -> None:
        offsets = {
            place: OffsetAndMetadata(offset, "", self._epochs.get(place, -1)) for place, offset in wanted.items()
        }
        try:
            with answering():
                self._client.commit(offsets, timeout_ms=self._patience_ms)
        except LOST as error:
            log.warning("commit refused, the partitions have a new owner", reason=str(error))
        else:
            self._ownership.floor.update(wanted)

    def _done(self, place: TopicPartition) -> int:
        """Return the committed offset: known from reading, else where the driver stands before the first record."""
        known = self._ownership.floor.get(place)
        if known is not None:
            return known
        with answering():
            return self._client.position(place, timeout_ms=self._patience_ms) or 0

    def _record(self, raw: Any) -> Record:
        topic = raw.topic.removeprefix(self._options.prefix)
        return Record(topic, raw.partition, str(raw.offset), (raw.key or b"").decode(), raw.value or b"")

    def _topic(self, place: TopicPartition) -> str:
        return str(place.topic.removeprefix(self._options.prefix))


def _settings(options: Options) -> dict[str, Any]:
    return {
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "allow_auto_create_topics": False,
        "session_timeout_ms": int(options.lease * 1000),
        "heartbeat_interval_ms": int(min(1.0, options.lease / 4) * 1000),
        "max_poll_interval_ms": int(max(LONGEST_BATCH_SECONDS, options.lease) * 1000),
        "metrics_enabled": False,
    }
