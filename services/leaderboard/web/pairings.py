"""HTTP: pairing a screen, and what a paired screen says of itself."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from services.leaderboard.domain import pairing
from services.leaderboard.live.desk import Desk
from services.leaderboard.pages import identity
from services.leaderboard.pages.bounds import by
from services.leaderboard.pages.office import shown, sound_setup
from services.leaderboard.schemas.screens import BeatIn, CollectIn, CollectOut, PairIn, PairingOut, ScreenOut, beat_of
from services.leaderboard.web.qr import picture
from shared.web import Blueprint, limit_body, public, requires

PAIR_PAGE = "/leaderboard/screens/pair"


def pairings(desk: Desk, app: str) -> Blueprint:
    """Return the routes under /leaderboard/v1/pairings, and the screen's sign of life; `app` names the pages' version.

    After RFC 8628: a screen asks for a code and shows it, somebody who may types it in, the screen collects its cookie.
    """
    blueprint = Blueprint("pairings", __name__, url_prefix="/leaderboard/v1", description="Pairing a screen.")

    @blueprint.post("/pairings")
    @public("a screen that nobody knows yet asks for a code; it opens nothing until somebody who may types it in")
    @limit_body(1000)
    @blueprint.response(201, PairingOut)
    @blueprint.alt_response(429, description="Too many screens wait")
    def begin() -> dict[str, Any]:
        """Ask for a code to show."""
        device, code = desk.pairings.begin(request.remote_addr or "", desk.clock())
        page = f"{request.host_url.rstrip('/')}{PAIR_PAGE}"
        complete = f"{page}?code={pairing.readable(code)}"
        return {
            "device_code": device,
            "user_code": pairing.readable(code),
            "verification_uri": page,
            "verification_uri_complete": complete,
            "qr": picture(complete),
            "expires_in": int(pairing.LASTS.total_seconds()),
            "interval": pairing.INTERVAL,
        }

    @blueprint.post("/pairings/collect")
    @public("the device code, which only the waiting screen knows, is what is handed in")
    @limit_body(1000)
    @blueprint.arguments(CollectIn)
    @blueprint.response(200, CollectOut)
    @blueprint.alt_response(404, description="The code is over: ask for a new one")
    def collect(given: dict[str, Any]) -> Response:
        """Ask whether the code was typed in; once it was, the answer carries the screen's cookie."""
        found = desk.pairings.collect(given["device_code"], desk.clock())
        response = Response(content_type="application/json")
        response.set_data(b'{"state":"%s","interval":%d}' % (b"paired" if found else b"waiting", pairing.INTERVAL))
        if found:
            identity.keep(response, found.secret)
        return response

    @blueprint.post("/pairings/confirm")
    @requires("screens:write", bounded=True)
    @limit_body(4000)
    @blueprint.arguments(PairIn)
    @blueprint.response(201, ScreenOut)
    @blueprint.alt_response(404, description="No screen shows this code")
    @blueprint.alt_response(429, description="Too many wrong codes")
    def confirm(given: dict[str, Any]) -> dict[str, Any]:
        """Type in the code that a screen shows, and set that screen up."""
        setup = sound_setup(desk, given["setup"])
        return shown(desk, desk.pair(pairing.normal(given["code"]), setup, by()), app)

    @blueprint.post("/screens/self/beat")
    @public("a paired screen shows its own cookie; without one nothing is kept")
    @limit_body(8000)
    @blueprint.arguments(BeatIn)
    @blueprint.response(204)
    def beat(given: dict[str, Any]) -> Response:
        """Say what this screen does: the slide, the pages' version, the size, the seconds since it was loaded."""
        if name := identity.screen(desk):
            desk.screens.heard(name, beat_of(given, desk.clock()))
        return Response(status=204)

    return blueprint
