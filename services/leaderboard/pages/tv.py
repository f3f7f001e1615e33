"""The office TV: its page, how a screen signs in, its state and its stream."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import flask
import orjson
from flask import Response, render_template, request, send_from_directory

from services.leaderboard.domain.screen import View
from services.leaderboard.live import Hub, States, Streams
from services.leaderboard.schemas import ScreenQuery
from shared.errors import Unauthenticated
from shared.web import Blueprint, assets, caller, etagged, limit_body, public, requires, sign_in
from shared.web.pages import STATIC, fingerprint

F = TypeVar("F", bound=Callable[..., Any])

HERE = Path(__file__).parents[1]
OWN = HERE / "static"
SCOPES = ("screen", "boards:read")
OPEN = "open"
LANGUAGES = ("nl", "en")
SELF = "/leaderboard/v1/screens/self"


def blueprints(hub: Hub, states: States, access: str) -> Sequence[flask.Blueprint]:
    """Return the routes of the TV. `access` is `screens` (needs a screen's token) or `open`."""
    return [_pages(hub, states, access), _screens(hub, access)]


@cache
def app_version() -> str:
    """Return the fingerprint of everything that the browser loads; a screen reloads when it changes."""
    digest = hashlib.sha256(fingerprint().encode())  # letters and the entrance's script are the frame's
    for path in sorted(path for room in ("static", "templates", "locale") for path in (HERE / room).rglob("*.*")):
        digest.update(path.relative_to(HERE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def texts(language: str) -> dict[str, str]:
    """Return the sentences of a language."""
    found: dict[str, str] = orjson.loads((HERE / "locale" / f"{language}.json").read_bytes())
    return found


def _pages(hub: Hub, states: States, access: str) -> flask.Blueprint:
    pages = flask.Blueprint("tv", __name__, url_prefix="/tv", template_folder="templates", static_folder=None)

    @pages.get("")
    @public("holds no standings: what it shows comes from the stream, which is protected")
    def tv() -> tuple[str, int]:
        """Show the standings, or how to get a link for this screen."""
        known = access == OPEN or _is_signed_in()
        page = "tv.html" if known else "tv_closed.html"
        return _render(page, _language(states, hub.transient), beat=hub.limits.heartbeat), 200 if known else 401

    @pages.get("/enter")
    @public("holds nothing: its script hands in the token from the address")
    def enter() -> str:
        """Sign a screen in with the token behind the # of the address."""
        return _render("tv_enter.html", _language(states, hub.transient))

    @pages.post("/enter")
    @requires("screen")
    @limit_body(1000)
    def keep() -> Response:
        """Keep the token that was presented in a cookie which no script can read."""
        response = Response(status=204)
        sign_in(response, request.headers["Authorization"].partition(" ")[2].strip(), secure=request.is_secure)
        return response

    @pages.get("/static/<version>/<path:filename>")
    @public("static files")
    def static(version: str, filename: str) -> Response:
        """Return a file; under the present version's address it never changes."""
        room = OWN if (OWN / filename).is_file() else STATIC
        response = send_from_directory(room, filename)
        response.headers["Cache-Control"] = assets.FOR_EVER if version == app_version() else "no-store"
        return response

    return pages


def _screens(hub: Hub, access: str) -> Blueprint:
    screens = Blueprint("screens", __name__, url_prefix=SELF, description="What a screen shows.")
    gate, streams = _gate(access), Streams(hub, app_version())

    @screens.get("/state")
    @gate
    @screens.arguments(ScreenQuery, location="query")
    @screens.response(200, description="See domain/screen.py")
    def show(view: View) -> Response:
        """Return what a screen shows now."""
        frame = hub.frame(view)
        return etagged(f"{frame.version}.{frame.fingerprint}", lambda: orjson.Fragment(frame.body))

    @screens.get("/stream")
    @gate
    @screens.arguments(ScreenQuery, location="query")
    @screens.response(200, content_type="text/event-stream", description="See live/stream.py")
    @screens.alt_response(503, description="As many screens as this process serves are connected")
    def stream(view: View) -> Response:
        """Follow what a screen shows, as server-sent events."""
        response = Response(content_type="text/event-stream")
        if request.method != "HEAD":  # its answer has no body, so that nobody would ever leave
            box = hub.join(view, resume=request.headers.get("Last-Event-ID") or request.args.get("last_id", ""))
            response.response = streams.body(box, request.environ)
            response.direct_passthrough = True
        # a proxy that collects the answer before it hands it on would keep the screen dark
        response.headers.update({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        return response

    return screens


def _gate(access: str) -> Callable[[F], F]:
    if access == OPEN:
        return public("the operator opened the TV to everybody who can reach it")
    return requires(*SCOPES)


def _is_signed_in() -> bool:
    try:
        return bool(caller().scopes & set(SCOPES))
    except Unauthenticated:
        return False


def _language(states: States, transient: tuple[type[Exception], ...]) -> str:
    """Return the language asked for, else the organisation's."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    try:
        return states.language() or LANGUAGES[0]
    except transient:
        return LANGUAGES[0]


def _render(page: str, language: str, **more: Any) -> str:
    return render_template(
        page,
        lang=language,
        t=texts(language),
        app=app_version(),
        files=f"/tv/static/{app_version()}",
        source=SELF,
        **more,
    )
