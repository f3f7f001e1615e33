"""An activity: one normalised fact from outside, and how it stands on the bus."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.contracts.times import from_text, to_text

Scalar = str | int | float | bool | None

DEAL = "deal"
"""The activity type that changes a deal; every other type is work done (call, meeting, …), but for these two:"""

RETRACTION = "retraction"
"""Says in data.of which work (an activity's id) does not count after all; with data.restored it counts again.

Of several about the same work the latest word stands. A deal is never retracted: its own status says that it is gone.
"""

CORRECTION = "correction"
"""Credits data.amount (exact text, usual units) of data.metric to the rep, for data.reason, as `actor` decided."""

DEAL_FIELDS = ("owner", "stage", "status", "amount", "currency", "name", "pipeline")
STATUSES = ("open", "won", "lost", "deleted")


@dataclass(frozen=True, slots=True)
class DealChange:
    """What an activity says of one deal: `set` holds only the fields that were said.

    Keys are of DEAL_FIELDS: owner (rep id), stage, status (of STATUSES), amount (exact decimal
    text in major units), currency (ISO 4217), name, pipeline. None means: cleared; for a status: a
    deletion is undone.
    """

    id: str
    set: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Activity:
    """One fact: what happened (`type`), when, whose work it is (`rep`), where it came from.

    `id` is "<source>:<the sender's id>" and is the same for each delivery of the same event.
    `rep` is a rep id of the roster or None (a deal change that names no owner); `actor` is who
    clicked, as the sender names them, and never earns anything. `sequence` orders facts of the
    same instant (higher is later). `inbox` is the row number of the raw payload in ingest.
    """

    id: str
    source: str
    type: str
    occurred_at: datetime
    rep: str | None
    inbox: int
    deal: DealChange | None = None
    data: Mapping[str, Scalar] = field(default_factory=dict)
    actor: str | None = None
    sequence: int = 0

    @property
    def key(self) -> str:
        """The bus key: the deal's id, else the rep's, else what is retracted."""
        return self.deal.id if self.deal else self.rep or self.retracts or ""

    @property
    def retracts(self) -> str | None:
        """The id of the activity that a retraction is about; None for everything else."""
        of = self.data.get("of") if self.type == RETRACTION else None
        return of if isinstance(of, str) and of else None


def to_wire(activity: Activity) -> dict[str, Any]:
    """Give the JSON-ready form of an activity; empty parts are left out."""
    wire: dict[str, Any] = {
        "id": activity.id,
        "source": activity.source,
        "type": activity.type,
        "occurred_at": to_text(activity.occurred_at),
        "rep": activity.rep,
        "inbox": activity.inbox,
    }
    if activity.deal:
        wire["deal"] = {"id": activity.deal.id, "set": dict(activity.deal.set)}
    if activity.data:
        wire["data"] = dict(activity.data)
    if activity.actor:
        wire["actor"] = activity.actor
    if activity.sequence:
        wire["sequence"] = activity.sequence
    return wire


def from_wire(wire: Mapping[str, Any]) -> Activity:
    """Read an activity from its JSON form; unknown fields are passed over.

    Raises KeyError, TypeError or ValueError when a required field is missing or malformed.
    """
    deal = wire.get("deal")
    return Activity(
        id=wire["id"],
        source=wire["source"],
        type=wire["type"],
        occurred_at=from_text(wire["occurred_at"]),
        rep=wire["rep"],
        inbox=wire["inbox"],
        deal=DealChange(deal["id"], deal["set"]) if deal else None,
        data=wire.get("data") or {},
        actor=wire.get("actor"),
        sequence=wire.get("sequence", 0),
    )
