"""Everything that statements need of the ledger, read from one state of the books."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Protocol
from zoneinfo import ZoneInfo

from services.commission.domain.league import League
from services.commission.domain.results import Arrival, Results, Span
from services.commission.domain.wanted import Waiting, waiting, wanted
from shared.contracts.roster import Rep
from shared.periods import Period


class Ledger(Protocol):
    """One state of the ledger, as statements read it."""

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
        """Return the sums of the period's credits."""
        ...

    def origins(self, waiting: Waiting, period: Period, zone: ZoneInfo) -> list[Period]:
        """Return the earlier periods in which pay was earned of which something may come free now."""
        ...

    def arrivals(
        self, waiting: Waiting, times: Iterable[Period], zone: ZoneInfo
    ) -> Mapping[tuple[str, str], tuple[Arrival, ...]]:
        """Return all credits of the deals that were earned in these times and that pay waits for."""
        ...


def gather(page: Ledger, league: League, period: Period, rep: Rep | None = None) -> Results:
    """Return all that statements of the period need of the ledger; `rep`: only the statement of this one."""
    now = _gather(page, league, period, rep)
    held = waiting(league, period.kind, rep)
    if held is None:
        return now
    origins = page.origins(held, period, league.roster.zone)
    return replace(
        now,
        others={**now.others, **{origin.id: _gather(page, league, origin, rep) for origin in origins}},
        origins=tuple(origins),
        arrivals=page.arrivals(held, [period, *origins], league.roster.zone),
    )


def _gather(page: Ledger, league: League, period: Period, rep: Rep | None) -> Results:
    """Return what statements of the period need but for what was earned earlier and waits."""
    asked = wanted([rep] if rep else league.roster.reps.values(), period, league)
    alone = rep if not asked.everybody else None

    def over(time: Period) -> Results:
        return page.results(
            time,
            league.roster.zone,
            sorted(asked.spans.get(time.id, ()), key=lambda span: (span.rep, span.first)),
            reps=[alone.id] if alone else None,
            teams=asked.teams if alone else None,
            by_deal=sorted(asked.by_deal),
            by_team_deal=sorted(asked.by_team_deal),
            members=asked.everybody,
        )

    others = {name: over(time) for name, time in asked.times.items() if name != period.id}
    return replace(over(period), others=others)
