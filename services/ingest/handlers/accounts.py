"""Look after accounts: add, change, disable, send a link to set a password."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from services.ingest.domain import accounts as rules
from services.ingest.domain.accounts import INVITATION, LINK_LASTS, RESET, Account, Event, Person, SignIn
from services.ingest.handlers.names import Names
from shared.auth import ROLES, Caller
from shared.errors import Conflict, FieldProblem, InvalidInput, NotFound


class NoSuchAccount(NotFound):
    """There is no such account."""


class AccountExists(Conflict):
    """There is an account with this e-mail address."""


class LastAdmin(Conflict):
    """Nobody could look after the accounts any more: make another admin first."""


class NotOneself(Conflict):
    """Nobody disables the own account or takes the own role away."""


class InvalidAccount(InvalidInput):
    """An account cannot say this."""


class Accounts(Protocol):
    """Where accounts are kept."""

    def all(self) -> list[Account]:
        """Return every account by login."""
        ...

    def get(self, number: int) -> Account | None:
        """Return an account."""
        ...

    def of_login(self, login: str) -> Account | None:
        """Return the account of an e-mail address."""
        ...

    def add(self, person: Person, event: Event) -> int | None:
        """Add an account; None when the login has one."""
        ...

    def change(self, number: int, values: Mapping[str, Any], event: Event, *, keep_an_admin: bool = False) -> bool:
        """Change columns; False when no admin would be left."""
        ...

    def rewrite(self, number: int, person: Person, event: Event) -> bool | None:
        """Say something else of a person; None: the login is another's, False: no admin would be left."""
        ...

    def link(self, number: int, digest: bytes, kind: str, expires_at: datetime, event: Event) -> None:
        """Keep the one link that is good for an account."""
        ...

    def note(self, number: int, event: Event) -> None:
        """Note what happened to an account."""
        ...

    def forget(self, number: int) -> None:
        """Take an account away, with everything that is kept of it."""
        ...

    def events(self, number: int, limit: int) -> list[Event]:
        """Return the latest of what happened to an account, newest first."""
        ...


class SignIns(Protocol):
    """Where accounts are signed in."""

    def of_account(self, account: int, now: datetime) -> list[SignIn]:
        """Return where an account is signed in."""
        ...

    def end(self, account: int, at: datetime, *, only: int | None = None, but: int | None = None) -> int:
        """End sign-ins; returns how many."""
        ...


@dataclass(frozen=True, slots=True)
class Link:
    """A link to set a password; the code is shown once and kept nowhere."""

    code: str
    kind: str
    expires_at: datetime


class Desk:
    """What an admin does with accounts; `by` is who does it."""

    def __init__(self, accounts: Accounts, sign_ins: SignIns, names: Names, clock: Callable[[], datetime]) -> None:
        """Know where accounts are, and who is on the roster."""
        self._accounts, self._sign_ins, self._names, self._clock = accounts, sign_ins, names, clock

    def all(self) -> Sequence[Account]:
        """Return every account."""
        return self._accounts.all()

    def one(self, number: int) -> Account:
        """Return an account; raises NoSuchAccount."""
        found = self._accounts.get(number) if 0 < number < 2**63 else None
        if found is None:
            raise NoSuchAccount
        return found

    def of_login(self, text: str) -> Account:
        """Return the account of an e-mail address; raises NoSuchAccount."""
        found = self._accounts.of_login(text.strip().casefold())
        if found is None:
            raise NoSuchAccount(f"no account has the e-mail address {text!r}")
        return found

    def events(self, number: int) -> list[Event]:
        """Return the latest of what happened to an account."""
        return self._accounts.events(number, 20)

    def sign_ins(self, number: int) -> list[SignIn]:
        """Return where an account is signed in."""
        return self._sign_ins.of_account(number, self._clock())

    def add(self, person: Person, by: str) -> tuple[Account, Link]:
        """Add an account and return it with its invitation. Raises InvalidAccount, AccountExists."""
        self._check(person)
        number = self._accounts.add(person, self._event(by, "added", rules.differences(_NOBODY, person)))
        if number is None:
            raise AccountExists(f"there is an account for {person.login}")
        return self.one(number), self.send_link(number, by)

    def send_link(self, number: int, by: str) -> Link:
        """Return a new link to set a password; older ones are no good any more."""
        account = self.one(number)
        kind = RESET if account.password else INVITATION
        code, now = secrets.token_urlsafe(32), self._clock()
        expires_at = now + LINK_LASTS[kind]
        self._accounts.link(number, digest_of(code), kind, expires_at, self._event(by, kind, ""))
        return Link(code, kind, expires_at)

    def change(self, number: int, person: Person, by: str) -> None:
        """Say something else of a person. Raises InvalidAccount, AccountExists, LastAdmin, NotOneself."""
        before = self.one(number).person
        if before == person:
            return
        if before.login == by and person.role != before.role:
            raise NotOneself
        self._check(person)
        done = self._accounts.rewrite(number, person, self._event(by, "changed", rules.differences(before, person)))
        if done is None:
            raise AccountExists(f"there is an account for {person.login}")
        if not done:
            raise LastAdmin

    def disable(self, number: int, by: str) -> None:
        """End an account everywhere, at once here and within half an hour elsewhere. Raises LastAdmin, NotOneself."""
        if self.one(number).person.login == by:
            raise NotOneself
        now = self._clock()
        if not self._accounts.change(number, {"disabled_at": now}, self._event(by, "disabled", ""), keep_an_admin=True):
            raise LastAdmin
        self._sign_ins.end(number, now)

    def enable(self, number: int, by: str) -> None:
        """Let an account in again."""
        self.one(number)
        self._accounts.change(number, {"disabled_at": None}, self._event(by, "enabled", ""))

    def forget(self, number: int) -> None:
        """Take an account away, with everything that is kept of it. Raises NoSuchAccount."""
        self._accounts.forget(self.one(number).id)

    def sign_out(self, number: int, by: str, *, only: int | None = None, but: int | None = None) -> int:
        """End the sign-ins of an account: all, one, or all but one; returns how many. Raises NoSuchAccount."""
        ended = self._sign_ins.end(self.one(number).id, self._clock(), only=only, but=but)
        if ended:
            self._accounts.note(number, self._event(by, "signed-out", str(ended)))
        return ended

    def _check(self, person: Person) -> None:
        roster = self._names.now().roster
        reps, teams = (roster.reps, roster.teams) if roster else ({}, {})
        problems = [FieldProblem(f"/{name}", None, why) for name, why in rules.problems(person, reps, teams)]
        if problems:
            told = "; ".join(problem.expected for problem in problems)
            raise InvalidAccount(told, problems)

    def _event(self, by: str, what: str, told: str) -> Event:
        return Event(self._clock(), by, what, told)


_NOBODY = Person("", "", "")


def digest_of(secret: str) -> bytes:
    """Return what is kept of a random secret."""
    return sha256(secret.encode("utf-8", "surrogateescape")).digest()


def caller_of(account: Account) -> Caller:
    """Return who calls, once an account is signed in; a seller is bounded to the own numbers, a manager to teams."""
    person = account.person
    return Caller(person.login, ROLES[person.role], person.role, person.rep, person.teams, str(account.id))
