"""The topics of the chain as data: who writes, who reads, by which key, kept for how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from zlib import crc32


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; `retention` None means kept for ever."""

    name: str
    partitions: int
    producer: str
    consumers: tuple[str, ...]
    key: str
    retention: timedelta | None


_TABLE = (
    Topic("activities", 8, "ingest", ("scoring",), "deal id, else rep id", timedelta(days=14)),
    Topic(
        "credits", 8, "scoring", ("leaderboard", "commission"), "ledger partition",
        timedelta(days=14),
    ),
    Topic("league", 1, "ingest", ("scoring", "leaderboard", "commission"), "kind", None),
    Topic(
        "requests", 1, "leaderboard, commission", ("ingest", "scoring"), "topic asked for",
        timedelta(days=14),
    ),
    Topic("dead-letters", 1, "every consumer", (), "topic of origin", timedelta(days=90)),
)  # fmt: skip

TOPICS: Mapping[str, Topic] = MappingProxyType({topic.name: topic for topic in _TABLE})


def partition_of(key: str, partitions: int) -> int:
    """Return the partition of `key`, the same on every bus: CRC-32 of its UTF-8 modulo `partitions`."""
    return crc32(key.encode()) % partitions
