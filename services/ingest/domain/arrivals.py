"""What goes into the inbox, and what is found there."""

from dataclasses import dataclass
from datetime import datetime

from services.ingest.domain.directory import Held


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent something (`connection`: the name of a token or of a mapping), and which of sources/ read it."""

    connection: str
    source: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One payload with its activity, ready to be stored.

    `payload` and `body` are JSON; `body` is the wire form without the inbox number or, while it is `held`, the claim.
    `digest` is of what was said, `checked` the number of the directory it was held against.
    """

    key: str
    payload: str
    digest: bytes
    body: str
    partition: int
    held: Held | None
    checked: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What the inbox holds for a key; `new` tells whether it came just now."""

    inbox: int
    digest: bytes
    new: bool


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked activity; `claim` is JSON."""

    number: int
    inbox: int
    connection: str
    received_at: datetime
    held: Held
    claim: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What an activity becomes after another look: released (`held` None, `body` its wire form), or parked still."""

    number: int
    body: str
    partition: int
    held: Held | None


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
