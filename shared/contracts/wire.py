"""Records on the bus: one JSON object `{"v": 1, "<kind>": [...]}` that carries a batch."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import orjson

T = TypeVar("T")

VERSION = 1
MAX_LINES = 500
MAX_BYTES = 900_000
"""Room for a batch, below the bus's limit of 1,000,000 bytes a record."""


class Unreadable(ValueError):
    """The record is not one of ours: it can never work and is set aside with its reason."""


def encode(kind: str, lines: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Pack lines into as few records as hold them: at most 500 lines or 900 kB each, in order."""
    return [_envelope(kind, batch) for batch in _batches([orjson.dumps(line) for line in lines])]


def decode(kind: str, value: bytes, read: Callable[[Mapping[str, Any]], T]) -> list[T]:
    """Unpack one record and read each of its lines; Unreadable says what is wrong with it."""
    try:
        body = orjson.loads(value)
        version, lines = body["v"], body[kind]
        read_lines = [read(line) for line in lines] if version == VERSION else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"{kind} record cannot be read: {error!r}") from error
    if read_lines is None:
        raise Unreadable(f"{kind} record of version {version!r}; this code reads {VERSION}")
    return read_lines


def _envelope(kind: str, batch: Sequence[bytes]) -> bytes:
    return b'{"v":%d,"%s":[%s]}' % (VERSION, kind.encode(), b",".join(batch))


def _batches(lines: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    start = size = 0
    for i, line in enumerate(lines):
        if i > start and (i - start >= MAX_LINES or size + len(line) > MAX_BYTES):
            yield lines[start:i]
            start, size = i, 0
        size += len(line) + 1
    if start < len(lines):
        yield lines[start:]
