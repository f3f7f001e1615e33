"""What goes into the inbox, and what is found there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.ingest.domain.directory import UNREADABLE, Held
from services.ingest.domain.quality import Review
from services.ingest.domain.results import ACCEPTED, DUPLICATE, IGNORED, PARKED, Want


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent something (`connection`: the name of a token or of a mapping), and which of sources/ read it."""

    connection: str
    source: str


@dataclass(frozen=True, slots=True)
class Part:
    """One activity of a payload, ready to be stored; `body` is JSON.

    `body` is the wire form without the inbox number or, while it is `held`, the claim. `name` is the activity's id
    where that does not follow from the payload's: of activities with the same name the first counts.
    """

    body: str
    partition: int
    held: Held | None = None
    name: str | None = None
    deal: str | None = None
    rep: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One payload with its activities, ready to be stored.

    `payload` is JSON, `digest` is of what was said, `checked` the number of the directory it was held against.
    `ignored` tells why it needs no activity, `wants` what is to be asked back of the CRM.
    """

    key: str
    payload: str
    digest: bytes
    parts: tuple[Part, ...]
    checked: int
    ignored: str | None = None
    wants: tuple[Want, ...] = ()

    @property
    def readable(self) -> bool:
        """Tell whether all of it could be read."""
        return all(part.held is None or part.held.reason != UNREADABLE for part in self.parts)


@dataclass(frozen=True, slots=True)
class Batch:
    """Arrivals of one origin, each key once; `again` are keys that came in more than one request of the batch."""

    origin: Origin
    arrivals: Sequence[Arrival]
    again: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What the inbox holds for a key; `new` tells whether it came just now.

    `known` are the names of its activities that were there already, of other payloads.
    """

    inbox: int
    digest: bytes
    new: bool
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked activity; `claim` is JSON. `payload` (JSON) is there for what could not be read."""

    number: int
    inbox: int
    connection: str
    source: str
    received_at: datetime
    held: Held
    claim: str
    name: str | None = None
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What a parked activity becomes after another look: the same activity, released or still held (one part).

    A payload that could be read this time may give several, or none; then `ignored` tells why. `yes` is whose word
    let it through as it is.
    """

    number: int
    parts: tuple[Part, ...]
    ignored: str | None = None
    wants: tuple[Want, ...] = ()
    yes: Review | None = None


@dataclass(frozen=True, slots=True)
class Unpublished:
    """One activity that waits for the bus; `body` is its wire form without the inbox number, JSON."""

    number: int
    inbox: int
    partition: int
    body: str


@dataclass(frozen=True, slots=True)
class Stored:
    """One activity of a payload, as the inbox shows it."""

    id: str
    published_at: datetime | None
    held: Held | None
    body: str


@dataclass(frozen=True, slots=True)
class Payload:
    """One row of the inbox with its activities; `payload` is JSON."""

    inbox: int
    connection: str
    key: str
    source: str
    received_at: datetime
    payload: str
    activities: tuple[Stored, ...]
    ignored: str | None = None
    again: int = 0


@dataclass(frozen=True, slots=True)
class Sender:
    """What a connection sent so far, by what became of it on arrival; `refused` could not be verified."""

    connection: str
    accepted: int = 0
    duplicate: int = 0
    parked: int = 0
    ignored: int = 0
    unreadable: int = 0
    refused: int = 0
    received_at: datetime | None = None
    refused_at: datetime | None = None
    refusal: str | None = None


def became(arrival: Arrival, kept: Kept) -> str:
    """Return what became of a payload as a whole, in one word of results.OUTCOMES: the worst of its activities."""
    if not kept.new:
        return DUPLICATE
    stored = [part for part in arrival.parts if part.name is None or part.name not in kept.known]
    if not stored:
        return DUPLICATE if arrival.parts else IGNORED
    reasons = {part.held.reason for part in stored if part.held}
    return UNREADABLE if UNREADABLE in reasons else PARKED if reasons else ACCEPTED
