"""A credit: one line of the ledger, and how it stands on the bus."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.rules import OVERLAY
from shared.contracts.times import from_text, to_text

EARNED, REVERSED, REVALUED = "earned", "reversed", "revalued"
"""Why a line was written: nothing stood there yet; all of it is taken back; the amount differs."""


@dataclass(frozen=True, slots=True)
class Credit:
    """This rep and team get this amount of this metric, at this moment, because of this activity.

    `partition` and `seq` (1, 2, 3 … without gaps) number the line. `amount` is in the metric's
    smallest unit (points 1, euros 1 cent) and negative where something is taken back. `at` is the
    moment the amount counts for (a correction has the same `at` as what it corrects); `booked_at`
    is when the line was written. `playbook` and `roster` are the document versions used.
    """

    partition: int
    seq: int
    subject: str
    rule: str
    metric: str
    rep: str
    team: str
    amount: int
    at: datetime
    booked_at: datetime
    activity: str
    inbox: int
    playbook: int
    roster: int
    reason: str = EARNED

    @property
    def id(self) -> str:
        """The line's public name: partition and number, such as 3-1042."""
        return f"{self.partition}-{self.seq}"

    @property
    def overlay(self) -> bool:
        """Tell whether the line is a mentor's part on top: it counts for the rep, in no sum of a team."""
        return self.rule.endswith(OVERLAY)


def to_wire(credit: Credit) -> dict[str, Any]:
    """Give the JSON-ready form of a credit; its partition is that of the record it travels in."""
    return {
        "seq": credit.seq,
        "subject": credit.subject,
        "rule": credit.rule,
        "metric": credit.metric,
        "rep": credit.rep,
        "team": credit.team,
        "amount": credit.amount,
        "at": to_text(credit.at),
        "booked_at": to_text(credit.booked_at),
        "activity": credit.activity,
        "inbox": credit.inbox,
        "playbook": credit.playbook,
        "roster": credit.roster,
        "reason": credit.reason,
    }


def from_wire(wire: Mapping[str, Any], partition: int) -> Credit:
    """Read a credit from its JSON form; unknown fields are passed over.

    Raises KeyError, TypeError or ValueError when a required field is missing or malformed.
    """
    return Credit(
        partition=partition,
        seq=wire["seq"],
        subject=wire["subject"],
        rule=wire["rule"],
        metric=wire["metric"],
        rep=wire["rep"],
        team=wire["team"],
        amount=wire["amount"],
        at=from_text(wire["at"]),
        booked_at=from_text(wire["booked_at"]),
        activity=wire["activity"],
        inbox=wire["inbox"],
        playbook=wire["playbook"],
        roster=wire["roster"],
        reason=wire.get("reason", EARNED),
    )
