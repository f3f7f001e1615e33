"""Everything that statements need of the ledger, read from one state of the books."""

from __future__ import annotations

from dataclasses import replace

from services.commission.domain.league import League
from services.commission.domain.results import Results
from services.commission.domain.wanted import waiting, wanted
from services.commission.store import Page, Waiting
from shared.contracts.roster import Rep
from shared.periods import Period


def gather(page: Page, league: League, period: Period, rep: Rep | None = None) -> Results:
    """Return all that statements of the period need of the ledger; `rep`: only the statement of this one."""
    now = _gather(page, league, period, rep)
    pairs = waiting(league, period.kind)
    if not pairs:
        return now
    teams = {member.team for member in rep.memberships} if rep else None
    asked = Waiting({earned for earned, _ in pairs}, {until for _, until in pairs}, [rep.id] if rep else None, teams)
    origins = page.origins(asked, period, league.roster.zone)
    return replace(
        now,
        others={**now.others, **{origin.id: _gather(page, league, origin, rep) for origin in origins}},
        origins=tuple(origins),
        arrivals=page.arrivals(asked, [period, *origins], league.roster.zone),
    )


def _gather(page: Page, league: League, period: Period, rep: Rep | None) -> Results:
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
            members=asked.everybody,
        )

    others = {name: over(time) for name, time in asked.times.items() if name != period.id}
    return replace(over(period), others=others)
