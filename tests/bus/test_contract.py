"""What every bus must do, on Redis Streams and on Kafka alike."""

from __future__ import annotations

from contextlib import closing
from random import Random
from time import monotonic

import pytest

from shared.bus import MAX_RECORD_BYTES, Bus, BusUnavailable, Outgoing, RecordTooLarge, open_bus
from shared.topics import partition_of
from tests.bus.actors import HandledLog, Publisher, Worker, publishing
from tests.bus.member import Member
from tests.bus.steps import (
    DEADLINE,
    PARTITIONS,
    TOPIC,
    first_appearances,
    next_value,
    numbers,
    poll_for,
    publish_numbers,
    reading,
    take,
    until,
    works,
)
from tests.engines import Engine

EVERYTHING = frozenset((TOPIC, partition) for partition in range(PARTITIONS))


def test_records_of_a_key_arrive_in_the_order_of_publication(bus: Bus) -> None:
    sent = [Outgoing(TOPIC, f"deal-{number % 23}", str(number).encode()) for number in range(500)]
    bus.publish(sent[:100])
    bus.publish(sent[100:])

    with reading(bus) as consumer:
        got = take(consumer, 500)

    assert {record.partition for record in got} == set(range(PARTITIONS))
    for key in {record.key for record in sent}:
        assert [r.value for r in got if r.key == key] == [r.value for r in sent if r.key == key]


def test_the_hash_of_the_key_or_the_publisher_chooses_the_partition(bus: Bus) -> None:
    bus.publish([Outgoing(TOPIC, "déal-7", b"by key"), Outgoing(TOPIC, "déal-7", b"by hand", partition=5)])

    with reading(bus) as consumer:
        got = {record.value: record for record in take(consumer, 2)}

    assert got[b"by key"].partition == partition_of("déal-7", PARTITIONS) != 5
    assert got[b"by hand"].partition == 5
    assert got[b"by hand"].key == "déal-7"


def test_positions_within_a_partition_rise(bus: Bus) -> None:
    publish_numbers(bus, range(50))

    with reading(bus) as consumer:
        positions = [record.position for record in take(consumer, 50)]

    assert len(set(positions)) == 50
    assert positions == sorted(positions, key=lambda position: [int(part) for part in position.split("-")])


def test_an_unknown_topic_or_partition_is_refused_before_anything_is_sent(bus: Bus) -> None:
    with pytest.raises(KeyError):
        bus.publish([Outgoing(TOPIC, "k", b"1"), Outgoing("no-such-topic", "k", b"2")])
    with pytest.raises(ValueError, match="partitions 0 to 7, not 8"):
        bus.publish([Outgoing(TOPIC, "k", b"1"), Outgoing(TOPIC, "k", b"2", partition=8)])

    assert next_value(bus) == b"marker"


def test_a_batch_record_of_the_largest_size_arrives_unchanged(bus: Bus) -> None:
    batch = Random(7).randbytes(MAX_RECORD_BYTES)
    bus.publish([Outgoing(TOPIC, "k", batch), Outgoing(TOPIC, "k", batch[::-1]), Outgoing(TOPIC, "k", b"")])

    with reading(bus) as consumer:
        assert [record.value for record in take(consumer, 3)] == [batch, batch[::-1], b""]


def test_a_record_over_the_limit_is_refused_and_nothing_of_the_call_is_published(bus: Bus) -> None:
    too_large = Outgoing(TOPIC, "deal-9", bytes(MAX_RECORD_BYTES + 1))

    with pytest.raises(RecordTooLarge, match=r"'deal-9' has 1,000,001 bytes; the limit is 1,000,000\. Split"):
        bus.publish([Outgoing(TOPIC, "deal-9", b"small"), too_large])

    assert next_value(bus) == b"marker"


def test_a_committed_record_is_not_read_again_and_an_uncommitted_one_is(bus: Bus) -> None:
    publish_numbers(bus, range(30))
    with reading(bus) as consumer:
        first = take(consumer, 10)
        take(consumer, 10)
        consumer.commit(first)

    with reading(bus) as consumer:
        assert numbers(take(consumer, 20)) == list(range(10, 30))


def test_a_commit_covers_everything_before_it_in_the_partition(bus: Bus) -> None:
    publish_numbers(bus, range(20))
    with reading(bus) as consumer:
        got = take(consumer, 12) + take(consumer, 8)
        consumer.commit([got[14], got[3]])

    with reading(bus) as consumer:
        assert numbers(take(consumer, 5)) == list(range(15, 20))


def test_what_was_not_committed_before_a_crash_is_read_again_before_anything_new(bus: Bus, bus_url: str) -> None:
    publish_numbers(bus, range(30))
    with Member(bus_url, TOPIC, "group") as member:
        member.poll(10)
        member.commit(0)
        assert member.poll(10) == [str(number) for number in range(10, 20)]
        member.kill()
    publish_numbers(bus, range(30, 40))

    with reading(bus) as consumer:
        assert numbers(take(consumer, 30)) == list(range(10, 40))


def test_a_commit_after_the_partition_was_lost_does_no_harm(bus: Bus, bus_url: str) -> None:
    publish_numbers(bus, range(30))
    with Member(bus_url, TOPIC, "group") as stalled:
        stalled.poll(10)
        stalled.stall()
        with reading(bus) as heir:
            got = take(heir, 25)
            assert numbers(got) == list(range(25))
            heir.commit(got)
            stalled.wake()
            stalled.commit(0)
            assert numbers(take(heir, 5)) == list(range(25, 30))

        stalled.kill()
        with reading(bus) as next_one:
            assert numbers(take(next_one, 5)) == list(range(25, 30))


