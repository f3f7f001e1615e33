"""/commission/statements: what everybody gets, team by team, and how it comes about, on screen and on paper."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote

import flask
from flask import Response, g, request

from services.commission.domain.league import League, NoRoster
from services.commission.domain.overview import Entry, added, counts, exceptions_first
from services.commission.handlers import Leagues, claiming
from services.commission.handlers.bounds import check_line, check_payee
from services.commission.handlers.overview import Overview, Overviews
from services.commission.handlers.stating import Told, told
from services.commission.pages import choosing, forms
from services.commission.pages.parts import Sheet
from services.commission.pages.sheet import sheet
from services.commission.schemas.pages import ObjectForm, StatementPage, StatementsPage
from services.commission.store import Desks
from shared.web import limit_body, page, requires, see_other
from shared.web.forms import address, query

MOST_AT_ONCE = 200
"""Payees that are listed without a team being chosen; of larger organisations the teams come first."""
OBJECTING = frozenset({"disputes:write", "runs:write"})

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Group:
    """The payees of a team, by the team they were in last."""

    id: str
    name: str
    entries: Sequence[Entry]

    @property
    def totals(self) -> dict[str, int]:
        """Their payouts added up."""
        return added(one.amounts.totals for one in self.entries)

    @property
    def flagged(self) -> int:
        """How many of them have to be looked at."""
        return sum(bool(one.flags) for one in self.entries)


def statement_pages(desks: Desks, leagues: Leagues, overviews: Overviews, clock: Clock) -> flask.Blueprint:
    """Return the pages of statements."""
    pages = flask.Blueprint("statement_pages", __name__, url_prefix="/commission")
    _list(pages, desks, leagues, overviews, clock)
    _one(pages, desks, leagues, clock)
    return pages


def _list(pages: flask.Blueprint, desks: Desks, leagues: Leagues, overviews: Overviews, clock: Clock) -> None:
    @pages.get("/statements")
    @requires("payouts:read")
    def statements() -> str:
        """List what everybody gets in a period, team by team."""
        asked, _ = query(StatementsPage())
        with desks.reading() as desk:
            try:
                league = leagues.of(desk.page, desk.page.marks())
            except NoRoster:
                return page("statements.html", title="statements.title", groups=None)
            period = asked.get("period") or choosing.usual(league, clock().astimezone(league.roster.zone).date())
            found = overviews.of(desk, period)
        return _listed(found, asked.get("team"), clock())


def _listed(found: Overview, team: str | None, now: datetime) -> str:
    league, who = found.league, choosing.reader(found.league)
    groups = groups_of(found.entries, league)
    shown = [one for one in groups if one.id == team] if team else groups
    return page(
        "statements.html",
        title="statements.title",
        zone=league.roster.zone,
        period=found.period,
        period_name=choosing.name(found.period, who.t, who.f),
        periods=choosing.choices(league, now.astimezone(league.roster.zone).date(), found.period, who),
        teams=[(one.id, one.name) for one in groups],
        team=team,
        found=found,
        groups=groups,
        shown=shown if team or len(found.entries) <= MOST_AT_ONCE else [],
        totals=added(one.totals for one in shown),
        payees=sum(len(one.entries) for one in shown),
        flagged=sum(one.flagged for one in shown),
        counts=counts([one for group in shown for one in group.entries]),
        team_names={id_: each.name for id_, each in league.roster.teams.items()},
    )


def groups_of(entries: Iterable[Entry], league: League) -> list[Group]:
    """Return the teams in the order of the roster with their payees, and last whoever was in none."""
    by_team: dict[str, list[Entry]] = {}
    for one in entries:
        by_team.setdefault(one.teams[-1] if one.teams else "", []).append(one)
    order = [*(team for team in league.roster.teams if team in by_team)]
    order += sorted(by_team.keys() - set(order), key=lambda team: (team == "", team))
    names = {team: each.name for team, each in league.roster.teams.items()}
    return [Group(team, names.get(team, team), exceptions_first(by_team[team])) for team in order]


def _one(pages: flask.Blueprint, desks: Desks, leagues: Leagues, clock: Clock) -> None:
    def asked(rep: str) -> Told:
        check_payee(rep, g.caller)
        wanted, _ = query(StatementPage())
        with desks.reading() as desk:
            league = leagues.of(desk.page, desk.page.marks())
            today = clock().astimezone(league.roster.zone).date()
            return told(desk, leagues, rep, wanted.get("period") or choosing.usual(league, today))

    @pages.get("/statements/<rep>")
    @requires("statements:read", bounded=True)
    def statement(rep: str) -> str:
        """Show what one payee gets in a period, and how it comes about."""
        found = asked(rep)
        return _shown(found, written(found), clock())

    @pages.get("/statements/<rep>.pdf")
    @requires("statements:read", bounded=True)
    def paper(rep: str) -> Response:
        """Return the same as PDF."""
        found = asked(rep)
        who = choosing.reader(found.league)
        from services.commission.pages import pdf  # noqa: PLC0415  a third of the start of a web process, for few

        body = pdf.write(sheet(found, who), who.language, found.as_of)
        response = Response(body, content_type="application/pdf")
        name = f"{who.t('statement.file')}-{found.period.id}-{found.rep}.pdf"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["Cache-Control"] = "private, no-cache"
        response.vary.update(["Cookie", "Accept-Language"])
        response.add_etag()
        return response

    @pages.post("/statements/<rep>/disputes")
    @requires("disputes:write", "runs:write", bounded=True)
    @limit_body(20_000)
    def object_to(rep: str) -> Response:
        """Object to a line; the line itself never changes."""
        said = forms.form(ObjectForm())
        check_line(desks, said["run"], said["line"], g.caller)
        made = claiming.object_to(desks, said["run"], said["line"], said["text"], forms.asked(clock()))
        with desks.reading() as desk:
            period = desk.runs.get(made.run).period.id
        return see_other(f"/commission/statements/{quote(rep)}", period=period, done="disputed")


def written(found: Told) -> Sheet:
    """Write a statement out for the one who reads."""
    return sheet(found, choosing.reader(found.league))


def _shown(found: Told, one: Sheet, now: datetime) -> str:
    who, league, period = choosing.reader(found.league), found.league, found.period
    scopes: Any = g.caller.scopes
    return page(
        "statement.html",
        title="statement.title",
        zone=league.roster.zone,
        found=found,
        sheet=one,
        period=period,
        period_name=choosing.name(period, who.t, who.f),
        before=period.previous().id,
        after=period.next().id if period.last <= now.astimezone(league.roster.zone).date() else None,
        paper=address(
            f"/commission/statements/{found.rep}.pdf", {"period": period.id, "lang": request.args.get("lang")}
        ),
        may_object=found.run is not None and bool(scopes & OBJECTING),
        may_list="payouts:read" in scopes and not g.caller.bounded,
        objections={each.line: each for each in reversed(found.disputes)},
        once=token_urlsafe(12),
    )
