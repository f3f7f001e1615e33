"""The topics table: one hash, known services."""

from shared.topics import TOPICS, partition_of

SERVICES = {"ingest", "scoring", "leaderboard", "commission", "every consumer"}


def test_the_partition_of_a_key_never_changes() -> None:
    assert [partition_of(key, 8) for key in ("D-1", "sanne", "één", "")] == [3, 0, 7, 0]


def test_topics_name_only_services_of_the_chain() -> None:
    for topic in TOPICS.values():
        assert set(topic.consumers) <= SERVICES
        assert set(topic.producer.split(", ")) <= SERVICES


def test_only_the_league_is_kept_for_ever() -> None:
    assert [t.name for t in TOPICS.values() if t.retention is None] == ["league"]
