"""/commission/rehearsals: try a draft of the plans on past periods, before anybody is promised anything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import flask
import yaml
from flask import request

from services.commission.domain.league import League, NoRoster
from services.commission.domain.rehearsal import Column, Rehearsal, distribution
from services.commission.handlers import Leagues
from services.commission.handlers.rehearsing import rehearse
from services.commission.pages import choosing, forms
from services.commission.schemas.pages import RehearsalForm
from services.commission.store import Books
from shared.contracts.league import PLANS
from shared.errors import InvalidInput, SamenspelError
from shared.periods import of_day
from shared.web import limit_body, page, requires
from shared.web.forms import document
from shared.web.problems import of_error, status_of

LARGEST = 1_000_000
BACK = 6
SHOWN = 10
WIDTH, HEIGHT, FOOT = 960, 220, 24

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Bar:
    """A column of the picture: where it stands, how high it is, and what it says."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    column: Column


def bars(columns: Sequence[Column]) -> list[Bar]:
    """Return the columns of the distribution as they are drawn, in a picture of WIDTH by HEIGHT."""
    step, most = WIDTH / len(columns), max((one.count for one in columns), default=0) or 1
    found = []
    for place, one in enumerate(columns):
        height = round((HEIGHT - FOOT) * one.count / most, 1)
        kind = "gain" if one.high > 0 else "loss" if one.low < 0 else "same"
        found.append(Bar(round(place * step + 2, 1), round(HEIGHT - height, 1), round(step - 4, 1), height, kind, one))
    return found


def rehearsal_pages(books: Books, leagues: Leagues, clock: Clock) -> flask.Blueprint:
    """Return the page and its form."""
    pages = flask.Blueprint("rehearsal_pages", __name__, url_prefix="/commission")

    def shown(found: Rehearsal | None = None, error: SamenspelError | None = None) -> str:
        with books.page() as state:
            try:
                league = leagues.of(state, state.marks())
            except NoRoster:
                return page("rehearsals.html", title="rehearsals.title", league=None)
            draft = _present(state.documents())
        return _shown(league, found, request.form.get("plans") or draft, clock(), error)

    @pages.get("/rehearsals")
    @requires("runs:write")
    def ask() -> str:
        """Ask for a draft and for periods."""
        return shown()

    @pages.post("/rehearsals")
    @requires("runs:write")
    @limit_body(LARGEST)
    def answer() -> str | tuple[str, int]:
        """Show what the draft would have cost; nothing of it is kept."""
        try:
            said = forms.form(RehearsalForm())
            with books.page() as state:
                found = rehearse(state, document(said["plans"]), said["first"], said["last"])
        except InvalidInput as error:
            return shown(error=error), status_of(type(error))
        return shown(found)

    return pages


def _present(documents: Sequence[Any]) -> str:
    """Return the latest plans as the draft to begin with."""
    plans = [one for one in documents if one.kind == PLANS]
    latest = max(plans, key=lambda one: one.version, default=None)
    return yaml.safe_dump(dict(latest.body), allow_unicode=True, sort_keys=False, width=110) if latest else ""


def _shown(league: League, found: Rehearsal | None, draft: str, now: datetime, error: SamenspelError | None) -> str:
    who, present = choosing.reader(league), of_day(now.astimezone(league.roster.zone).date(), choosing.MONTH)
    last = present.previous()
    first = last
    for _ in range(BACK - 1):
        first = first.previous()
    return page(
        "rehearsals.html",
        title="rehearsals.title",
        zone=league.roster.zone,
        league=league,
        found=found,
        draft=draft,
        first=request.form.get("first") or first.id,
        last=request.form.get("last") or last.id,
        problem=error and of_error(error),
        pictures={one: bars(distribution(found.of(one))) for one in found.currencies} if found else {},
        names={period: choosing.name(period, who.t, who.f) for period in found.periods} if found else {},
        team_names={id_: each.name for id_, each in league.roster.teams.items()},
        shown=SHOWN,
        width=WIDTH,
        height=HEIGHT,
    )
