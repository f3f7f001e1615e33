"""Totals of a period for finance: of its run, or of the estimate while it is open."""

from __future__ import annotations

from collections.abc import Iterator

from services.commission.domain.overview import Entry
from services.commission.domain.paylines import EARNED
from services.commission.domain.runs import OPEN, Run
from services.commission.domain.totals import Item, Totals, totals
from services.commission.handlers.answering import Leagues, payouts_of
from services.commission.handlers.overview import Overview, Overviews
from services.commission.handlers.stating import run_of
from services.commission.store import Desk
from shared.periods import Period


def totals_of(desk: Desk, leagues: Leagues, overviews: Overviews, period: Period) -> Totals:
    """Return the totals of a period; NoRoster without a roster."""
    run = run_of(desk, period)
    if run is None:
        return totals(period.id, "", OPEN, _estimated(desk, leagues, period))
    return totals(period.id, run.id, run.state, _paid(desk, run, overviews.of(desk, period)))


def _paid(desk: Desk, run: Run, found: Overview) -> Iterator[Item]:
    last = {one.rep: _last(one) for one in found.entries}
    for line in desk.runs.lines(run.id):
        team = line.team or last[line.rep]
        yield Item(line.rep, team, line.plan or "", line.kind, line.component or "", line.currency, line.amount)


def _last(one: Entry) -> str:
    return one.teams[-1] if one.teams else ""


def _estimated(desk: Desk, leagues: Leagues, period: Period) -> Iterator[Item]:
    league = leagues.of(desk.page, desk.page.marks())
    for one in payouts_of(desk.page, league, period).statements:
        last = one.segments[-1].team if one.segments else ""
        for line in one.lines:
            team, named = line.team or last, (line.plan.id, EARNED, line.component.id)
            yield Item(one.rep.id, team, *named, line.plan.currency, line.amount)
