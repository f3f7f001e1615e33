"""/ingest/account: what somebody's own account is, where it is signed in, and another password."""

from collections.abc import Callable

import flask
from flask import Response, request

from services.ingest.domain.accounts import Account
from services.ingest.domain.passwords import LONGEST, SHORTEST
from services.ingest.handlers.accounts import Desk
from services.ingest.handlers.names import Names
from services.ingest.handlers.signing_in import Door, TooManyAttempts, WeakPassword, WrongPassword
from services.ingest.pages import cookies
from shared.auth import ROLES, SCOPES
from shared.errors import Forbidden, SamenspelError
from shared.web import caller, limit_body, page, requires, see_other
from shared.web.pages import UTC
from shared.web.problems import status_of
from shared.web.renewal import SIGN_IN

ANYBODY = tuple(sorted(frozenset().union(*ROLES.values())))
"""Every scope that a role has: whoever is signed in holds one."""

_HERE = "/ingest/account"


class NoAccount(Forbidden):
    """This is for accounts; a token has none."""


def account_pages(door: Door, desk: Desk, names: Names, mark: Callable[[], int]) -> flask.Blueprint:
    """Return the page of one's own account and its forms; `mark` tells which sign-in this browser is."""
    pages = flask.Blueprint("account_pages", __name__, url_prefix="/ingest")

    @pages.get("/account")
    @requires(*ANYBODY, bounded=True)
    def mine() -> str:
        """Show one's own account."""
        return _page()

    @pages.post("/account/password")
    @requires(*ANYBODY, bounded=True)
    @limit_body(4000)
    def password() -> Response | tuple[str, int]:
        """Set another password; everywhere else the account is signed out."""
        present, new = request.form.get("present", ""), request.form.get("password", "")
        try:
            door.change_password(_own().id, present, new, cookies.where(request), mark())
        except (WeakPassword, WrongPassword, TooManyAttempts) as error:
            return _page(error), status_of(type(error))
        return see_other(_HERE, done="password")

    @pages.post("/account/sign-out")
    @requires(*ANYBODY, bounded=True)
    @limit_body(1000)
    def sign_out() -> Response:
        """End one sign-in, or all of them."""
        own, one = _own(), request.form.get("only", "")
        if one.isdecimal() and len(one) < 19:
            desk.sign_out(own.id, caller().name, only=int(one))
            return see_other(_HERE, done="ended")
        desk.sign_out(own.id, caller().name)
        return cookies.drop(see_other(SIGN_IN, done="signed-out-everywhere"), request)

    def _own() -> Account:
        if not caller().account:
            raise NoAccount
        return desk.one(int(caller().account))

    def _page(error: SamenspelError | None = None) -> str:
        own, roster = _own(), names.now().roster
        return page(
            "account.html",
            title="account.title",
            zone=roster.zone if roster else UTC,
            account=own,
            rep=roster.reps.get(own.person.rep or "") if roster else None,
            teams=[roster.teams[team].name for team in sorted(own.person.teams or ()) if team in roster.teams]
            if roster
            else [],
            sign_ins=desk.sign_ins(own.id),
            mark=mark(),
            scopes=sorted(caller().scopes, key=list(SCOPES).index),
            problem=error.code if error else "",
            why=error.why if isinstance(error, WeakPassword) else (),
            shortest=SHORTEST,
            longest=LONGEST,
        )

    return pages
