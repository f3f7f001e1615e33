"""Adjustments made by hand, and disputes: objections to a line, which lead to adjustments and never to edits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.errors import Conflict, InvalidInput, NotFound
from shared.periods import Period

OPEN, ANSWERED, ESCALATED = "open", "answered", "escalated"
APPROVED, PARTLY, DENIED = "approved", "partially_approved", "denied"

FOLLOWS: Mapping[str, tuple[str, ...]] = {
    OPEN: (ANSWERED, APPROVED, PARTLY, DENIED, ESCALATED),
    ANSWERED: (OPEN, APPROVED, PARTLY, DENIED, ESCALATED),
    ESCALATED: (ANSWERED, APPROVED, PARTLY, DENIED),
    DENIED: (ESCALATED,),
    APPROVED: (),
    PARTLY: (ESCALATED,),
}
"""The states of a dispute, and what may follow each: who is answered may object again, a denial may be escalated."""

PAYING = (APPROVED, PARTLY)
"""States that bring an adjustment."""

BY_PAYEE = (OPEN, ESCALATED)
"""States that a payee's side brings about; the others are the employer's."""


class UnknownDispute(NotFound):
    """There is no such dispute."""


class UnknownLine(NotFound):
    """The run has no such line."""


class DisputeOver(Conflict):
    """That cannot follow in this dispute."""


class OwnDispute(Conflict):
    """Whoever objects does not decide."""


class AdjustmentNeeded(InvalidInput):
    """What is granted is said as an amount, and only then."""


class PeriodOver(Conflict):
    """The period is closed or approved: adjust a later one."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Money by hand: `amount` in minor units, in the run of `period`.

    `reference` names what it rests on, `origin` the earlier period that it is about, `dispute` the dispute that it
    settles. `paid_in` is the closed run that paid it.
    """

    period: Period
    rep: str
    currency: str
    amount: int
    reason: str
    reference: str
    origin: str
    author: str
    at: datetime
    dispute: int | None = None
    number: int | None = None
    paid_in: str | None = None

    def numbered(self, number: int) -> "Adjustment":
        """Return it with its number."""
        return replace(self, number=number)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a dispute, never changed: who said what, the state it brought, and the adjustment made for it."""

    at: datetime
    actor: str
    state: str
    text: str
    adjustment: int | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """An objection to a `line` of a `run`, with all its entries."""

    run: str
    line: str
    rep: str
    entries: tuple[Entry, ...]
    number: int | None = None

    @property
    def state(self) -> str:
        """Where it stands: as its last entry says."""
        return self.entries[-1].state

    @property
    def opened_by(self) -> str:
        """Who objected."""
        return self.entries[0].actor

    def numbered(self, number: int) -> "Dispute":
        """Return it with its number."""
        return replace(self, number=number)

    def followed_by(self, entry: Entry, *, pays: bool) -> "Dispute":
        """Return it with one more entry; raises DisputeOver, OwnDispute or AdjustmentNeeded."""
        if entry.state not in FOLLOWS[self.state]:
            known = ", ".join(FOLLOWS[self.state]) or "nothing"
            raise DisputeOver(f"dispute {self.number} is {self.state}: {known} may follow, not {entry.state}")
        if entry.state not in BY_PAYEE and entry.actor == self.opened_by:
            raise OwnDispute(f"{entry.actor} opened dispute {self.number}: somebody else has to decide")
        if pays != (entry.state in PAYING):
            raise AdjustmentNeeded(f"{' and '.join(PAYING)} need an adjustment, and nothing else takes one")
        return replace(self, entries=(*self.entries, entry))