def test_a_record_of_an_earlier_assignment_cannot_move_the_group_back(bus: Bus, bus_url: str) -> None:
    publish_numbers(bus, range(25))
    with Member(bus_url, TOPIC, "group") as stalled:
        stalled.poll(10)
        stalled.stall()
        with reading(bus) as heir:
            heir.commit(take(heir, 25))
            stalled.wake()
            until(lambda: heir.poll(0.1) == [] and stalled.glance() == PARTITIONS // 2)
        until(lambda: stalled.glance() == PARTITIONS)
        publish_numbers(bus, range(25, 30))
        stalled.poll(5)
        stalled.commit(0)

    with reading(bus) as consumer:
        assert numbers(take(consumer, 5)) == list(range(25, 30))


def test_partitions_are_shared_out_anew_when_a_member_joins_and_leaves(bus: Bus) -> None:
    log = HandledLog()
    with closing(Worker(bus, log)) as first:
        with publishing(bus, log):
            until(lambda: first.consumer.assigned() == EVERYTHING)
            with closing(Worker(bus, log)) as second:
                until(lambda: len(first.consumer.assigned()) == len(second.consumer.assigned()) == PARTITIONS // 2)
                until(log.grows)
                assert first.consumer.assigned() | second.consumer.assigned() == EVERYTHING
            until(lambda: first.consumer.assigned() == EVERYTHING)
            until(log.grows)
        until(log.complete)

    assert log.handlers() == {first, second}
    for partition, handled in log.by_partition().items():
        assert handled == log.published[partition], f"partition {partition}"


def test_a_new_group_starts_at_the_earliest_record_and_groups_do_not_disturb_each_other(bus: Bus) -> None:
    publish_numbers(bus, range(10))
    with reading(bus, "early") as early:
        early.commit(take(early, 10))
        publish_numbers(bus, range(10, 15))

        with reading(bus, "late") as late:
            assert numbers(take(late, 15)) == list(range(15))
        assert numbers(take(early, 5)) == list(range(10, 15))


def test_lag_counts_what_is_not_committed(bus: Bus) -> None:
    publish_numbers(bus, range(10), partition=3)
    with reading(bus) as consumer:
        got = take(consumer, 4)
        until(lambda: consumer.lag() == {place: 10 if place == (TOPIC, 3) else 0 for place in EVERYTHING})
        consumer.commit(got)
        assert consumer.lag()[TOPIC, 3] == 6
        publish_numbers(bus, range(5), partition=4)
        assert consumer.lag()[TOPIC, 4] == 5

    with reading(bus) as consumer:
        take(consumer, 11)
        until(lambda: sum(consumer.lag().values()) == 11)


def test_a_poll_without_records_waits_no_longer_than_asked(bus: Bus) -> None:
    with reading(bus) as consumer:
        until(lambda: consumer.poll(0.1) == [] and consumer.assigned() == EVERYTHING)
        begun = monotonic()
        assert consumer.poll(0.4) == []
        assert 0.2 < monotonic() - begun < 2.0


def test_a_consumer_that_polls_in_a_hurry_still_gets_its_partitions(bus: Bus) -> None:
    with reading(bus) as consumer:
        until(lambda: consumer.poll(0.01) == [] and consumer.assigned() == EVERYTHING)


def test_a_broker_that_goes_away_and_comes_back_loses_nothing(bus: Bus, bus_engine: Engine) -> None:
    publish_numbers(bus, range(10))
    with reading(bus) as consumer:
        consumer.commit(take(consumer, 5))
        bus_engine.kill()

        with pytest.raises(BusUnavailable):
            publish_numbers(bus, range(10, 15))
        with pytest.raises(BusUnavailable):
            poll_for(consumer, DEADLINE)
        with pytest.raises(BusUnavailable):
            bus.ping()

        bus_engine.start()
        until(lambda: works(lambda: publish_numbers(bus, range(10, 20))))
        assert first_appearances(consumer, 15) == list(range(5, 20))


def test_a_publisher_that_repeats_after_failures_loses_nothing_and_keeps_the_order(
    bus: Bus, bus_engine: Engine
) -> None:
    publisher = Publisher(bus)
    for _ in range(2):
        until(publisher.advances)
        bus_engine.kill()
        bus_engine.start()
    until(publisher.advances)
    publisher.close()

    assert publisher.failures > 0
    with reading(bus) as consumer:
        assert first_appearances(consumer, publisher.published) == list(range(publisher.published))


def test_a_bus_can_be_opened_and_closed_while_the_broker_is_away(bus_url: str, bus_engine: Engine) -> None:
    bus_engine.stop()
    bus = open_bus(bus_url)
    consumer = bus.consumer([TOPIC], "group", "name")

    with pytest.raises(BusUnavailable):
        poll_for(consumer, DEADLINE)
    with pytest.raises(BusUnavailable):
        bus.incarnation()
    assert consumer.assigned() == frozenset()

    consumer.close()
    bus.close()


def test_an_emptied_bus_holds_nothing_begins_anew_and_has_another_incarnation(bus: Bus) -> None:
    before = bus.incarnation()
    publish_numbers(bus, range(20))
    with reading(bus) as consumer:
        consumer.commit(take(consumer, 20))

    bus.empty()

    assert bus.incarnation() not in {before, ""}
    publish_numbers(bus, range(100, 105))
    with reading(bus) as consumer:
        assert sorted(numbers(take(consumer, 5))) == list(range(100, 105))


def test_the_incarnation_is_the_same_for_everybody(bus: Bus, bus_url: str) -> None:
    with closing(open_bus(bus_url)) as another:
        assert bus.incarnation() == another.incarnation() == bus.incarnation() != ""
