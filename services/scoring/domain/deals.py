"""A deal is the fold of its activities: the order they arrived in leaves no trace."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.contracts.activity import Activity

OPEN, DELETED = "open", "deleted"

StatusOf = Callable[[Activity, str | None, str], str | None]
"""What a stage implies: (the activity, pipeline, stage) -> won, lost, open, or None when unknown."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as its whole history leaves it.

    `fields` holds the last word on each field (see DealChange). `since` is the activity that
    brought the deal into its present status; `entered` the first activity in each stage.
    """

    fields: Mapping[str, str | None]
    status: str
    since: Activity | None
    entered: Mapping[str, Activity]


def in_order(history: Iterable[Activity]) -> list[Activity]:
    """Sort by when things happened; `sequence`, then the id, decide between equal moments."""
    return sorted(history, key=lambda fact: (fact.occurred_at, fact.sequence, fact.id))


def fold(history: Iterable[Activity], status_of: StatusOf) -> Deal:
    """Fold a deal's activities, in any order, into the deal.

    Each field has its latest word. The status is what was said, else what the stage implies.
    """
    fields: dict[str, str | None] = {}
    entered: dict[str, Activity] = {}
    status, since = OPEN, None
    for fact in in_order(history):
        said = fact.deal.set if fact.deal else {}
        fields.update(said)
        if stage := said.get("stage"):
            entered.setdefault(stage, fact)
        now = _status(fact, said, fields, status_of)
        if now and now != status:
            status, since = now, fact
    return Deal(MappingProxyType(fields), status, since, MappingProxyType(entered))


def _status(
    fact: Activity, said: Mapping[str, str | None], fields: Mapping[str, str | None], status_of: StatusOf
) -> str | None:
    if told := said.get("status"):
        return told
    stage = said.get("stage")
    return status_of(fact, fields.get("pipeline"), stage) if stage else None
