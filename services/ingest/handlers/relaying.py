"""Hand on what waits to the bus, and answer those who ask for it again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson

from services.ingest.domain.arrivals import Unpublished
from services.ingest.domain.packing import packed
from shared import logs
from shared.bus import Outgoing
from shared.contracts import league as league_contract
from shared.contracts import wire
from shared.contracts.league import LeagueDocument

AT_ONCE = 4000
"""Activities in one turn: a full record for each partition, when there is that much."""

Clock = Callable[[], datetime]

log = logs.get(__name__)


class Outbox(Protocol):
    """Activities that wait for the bus."""

    def hand_on(self, limit: int, send: Callable[[Sequence[Unpublished]], None], now: Clock) -> int:
        """Give up to `limit` waiting activities to `send`, then mark them; returns how many."""
        ...

    def unpublish(self, partitions: Iterable[int] | None = None) -> None:
        """Let everything of these partitions (None: all) wait again."""
        ...

    def incarnation(self) -> str | None:
        """Return which incarnation of the bus everything marked was handed to; None: nothing was yet."""
        ...

    def remember_incarnation(self, name: str) -> None:
        """Remember which incarnation of the bus is being published to."""
        ...


class Versions(Protocol):
    """Document versions that wait for the bus."""

    def hand_on(self, send: Callable[[Sequence[LeagueDocument]], None], now: Clock) -> int:
        """Give the versions that wait to `send`, then mark them; returns how many."""
        ...

    def unpublish(self) -> None:
        """Let every version wait for the bus again."""
        ...


class Publisher(Protocol):
    """The part of the bus that is needed here."""

    def publish(self, records: Sequence[Outgoing]) -> None:
        """Return when all are acknowledged."""
        ...

    def incarnation(self) -> str:
        """Return an id that changes when the data of the broker is gone."""
        ...


def publish_activities(outbox: Outbox, bus: Publisher, now: Clock) -> int:
    """Publish waiting activities in records of up to 500 of one partition; returns how many."""

    def send(batch: Sequence[Unpublished]) -> None:
        lines = ((each.partition, {**orjson.loads(each.body), "inbox": each.inbox}) for each in batch)
        bus.publish([Outgoing("activities", key, value, partition) for partition, key, value in packed(lines)])

    return outbox.hand_on(AT_ONCE, send, now)


def publish_documents(versions: Versions, bus: Publisher, now: Clock) -> int:
    """Publish waiting document versions, each in a record of its own; returns how many."""

    def send(batch: Sequence[LeagueDocument]) -> None:
        bus.publish([Outgoing("league", each.kind, _record(each)) for each in batch])

    return versions.hand_on(send, now)


def follow_incarnation(outbox: Outbox, versions: Versions, bus: Publisher) -> None:
    """Let everything wait again when the bus has lost what it was given."""
    present, known = bus.incarnation(), outbox.incarnation()
    if present == known:
        return
    if known is not None:
        log.warning("bus_was_emptied", detail="everything is published again")
        versions.unpublish()
        outbox.unpublish()
    outbox.remember_incarnation(present)


def read_request(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check the parts of a request that are used here. Raises KeyError or TypeError."""
    partitions = line.get("partitions")
    if partitions is not None and not all(isinstance(part, int) for part in partitions):
        raise TypeError(f"partitions are numbers, not {partitions!r}")
    return {"topic": line["topic"], "partitions": partitions, "by": line.get("by")}


def answer(requests: Iterable[Mapping[str, Any]], outbox: Outbox, versions: Versions) -> None:
    """Let what was asked for wait again; requests for the topics of others are theirs."""
    asked = [request for request in requests if request["topic"] in {"activities", "league"}]
    for request in asked:
        log.info("asked_to_publish_again", topic=request["topic"], by=request.get("by"))
    if any(request["topic"] == "league" for request in asked):
        versions.unpublish()
    wanted = [request.get("partitions") for request in asked if request["topic"] == "activities"]
    if wanted:
        outbox.unpublish(None if None in wanted else {part for parts in wanted for part in parts or ()})


def _record(document: LeagueDocument) -> bytes:
    (record,) = wire.encode("league", [league_contract.to_wire(document)])
    return record
