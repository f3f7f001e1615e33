"""A consumer group on Redis Streams: who reads which partition, and how far the group is.

Every partition is a stream. The native group of a stream is the group's mark: `last-delivered-id` is the last committed
record. Members read with XREAD, which takes nothing away, so a stalled member that comes back cannot strand a record; a
partition is read by the member that holds its lease, and only that member can move the mark. After a crash the next
holder starts at the mark, so whatever was read and not committed is read again, in order, before anything new.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from redis import Redis
from redis import exceptions as errors

from shared.bus.interface import BusUnavailable

_LATER = (
    errors.ConnectionError,
    errors.TimeoutError,
    errors.ReadOnlyError,
    errors.OutOfMemoryError,
    errors.ClusterDownError,
    errors.TryAgainError,
)
_NEVER = (errors.AuthenticationError, errors.AuthorizationError)
_LATER_PREFIXES = ("MISCONF", "NOREPLICAS", "MASTERDOWN", "BUSY ")


@dataclass(frozen=True, slots=True)
class Keys:
    """Every key of the bus; one hash tag, so that scripts and transactions also hold on Redis Cluster."""

    prefix: str

    def stream(self, topic: str, partition: int) -> str:
        """Name the records of one partition."""
        return self._key(f"{topic}:{partition}")

    def added(self) -> str:
        """Name the hash of stream → how many records it was ever given."""
        return self._key("added")

    def incarnation(self) -> str:
        """Name the string that goes when the data goes."""
        return self._key("incarnation")

    def members(self, group: str) -> str:
        """Name the sorted set of member → when it counts as gone, in milliseconds of the server's clock."""
        return self._key(f"group:{group}:members")

    def leases(self, group: str) -> str:
        """Name the hash of stream → the member that reads it."""
        return self._key(f"group:{group}:leases")

    def done(self, group: str) -> str:
        """Name the hash of stream → how many of its records the group has committed."""
        return self._key(f"group:{group}:done")

    def _key(self, rest: str) -> str:
        return f"{{samenspel}}:{self.prefix}{rest}"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a group is in a stream: the last committed id, and how many records that makes."""

    position: str
    done: int


# KEYS members, leases, done, added, stream…   ARGV member, lease in ms, group
# Stay a member; forget the silent; give back what is over the fair share; take what is free within it.
# Returns stream, position, done of each stream held. A new group is registered on all streams, at their beginning.
_SHARE = """
local members, leases, done, added, member, group = KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', members, '-inf', now)
redis.call('ZADD', members, now + ARGV[2], member)

