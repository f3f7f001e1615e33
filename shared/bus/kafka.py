"""The bus on Apache Kafka 4 (2.8 or newer), through kafka-python: acks from all, idempotent, explicit partitions.

One call is published in waves of at most one producer batch a partition, and the next wave goes out when the last one is
acknowledged: a batch arrives whole or not at all, so a failure can repeat records but never change their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from threading import Lock
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka import errors as kafka_errors

from shared.bus.interface import Consumer, Options, Outgoing, partition_for, refuse_oversized
from shared.bus.kafka_consumer import KafkaGroupConsumer, answering
from shared.topics import Topic

WAVE_BYTES = 1_000_000
RECORD_OVERHEAD = 64
BATCH_BYTES = 1_040_000
TOPIC_MESSAGE_BYTES = 2_000_000
_TOPIC_EXISTS = kafka_errors.TopicAlreadyExistsError.errno


class KafkaBus:
    """The bus of one Kafka cluster."""

    def __init__(self, servers: str, topics: Mapping[str, Topic], options: Options) -> None:
        """Know the cluster by `servers` (host:port, …); connect on first use."""
        self._topics, self._options = topics, options
        self._client = client_settings(servers, options)
        self._lock = Lock()
        self._producer: Any = None
        self._admin: Any = None
        self._ready = False

    def publish(self, records: Sequence[Outgoing]) -> None:
        """Publish in waves; after a failure the next call starts with a new producer."""
        refuse_oversized(records)
        placed = [
            (TopicPartition(self._options.prefix + r.topic, partition_for(r, self._topics)), r) for r in records
        ]
        self.prepare()
        with self._lock, answering():
            try:
                for wave in _waves(placed):
                    self._send(wave)
            except BaseException:
                self._discard_producer()
                self._ready = False
                raise

    def consumer(self, topics: Sequence[str], group: str, name: str) -> Consumer:
        """Return a member of `group`; it joins with its first poll."""
        return KafkaGroupConsumer(self.prepare, self._client, topics, group, name, self._options)

    def incarnation(self) -> str:
        """Return a digest of the topics' ids, which a cluster gives anew to a topic made anew."""
        self.prepare()
        with self._lock, self._asking_admin():
            found = self._describe()
        ids = "".join(f"{name}={found[name]['topic_id']};" for name in sorted(found))
        return sha256(ids.encode()).hexdigest()[:32]

    def ping(self) -> None:
        """Return when the cluster answers."""
        with self._lock, self._asking_admin():
            self._admin_client().describe_cluster()

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            self._discard_producer()
            self._discard_admin()

    def prepare(self, again: bool = False) -> None:
        """Make the topics that do not exist yet, once or `again`. Raises BusUnavailable, ValueError for another size."""
        with self._lock:
            if again or not self._ready:
                with self._asking_admin():
                    self._make_topics()
                self._ready = True

    def _send(self, wave: Sequence[tuple[TopicPartition, Outgoing]]) -> None:
        if self._producer is None:
            self._producer = KafkaProducer(**self._client, **_producer_settings(self._options))
        sent = [
            self._producer.send(place.topic, key=record.key.encode(), value=record.value, partition=place.partition)
            for place, record in wave
        ]
        self._producer.flush(timeout=self._options.patience + 1)
        for future in sent:
            future.get(timeout=0)

    def _discard_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            producer.close(timeout=1)
        except kafka_errors.KafkaError:
            # close() raises out of its flush and leaves the thread running when a batch can no longer be delivered
            producer._sender.force_close()  # noqa: SLF001

    def _admin_client(self) -> Any:
        if self._admin is None:
            self._admin = KafkaAdminClient(**self._client)
        return self._admin

    @contextmanager
    def _asking_admin(self) -> Iterator[None]:
        with answering():
            try:
                yield
            except BaseException:
                self._discard_admin()
                raise

    def _discard_admin(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            with suppress(kafka_errors.KafkaError):
                admin.close()

    def _describe(self) -> dict[str, Any]:
        names = [self._options.prefix + name for name in self._topics]
        described = self._admin_client().describe_topics(names)
        return {topic["name"]: topic for topic in described if topic["error_code"] == 0}

    def _make_topics(self) -> None:
        found = self._describe()
        missing = {
            self._options.prefix + topic.name: _topic_settings(topic)
            for topic in self._topics.values()
            if self._options.prefix + topic.name not in found
        }
        if missing:
            self._create(missing)
            found = self._describe()
        for topic in self._topics.values():
            partitions = len(found[self._options.prefix + topic.name]["partitions"])
            if partitions != topic.partitions:
                raise ValueError(f"topic {topic.name} has {partitions} partitions in Kafka, not {topic.partitions}")

    def _create(self, missing: Mapping[str, Any]) -> None:
        answer = self._admin_client().create_topics(dict(missing), raise_errors=False)
        for topic in answer["topics"]:
            if topic["error_code"] not in {0, _TOPIC_EXISTS}:
                raise kafka_errors.for_code(topic["error_code"])(topic["name"])
        self._admin_client().wait_for_topics(list(missing), timeout_ms=self._options.patience * 1000)


def client_settings(servers: str, options: Options) -> dict[str, Any]:
    """Return what producer, consumer and admin client have in common."""
    return {
        "bootstrap_servers": servers.split(","),
        "bootstrap_timeout_ms": int(options.patience * 1000),
        "request_timeout_ms": int(options.patience * 700),
        "reconnect_backoff_max_ms": 1000,
    }


def _producer_settings(options: Options) -> dict[str, Any]:
    patience_ms = int(options.patience * 1000)
    return {
        "acks": "all",
        "enable_idempotence": True,
        "batch_size": BATCH_BYTES,
        "max_request_size": 16 * BATCH_BYTES,
        "linger_ms": int(patience_ms * 0.3),  # a batch leaves with the flush of its wave, never half filled
        "delivery_timeout_ms": patience_ms,
        "max_block_ms": patience_ms,
        "metrics_enabled": False,
    }


def _topic_settings(topic: Topic) -> dict[str, Any]:
    retention_ms = -1 if topic.retention is None else int(topic.retention.total_seconds() * 1000)
    configs = {"cleanup.policy": "delete", "retention.ms": retention_ms, "max.message.bytes": TOPIC_MESSAGE_BYTES}
    return {
        "num_partitions": topic.partitions,
        "replication_factor": -1,  # what the cluster's default.replication.factor says
        "configs": {name: str(value) for name, value in configs.items()},
    }


def _waves(
    placed: Sequence[tuple[TopicPartition, Outgoing]],
) -> Iterator[list[tuple[TopicPartition, Outgoing]]]:
    """Cut into waves in which each partition gets at most one producer batch, in order."""
    wave: list[tuple[TopicPartition, Outgoing]] = []
    filled: dict[TopicPartition, int] = defaultdict(int)
    for place, record in placed:
        size = len(record.value) + len(record.key) + RECORD_OVERHEAD
        if filled[place] and filled[place] + size > WAVE_BYTES:
            yield wave
            wave = []
            filled.clear()
        wave.append((place, record))
        filled[place] += size
    if wave:
        yield wave
