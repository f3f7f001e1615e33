"""/leaderboard/screens: the screens of the office, how each does, and setting one up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import flask
from flask import Response, request

from services.leaderboard.domain import pairing
from services.leaderboard.domain.screens import MOTIONS, STATES, THEMES, USUAL_DISTANCE, USUAL_INCHES, Screen
from services.leaderboard.live.desk import Desk
from services.leaderboard.pages.bounds import by, is_ours
from services.leaderboard.pages.office import of_ours, ours, playable, shown, sound_setup
from services.leaderboard.schemas.screens import LANGUAGES, OrderIn, PairIn, SetupForm
from shared.errors import InvalidInput, NotFound, RateLimited, SamenspelError
from shared.web import forms, limit_body, page, requires, see_other
from shared.web.problems import status_of

HERE = "/leaderboard/screens"
SIZES = (32, 43, 50, 55, 65, 75, 86)


def screen_pages(desk: Desk, app: str) -> flask.Blueprint:
    """Return the pages of the screens; `app` names the version of the pages."""
    pages = flask.Blueprint("screen_pages", __name__, url_prefix="/leaderboard", template_folder="templates")

    @pages.get("/screens")
    @requires("screens:write", bounded=True)
    def everyone() -> str:
        """Show the screens that the caller looks after, with their states."""
        found = [shown(desk, screen, app) for screen in ours(desk)]
        counts = {state: sum(screen["state"] == state for screen in found) for state in STATES}
        return _page(desk, "screens.html", title="office.screens", screens=found, counts=counts, now=desk.clock())

    @pages.get("/screens/pair")
    @requires("screens:write", bounded=True)
    def ask() -> str:
        """Ask for the code that a screen shows, and how it is set up."""
        return _asked(desk, {"code": request.args.get("code", ""), **usual(desk)})

    @pages.post("/screens/pair")
    @requires("screens:write", bounded=True)
    @limit_body(4000)
    def pair() -> Response | tuple[str, int]:
        """Pair the screen that shows the code."""
        try:
            given = forms.form(PairIn())
            setup = sound_setup(desk, given["setup"])
            made = desk.pair(pairing.normal(given["code"]), setup, by())
        except (InvalidInput, NotFound, RateLimited) as error:
            return _asked(desk, request.form.to_dict(), error), status_of(type(error))
        return see_other(f"{HERE}/{made.id}", done="paired")

    @pages.get("/screens/<screen>")
    @requires("screens:write", bounded=True)
    def one(screen: str) -> str:
        """Show one screen, and let it be set up and told."""
        found = of_ours(desk, screen)
        return _one(desk, found, app, as_form(found))

    @pages.post("/screens/<screen>")
    @requires("screens:write", bounded=True)
    @limit_body(4000)
    def change(screen: str) -> Response | tuple[str, int]:
        """Set a screen up anew."""
        found = of_ours(desk, screen)
        try:
            desk.set_up(screen, sound_setup(desk, forms.form(SetupForm())["setup"]))
        except InvalidInput as error:
            return _one(desk, found, app, request.form.to_dict(), error), status_of(type(error))
        return see_other(f"{HERE}/{screen}", done="set_up")

    @pages.post("/screens/<screen>/orders")
    @requires("screens:write", bounded=True)
    @limit_body(1000)
    def order(screen: str) -> Response:
        """Tell a screen something."""
        of_ours(desk, screen)
        told = forms.form(OrderIn(), {"back"}.__contains__)["order"]
        desk.order(screen, told)
        return see_other(HERE if request.form.get("back") == "list" else f"{HERE}/{screen}", done=f"told_{told}")

    @pages.post("/screens/<screen>/revoke")
    @requires("screens:write", bounded=True)
    @limit_body(1000)
    def revoke(screen: str) -> Response:
        """Take a screen's identity back."""
        of_ours(desk, screen)
        desk.revoke(screen, by())
        return see_other(HERE, done="revoked")

    return pages


def usual(desk: Desk) -> dict[str, Any]:
    """Return what the form of a new screen begins with: a bounded caller's own team."""
    teams = list(teams_of(desk))
    own = teams[0] if len(teams) == 1 and not is_ours(None) else ""
    return {"team": own, "distance": f"{USUAL_DISTANCE / 100:g}", "inches": USUAL_INCHES, "volume": 30}


def as_form(screen: Screen) -> dict[str, Any]:
    """Return a screen's set-up as its form has it."""
    setup = screen.setup
    plain = ("name", "playlist", "team", "language", "theme", "inches", "motion", "volume")
    return {
        **{name: getattr(setup, name) for name in plain},
        "distance": f"{setup.distance / 100:g}",
        "sound": "on" if setup.sound else "",
        "quiet": ", ".join(map(str, setup.quiet)),
        "hours": str(setup.hours) if setup.hours else "",
    }


def teams_of(desk: Desk) -> dict[str, str]:
    """Return the teams whose screens the caller looks after, with their names."""
    roster = desk.league().roster
    return {team.id: team.name for team in (roster.teams.values() if roster else ()) if is_ours(team.id)}


def wrong(error: SamenspelError | None) -> dict[str, str]:
    """Return the fields of a form that cannot be used, and why; what concerns no field stands under ""."""
    if error is None:
        return {}
    problems = getattr(error, "problems", ())
    return {problem.pointer.strip("/"): problem.expected for problem in problems} or {"": error.code}


def _asked(desk: Desk, said: dict[str, Any], error: SamenspelError | None = None) -> str:
    return _page(desk, "screen_pair.html", title="office.pair", said=said, wrong=wrong(error))


def _one(desk: Desk, screen: Screen, app: str, said: dict[str, Any], error: SamenspelError | None = None) -> str:
    found = shown(desk, screen, app)
    uptime = timedelta(seconds=screen.beat.uptime if screen.beat else 0)
    more = {"said": said, "wrong": wrong(error), "name": screen.setup.name, "now": desk.clock(), "uptime": uptime}
    return _page(desk, "screen.html", title="office.screen", screen=found, **more)


def _page(desk: Desk, template: str, *, title: str, **values: Any) -> str:
    return page(
        template,
        title=title,
        zone=desk.league().zone,
        teams=teams_of(desk),
        playlists={playlist.id: playlist.name for playlist in playable(desk)},
        everybodys=is_ours(None),
        choices={"themes": THEMES, "motions": MOTIONS, "languages": LANGUAGES, "sizes": SIZES},
        host=request.host_url,
        **values,
    )
