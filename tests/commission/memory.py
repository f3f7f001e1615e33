"""A ledger in memory: the sums of a list of credits, read as the books are; held against the real books in its test."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.commission.domain.results import Arrival, DealAmount, Results, Span
from services.commission.domain.wanted import Waiting
from shared.contracts.credit import Credit
from shared.periods import Period, midnight, of


@dataclass(frozen=True)
class Memory:
    """Credits, in any order."""

    credits: Sequence[Credit]

    def results(
        self,
        period: Period,
        zone: ZoneInfo,
        spans: Collection[Span] = (),
        *,
        reps: Collection[str] | None = None,
        teams: Collection[str] | None = None,
        by_deal: Collection[str] = (),
        members: bool = False,
    ) -> Results:
        inside = [one for one in self.credits if period.start(zone) <= one.at < period.end(zone)]
        of_reps = [one for one in inside if reps is None or one.rep in reps]
        of_teams = [one for one in inside if teams is None or one.team in teams]
        return Results(
            reps=_sums(of_reps, lambda one: (one.rep, one.metric)),
            teams=_sums(of_teams, lambda one: (one.team, one.metric)),
            spans={key: amount for span in spans for key, amount in self._of(span, zone).items()},
            deals=_deals([one for one in of_reps if one.metric in by_deal], "rep", inside),
            team_deals=_deals([one for one in of_teams if one.metric in by_deal], "team", inside),
            members=_sums(inside, lambda one: (one.team, one.rep, one.metric)) if members else {},
        )

    def origins(self, waiting: Waiting, period: Period, zone: ZoneInfo) -> list[Period]:
        start, end = period.start(zone), period.end(zone)
        came = {one.subject for one in self.credits if one.metric in waiting.until and start <= one.at < end}
        earned = [one for one in self.credits if _owned(one, waiting) and one.subject in came and one.at < start]
        return list(dict.fromkeys(of(at, period.kind, zone) for at in sorted(one.at for one in earned)))

    def arrivals(
        self, waiting: Waiting, times: Iterable[Period], zone: ZoneInfo
    ) -> Mapping[tuple[str, str], tuple[Arrival, ...]]:
        stretches = [(time.start(zone), time.end(zone)) for time in times]
        earned = [one for one in self.credits if _owned(one, waiting)]
        deals = {one.subject for one in earned if any(start <= one.at < end for start, end in stretches)}
        counted = {*waiting.earned, *waiting.until}
        those = [one for one in self.credits if one.subject in deals and one.metric in counted]
        sums = _sums(those, lambda one: (one.metric, one.subject, one.at))
        found: dict[tuple[str, str], list[Arrival]] = {}
        for (metric, deal, at), amount in sorted(sums.items()):
            found.setdefault((metric, deal), []).append(Arrival(amount, at))
        return {key: tuple(each) for key, each in found.items()}

    def _of(self, span: Span, zone: ZoneInfo) -> dict[tuple[Span, str], int]:
        start, end = midnight(span.first, zone), midnight(span.last, zone)
        own = [one for one in self.credits if one.rep == span.rep and start <= one.at < end]
        return _sums(own, lambda one: (span, one.metric))


def _owned(one: Credit, waiting: Waiting) -> bool:
    by_rep = waiting.reps is None or one.rep in waiting.reps
    return one.metric in waiting.earned and (by_rep or (waiting.teams is not None and one.team in waiting.teams))


def _sums(credits_: Iterable[Credit], key: Callable[[Credit], Any]) -> dict[Any, int]:
    sums: dict[Any, int] = {}
    for one in credits_:
        sums[key(one)] = sums.get(key(one), 0) + one.amount
    return sums


def _deals(
    among: Sequence[Credit], owner: str, everybody: Sequence[Credit]
) -> dict[tuple[str, str], tuple[DealAmount, ...]]:
    moments: dict[tuple[str, str, str], list[tuple[datetime, int]]] = {}
    for (name, metric, deal, at), amount in _sums(
        among, lambda one: (getattr(one, owner), one.metric, one.subject, one.at)
    ).items():
        if amount:
            moments.setdefault((name, metric, deal), []).append((at, amount))
    wholes = _sums(everybody, lambda one: (one.metric, one.subject))
    found: dict[tuple[str, str], list[DealAmount]] = {}
    for (name, metric, deal), parts in moments.items():
        amount = sum(part for _, part in parts)
        if amount:
            one = DealAmount(deal, amount, min(at for at, _ in parts), wholes[metric, deal])
            found.setdefault((name, metric), []).append(one)
    return {key: tuple(sorted(each, key=lambda deal: (deal.at, deal.deal))) for key, each in found.items()}
