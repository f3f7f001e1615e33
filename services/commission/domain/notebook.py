"""A ledger small enough to be held in memory: for trying a plan, and for worked cases."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from services.commission.domain.results import Arrival, DealAmount, Results, Span
from services.commission.domain.wanted import Waiting
from shared.periods import Period, midnight, of

K = TypeVar("K", bound=tuple[object, ...])


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody is credited with at a moment: `amount` in smallest units of the metric.

    `deal` groups entries; `earned` is what it was before a part was taken back (None: nothing was).
    """

    rep: str
    team: str
    metric: str
    amount: int
    at: datetime
    deal: str
    earned: int | None = None


@dataclass(frozen=True)
class Notebook:
    """All entries; answers as the books do."""

    entries: Sequence[Entry]

    def results(
        self,
        period: Period,
        zone: ZoneInfo,
        spans: Collection[Span] = (),
        *,
        reps: Collection[str] | None = None,
        teams: Collection[str] | None = None,
        by_deal: Collection[str] = (),
        by_team_deal: Collection[str] = (),
        members: bool = False,
    ) -> Results:
        """Return the sums of the period's entries."""
        inside = [one for one in self.entries if period.start(zone) <= one.at < period.end(zone)]
        by_rep = [one for one in inside if reps is None or one.rep in reps]
        by_team = [one for one in inside if teams is None or one.team in teams]
        return Results(
            reps=_sums(by_rep, lambda one: (one.rep, one.metric)),
            teams=_sums(by_team, lambda one: (one.team, one.metric)),
            spans=dict(_of_spans(self.entries, spans, zone)),
            deals=_deals(by_rep, inside, by_deal, lambda one: one.rep),
            team_deals=_deals(by_team, inside, by_team_deal, lambda one: one.team),
            members=_sums(inside, lambda one: (one.team, one.rep, one.metric)) if members else {},
        )

    def origins(self, waiting: Waiting, period: Period, zone: ZoneInfo) -> list[Period]:
        """Return the earlier periods in which pay was earned of which something may come free now."""
        start, end = period.start(zone), period.end(zone)
        came = {one.deal for one in self.entries if one.metric in waiting.until and start <= one.at < end}
        earned = (one.at for one in self.entries if _owned(waiting, one) and one.at < start and one.deal in came)
        return list(dict.fromkeys(of(moment, period.kind, zone) for moment in sorted(earned)))

    def arrivals(
        self, waiting: Waiting, times: Iterable[Period], zone: ZoneInfo
    ) -> Mapping[tuple[str, str], tuple[Arrival, ...]]:
        """Return all entries of the deals that were earned in these times and that pay waits for."""
        stretches = [(time.start(zone), time.end(zone)) for time in times]
        deals = {
            one.deal for one in self.entries if _owned(waiting, one) and any(a <= one.at < b for a, b in stretches)
        }
        counted, last = {*waiting.earned, *waiting.until}, max(end for _, end in stretches)
        those = [one for one in self.entries if one.metric in counted and one.deal in deals and one.at < last]
        found: dict[tuple[str, str], list[Arrival]] = {}
        for (metric, deal, at), amount in sorted(_sums(those, lambda one: (one.metric, one.deal, one.at)).items()):
            found.setdefault((metric, deal), []).append(Arrival(amount, at))
        return {key: tuple(each) for key, each in found.items()}


def _owned(waiting: Waiting, one: Entry) -> bool:
    of_reps = waiting.reps is None or one.rep in waiting.reps
    of_teams = waiting.teams is not None and one.team in waiting.teams
    return one.metric in waiting.earned and (of_reps or of_teams)


def _sums(entries: Iterable[Entry], key: Callable[[Entry], K]) -> dict[K, int]:
    sums: dict[K, int] = {}
    for one in entries:
        sums[key(one)] = sums.get(key(one), 0) + one.amount
    return sums


def _of_spans(
    entries: Sequence[Entry], spans: Iterable[Span], zone: ZoneInfo
) -> Iterator[tuple[tuple[Span, str], int]]:
    for span in spans:
        first, last = midnight(span.first, zone), midnight(span.last, zone)
        own = [one for one in entries if one.rep == span.rep and first <= one.at < last]
        for (metric,), amount in _sums(own, lambda one: (one.metric,)).items():
            yield (span, metric), amount


def _deals(
    own: Sequence[Entry], everybody: Sequence[Entry], metrics: Collection[str], owner: Callable[[Entry], str]
) -> dict[tuple[str, str], tuple[DealAmount, ...]]:
    wholes = _sums(everybody, lambda one: (one.metric, one.deal))
    moments: dict[tuple[str, str, str], dict[datetime, list[Entry]]] = {}
    for one in own:
        if one.metric in metrics:
            moments.setdefault((owner(one), one.metric, one.deal), {}).setdefault(one.at, []).append(one)
    found: dict[tuple[str, str], list[DealAmount]] = {}
    for (name, metric, deal), by_moment in moments.items():
        held = [each for _, each in sorted(by_moment.items()) if any(_amounts(each))]
        if held and any(_amounts([one for each in held for one in each])):
            found.setdefault((name, metric), []).append(_deal(deal, held, wholes[metric, deal]))
    return {key: tuple(sorted(each, key=lambda one: (one.at, one.deal))) for key, each in found.items()}


def _deal(name: str, held: Sequence[Sequence[Entry]], whole: int) -> DealAmount:
    """Return one deal from its entries, by the moments that still hold something of it."""
    amount, earned = _amounts([one for each in held for one in each])
    return DealAmount(name, amount, held[0][0].at, whole, earned)


def _amounts(entries: Sequence[Entry]) -> tuple[int, int | None]:
    """Return what the entries come to, and before anything was taken back (None: nothing was)."""
    amount = sum(one.amount for one in entries)
    if all(one.earned is None for one in entries):
        return amount, None
    return amount, sum(one.amount if one.earned is None else one.earned for one in entries)
