"""Objections to lines of the ledger: opened, answered, accepted or declined; a trail that only grows.

Accepting one changes no line: it says which correction is to be handed in at the front door. When that has arrived and
was credited, the objection is closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.activity import CORRECTION, Activity
from shared.contracts.credit import Credit
from shared.contracts.times import to_text
from shared.errors import Conflict, Forbidden

OPENED, ANSWERED, ACCEPTED, DECLINED, CORRECTED = "opened", "answered", "accepted", "declined", "corrected"
OPEN, CLOSED = "open", "closed"
OBJECTS, DECIDES = "objections:write", "corrections:write"
"""The scopes that open and answer objections, and that decide them too."""
FRONT_DOOR = "/ingest/v1/activities"
"""Where corrections are handed in."""

STATES: Mapping[str, str] = {
    OPENED: OPEN,
    ANSWERED: ANSWERED,
    ACCEPTED: ACCEPTED,
    DECLINED: DECLINED,
    CORRECTED: CLOSED,
}
"""What an objection is after each kind of step: accepted means that its correction has not arrived yet."""


class Decided(Conflict):
    """This objection was decided already: who disagrees still opens another one."""


class MayNotDecide(Forbidden):
    """Deciding an objection needs the scope corrections:write."""


class OwnObjection(Forbidden):
    """Who opened an objection does not decide it: somebody else does."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trail; `correction` is what is to be handed in (accepted), or the activity that was (corrected)."""

    at: datetime
    by: str
    kind: str
    text: str
    correction: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """What somebody has against a line, with everything that became of it; `line` is partition and number."""

    id: str
    line: str
    rep: str
    trail: Sequence[Step]

    @property
    def state(self) -> str:
        """What it is now, of STATES."""
        return STATES[self.trail[-1].kind]


def check(objection: Objection, kind: str, by: str, scopes: frozenset[str]) -> None:
    """Raise Decided, MayNotDecide or OwnObjection where a step cannot be taken."""
    if kind != ANSWERED and DECIDES not in scopes:
        raise MayNotDecide
    if objection.state not in (OPEN, ANSWERED):
        raise Decided
    if kind in (ACCEPTED, DECLINED) and by == objection.trail[0].by:
        raise OwnObjection


def correction(objection: Objection, line: Credit, amount: str, metric: str, reason: str) -> dict[str, Any]:
    """Return the body that corrects a line when it is handed in at the front door; `amount` in usual units."""
    return {
        "id": f"objection-{objection.id}",
        "type": CORRECTION,
        "occurred_at": to_text(line.at),
        "owner": line.rep,
        "data": {
            "metric": metric,
            "amount": amount,
            "reason": reason,
            "line": line.id,
            "objection": objection.id,
        },
    }


def answered_by(fact: Activity) -> str | None:
    """Return the objection that an activity corrects, if any."""
    of = fact.data.get("objection") if fact.type == CORRECTION else None
    return of if isinstance(of, str) and of else None
