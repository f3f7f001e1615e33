"""/commission/hr: a period from open to closed, what has to be looked at first, and the way to payroll."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_urlsafe
from typing import Any

import flask
from flask import g

from services.commission.domain.league import NoRoster
from services.commission.domain.overview import counts
from services.commission.domain.runs import STEPS, Run
from services.commission.handlers import Leagues
from services.commission.handlers.overview import Overviews
from services.commission.handlers.paydesk import PayDesk, pay_desk
from services.commission.pages import choosing
from services.commission.schemas.pages import HrPage
from services.commission.store import Desk, Desks
from services.commission.store.payroll import PayrollDocuments
from shared.errors import SamenspelError
from shared.periods import Period
from shared.web import forms, page, requires
from shared.web.problems import of_error

SCOPE = "payouts:read"
"""What opens the page: it shows what everybody gets."""

AT_ONCE = 100
LIFE = ("open", "calculated", "in_review", "approved", "exported", "closed")

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Hr:
    """What the page is made of."""

    desks: Desks
    documents: PayrollDocuments
    leagues: Leagues
    overviews: Overviews
    clock: Clock

    def page(self, period: Period | None, start: int = 0, error: SamenspelError | None = None) -> str:
        """Return the page of a period, with what went wrong where something did."""
        problem = error and of_error(error)
        with self.desks.reading() as desk:
            try:
                league = self.leagues.of(desk.page, desk.page.marks())
            except NoRoster:
                return page("hr.html", title="hr.title", desk=None, problem=problem)
            today = self.clock().astimezone(league.roster.zone).date()
            wanted = period or choosing.usual(league, today).previous()
            found = pay_desk(desk, self.documents, self.overviews, wanted, today)
            currencies = _currencies(desk, found)
        return self._shown(found, today, start, problem, currencies=currencies)

    def _shown(self, found: PayDesk, today: date, start: int, problem: Any, **more: Any) -> str:
        overview, period = found.overview, found.standing.period
        who = choosing.reader(overview.league)
        flagged = sum(bool(one.flags) for one in found.entries)
        query = {"period": period.id}
        return page(
            "hr.html",
            title="hr.title",
            zone=overview.league.roster.zone,
            desk=found,
            run=found.standing.run,
            period=period,
            period_name=choosing.name(period, who.t, who.f),
            named=[(choosing.name(one, who.t, who.f), one, run) for one, run in found.periods],
            over=today >= period.last,
            periods=choosing.choices(overview.league, today, period, who),
            life=LIFE,
            flagged=flagged,
            counts=counts(found.entries),
            shown=found.entries[start : start + AT_ONCE],
            newer=forms.address("/commission/hr", query, start=max(start - AT_ONCE, 0)) if start else None,
            older=_older(found, start, query),
            team_names={id_: each.name for id_, each in overview.league.roster.teams.items()},
            problem=problem,
            once=token_urlsafe(12),
            may=_may(found.standing.run),
            **more,
        )


def _currencies(desk: Desk, found: PayDesk) -> dict[str, str]:
    """Return in which currency each line is paid that somebody objects to: what is granted is paid in it too."""
    lines = {one.line for one in found.disputes}
    return {one.id: one.currency for one in desk.runs.lines(found.disputes[0].run) if one.id in lines} if lines else {}


def _older(found: PayDesk, start: int, query: dict[str, str]) -> str | None:
    more = len(found.entries) > start + AT_ONCE
    return forms.address("/commission/hr", query, start=start + AT_ONCE) if more else None


def _may(run: Run | None) -> dict[str, bool]:
    """Return what can be done now, and whether the one who looks may do it."""
    scopes: frozenset[str] = g.caller.scopes
    open_now = [step for step in STEPS.values() if run and run.state in step.before]
    may = {step.action: step.scope in scopes for step in open_now}
    return {**may, "calculate": "runs:write" in scopes, "payroll": "payouts:export" in scopes}


def hr_page(hr: Hr) -> flask.Blueprint:
    """Return the page itself."""
    pages = flask.Blueprint("hr_page", __name__, url_prefix="/commission")

    @pages.get("/hr")
    @requires(SCOPE)
    def show() -> str:
        """Show where a period is, and what can be done with it."""
        asked, _ = forms.query(HrPage())
        return hr.page(asked.get("period"), asked["start"])

    return pages
