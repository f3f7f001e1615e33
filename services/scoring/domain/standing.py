"""Which work stands, and what people corrected: what was retracted does not count, whichever came first."""

from collections.abc import Sequence

from services.scoring.domain.amounts import exact, fits
from services.scoring.domain.deals import in_order
from services.scoring.domain.league import League
from shared.contracts.activity import DEAL, RETRACTION, Activity


def standing_work(history: Sequence[Activity]) -> Sequence[Activity]:
    """Return a history without what was retracted, and without the retractions; changes of deals always stand."""
    if not any(fact.type == RETRACTION for fact in history):
        return history
    gone = {fact.retracts for fact in in_order(history) if fact.retracts and taken_back(history, fact.retracts)}
    return [fact for fact in history if fact.type != RETRACTION and (fact.type == DEAL or fact.id not in gone)]


def taken_back(history: Sequence[Activity], work: str) -> Activity | None:
    """Return the retraction that holds for a piece of work: the last word about it; None when it stands."""
    said = in_order(fact for fact in history if fact.retracts == work)
    return said[-1] if said and said[-1].data.get("restored") is not True else None


def corrected(fact: Activity, league: League) -> int | tuple[str, str]:
    """Return the amount of a correction (smallest units of its metric), or (why, detail) when it gives nothing.

    It gives exactly what was said: an amount that is finer than the metric counts gives nothing.
    """
    edition = league.edition(fact.occurred_at)
    name, said = metric_said(fact), str(fact.data.get("amount") or "")
    metric = edition.playbook.metrics.get(name) if edition else None
    if metric is None:
        return "metric", name
    amount = exact(said)
    smallest = None if amount is None else amount * 10**metric.decimals
    if smallest is None or smallest.denominator != 1 or not fits(smallest):
        return "amount", said
    return int(smallest)


def metric_said(fact: Activity) -> str:
    """Return the metric that a correction names."""
    return str(fact.data.get("metric") or "")
