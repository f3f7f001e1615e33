"""HTTP: the screens of the office, for who looks after them."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.leaderboard.domain.screens import Screen, Setup
from services.leaderboard.live.desk import Desk
from services.leaderboard.schemas.screens import OrderIn, ScreenOut, ScreensOut, SetupIn
from services.leaderboard.web.bounds import by, is_ours, keep_inside, known
from services.leaderboard.web.playlists import playable
from shared.web import Blueprint, limit_body, requires


def screens(desk: Desk, app: str) -> Blueprint:
    """Return the routes under /leaderboard/v1/screens; `app` names the version of the pages."""
    blueprint = Blueprint("office_screens", __name__, url_prefix="/leaderboard/v1/screens", description="Screens.")

    @blueprint.get("")
    @requires("screens:write", bounded=True)
    @blueprint.response(200, ScreensOut)
    def everyone() -> dict[str, Any]:
        """List the screens that you may look after, with their states."""
        return {"screens": [shown(desk, screen, app) for screen in ours(desk)]}

    @blueprint.get("/<screen>")
    @requires("screens:write", bounded=True)
    @blueprint.response(200, ScreenOut)
    def one(screen: str) -> dict[str, Any]:
        """Show one screen."""
        return shown(desk, of_ours(desk, screen), app)

    @blueprint.put("/<screen>")
    @requires("screens:write", bounded=True)
    @limit_body(4000)
    @blueprint.arguments(SetupIn)
    @blueprint.response(200, ScreenOut)
    def change(setup: Setup, screen: str) -> dict[str, Any]:
        """Set a screen up anew; it follows at once."""
        of_ours(desk, screen)
        return shown(desk, desk.set_up(screen, sound_setup(desk, setup)), app)

    @blueprint.post("/<screen>/orders")
    @requires("screens:write", bounded=True)
    @limit_body(1000)
    @blueprint.arguments(OrderIn)
    @blueprint.response(202, ScreenOut)
    def order(given: dict[str, str], screen: str) -> dict[str, Any]:
        """Tell a screen something: identify, next, reload, celebrate (a trial), mute, unmute."""
        of_ours(desk, screen)
        return shown(desk, desk.order(screen, given["order"]), app)

    @blueprint.delete("/<screen>")
    @requires("screens:write", bounded=True)
    @blueprint.response(204)
    def revoke(screen: str) -> Response:
        """Take a screen's identity back: it shows nothing any more and asks to be paired."""
        of_ours(desk, screen)
        desk.revoke(screen, by())
        return Response(status=204)

    return blueprint


def ours(desk: Desk) -> list[Screen]:
    """Return the screens that the caller may look after."""
    return [screen for screen in desk.screens.all() if is_ours(screen.setup.team)]


def of_ours(desk: Desk, screen: str) -> Screen:
    """Return a screen; raises UnknownScreen, and Forbidden when the caller may not look after it."""
    found = desk.screens.one(screen)
    keep_inside(found.setup.team)
    return found


def sound_setup(desk: Desk, setup: Setup) -> Setup:
    """Return a set-up that the caller may give a screen; raises InvalidInput, Forbidden."""
    roster = desk.league().roster
    known("team", setup.team, roster.teams if roster else (), "team")
    known("playlist", setup.playlist, [playlist.id for playlist in playable(desk)], "playlist")
    keep_inside(setup.team)
    return setup


def shown(desk: Desk, screen: Screen, app: str) -> dict[str, Any]:
    """Return a screen as callers get it."""
    setup, beat = screen.setup, screen.beat
    plain = ("name", "playlist", "team", "language", "theme", "inches", "scale", "motion", "sound", "volume")
    return {
        "id": screen.id,
        **{name: getattr(setup, name) for name in plain},
        "distance": f"{setup.distance / 100:g}",
        "quiet": list(map(str, setup.quiet)),
        "hours": str(setup.hours) if setup.hours else None,
        "state": screen.state(desk.clock(), desk.league().zone),
        "paired_at": screen.paired_at,
        "paired_by": screen.paired_by,
        "beat": beat
        and {
            **{name: getattr(beat, name) for name in ("at", "slide", "app", "viewport", "errors")},
            "uptime_s": beat.uptime,
            "current": beat.app in ("", app),
        },
    }
