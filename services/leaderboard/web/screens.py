"""HTTP: the screens of the office, for who looks after them."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.leaderboard.domain.screens import Setup
from services.leaderboard.live.desk import Desk
from services.leaderboard.pages.bounds import by
from services.leaderboard.pages.office import of_ours, ours, shown, sound_setup
from services.leaderboard.schemas.screens import OrderIn, ScreenOut, ScreensOut, SetupIn
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
