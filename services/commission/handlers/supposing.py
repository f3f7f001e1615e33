"""What if this deal closes: a live estimate with deals that are in no ledger. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from services.commission.domain.league import League, read_league
from services.commission.domain.statements import Statement
from services.commission.handlers.answering import statement_of
from services.commission.handlers.calculating import Desks
from services.commission.handlers.gathering import supposed
from services.commission.store import Marks
from shared.contracts.credit import Credit
from shared.errors import FieldProblem, InvalidInput
from shared.periods import Period

_NOON = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal that may close: `amount` of a metric in usual units, on a day of the period; `name` tells deals apart.

    `on` None: today where that lies in the period, else the period's last day.
    """

    name: str
    metric: str
    amount: Decimal
    on: date | None


@dataclass(frozen=True, slots=True)
class Prospect:
    """The statement as it is and as it would be, from one state of the books."""

    league: League
    marks: Marks
    now: Statement
    then: Statement


def what_if(desks: Desks, rep: str, period: Period, deals: Sequence[Deal], at: datetime) -> Prospect:
    """Return the estimate of a rep with and without the deals; UnknownRep, or InvalidInput naming a deal."""
    with desks.trying() as desk:
        league, marks = read_league(desk.page.documents()), desk.page.marks()
        now = statement_of(desk.page, league, rep, period)
        day = _usual_day(period, at.astimezone(league.roster.zone).date())
        dated = [(deal, deal.on or day) for deal in deals]
        lines = list(_lines(league, rep, period, dated))
        with desk.supposing(lines):
            return Prospect(league, marks, now, statement_of(desk.page, league, rep, period))


def _usual_day(period: Period, today: date) -> date:
    return today if period.first <= today < period.last else period.last - timedelta(days=1)


def _lines(league: League, rep: str, period: Period, deals: Sequence[tuple[Deal, date]]) -> Iterator[Credit]:
    problems = []
    for n, (deal, day) in enumerate(deals):
        metric, member = league.metrics.get(deal.metric), league.roster.membership(rep, day)
        if metric is None:
            problems.append(FieldProblem(f"/deals/{n}/metric", deal.metric, "a metric of the playbook"))
        elif not period.first <= day < period.last:
            problems.append(FieldProblem(f"/deals/{n}/on", day.isoformat(), f"a day of {period.id}"))
        elif member is None:
            problems.append(FieldProblem(f"/deals/{n}/on", day.isoformat(), "a day on which the rep is in a team"))
        elif (smallest := deal.amount.scaleb(metric.decimals)) != int(smallest):
            problems.append(FieldProblem(f"/deals/{n}/amount", str(deal.amount), f"{metric.decimals} decimals"))
        else:
            at = datetime.combine(day, time.min, tzinfo=league.roster.zone).astimezone(UTC) + _NOON
            yield supposed(
                n + 1, rep=rep, team=member.team, metric=metric.id, amount=int(smallest), subject=deal.name, at=at
            )
    if problems:
        raise InvalidInput("some of the deals cannot be counted", problems)
