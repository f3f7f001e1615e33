"""The bus on Redis Streams (Redis 6.2 or newer, or Valkey): a stream per partition.

Trimming happens when records are published: what is older than the topic's retention goes, but nothing that a group has
not committed, and nothing before every reader of the topic has registered. Topics without retention are never trimmed.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from time import monotonic
from typing import cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.bus.interface import Consumer, Options, Outgoing, partition_for, refuse_oversized
from shared.bus.redis_consumer import RedisConsumer
from shared.bus.redis_group import Group, Keys, answering
from shared.topics import Topic

CALL_BYTES = 8_000_000
TRIM_SECONDS = 60.0

# KEYS stream   ARGV readers that must have registered, retention in ms
# Drop what is older than the retention and behind the mark of every group. Returns the number of records dropped.
_TRIM = """
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
if groups.err or #groups < tonumber(ARGV[1]) then return 0 end

local function parts(id)
  local ms, seq = string.match(id, '(%d+)-(%d+)')
  return tonumber(ms), tonumber(seq)
end
local function before(a, b)
  local a_ms, a_seq = parts(a)
  local b_ms, b_seq = parts(b)
  return a_ms < b_ms or (a_ms == b_ms and a_seq < b_seq)
end

local time = redis.call('TIME')
local keep = string.format('%.0f-0', math.max(0, time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2]))
for _, entry in ipairs(groups) do
  local fields = {}
  for i = 1, #entry, 2 do fields[entry[i]] = entry[i + 1] end
  if before(fields['last-delivered-id'], keep) then keep = fields['last-delivered-id'] end
end
return redis.call('XTRIM', KEYS[1], 'MINID', keep)
"""


class RedisBus:
    """The bus of one Redis server."""

    def __init__(self, url: str, topics: Mapping[str, Topic], options: Options) -> None:
        """Know the server at `url`; connect on first use."""
        self._client = Redis.from_url(
            url,
            socket_timeout=options.patience,
            socket_connect_timeout=options.patience,
            retry=Retry(NoBackoff(), 1),
        )
        self._keys, self._topics, self._options = Keys(options.prefix), topics, options
        self._trim_script = self._client.register_script(_TRIM)
        self._trimmed: dict[str, float] = {}

    def publish(self, records: Sequence[Outgoing]) -> None:
        """Publish in few transactions; a refused transaction leaves none of its records."""
        refuse_oversized(records)
        placed = [(self._keys.stream(r.topic, partition_for(r, self._topics)), r) for r in records]
        with answering():
            self._trim({stream: self._topics[record.topic] for stream, record in placed})
            for call in _calls(placed):
                self._append(call)

    def consumer(self, topics: Sequence[str], group: str, name: str) -> Consumer:
        """Return a member of `group`; it joins with its first poll."""
        streams = {
            self._keys.stream(topic, partition): (topic, partition)
            for topic in topics
            for partition in range(self._topics[topic].partitions)
        }
        member, lease = f"{name}:{uuid.uuid4().hex}", self._options.lease
        membership = Group(self._client, self._keys, group, member=member, streams=list(streams), lease=lease)
        return RedisConsumer(self._client, membership, streams, self._options)

    def incarnation(self) -> str:
        """Return the id that was made when this data began."""
        with answering():
            self._client.set(self._keys.incarnation(), uuid.uuid4().hex, nx=True)
            return cast("bytes", self._client.get(self._keys.incarnation())).decode()

    def empty(self) -> None:
        """Delete every key of the bus; whatever else the server holds stays."""
        groups = {group for topic in self._topics.values() for group in topic.consumers}
        names = [self._keys.stream(name, n) for name, topic in self._topics.items() for n in range(topic.partitions)]
        names += [key(group) for group in groups for key in (self._keys.members, self._keys.leases, self._keys.done)]
        with answering():
            self._client.delete(*names, self._keys.added(), self._keys.incarnation())

    def ping(self) -> None:
        """Return when the server answers."""
        with answering():
            self._client.ping()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _append(self, placed: Sequence[tuple[str, Outgoing]]) -> None:
        pipe = self._client.pipeline(transaction=True)
        for stream, record in placed:
            pipe.xadd(stream, {record.key: record.value})
        for stream, count in Counter(stream for stream, _ in placed).items():
            pipe.hincrby(self._keys.added(), stream, count)
        pipe.execute()

    def _trim(self, streams: Mapping[str, Topic]) -> None:
        now = monotonic()
        for stream, topic in streams.items():
            if topic.retention is not None and now >= self._trimmed.get(stream, -inf) + TRIM_SECONDS:
                retention_ms = int(topic.retention.total_seconds() * 1000)
                self._trim_script(keys=[stream], args=[len(topic.consumers), retention_ms])
                self._trimmed[stream] = now


def _calls(placed: Sequence[tuple[str, Outgoing]]) -> Iterator[list[tuple[str, Outgoing]]]:
    """Cut into calls of about CALL_BYTES, in order."""
    call: list[tuple[str, Outgoing]] = []
    size = 0
    for stream, record in placed:
        if call and size + len(record.value) > CALL_BYTES:
            yield call
            call, size = [], 0
        call.append((stream, record))
        size += len(record.value)
    if call:
        yield call
