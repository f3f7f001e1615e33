"""What only the Redis adapter has: trimming, a server that was wiped, keys for Redis Cluster."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from redis import Redis

from shared.bus import Bus, Consumer, open_bus, redis_streams
from shared.topics import TOPICS
from tests.bus.steps import numbers, publish_numbers, reading, take, until

TOPIC = "activities"
PARTITION = 2


@pytest.fixture(autouse=True)
def _trim_with_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_streams, "TRIM_SECONDS", 0.0)


def test_trimming_never_takes_what_the_slowest_group_has_not_committed(redis_bus_url: str) -> None:
    with closing(trimming(redis_bus_url, readers=2)) as bus:
        publish_numbers(bus, range(50))
        with reading(bus, "quick") as quick, reading(bus, "slow") as slow:
            quick.commit(take(quick, 50))
            slow.commit(take(slow, 20))
            take(slow, 10)
            publish_numbers(bus, range(50, 60))
            assert length(redis_bus_url) == 41  # the 40 that slow still needs, and the one its mark stands on

        with reading(bus, "slow") as slow:
            assert numbers(take(slow, 40)) == list(range(20, 60))


def test_nothing_is_trimmed_before_every_reader_of_the_topic_has_registered(redis_bus_url: str) -> None:
    with closing(trimming(redis_bus_url, readers=2)) as bus:
        publish_numbers(bus, range(30))
        with reading(bus, "first") as first:
            first.commit(take(first, 30))
        publish_numbers(bus, range(30, 31))
        assert length(redis_bus_url) == 31

        with reading(bus, "second") as second:
            assert numbers(take(second, 31)) == list(range(31))


def test_what_is_younger_than_the_retention_stays(redis_bus_url: str) -> None:
    with closing(trimming(redis_bus_url, readers=1, retention=timedelta(hours=1))) as bus:
        publish_numbers(bus, range(30))
        with reading(bus) as consumer:
            consumer.commit(take(consumer, 30))
        publish_numbers(bus, range(30, 31))
        assert length(redis_bus_url) == 31


def test_a_topic_without_retention_is_never_trimmed(redis_bus_url: str) -> None:
    with closing(trimming(redis_bus_url, readers=1, retention=None)) as bus:
        publish_numbers(bus, range(30))
        with reading(bus) as consumer:
            consumer.commit(take(consumer, 30))
        publish_numbers(bus, range(30, 31))
        assert length(redis_bus_url) == 31


def test_lag_is_right_for_a_group_that_comes_after_trimming(redis_bus_url: str) -> None:
    with closing(trimming(redis_bus_url, readers=1)) as bus:
        publish_numbers(bus, range(30))
        with reading(bus, "first") as first:
            first.commit(take(first, 30))
        publish_numbers(bus, range(30, 35))
        with reading(bus, "late") as late:
            assert numbers(take(late, 6)) == list(range(29, 35))
            assert late.lag()[TOPIC, PARTITION] == 6


def test_a_wiped_server_has_another_incarnation_and_consumers_go_on(redis_bus_url: str) -> None:
    with closing(open_bus(redis_bus_url)) as bus, reading(bus) as consumer:
        before = bus.incarnation()
        publish_numbers(bus, range(10))
        consumer.commit(take(consumer, 7))

        wipe(redis_bus_url)
        assert bus.incarnation() != before
        publish_numbers(bus, range(100, 110))
        assert numbers(take(consumer, 10)) == list(range(100, 110))
        until(lambda: catches_up(consumer))

    with closing(open_bus(redis_bus_url)) as bus, reading(bus) as consumer:
        publish_numbers(bus, range(110, 111))
        assert numbers(take(consumer, 1)) == [110]


def test_every_key_has_the_same_hash_tag(redis_bus_url: str) -> None:
    with closing(open_bus(redis_bus_url)) as bus, reading(bus) as consumer:
        bus.incarnation()
        publish_numbers(bus, range(3))
        consumer.commit(take(consumer, 3))
        keys = own_keys(redis_bus_url)

    assert len(keys) > 8
    assert all(key.startswith("{samenspel}:") for key in keys)


def trimming(url: str, readers: int, retention: timedelta | None = timedelta(0)) -> Bus:
    """Open a bus on which `activities` has this retention and must be read by so many groups."""
    topic = replace(TOPICS[TOPIC], consumers=tuple(map(str, range(readers))), retention=retention)
    return open_bus(url, {**TOPICS, TOPIC: topic})


def catches_up(consumer: Consumer) -> bool:
    """Poll and commit once, and tell whether nothing is left."""
    consumer.commit(consumer.poll(0.1))
    return consumer.lag().get((TOPIC, PARTITION)) == 0


def length(url: str) -> int:
    with Redis.from_url(url.partition("?")[0]) as client:
        return int(client.xlen(f"{{samenspel}}:{prefix(url)}{TOPIC}:{PARTITION}"))


def own_keys(url: str) -> list[str]:
    with Redis.from_url(url.partition("?")[0]) as client:
        return [key.decode() for key in client.scan_iter(f"*{prefix(url)}*")]


def wipe(url: str) -> None:
    with Redis.from_url(url.partition("?")[0]) as client:
        client.delete(*own_keys(url))


def prefix(url: str) -> str:
    return parse_qs(urlsplit(url).query)["prefix"][0]
