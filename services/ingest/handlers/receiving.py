"""Take in what was sent: resolve names, store, say what became of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Protocol

import orjson

from services.ingest.domain import claims, results
from services.ingest.domain.arrivals import Arrival, Batch, Kept, Origin, Part
from services.ingest.domain.claims import Claim
from services.ingest.domain.directory import Directory, Resolution, resolve
from services.ingest.domain.results import Result, Sent
from shared.contracts import activity
from shared.topics import TOPICS, partition_of

TIMELESS = frozenset({"import"})
"""Sources that bring history, whenever they do; what comes from all others is as late as its arrival."""

PARTITIONS = TOPICS["activities"].partitions
DIFFERS = "the same id came with other content before; what came first is kept"


class Inbox(Protocol):
    """Where payloads are kept."""

    def keep_all(self, batches: Sequence[Batch], at: datetime) -> list[Mapping[str, Kept]]:
        """Store what is new, all or nothing, and return what is held for every key; durable on return."""
        ...


Post = tuple[Sequence[Sent], Origin]
"""What one request brought."""


def receive(sent: Sequence[Sent], origin: Origin, known: Directory, inbox: Inbox, now: datetime) -> list[Result]:
    """Store everything that can be used and tell for each thing what became of it, in the order it was sent."""
    return receive_all([(sent, origin)], known, inbox, now)[0]


def receive_all(posts: Sequence[Post], known: Directory, inbox: Inbox, now: datetime) -> list[list[Result]]:
    """Do so for several requests in one transaction, as if they had come one after the other."""
    prepared = [[prepare(each, by, known, now) if each.claims else None for each in sent] for sent, by in posts]
    gathered: dict[Origin, _Gathered] = {}
    for (_, origin), arrivals in zip(posts, prepared, strict=True):
        gathered.setdefault(origin, _Gathered()).add(arrivals)
    batches = [Batch(origin, list(each.firsts.values()), each.again) for origin, each in gathered.items()]
    kept = dict(zip(gathered, inbox.keep_all(batches, now), strict=True))
    told: dict[Origin, set[str]] = {origin: set() for origin in gathered}
    return [
        list(_tell(sent, arrivals, kept[by], by.connection, told[by]))
        for (sent, by), arrivals in zip(posts, prepared, strict=True)
    ]


@dataclass(slots=True)
class _Gathered:
    """The arrivals of one origin: the first of each key, and the keys that came in a later request again."""

    firsts: dict[str, Arrival] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)

    def add(self, arrivals: Sequence[Arrival | None]) -> None:
        """Add those of one request."""
        mine: set[str] = set()
        for arrival in arrivals:
            if arrival and arrival.key not in mine:
                mine.add(arrival.key)
                if self.firsts.setdefault(arrival.key, arrival) is not arrival:
                    self.again.append(arrival.key)


def prepare(sent: Sent, origin: Origin, known: Directory, now: datetime) -> Arrival:
    """Make a thing that was sent ready for the inbox."""
    (claim,) = sent.claims
    said = orjson.dumps(claims.to_json(claim), option=orjson.OPT_SORT_KEYS)
    at = None if origin.source in TIMELESS else now
    found = resolve(claim, known, connection=origin.connection, received_at=at)
    return Arrival(
        key=claim.id,
        payload=orjson.dumps(sent.raw).decode(),
        digest=blake2b(said, digest_size=16).digest(),
        parts=() if found.ignored else (part_of(found, claim, origin.connection),),
        checked=known.number,
        ignored=found.ignored,
    )


def part_of(found: Resolution, said: Claim, connection: str, name: str | None = None) -> Part:
    """Return the activity that a claim becomes, or the claim as it was said while something holds it up."""
    deal = found.claim.deal.id if found.claim.deal else None
    if found.held:
        return Part(orjson.dumps(claims.to_json(said)).decode(), 0, found.held, name, deal)
    body, partition = published(found.claim, connection, found.rep)
    return Part(body.decode(), partition, None, name, deal, found.rep)


def published(claim: Claim, connection: str, rep: str | None) -> tuple[bytes, int]:
    """Return the wire form of a resolved claim, without its inbox number, and its partition."""
    fact = claims.to_activity(claim, connection, rep)
    wire = activity.to_wire(fact)
    del wire["inbox"]
    return orjson.dumps(wire), partition_of(fact.key, PARTITIONS)


def _tell(
    sent: Sequence[Sent],
    prepared: Sequence[Arrival | None],
    kept: Mapping[str, Kept],
    connection: str,
    told: set[str],
) -> Iterator[Result]:
    """Tell what became of each; `told` are the keys that were told of before."""
    for index, (each, arrival) in enumerate(zip(sent, prepared, strict=True)):
        if arrival is None:
            yield Result(index, each.id, results.INVALID, errors=each.problems)
            continue
        found = kept[arrival.key]
        yield _result(index, arrival, found, connection, new=found.new and arrival.key not in told)
        told.add(arrival.key)


def _result(index: int, arrival: Arrival, found: Kept, connection: str, *, new: bool) -> Result:
    name = claims.activity_id(connection, arrival.key)
    if not new:
        note = None if found.digest == arrival.digest else DIFFERS
        return Result(index, arrival.key, results.DUPLICATE, found.inbox, name, note=note)
    if arrival.ignored:
        return Result(index, arrival.key, results.IGNORED, found.inbox, note=arrival.ignored)
    held = arrival.parts[0].held
    if held:
        return Result(index, arrival.key, results.PARKED, found.inbox, name, held.reason, held.reference)
    return Result(index, arrival.key, results.ACCEPTED, found.inbox, name)
