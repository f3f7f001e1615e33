"""Signing in and out: `/<service>/enter` takes a token once and keeps it in a cookie that no script can read.

People paste their token, or open `/<service>/enter#t=<token>`: what stands behind the # is never sent to a server by
itself, so that it is in no log. `?next=/ingest/inbox` says which page it leads to; without it the first one that the
token opens.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import flask
from flask import Response, g, request

from shared.auth import SCOPES, Caller, Tokens
from shared.errors import Forbidden
from shared.web.access import limit_body, public, same_origin, session_cookie, sign_in, sign_out
from shared.web.menu import first_for, is_local
from shared.web.pages import page, see_other


def entrance(service: str, tokens: Tokens, clock: Callable[[], datetime]) -> flask.Blueprint:
    """Return the routes of the entrance; a session, which would count before the token, ends there."""
    blueprint = flask.Blueprint("entrance", __name__, url_prefix=f"/{service}", template_folder="templates")

    @blueprint.get("/enter")
    @public("holds nothing: it asks for the token")
    def enter() -> str:
        """Ask for a token, or tell who is signed in and where to go."""
        return _asked(service)

    @blueprint.post("/enter")
    @public("the token is what is handed in")
    @limit_body(4000)
    def keep() -> Response | tuple[str, int]:
        """Keep the token that was handed in: in the Authorization header by the script, or in the form."""
        header = request.headers.get("Authorization", "").partition(" ")[2].strip()
        if not header and not same_origin(request):
            raise Forbidden("this form was sent by another site")
        secret = header or request.form.get("token", "").strip()
        who = tokens.authenticate(secret, clock())
        if who is None:
            return (_asked(service, refused=True), 401)
        goal = _goal(service, who)
        response = Response(status=204, headers={"X-Next": goal}) if header else see_other(goal)
        secure = request.is_secure
        sign_in(response, secret, secure=secure)
        response.delete_cookie(session_cookie(secure=secure), path="/", httponly=True, samesite="Lax", secure=secure)
        return response

    @blueprint.post("/leave")
    @public("takes only the cookie of the one who asks")
    @limit_body(100)
    def leave() -> Response:
        """Sign out."""
        if not same_origin(request):
            raise Forbidden("this form was sent by another site")
        response = see_other(f"/{service}/enter")
        sign_out(response)
        return response

    return blueprint


def _asked(service: str, *, refused: bool = False) -> str:
    who: Caller | None = g.get("caller")
    goal = _goal(service, who)
    scopes = sorted(who.scopes, key=list(SCOPES).index) if who else []
    title = "frame.enter.known.title" if who else "frame.enter.title"
    return page("samenspel/enter.html", title=title, goal=goal, refused=refused, scopes=scopes)


def _goal(service: str, who: Caller | None) -> str:
    wanted = request.args.get("next", "")
    return wanted if is_local(wanted) else first_for(service, who)
