"""Take in what was sent: resolve names, store, say what became of each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Protocol

import orjson

from services.ingest.domain import claims, results
from services.ingest.domain.arrivals import Arrival, Kept, Origin, Part
from services.ingest.domain.claims import Claim
from services.ingest.domain.directory import Directory, Resolution, resolve
from services.ingest.domain.results import Result, Sent
from shared.contracts import activity
from shared.topics import TOPICS, partition_of

PARTITIONS = TOPICS["activities"].partitions
DIFFERS = "the same id came with other content before; what came first is kept"


class Inbox(Protocol):
    """Where payloads are kept."""

    def keep(self, origin: Origin, arrivals: Sequence[Arrival], at: datetime) -> Mapping[str, Kept]:
        """Store what is new, all or nothing, and return what is held for every key; durable on return."""
        ...


def receive(sent: Sequence[Sent], origin: Origin, known: Directory, inbox: Inbox, now: datetime) -> list[Result]:
    """Store everything that can be used and tell for each thing what became of it, in the order it was sent."""
    prepared = [prepare(each, origin.connection, known) if each.claims else None for each in sent]
    firsts: dict[str, Arrival] = {}
    for arrival in prepared:
        if arrival:
            firsts.setdefault(arrival.key, arrival)
    kept = inbox.keep(origin, list(firsts.values()), now)
    return list(_tell(sent, prepared, kept, origin.connection))


def prepare(sent: Sent, connection: str, known: Directory) -> Arrival:
    """Make a thing that was sent ready for the inbox."""
    (claim,) = sent.claims
    said = orjson.dumps(claims.to_json(claim), option=orjson.OPT_SORT_KEYS)
    found = resolve(claim, known, connection=connection)
    return Arrival(
        key=claim.id,
        payload=orjson.dumps(sent.raw).decode(),
        digest=blake2b(said, digest_size=16).digest(),
        parts=() if found.ignored else (part_of(found, claim, connection),),
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
    sent: Sequence[Sent], prepared: Sequence[Arrival | None], kept: Mapping[str, Kept], connection: str
) -> Iterator[Result]:
    told: set[str] = set()
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
