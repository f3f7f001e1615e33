"""What a payee is told of a period: the statement of its run where there is one, else a live estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.commission.domain.balances import Balance
from services.commission.domain.canonical import Reader
from services.commission.domain.claims import Dispute
from services.commission.domain.findings import Finding
from services.commission.domain.league import League
from services.commission.domain.paylines import RunLine
from services.commission.domain.runs import DISCARDED, Run
from services.commission.domain.settling import Settled
from services.commission.domain.statements import Statement
from services.commission.handlers.answering import Leagues, UnknownRep, statement_of
from services.commission.store import Desk
from services.commission.store.runs import PayeeOfRun
from shared.periods import Period


@dataclass(frozen=True, slots=True)
class Told:
    """What one payee is told: `run` None means an estimate; `statement` None: only corrections or balances."""

    rep: str
    name: str
    period: Period
    league: League
    as_of: datetime | None
    statement: Statement | None
    run: Run | None = None
    lines: Sequence[RunLine] = ()
    balances: Sequence[Balance] = ()
    notes: Sequence[Finding] = ()
    disputes: Sequence[Dispute] = ()


def run_of(desk: Desk, period: Period) -> Run | None:
    """Return the run that stands for a period; None while it is open."""
    return next((one for one in desk.runs.of_period(period.id) if one.state != DISCARDED), None)


def payee_of(desk: Desk, run: Run, rep: str) -> PayeeOfRun:
    """Return a payee of a run; UnknownRep when it has no such payee."""
    found = desk.runs.payee(run.id, rep)
    if found is None:
        raise UnknownRep(f"{rep!r} is not in run {run.id}")
    return found


def told(desk: Desk, leagues: Leagues, rep: str, period: Period) -> Told:
    """Return what a payee is told of a period; UnknownRep when neither the run nor the roster knows them."""
    marks = desk.page.marks()
    league, run = leagues.of(desk.page, marks), run_of(desk, period)
    if run is None:
        one = statement_of(desk.page, league, rep, period)
        return Told(rep, one.rep.name, period, league, marks.changed_at, one)
    payee = payee_of(desk, run, rep)
    found = Reader(desk.contents.read).get(Settled, payee.content)
    return Told(
        rep=rep,
        name=found.name,
        period=period,
        league=league,
        as_of=run.as_of,
        statement=found.statement,
        run=run,
        lines=found.lines,
        balances=found.balances,
        notes=found.notes,
        disputes=desk.claims.disputes(run=run.id, rep=rep),
    )
