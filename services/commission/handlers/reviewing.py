"""A run's way from calculated to closed, and what there is to say about a period on that way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from services.commission.domain.batches import check_complete
from services.commission.domain.runs import CLOSE, DISCARDED, OPEN, STEPS, Event, Run, next_state
from services.commission.handlers.calculating import Desks
from services.commission.handlers.once import Request, once
from services.commission.store import Desk
from shared.errors import Forbidden, Outdated
from shared.periods import Period

UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a period is: open, or the state of its run; `stale`: what it rests on has changed since the calculation.

    A credit of the hours that the organisation's month and that of UTC differ by may be taken for one that counts.
    """

    period: Period
    state: str
    run: Run | None
    runs: tuple[Run, ...]
    stale: bool


def take(desks: Desks, run: str, action: str, request: Request) -> Run:
    """Take a step with a run.

    Raises UnknownRun, WrongState, NoReason, FourEyes, NotExported or Outdated.
    """
    with desks.writing() as desk:
        return once(desk, request, lambda: _take(desk, run, action, request))


def _take(desk: Desk, name: str, action: str, request: Request) -> Run:
    run = locked(desk, name, request)
    state = next_state(run, action, request.actor, request.reason)
    if action == CLOSE:
        check_complete(desk.runs.lines(name), desk.exports.of_run(name))
    return moved(desk, run, request, action, state)


def locked(desk: Desk, name: str, request: Request) -> Run:
    """Return a run that nobody else changes meanwhile; UnknownRun, or Outdated when the caller knows an older state."""
    run = desk.runs.locked(name)
    if request.seen is not None and request.seen != run.tag:
        raise Outdated(f"run {run.id} has changed: it is {run.state} now")
    return run


def check_scope(action: str, scopes: frozenset[str]) -> None:
    """Raise Forbidden when the scopes do not allow a step."""
    if STEPS[action].scope not in scopes:
        raise Forbidden(f"{action} needs the scope {STEPS[action].scope}")


def moved(desk: Desk, run: Run, request: Request, action: str, state: str, **about: str) -> Run:
    """Write the new state of a run and what happened."""
    desk.runs.move(run, state, run.events + 1)
    states = (run.state, state)
    event = Event(request.now, request.actor, action, run.period.id, run.id, *states, request.reason, about)
    desk.trail.add(event)
    return replace(run, state=state, events=run.events + 1)


def standing(desk: Desk, period: Period) -> Standing:
    """Return where a period is."""
    found = desk.runs.of_period(period.id)
    run = next((one for one in found if one.state != DISCARDED), None)
    return Standing(period, run.state if run else OPEN, run, tuple(found), run is not None and _is_stale(desk, run))


def _is_stale(desk: Desk, run: Run) -> bool:
    """Tell whether a document, money by hand or a credit from before the period's end came after the calculation."""
    earliest = desk.claims.earliest_after(run.ledger)
    later = earliest is not None and earliest < run.period.end(UTC)
    return run.documents != _latest(desk) or later or _is_adjusted(desk, run)


def _is_adjusted(desk: Desk, run: Run) -> bool:
    """Tell whether money by hand waits to be paid in the period that the run does not pay."""
    waiting = {str(one.number) for one in desk.claims.unpaid(run.period)}
    return bool(waiting) and not waiting <= {line.reference for line in desk.runs.lines(run.id)}


def _latest(desk: Desk) -> dict[str, int]:
    latest: dict[str, int] = {}
    for kind, version in desk.page.marks().documents:
        latest[kind] = max(version, latest.get(kind, 0))
    return latest
