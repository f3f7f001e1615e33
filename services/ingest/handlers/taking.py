"""Take in what a CRM sends by itself: nothing of it is refused, and everything is kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Protocol

import orjson

from services.ingest.domain.arrivals import Arrival, Kept, Origin, Part, became
from services.ingest.domain.claims import activity_id
from services.ingest.domain.directory import UNREADABLE, Directory, Held, resolve
from services.ingest.domain.masking import masked
from services.ingest.domain.results import DUPLICATE, OUTCOMES, Sent, Want
from services.ingest.handlers.asking import wants_of
from services.ingest.handlers.receiving import part_of
from services.ingest.schemas.activities import doubts
from shared.errors import FieldProblem

LONGEST_KEY = 420
"""Characters of a sender's id that fit in a database index; a longer one is kept by its digest."""


_LONGEST_REASON = 500


class Inbox(Protocol):
    """Where payloads are kept."""

    def take(self, origin: Origin, arrivals: Sequence[Arrival], again: int, at: datetime) -> Mapping[str, Kept]:
        """Store what a verified sender brought, all or nothing, and count what became of it; durable on return.

        `again` is how many things more it brought that are among the arrivals already.
        """
        ...


def take(sent: Sequence[Sent], origin: Origin, known: Directory, inbox: Inbox, now: datetime) -> Mapping[str, int]:
    """Store everything that a verified sender brought; returns how many became what (results.OUTCOMES)."""
    firsts: dict[str, Arrival] = {}
    for each in sent:
        arrival = prepare(each, origin.connection, known, now)
        firsts.setdefault(arrival.key, arrival)
    arrivals, again = list(firsts.values()), len(sent) - len(firsts)
    kept = inbox.take(origin, arrivals, again, now)
    counts = Counter(became(each, kept[each.key]) for each in arrivals)
    counts[DUPLICATE] += again
    return {outcome: counts[outcome] for outcome in OUTCOMES}


def prepare(sent: Sent, connection: str, known: Directory, at: datetime) -> Arrival:
    """Make a thing that was brought ready for the inbox; secrets in it are masked before it is stored."""
    payload = orjson.dumps(masked(sent.raw))
    parts, ignored = meaning(sent, connection, known, at)
    return Arrival(
        key=_key(sent.id, payload),
        payload=payload.decode(),
        digest=blake2b(payload, digest_size=16).digest(),
        parts=parts,
        checked=known.number,
        ignored=ignored,
        wants=wants(sent, parts, connection, known),
    )


def meaning(sent: Sent, connection: str, known: Directory, at: datetime) -> tuple[tuple[Part, ...], str | None]:
    """Return the activities of a thing that was brought at that moment, or why it has none."""
    problems = (*sent.problems, *(doubt for claim in sent.claims for doubt in doubts(claim)))
    if problems:
        return (_unreadable(sent, connection, problems),), None
    found = [(claim, resolve(claim, known, connection=connection, received_at=at)) for claim in sent.claims]
    parts = tuple(
        part_of(each, claim, connection, activity_id(connection, claim.id)) for claim, each in found if not each.ignored
    )
    left_out = next((each.ignored for _, each in found if each.ignored), None)
    return parts, None if parts else _line(left_out or sent.ignored or _waits(sent))


def wants(sent: Sent, parts: Sequence[Part], connection: str, known: Directory) -> tuple[Want, ...]:
    """Return what is to be asked back of the CRM."""
    return wants_of(sent, (part.held for part in parts), known.connections.get(connection))


def _waits(sent: Sent) -> str:
    if sent.wants:
        return f"what happened is asked of the CRM: {', '.join(f'{each.object} {each.id}' for each in sent.wants)}"
    return "nothing in it needs an activity"


def _line(text: str) -> str:
    """Return text on one line: a reason may quote what was sent, and no database keeps everything that can be sent."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:_LONGEST_REASON])


def _unreadable(sent: Sent, connection: str, problems: Sequence[FieldProblem]) -> Part:
    said = {
        "id": sent.id or UNREADABLE,
        "type": UNREADABLE,
        "problems": [{"field": each.pointer, "value": each.value, "expected": each.expected} for each in problems],
    }
    return Part(orjson.dumps(said).decode(), 0, Held(UNREADABLE, connection))


def _key(name: str | None, payload: bytes) -> str:
    if name and len(name) <= LONGEST_KEY and name.isprintable():
        return name
    return f"blake2b:{blake2b(name.encode() if name else payload, digest_size=16).hexdigest()}"
