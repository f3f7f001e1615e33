"""A request: a reader asks the writer of a topic to publish again what its store has lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.times import from_text, to_text


@dataclass(frozen=True, slots=True)
class Request:
    """Publish `topic` again: these partitions of it, or all (None); `by` is the service that asks."""

    topic: str
    partitions: tuple[int, ...] | None
    by: str
    at: datetime


def to_wire(request: Request) -> dict[str, Any]:
    """Give the JSON-ready form of a request."""
    partitions = None if request.partitions is None else list(request.partitions)
    return {"topic": request.topic, "partitions": partitions, "by": request.by, "at": to_text(request.at)}


def from_wire(wire: Mapping[str, Any]) -> Request:
    """Read a request; KeyError, TypeError or ValueError when it is malformed."""
    partitions = wire["partitions"]
    return Request(
        topic=wire["topic"],
        partitions=None if partitions is None else tuple(int(p) for p in partitions),
        by=wire["by"],
        at=from_text(wire["at"]),
    )
