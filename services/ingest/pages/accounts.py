"""/ingest/accounts: who may sign in, as what, and whom they may see."""

from collections.abc import Callable, Mapping
from typing import Any

import flask
from flask import Response, request

from services.ingest.domain.accounts import MANAGER, ROLES, Person, login_of
from services.ingest.handlers.accounts import Desk, InvalidAccount, Link
from services.ingest.handlers.names import Names
from services.ingest.handlers.policy import Policy
from shared.errors import Conflict, SamenspelError
from shared.web import caller, limit_body, page, requires, see_other
from shared.web.pages import UTC
from shared.web.problems import status_of

_HERE, _SCOPE, _BODY = "/ingest/accounts", "accounts:write", 20_000


class _Views:
    """What the pages show."""

    def __init__(self, desk: Desk, names: Names, policy: Policy) -> None:
        self._desk, self._names, self._policy = desk, names, policy

    def all(self, error: SamenspelError | None = None, said: Person | None = None) -> str:
        """Render the list."""
        everybody = self._desk.all()
        access = self._policy.now()
        return page(
            "accounts.html", title="accounts.title", everybody=everybody, access=access, **self._form(error, said)
        )

    def one(
        self, number: int, error: SamenspelError | None = None, said: Person | None = None, *, link: Link | None = None
    ) -> str:
        """Render one account."""
        found = self._desk.one(number)
        return page(
            "account_edit.html",
            title="accounts.one",
            account=found,
            link=f"{request.host_url}ingest/invitation#c={link.code}" if link else "",
            until=link.expires_at if link else None,
            sign_ins=self._desk.sign_ins(number),
            events=self._desk.events(number),
            oneself=found.person.login == caller().name,
            **self._form(error, said or found.person),
        )

    def _form(self, error: SamenspelError | None, said: Person | None) -> dict[str, Any]:
        roster = self._names.now().roster
        problems = error.problems if isinstance(error, InvalidAccount) else ()
        return {
            "zone": roster.zone if roster else UTC,
            "roles": ROLES,
            "reps": sorted((roster.reps if roster else {}).values(), key=lambda rep: rep.name),
            "teams": sorted((roster.teams if roster else {}).values(), key=lambda team: team.name),
            "said": said,
            "problem": error.code if error else "",
            "wrong": {problem.pointer.strip("/"): problem.expected for problem in problems},
        }


def accounts_pages(desk: Desk, names: Names, policy: Policy) -> flask.Blueprint:
    """Return the admin's pages."""
    pages = flask.Blueprint("accounts_pages", __name__, url_prefix="/ingest")
    views = _Views(desk, names, policy)
    steps: Mapping[str, Callable[[int, str], object]] = {
        "disable": desk.disable,
        "enable": desk.enable,
        "end": desk.sign_out,
    }

    @pages.get("/accounts")
    @requires(_SCOPE)
    def accounts() -> str:
        """List the accounts."""
        return views.all()

    @pages.post("/accounts")
    @requires(_SCOPE)
    @limit_body(_BODY)
    def add() -> str | tuple[str, int]:
        """Add an account, and show the link with which its person sets a password: once."""
        person = _said()
        try:
            account, link = desk.add(person, caller().name)
        except (InvalidAccount, Conflict) as error:
            return views.all(error, person), status_of(type(error))
        return views.one(account.id, link=link)

    @pages.get("/accounts/<int:number>")
    @requires(_SCOPE)
    def account(number: int) -> str:
        """Show one account."""
        return views.one(number)

    @pages.post("/accounts/<int:number>")
    @requires(_SCOPE)
    @limit_body(_BODY)
    def change(number: int) -> Response | tuple[str, int]:
        """Say something else of a person."""
        person = _said()
        try:
            desk.change(number, person, caller().name)
        except (InvalidAccount, Conflict) as error:
            return views.one(number, error, person), status_of(type(error))
        return see_other(f"{_HERE}/{number}", done="changed")

    @pages.post("/accounts/<int:number>/link")
    @requires(_SCOPE)
    @limit_body(_BODY)
    def link(number: int) -> str:
        """Show a new link to set a password, once."""
        return views.one(number, link=desk.send_link(number, caller().name))

    @pages.post("/accounts/<int:number>/<any(disable, enable, end):what>")
    @requires(_SCOPE)
    @limit_body(_BODY)
    def switch(number: int, what: str) -> Response | tuple[str, int]:
        """Disable an account, let it in again, or sign it out everywhere."""
        try:
            steps[what](number, caller().name)
        except Conflict as error:
            return views.one(number, error), status_of(type(error))
        return see_other(f"{_HERE}/{number}", done=what)

    return pages


def _said() -> Person:
    """Return what the form says; no team chosen and not all of them is a mistake, never all of them."""
    form = request.form
    login, role = form.get("login", "").strip(), form.get("role", "")
    leads = role == MANAGER and form.get("all_teams") != "true"
    return Person(
        login_of(login) or login[:200],
        " ".join(form.get("name", "").split())[:200] or login[:200],
        role,
        form.get("rep") or None,
        frozenset(form.getlist("teams")) if leads else None,
    )
