"""Results with something added: a deal that may yet close, or what was taken back late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from services.commission.domain.results import DealAmount, Results


@dataclass(frozen=True, slots=True)
class Addition:
    """An amount in smallest units that a deal adds to the results of a rep and their team at a moment."""

    rep: str
    team: str
    metric: str
    deal: str
    at: datetime
    amount: int


def added(results: Results, additions: Iterable[Addition], zone: ZoneInfo) -> Results:
    """Return the results as if the additions stood among the credits; days begin in `zone`."""
    for one in additions:
        results = _with(results, one, zone)
    return results


def _with(results: Results, one: Addition, zone: ZoneInfo) -> Results:
    day = one.at.astimezone(zone).date()
    spans = {
        (span, metric): amount
        + (one.amount if (span.rep, metric) == (one.rep, one.metric) and span.first <= day < span.last else 0)
        for (span, metric), amount in results.spans.items()
    }
    return replace(
        results,
        reps=_plus(results.reps, (one.rep, one.metric), one.amount),
        teams=_plus(results.teams, (one.team, one.metric), one.amount),
        spans=spans,
        deals=_with_deal(results.deals, (one.rep, one.metric), one),
        team_deals=_with_deal(results.team_deals, (one.team, one.metric), one),
    )


def _plus(sums: Mapping[tuple[str, str], int], key: tuple[str, str], amount: int) -> Mapping[tuple[str, str], int]:
    return {**sums, key: sums.get(key, 0) + amount}


Deals = Mapping[tuple[str, str], tuple[DealAmount, ...]]


def _with_deal(deals: Deals, key: tuple[str, str], one: Addition) -> Deals:
    """Add to the deal where it is known, else put it in its place; a deal that comes to nothing is left out."""
    own = {deal.deal: deal for deal in deals.get(key, ())}
    held = own.get(one.deal) or DealAmount(one.deal, 0, one.at, 0)
    own[one.deal] = replace(held, amount=held.amount + one.amount, whole=held.whole + one.amount)
    kept = sorted((deal for deal in own.values() if deal.amount), key=lambda deal: (deal.at, deal.deal))
    return {**deals, key: tuple(kept)}
