"""A period's life as a table: what may follow what, who may do it, and what is refused by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.errors import Conflict, Forbidden, NotFound
from shared.periods import Period

OPEN, CALCULATED, IN_REVIEW = "open", "calculated", "in_review"
APPROVED, EXPORTED, CLOSED, DISCARDED = "approved", "exported", "closed", "discarded"

STATES = (CALCULATED, IN_REVIEW, APPROVED, EXPORTED, CLOSED, DISCARDED)
"""The states of a run. A period without a run, or whose runs are all discarded, is open."""

OVER = (CLOSED, DISCARDED)
"""States in which a run no longer changes."""

CALCULATE, SUBMIT, APPROVE, DISCARD = "calculate", "submit", "approve", "discard"
EXPORT, CONFIRM, CANCEL, CLOSE = "export", "confirm", "cancel", "close"
ADJUST, DISPUTE, VERIFY = "adjust", "dispute", "verify"

RUNS_WRITE, RUNS_APPROVE, PAYOUTS_EXPORT = "runs:write", "runs:approve", "payouts:export"


class UnknownPeriod(NotFound):
    """There is no such period."""


class UnknownRun(NotFound):
    """There is no such run."""


class WrongState(Conflict):
    """The run is not in a state that allows this."""


class FourEyes(Forbidden):
    """Whoever made something of it cannot approve it."""


class AnotherRun(Conflict):
    """Another period of this kind is not closed yet."""


class OutOfOrder(Conflict):
    """Periods are paid one after the other."""


class NotOver(Conflict):
    """The period has not ended yet."""


class NoReason(Conflict):
    """This needs a reason."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one action does: from which states, to which, with which scope; `reason`: one has to be given."""

    action: str
    before: tuple[str, ...]
    after: str
    scope: str
    reason: bool = False


STEPS: Mapping[str, Step] = {
    step.action: step
    for step in (
        Step(SUBMIT, (CALCULATED,), IN_REVIEW, RUNS_WRITE),
        Step(APPROVE, (IN_REVIEW,), APPROVED, RUNS_APPROVE),
        Step(DISCARD, (CALCULATED, IN_REVIEW, APPROVED), DISCARDED, RUNS_WRITE, reason=True),
        Step(EXPORT, (APPROVED, EXPORTED), EXPORTED, PAYOUTS_EXPORT),
        Step(CONFIRM, (EXPORTED,), EXPORTED, PAYOUTS_EXPORT),
        Step(CANCEL, (EXPORTED,), EXPORTED, PAYOUTS_EXPORT, reason=True),
        Step(CLOSE, (EXPORTED,), CLOSED, PAYOUTS_EXPORT),
    )
}
"""What can be done with a run once it is calculated."""

REVIEWING = (SUBMIT, APPROVE, DISCARD, CLOSE)
"""The steps that change the state and nothing else."""


@dataclass(frozen=True, slots=True)
class Run:
    """The header of a run: everything that names what it was made from, and where it stands.

    `plans` are the versions of the plans document in it with their authors; `makers` whoever made something of it and
    so cannot approve it. `ledger` holds the number of the last credit counted by partition, `documents` the versions
    used. `inputs` and `outputs` are SHA-256. `events` counts the entries of its audit trail.
    """

    id: str
    period: Period
    number: int
    state: str
    engine: str
    operator: str
    calculated_at: datetime
    as_of: datetime | None
    plans: Mapping[int, str]
    makers: frozenset[str]
    ledger: Mapping[int, int]
    documents: Mapping[str, int]
    inputs: str
    outputs: str
    payees: int
    totals: Mapping[str, int]
    events: int = 0

    @property
    def tag(self) -> str:
        """A name that differs whenever the run does."""
        return f"{self.id}.{self.events}"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the audit trail, never changed: who did what, when, why; `about` holds its particulars."""

    at: datetime
    actor: str
    action: str
    period: str
    run: str | None
    before: str | None
    after: str | None
    reason: str | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    number: int | None = None


def run_id(period: Period, number: int) -> str:
    """Return the name of a period's run: the period and which calculation of it this is (2026-11.1)."""
    return f"{period.id}.{number}"


def next_state(run: Run, action: str, actor: str, reason: str | None) -> str:
    """Return the state after an action; WrongState, NoReason or FourEyes when it is not allowed."""
    step = STEPS[action]
    if run.state not in step.before:
        wanted = " or ".join(step.before)
        raise WrongState(f"run {run.id} is {run.state}; {action} needs it to be {wanted}")
    if step.reason and not (reason or "").strip():
        raise NoReason(f"say why: {action} needs a reason")
    if action == APPROVE and actor in run.makers:
        made = "calculated it" if actor == run.operator else "made a plan or an adjustment in it"
        raise FourEyes(f"{actor} {made}: somebody else has to approve run {run.id}")
    return step.after


def check_order(period: Period, active: Run | None, last_closed: Period | None) -> None:
    """Raise AnotherRun or OutOfOrder when this period's turn has not come.

    Periods of one kind are closed one after the other without gaps, so that balances and adjustments have one place.
    """
    if active and active.period != period:
        raise AnotherRun(f"run {active.id} is {active.state}: close or discard it first")
    if active and active.state != CALCULATED:
        raise WrongState(f"run {active.id} is {active.state}: discard it before calculating again")
    if last_closed and period != last_closed.next():
        raise OutOfOrder(f"{last_closed.id} was closed last: {last_closed.next().id} is next, not {period.id}")


def check_over(period: Period, end: datetime, now: datetime) -> None:
    """Raise NotOver while the period still runs."""
    if now < end:
        raise NotOver(f"{period.id} ends on {end.isoformat()}")