local everyone = redis.call('ZRANGE', members, 0, -1)
table.sort(everyone)
local streams = #KEYS - 4
local share = math.floor(streams / #everyone)
for rank = 1, streams % #everyone do
  if everyone[rank] == member then share = share + 1 end
end

local function mark(stream)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  for _, entry in ipairs(groups.err and {} or groups) do
    local fields = {}
    for i = 1, #entry, 2 do fields[entry[i]] = entry[i + 1] end
    if fields['name'] == group then return fields['last-delivered-id'] end
  end
  redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
  local gone = (redis.call('HGET', added, stream) or 0) - redis.call('XLEN', stream)
  redis.call('HSET', done, stream, gone)
  return '0-0'
end

local held, free, marks = {}, {}, {}
for i = 5, #KEYS do
  local holder = redis.call('HGET', leases, KEYS[i])
  marks[KEYS[i]] = mark(KEYS[i])
  if holder == member then
    table.insert(held, KEYS[i])
  elseif not holder or not redis.call('ZSCORE', members, holder) then
    table.insert(free, KEYS[i])
  end
end
while #held > share do redis.call('HDEL', leases, table.remove(held)) end
while #held < share and #free > 0 do
  table.insert(held, table.remove(free, 1))
  redis.call('HSET', leases, held[#held], member)
end

local answer = {}
for _, stream in ipairs(held) do
  table.insert(answer, stream)
  table.insert(answer, marks[stream])
  table.insert(answer, redis.call('HGET', done, stream) or '0')
end
return answer
"""

# KEYS members   ARGV member, lease in ms
# Stay a member while a batch is handled. Returns 0 when the membership has already run out.
_RENEW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gone = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not gone or tonumber(gone) <= now then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return 1
"""

# KEYS leases, done, stream…   ARGV member, group, then position, done of each stream
# Move the marks of the streams that the member holds, and of no other. Returns the streams whose mark was moved.
_COMMIT = """
local moved = {}
for i = 3, #KEYS do
  if redis.call('HGET', KEYS[1], KEYS[i]) == ARGV[1] then
    redis.call('XGROUP', 'SETID', KEYS[i], ARGV[2], ARGV[i * 2 - 3])
    redis.call('HSET', KEYS[2], KEYS[i], ARGV[i * 2 - 2])
    table.insert(moved, KEYS[i])
  end
end
return moved
"""

# KEYS members, leases, stream…   ARGV member
# Leave the group; what it held is free at once.
_LEAVE = """
redis.call('ZREM', KEYS[1], ARGV[1])
for i = 3, #KEYS do
  if redis.call('HGET', KEYS[2], KEYS[i]) == ARGV[1] then redis.call('HDEL', KEYS[2], KEYS[i]) end
end
"""


class Group:
    """One member's view of a consumer group, each method one atomic step on the server."""

    def __init__(
        self, client: Redis, keys: Keys, group: str, *, member: str, streams: Sequence[str], lease: float
    ) -> None:
        """Know the group; nothing is sent yet. `lease` is in seconds."""
        self._members, self._leases, self._done = keys.members(group), keys.leases(group), keys.done(group)
        self._added, self._streams = keys.added(), list(streams)
        self._group, self._member, self._lease_ms = group, member, int(lease * 1000)
        self._client = client
        self._share, self._renew = client.register_script(_SHARE), client.register_script(_RENEW)
        self._commit, self._leave = client.register_script(_COMMIT), client.register_script(_LEAVE)

    def share(self) -> dict[str, Mark]:
        """Stay a member, take or give back partitions so that all have a fair share; return the streams held."""
        keys = [self._members, self._leases, self._done, self._added, *self._streams]
        with answering():
            flat = self._share(keys=keys, args=[self._member, self._lease_ms, self._group])
        triples = zip(flat[::3], flat[1::3], flat[2::3], strict=True)
        return {stream.decode(): Mark(position.decode(), int(done)) for stream, position, done in triples}

    def renew(self) -> bool:
        """Stay a member without taking or giving; False when the membership has run out."""
        with answering():
            return bool(self._renew(keys=[self._members], args=[self._member, self._lease_ms]))

    def commit(self, marks: dict[str, Mark]) -> frozenset[str]:
        """Move the marks of the streams still held; return those streams."""
        flat = [part for mark in marks.values() for part in (mark.position, mark.done)]
        with answering():
            moved = self._commit(keys=[self._leases, self._done, *marks], args=[self._member, self._group, *flat])
        return frozenset(stream.decode() for stream in moved)

    def added(self, streams: Sequence[str]) -> list[int]:
        """Return how many records each stream was ever given."""
        with answering():
            counts = self._client.hmget(self._added, list(streams)) if streams else []
        return [int(count or 0) for count in counts]

    def leave(self) -> None:
        """Give everything back and stop being a member."""
        with answering():
            self._leave(keys=[self._members, self._leases, *self._streams], args=[self._member])


@contextmanager
def answering() -> Iterator[None]:
    """Turn what a broken, busy or full server answers into BusUnavailable; a refused password stays what it is."""
    try:
        yield
    except _NEVER:
        raise
    except _LATER as error:
        raise BusUnavailable(f"Redis: {error}") from error
    except errors.ResponseError as error:
        if str(error).startswith(_LATER_PREFIXES):
            raise BusUnavailable(f"Redis: {error}") from error
        raise
