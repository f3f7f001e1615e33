"""A deal is the fold of its activities: the order they arrived in leaves no trace."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import NamedTuple

from shared.contracts.activity import DEAL, Activity, Scalar

OPEN, DELETED = "open", "deleted"

StatusOf = Callable[[Activity, str | None, str], str | None]
"""What a stage implies: (the activity, pipeline, stage) -> won, lost, open, or None when unknown."""


class Turn(NamedTuple):
    """What a deal was from a moment on: its fields and its status."""

    at: datetime
    fields: Mapping[str, str | None]
    status: str


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as its whole history leaves it.

    `fields` holds the last word on each field (see DealChange), `data` that on whatever else its changes carried.
    `since` is the activity that brought the deal into its present status; `entered` the first activity in each stage;
    `amended` those that gave it another amount than it had; `turns` what it was after each change.
    """

    fields: Mapping[str, str | None]
    status: str
    since: Activity | None
    entered: Mapping[str, Activity]
    amended: tuple[Activity, ...] = ()
    data: Mapping[str, Scalar] = field(default_factory=dict)
    turns: tuple[Turn, ...] = ()


def in_order(history: Iterable[Activity]) -> list[Activity]:
    """Sort by when things happened; `sequence`, then the id, decide between equal moments."""
    return sorted(history, key=lambda fact: (fact.occurred_at, fact.sequence, fact.id))


def fold(history: Iterable[Activity], status_of: StatusOf) -> Deal:
    """Fold a deal's activities, in any order, into the deal.

    Each field has its latest word. The status is what was said, else what moving to another stage
    implies. A deleted deal lives on underneath: where its deletion is undone (a status is said, or
    taken away) it stands where it would stand without it.
    """
    fields: dict[str, str | None] = {}
    entered: dict[str, Activity] = {}
    amended: list[Activity] = []
    data: dict[str, Scalar] = {}
    turns: list[Turn] = []
    status, since, place, gone = OPEN, None, None, None
    for fact in in_order(history):
        said = fact.deal.set if fact.deal else {}
        stage, implied = said.get("stage"), None
        if stage and stage != fields.get("stage"):
            entered.setdefault(stage, fact)
            implied = status_of(fact, said.get("pipeline") or fields.get("pipeline"), stage)
        if _is_another(said.get("amount"), fields.get("amount")):
            amended.append(fact)
        fields.update(said)
        data.update(fact.data if fact.type == DEAL else {})
        spoken = said.get("status")
        if "status" in said:
            gone = (gone or fact) if spoken == DELETED else None
        now = spoken if spoken and spoken != DELETED else _moved(status, place, implied)
        if now != status:
            status, since = now, fact
        place = implied or place
        turns.append(Turn(fact.occurred_at, {**fields}, DELETED if gone else status))
    status, since = (DELETED, gone) if gone else (status, since)
    fixed = MappingProxyType(fields), status, since, MappingProxyType(entered)
    return Deal(*fixed, tuple(amended), MappingProxyType(data), tuple(turns))


def _is_another(amount: str | None, before: str | None) -> bool:
    """Tell whether a deal that had an amount is given another; 100 and 100.00 are the same."""
    if not amount or not before or amount == before:
        return False
    try:
        return Decimal(amount) != Decimal(before)
    except InvalidOperation:
        return True


def _moved(status: str, before: str | None, implied: str | None) -> str:
    """Return the status after a move to a stage; `before` and `implied` are what the two stages imply.

    A stage that closes closes the deal. One that does not reopens it only when the stage before had closed it: many a
    CRM keeps the status apart from the stage.
    """
    return status if implied is None or (implied == OPEN and before != status) else implied
