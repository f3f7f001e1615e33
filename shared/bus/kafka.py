"""The bus on Apache Kafka (2.8 or newer), through kafka-python: acks from all, idempotent, explicit partitions.

A call is published in waves of at most one producer batch a partition, and a wave goes out when the last one is
acknowledged: a batch arrives whole or not at all, so a failure can repeat records but never change their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

from kafka import KafkaProducer, TopicPartition
from kafka import errors as kafka_errors

from shared.bus.interface import Consumer, Options, Outgoing, partition_for, refuse_oversized
from shared.bus.kafka_consumer import KafkaGroupConsumer
from shared.bus.kafka_topics import KafkaTopics, answering
from shared.topics import Topic

WAVE_BYTES = 1_000_000
RECORD_OVERHEAD = 64
BATCH_BYTES = 1_040_000

_Placed = tuple[TopicPartition, Outgoing]


class KafkaBus:
    """The bus of one Kafka cluster."""

    def __init__(self, servers: str, topics: Mapping[str, Topic], options: Options) -> None:
        """Know the cluster by `servers` (host:port, …); connect on first use."""
        self._table, self._options = topics, options
        self._client = _client_settings(servers, options)
        self._topics = KafkaTopics(self._client, topics, options)
        self._lock = Lock()
        self._producer: Any = None

    def publish(self, records: Sequence[Outgoing]) -> None:
        """Publish in waves; after a failure the next call starts with a new producer."""
        refuse_oversized(records)
        placed = [(self._place(record), record) for record in records]
        self._topics.ensure()
        with self._lock, answering():
            try:
                for wave in _waves(placed):
                    self._send(wave)
            except BaseException:
                self._discard_producer()
                self._topics.doubt()
                raise

    def consumer(self, topics: Sequence[str], group: str, name: str) -> Consumer:
        """Return a member of `group`; it joins with its first poll."""
        settings = {**self._client, "group_id": self._options.prefix + group, "client_id": name}
        return KafkaGroupConsumer(settings, self._topics, topics, self._options)

    def incarnation(self) -> str:
        """Return an id that changes when a topic was made anew."""
        return self._topics.incarnation()

    def empty(self) -> None:
        """Delete the topics, with what groups have committed in them, and make them anew."""
        self._topics.empty()

    def ping(self) -> None:
        """Return when the cluster answers."""
        self._topics.ping()

    def close(self) -> None:
        """Close the connections."""
        self._topics.close()
        with self._lock:
            self._discard_producer()

    def _place(self, record: Outgoing) -> TopicPartition:
        return TopicPartition(self._options.prefix + record.topic, partition_for(record, self._table))

    def _send(self, wave: Sequence[_Placed]) -> None:
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
            producer._sender.force_close()  # noqa: SLF001  there is no public way


def _client_settings(servers: str, options: Options) -> dict[str, Any]:
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


def _waves(placed: Sequence[_Placed]) -> Iterator[list[_Placed]]:
    """Cut into waves in which each partition gets at most one producer batch, in order."""
    wave: list[_Placed] = []
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
