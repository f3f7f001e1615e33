"""The bus: one small interface with two adapters, Kafka and Redis Streams, chosen by URL.

    bus = open_bus("redis://127.0.0.1:6379/0")
    bus.publish([Outgoing("activities", key="D-1", value=b"...")])
    consumer = bus.consumer(["activities"], group="scoring", name="scoring-1")
    records = consumer.poll(timeout=1.0)
    ...                                            # store the effect, hand on
    consumer.commit(records)

Delivery is at least once and in order within a partition: store the effect, hand on, then commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from shared.bus.interface import (
    MAX_RECORD_BYTES,
    Bus,
    BusUnavailable,
    Consumer,
    Options,
    Outgoing,
    Record,
    RecordTooLarge,
)
from shared.topics import TOPICS, Topic

__all__ = [
    "MAX_RECORD_BYTES",
    "Bus",
    "BusUnavailable",
    "Consumer",
    "Outgoing",
    "Record",
    "RecordTooLarge",
    "open_bus",
]


def open_bus(url: str, topics: Mapping[str, Topic] = TOPICS) -> Bus:
    """Return the bus at `url`; it connects on first use.

    `kafka://host:port[,host:port]` or `redis://[user:password@]host:port[/db]` (also rediss:// and unix://), with
    `?prefix=…&patience=…&lease=…` as in `Options`. Raises ValueError for any other URL.
    """
    address, options = _parse(url)
    scheme = urlsplit(url).scheme
    if scheme == "kafka":
        from shared.bus.kafka import KafkaBus  # noqa: PLC0415  load only the driver that is used

        return KafkaBus(urlsplit(url).netloc, topics, options)
    if scheme in {"redis", "rediss", "unix"}:
        from shared.bus.redis_streams import RedisBus  # noqa: PLC0415  load only the driver that is used

        return RedisBus(address, topics, options)
    raise ValueError(f"a bus URL starts with kafka:// or redis://, not with {scheme or 'nothing'}")


def _parse(url: str) -> tuple[str, Options]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    prefix = query.pop("prefix", "")
    seconds = {name: float(query.pop(name)) for name in ("patience", "lease") if name in query}
    return urlunsplit(parts._replace(query=urlencode(query))), Options(prefix, **seconds)
