"""What is asked of the inbox, and how it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.ingest.domain.directory import Held
from shared.contracts.times import from_text

PARKED, IGNORED, WAITING, ACCEPTED, DUPLICATE = "parked", "ignored", "waiting", "accepted", "duplicate"
STATUSES = (PARKED, IGNORED, WAITING, ACCEPTED, DUPLICATE)
"""What became of a payload; `duplicate`: the same came again, `waiting`: on its way to the bus."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which payloads; every part narrows down. `before` and `after` are inbox numbers of a neighbouring page.

    `rep` is a rep id, `reference` a name that nobody knows, `id` an inbox number, a sender's id, or an activity's.
    """

    deal: str | None = None
    rep: str | None = None
    reference: str | None = None
    id: str | None = None
    connection: str | None = None
    status: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    after: int | None = None
    limit: int = 50

    @property
    def by_activity(self) -> bool:
        """Tell whether activities, not payloads, are what is looked for."""
        wanted = (self.deal, self.rep, self.reference, self.reason)
        return any(wanted) or self.status in (PARKED, WAITING)

    def names(self) -> Sequence[tuple[str | None, str]]:
        """Return what `id` may mean: a sender's id with its connection, or with any (None)."""
        if self.id is None:
            return ()
        connection, colon, key = self.id.partition(":")
        return ((None, self.id), (connection, key)) if colon and key else ((None, self.id),)


@dataclass(frozen=True, slots=True)
class Trace:
    """One activity of a payload: `said` is its wire form without `inbox`, or the claim while it is held."""

    number: int
    id: str
    said: dict[str, Any]
    deal: str | None
    rep: str | None
    held: Held | None
    published_at: datetime | None

    @property
    def occurred_at(self) -> datetime | None:
        """Return when it happened, as far as the sender could be read."""
        said = self.said.get("occurred_at")
        return from_text(said) if isinstance(said, str) else None

    @property
    def status(self) -> str:
        """Say what became of it."""
        return PARKED if self.held else ACCEPTED if self.published_at else WAITING


@dataclass(frozen=True, slots=True)
class Found:
    """One payload as a search shows it; `again` is how often the same came later."""

    inbox: int
    connection: str
    key: str
    source: str
    received_at: datetime
    ignored: str | None
    again: int
    pruned_at: datetime | None
    activities: tuple[Trace, ...]

    @property
    def status(self) -> str:
        """Say what became of it: the part that needs a person first."""
        if self.ignored is not None and not self.activities:
            return IGNORED
        said = {each.status for each in self.activities}
        return next((status for status in (PARKED, WAITING) if status in said), ACCEPTED)


@dataclass(frozen=True, slots=True)
class Answer:
    """One page, newest first; `newer` and `older` are the numbers to ask the next pages with, None at an end."""

    found: tuple[Found, ...]
    newer: int | None
    older: int | None
