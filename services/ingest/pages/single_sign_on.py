"""/ingest/sign-in/oidc: away to the organisation's identity provider, and back.

What the answer must fit (state, nonce, PKCE verifier) waits in a sealed cookie of this browser for ten minutes, so that
nobody can be signed in by an answer to somebody else's question.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import flask
from flask import Request, Response, request

from services.ingest.domain.access import Provider
from services.ingest.handlers.arriving import Arrivals
from services.ingest.handlers.policy import Policy
from services.ingest.handlers.signing_in import Door
from services.ingest.identity.openid import OpenId, Question, SignInRefused
from services.ingest.pages import cookies
from shared import logs
from shared.errors import NotFound, SamenspelError
from shared.sessions import Sessions, opened, seal
from shared.web import public, see_other
from shared.web.menu import first_for, is_local
from shared.web.renewal import SIGN_IN

PATH, _WAITS, _PURPOSE = "/ingest/sign-in/oidc", 600, "samenspel question 1"
_COOKIE = "samenspel_question"

log = logs.get(__name__)


class NoProvider(NotFound):
    """The document `access` names no identity provider."""


def single_sign_on(
    door: Door,
    policy: Policy,
    arrivals: Arrivals,
    openid: OpenId,
    *,
    secret: Callable[[str], str],
    sessions: Sessions,
    clock: Callable[[], datetime],
) -> flask.Blueprint:
    """Return the way to the identity provider and back; `secret` looks a reference up."""
    pages = flask.Blueprint("single_sign_on", __name__, url_prefix="/ingest")

    @pages.get("/sign-in/oidc")
    @public("sends to the organisation's own sign-in")
    def away() -> Response:
        """Send the browser to the identity provider."""
        try:
            asked = openid.ask(_provider())
        except SamenspelError as error:
            return _refused(error)
        response = Response(status=303, headers={"Location": asked.url, "Cache-Control": "no-store"})
        wanted = request.args.get("next", "")
        told = {**asdict(replace(asked, url="")), "next": wanted if is_local(wanted) else ""}
        until = int(clock().timestamp()) + _WAITS
        sealed = seal({**told, "until": until}, sessions.keys[0], _PURPOSE)
        _keep(response, sealed, _WAITS)
        return response

    @pages.get("/sign-in/oidc/back")
    @public("what the identity provider answered is checked in every claim")
    def back() -> Response:
        """Sign in whom the identity provider vouches for."""
        try:
            provider, asked = _provider(), _asked(request, sessions, clock())
            question = Question("", asked["state"], asked["nonce"], asked["verifier"])
            account = arrivals.account(provider, openid.arrived(provider, request.args, question))
        except SamenspelError as error:
            return _refused(error)
        begun = door.begin(account, "oidc", cookies.where(request))
        goal = asked["next"] or first_for("ingest", begun.session.caller)
        return _forgotten(cookies.keep(see_other(goal), begun, sessions.keys[0], request))

    def _provider() -> Provider:
        found = policy.now().provider
        if found is None or not sessions.keys:
            raise NoProvider
        return replace(found, client_secret=found.client_secret and secret(found.client_secret))

    return pages


def _asked(request: Request, sessions: Sessions, now: datetime) -> Mapping[str, Any]:
    found = opened(request.cookies.get(_name(), ""), sessions.keys, _PURPOSE)
    if found is None or now.timestamp() >= found["until"]:
        raise SignInRefused("this browser asked nothing, or too long ago")
    return dict(found)


def _refused(error: SamenspelError) -> Response:
    """Log why, without a name, and send back to the page that says it in words."""
    log.info("sign_in_refused", code=error.code, detail=error.detail)
    response = see_other(SIGN_IN, problem=error.code)
    response.headers["Cache-Control"] = "no-store"
    return _forgotten(response)


def _keep(response: Response, sealed: str, seconds: int) -> None:
    response.set_cookie(
        _name(), sealed, max_age=seconds, httponly=True, samesite="Lax", secure=request.is_secure, path=PATH
    )


def _forgotten(response: Response) -> Response:
    response.delete_cookie(_name(), path=PATH, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def _name() -> str:
    return f"__Secure-{_COOKIE}" if request.is_secure else _COOKIE
