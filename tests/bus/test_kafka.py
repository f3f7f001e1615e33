"""What only the Kafka adapter has: topics made from the table, and producer batches that arrive whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from shared.bus import Outgoing, open_bus
from shared.bus.kafka import WAVE_BYTES, _waves
from shared.topics import TOPICS
from tests.bus.steps import first_appearances, publish_numbers, reading, until, works

pytestmark = pytest.mark.kafka


def test_topics_are_made_as_the_table_says(kafka_bus_url: str) -> None:
    with closing(open_bus(kafka_bus_url)) as bus:
        bus.incarnation()

    with administrating(kafka_bus_url) as (admin, prefix):
        for topic in TOPICS.values():
            resource = ConfigResource(ConfigResourceType.TOPIC, prefix + topic.name)
            config = admin.describe_configs([resource])["topic"][prefix + topic.name]
            kept = -1 if topic.retention is None else int(topic.retention.total_seconds() * 1000)
            assert int(config["retention.ms"]["value"]) == kept
            [described] = admin.describe_topics([prefix + topic.name])
            assert len(described["partitions"]) == topic.partitions


def test_topics_of_another_size_are_refused(kafka_bus_url: str) -> None:
    smaller = {**TOPICS, "credits": replace(TOPICS["credits"], partitions=3)}
    with closing(open_bus(kafka_bus_url, smaller)) as bus:
        bus.incarnation()

    with closing(open_bus(kafka_bus_url)) as bus, pytest.raises(ValueError, match="credits has 3 partitions, not 8"):
        publish_numbers(bus, range(1))


def test_topics_made_anew_have_another_incarnation_and_everybody_goes_on(kafka_bus_url: str) -> None:
    with closing(open_bus(kafka_bus_url)) as bus, reading(bus) as consumer:
        before = bus.incarnation()
        publish_numbers(bus, range(10))
        consumer.commit(consumer.poll(5.0))

        with administrating(kafka_bus_url) as (admin, prefix):
            admin.delete_topics([prefix + name for name in TOPICS])
        until(lambda: works(lambda: publish_numbers(bus, range(100, 110))))

        assert bus.incarnation() != before
        assert first_appearances(consumer, 10) == list(range(100, 110))


def test_a_wave_has_at_most_one_producer_batch_of_each_partition() -> None:
    places = [TopicPartition("activities", number % 3) for number in range(50)]
    placed = [(place, Outgoing("activities", "k", bytes(90_000))) for place in places]

    waves = list(_waves(placed))

    assert [pair for wave in waves for pair in wave] == placed
    assert len(waves) == 2
    for wave in waves:
        sizes = Counter[TopicPartition]()
        for place, record in wave:
            sizes[place] += len(record.value)
        assert max(sizes.values()) <= WAVE_BYTES


@contextmanager
def administrating(url: str) -> Iterator[tuple[Any, str]]:
    parts = urlsplit(url)
    with closing(KafkaAdminClient(bootstrap_servers=parts.netloc)) as admin:
        yield admin, parse_qs(parts.query)["prefix"][0]
