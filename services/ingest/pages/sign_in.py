"""/ingest/sign-in: in by password or by the organisation's own account, renewing the session, and out."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

import flask
from flask import Response, request
from marshmallow import EXCLUDE, Schema, fields

from services.ingest.handlers.policy import Policy
from services.ingest.handlers.signing_in import Door, TooManyAttempts
from services.ingest.pages import cookies
from shared.errors import Forbidden, NotFound, SamenspelError
from shared.sessions import Sessions
from shared.web import limit_body, page, public, see_other
from shared.web.access import same_origin
from shared.web.menu import first_for, is_local
from shared.web.problems import status_of
from shared.web.renewal import SIGN_IN

_BODY = 4000


class AccountsAreOff(NotFound):
    """Here people sign in with a token: nobody has set SAMENSPEL_SESSION_KEY."""


class _SignIn(Schema):
    login = fields.String(load_default="")
    password = fields.String(load_default="")
    stays = fields.Boolean(load_default=False)


def sign_in_pages(door: Door, policy: Policy, sessions: Sessions, clock: Callable[[], datetime]) -> flask.Blueprint:
    """Return the pages that make, renew and end sessions."""
    pages = flask.Blueprint("sign_in_pages", __name__, url_prefix="/ingest")

    @pages.get("/sign-in")
    @public("holds nothing: it asks for the password")
    def ask() -> str | Response:
        """Ask who it is; whoever is signed in still goes on at once."""
        begun = door.renew(cookies.kept(request)) if sessions.keys and cookies.kept(request) else None
        if begun:
            return cookies.keep(see_other(_goal(begun.session.caller)), begun, sessions.keys[0], request)
        return _asked(policy, sessions)

    @pages.post("/sign-in")
    @public("the password is what is handed in")
    @limit_body(_BODY)
    def enter() -> Response | tuple[str, int]:
        """Sign in by password."""
        refuse_others(sessions)
        said = _SignIn(unknown=EXCLUDE).load(request.form)
        try:
            begun = door.by_password(said["login"], said["password"], cookies.where(request, stays=said["stays"]))
        except SamenspelError as error:
            return _asked(policy, sessions, error, said["login"]), status_of(type(error))
        return cookies.keep(see_other(_goal(begun.session.caller)), begun, sessions.keys[0], request)

    @pages.get("/sign-in/renew")
    @public("gives a session only to a browser that is signed in")
    def renew() -> Response:
        """Make the session again, and go back to the page that wanted it; a script is told whether there is one."""
        begun = door.renew(cookies.kept(request)) if sessions.keys and cookies.kept(request) else None
        if request.accept_mimetypes.best_match(["application/json", "text/html"]) != "text/html":
            if begun is None:
                return cookies.drop(Response(status=HTTPStatus.UNAUTHORIZED), request)
            return cookies.keep(Response(status=HTTPStatus.NO_CONTENT), begun, sessions.keys[0], request)
        if begun is None:
            return cookies.drop(see_other(SIGN_IN, next=_wanted()), request)
        return cookies.keep(see_other(_goal(begun.session.caller)), begun, sessions.keys[0], request)

    @pages.post("/sign-out")
    @public("ends only what the browser itself presents")
    @limit_body(_BODY)
    def leave() -> Response:
        """Sign out of this browser."""
        refuse_others(sessions)
        door.leave(cookies.session_of(request, sessions, clock()), cookies.kept(request))
        return cookies.drop(see_other(SIGN_IN, done="signed-out"), request)

    return pages


def _asked(policy: Policy, sessions: Sessions, error: SamenspelError | None = None, login: str = "") -> str:
    access = policy.now()
    wait = getattr(error, "retry_after", 0)
    return page(
        "sign_in.html",
        title="sign_in.title",
        on=bool(sessions.keys),
        problem=error.code if error else request.args.get("problem", ""),
        minutes=max(1, round(wait / 60)) if isinstance(error, TooManyAttempts) else None,
        login=login,
        passwords=access.passwords,
        provider=access.provider,
        wanted=_wanted(),
    )


def refuse_others(sessions: Sessions) -> None:
    """Refuse what another site sent, and everybody where there are no accounts."""
    if not same_origin(request):
        raise Forbidden("this form was sent by another site")
    if not sessions.keys:
        raise AccountsAreOff


def _wanted() -> str:
    wanted = request.args.get("next", "")
    return wanted if is_local(wanted) else ""


def _goal(who: Any) -> str:
    return _wanted() or first_for("ingest", who)
