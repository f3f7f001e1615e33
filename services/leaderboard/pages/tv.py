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
from services.leaderboard.live.desk import ANYBODYS, Desk
from services.leaderboard.pages import identity
from services.leaderboard.schemas import ScreenQuery
from shared.errors import Unauthenticated, Unavailable
from shared.web import Blueprint, assets, etagged, limit_body, public, requires, sign_in
from shared.web.pages import STATIC, fingerprint

F = TypeVar("F", bound=Callable[..., Any])

HERE = Path(__file__).parents[1]
OWN = HERE / "static"
LANGUAGES = ("nl", "en")
SELF = "/leaderboard/v1/screens/self"
_GATE = "a paired screen shows its own cookie, others a token; the view asks for one of them, unless the TV is open"


def blueprints(hub: Hub, states: States, desk: Desk, access: str) -> Sequence[flask.Blueprint]:
    """Return the routes of the TV. `access` is `screens` (a screen is paired or has a token) or `open`."""
    return [_pages(hub, states, desk, access), _screens(hub, desk, access)]


@cache
def app_version() -> str:
    """Return the fingerprint of everything that the browser loads; a screen reloads when it changes."""
    digest = hashlib.sha256(fingerprint().encode())  # letters and the entrance's script are the frame's
    for path in sorted(path for room in ("static", "templates", "locale") for path in (HERE / room).rglob("*.*")):
        digest.update(path.relative_to(HERE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def texts(language: str) -> dict[str, str]:
    """Return the TV's sentences in a language; those of the pages around it are not for the TV."""
    found: dict[str, str] = orjson.loads((HERE / "locale" / f"{language}.json").read_bytes())
    return {key: text for key, text in found.items() if not key.startswith(("office.", "done."))}


def _pages(hub: Hub, states: States, desk: Desk, access: str) -> flask.Blueprint:
    pages = flask.Blueprint("tv", __name__, url_prefix="/tv", template_folder="templates", static_folder=None)

    @pages.get("")
    @public("holds no standings: what it shows comes from the stream, which is protected")
    def tv() -> Response:
        """Show the standings, or the code that pairs this screen."""
        known = _is_known(desk, access)
        page = "tv.html" if known else "tv_closed.html"
        body = _render(page, _language(states, hub.transient), beat=hub.limits.heartbeat)
        response = Response(body, 200 if known else 401)
        if known:
            identity.renew(response)
        return response

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


def _screens(hub: Hub, desk: Desk, access: str) -> Blueprint:
    screens = Blueprint("screens", __name__, url_prefix=SELF, description="What a screen shows.")
    gate, streams = public(_GATE), Streams(hub, app_version())

    @screens.get("/state")
    @gate
    @screens.arguments(ScreenQuery, location="query")
    @screens.response(200, description="See domain/slides")
    def show(asked: View) -> Response:
        """Return what a screen shows now: what is asked for, else what its own playlist holds."""
        frame = hub.frame(_view(desk, identity.admit(desk, access), asked))
        return etagged(f"{frame.version}.{frame.fingerprint}", lambda: orjson.Fragment(frame.body))

    @screens.get("/stream")
    @gate
    @screens.arguments(ScreenQuery, location="query")
    @screens.response(200, content_type="text/event-stream", description="See live/stream.py")
    @screens.alt_response(503, description="As many screens as this process serves are connected")
    def stream(asked: View) -> Response:
        """Follow what a screen shows, as server-sent events."""
        screen = identity.admit(desk, access)
        response = Response(content_type="text/event-stream")
        if request.method != "HEAD":  # its answer has no body, so that nobody would ever leave
            box = hub.join(**_wanted(screen, asked))
            response.response = streams.body(box, request.environ)
            response.direct_passthrough = True
        # a proxy that collects the answer before it hands it on would keep the screen dark
        response.headers.update({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        return response

    @screens.get("/poll")
    @gate
    @screens.arguments(ScreenQuery, location="query")
    @screens.response(200, description="The events that a stream would begin with; see live/stream.py")
    def poll(asked: View) -> Response:
        """Ask for what the stream would say, where something in between lets no stream through."""
        letters = hub.look(**_wanted(identity.admit(desk, access), asked))
        return Response(streams.answer(letters), content_type="application/json", headers={"Cache-Control": "no-store"})

    return screens


def _wanted(screen: str | None, asked: View) -> dict[str, Any]:
    """Return what is asked for, whose stream it is and what it has already, for the hub."""
    resume = request.headers.get("Last-Event-ID") or request.args.get("last_id", "")
    return {"view": asked, "screen": screen or ANYBODYS, "resume": resume}


def _view(desk: Desk, screen: str | None, asked: View) -> View:
    """Return what is asked for, else what the screen's playlist holds; without a screen the usual slides."""
    if asked != View():
        return asked
    seat = desk.seats([screen]).get(screen) if screen else None
    return seat.view if seat else desk.usual()


def _is_known(desk: Desk, access: str) -> bool:
    try:
        identity.admit(desk, access)
    except Unauthenticated:
        return False
    except Unavailable:
        return True  # a page that says so would stay on the wall; this one asks again by itself, and holds nothing
    return True


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
        texts={each: texts(each) for each in LANGUAGES},
        app=app_version(),
        files=f"/tv/static/{app_version()}",
        source=SELF,
        **more,
    )
