"""/scoring/credits and /scoring/lines/<line>: the lines behind a number, and why each of them stands."""

from collections.abc import Callable
from datetime import datetime

import flask
from flask import Response, request

from services.scoring.domain.explain import credit_view
from services.scoring.domain.objections import ANSWERED, DECIDES, FRONT_DOOR, OBJECTS, OPEN, Step
from services.scoring.handlers import sight
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looking import NoRoster, asked_of, explained, line_of
from services.scoring.handlers.objecting import Desk
from services.scoring.pages.figures import Amounts, metrics_of, show
from services.scoring.schemas.objections import NewObjection, NewStep
from services.scoring.schemas.pages import LinesQuery
from services.scoring.store import Reader
from shared import periods
from shared.contracts.times import from_text
from shared.web import caller, forms, limit_body, page, requires, see_other
from shared.web.pages import language

SHOWN = 50
INBOX = frozenset({"operator", "league:write"})
"""The scopes that open the inbox, where the message behind a line is."""
SIGNS = {"open": "warn", "answered": "info", "accepted": "info", "declined": "quiet", "closed": "good"}
REASONS = {"earned": "good", "reversed": "bad", "revalued": "info"}


def line_pages(reader: Reader, leagues: Leagues, desk: Desk, clock: Callable[[], datetime]) -> flask.Blueprint:
    """Return the pages of lines and the forms about them."""
    pages = flask.Blueprint("line_pages", __name__, url_prefix="/scoring")

    @pages.get("/credits")
    @requires("credits:read", bounded=True)
    def lines() -> str:
        """List the lines behind a number, with their sums."""
        league = leagues.now()
        if league.roster is None:
            raise NoRoster("hand in a roster first: its time zone says where days begin")
        month = periods.of_day(league.day(clock()), "month").id
        said, problems = forms.query(LinesQuery(), {"period": month})
        exact = {name: said.get(name) for name in ("rep", "team", "metric")}
        asked = sight.bounded(asked_of(league, periods.parse(said["period"]), **exact), caller(), league)
        after = line_of(reader, said["after"]) if "after" in said else None
        found = reader.lines(asked, SHOWN, after)
        older = forms.address("/scoring/credits", said, after=found[-1].id) if len(found) == SHOWN else None
        return page(
            "lines.html",
            title="lines.title",
            zone=league.roster.zone,
            said=said,
            problems=problems,
            roster=league.roster,
            offered=sight.seen_roster(league.roster, caller()),
            amounts=Amounts(metrics_of(league), language()),
            sums=sorted(reader.sums(asked).items()),
            lines=[(line, credit_view(line, league, show)["sentence"][language()]) for line in found],
            signs=REASONS,
            older=older,
            newer=forms.address("/scoring/credits", said, after=None) if after else None,
        )

    @pages.get("/lines/<name>")
    @requires("credits:read", bounded=True)
    def line(name: str) -> str:
        """Explain one line: what was given, why, and what people have against it."""
        found, league = line_of(reader, name), leagues.now()
        sight.check_line(found, caller())
        held = caller().scopes
        return page(
            "line.html",
            title="line.title",
            zone=league.roster.zone if league.roster else None,
            line=found,
            told=sight.seen_running(explained(found, reader, leagues, show), caller()),
            roster=league.roster,
            amounts=Amounts(metrics_of(league), language()),
            signs=REASONS,
            objections=desk.of_line(name),
            states=SIGNS,
            undecided=(OPEN, ANSWERED),
            instant=from_text,
            front_door=FRONT_DOOR,
            may_object=bool(held & {OBJECTS, DECIDES}),
            may_decide=DECIDES in held,
            may_open_inbox=not caller().bounded and bool(held & INBOX),
        )

    @pages.post("/lines/<name>/objections")
    @requires(OBJECTS, DECIDES, bounded=True)
    @limit_body(8000)
    def object_to(name: str) -> Response:
        """Open an objection to the line."""
        sight.check_line(line_of(reader, name), caller())
        said = forms.form(NewObjection(exclude=("line",)))
        desk.open(name, said["text"], caller().name, clock())
        return see_other(f"/scoring/lines/{name}", done="objected")

    @pages.post("/objections/<name>/steps")
    @requires(OBJECTS, DECIDES, bounded=True)
    @limit_body(8000)
    def take_step(name: str) -> Response:
        """Answer, accept or decline an objection."""
        sight.check_objection(desk.one(name), caller(), reader)
        said = forms.form(NewStep())
        step = Step(clock(), caller().name, said["kind"], said["text"])
        found = desk.step(name, step, caller().scopes, said.get("amount"), said.get("metric"))
        return see_other(f"/scoring/lines/{found.line}", done=found.state)

    @pages.get("/objections")
    @requires("credits:read", OBJECTS, DECIDES, bounded=True)
    def objections() -> str:
        """List the latest objections, those that wait for somebody first."""
        league, state = leagues.now(), request.args.get("state")
        return page(
            "objections.html",
            title="objections.title",
            zone=league.roster.zone if league.roster else None,
            objections=sorted(
                desk.latest(None, state or None, sight.within(caller())),
                key=lambda each: each.state not in (OPEN, ANSWERED),
            ),
            states=SIGNS,
            roster=league.roster,
        )

    return pages
