"""Sign in and stay signed in: by password, by a link, by an identity provider; the session is made again each time."""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from services.ingest.domain import attempts, passwords
from services.ingest.domain.accounts import PASSES, STAYS, Account, Event, SignIn, login_of
from services.ingest.handlers.accounts import caller_of, digest_of
from shared.errors import Forbidden, InvalidInput, RateLimited, Unauthenticated, Unavailable
from shared.sessions import LASTS, Session

_PATIENCE_SECONDS = 5.0
_BY_PASSWORD = PASSWORD, LINK = "password", "link"

Count = Callable[[attempts.Attempts | None], tuple[attempts.Attempts, timedelta | None]]


class WrongPassword(Unauthenticated):
    """This is not the e-mail address and password of an account."""


class TooManyAttempts(RateLimited):
    """Too many wrong passwords: wait."""


class Crowded(Unavailable):
    """Too many people sign in at this moment."""


class PasswordsAreOff(Forbidden):
    """Here people sign in with the organisation's own account."""


class WeakPassword(InvalidInput):
    """This password is too easy to guess."""

    def __init__(self, why: tuple[str, ...]) -> None:
        """Say why: keys of the catalogue."""
        super().__init__(", ".join(why))
        self.why = why


class SpentLink(Unauthenticated):
    """This link has been used, or is too old."""


class Accounts(Protocol):
    """Where accounts are kept."""

    def get(self, number: int) -> Account | None:
        """Return an account."""
        ...

    def of_login(self, login: str) -> Account | None:
        """Return the account of an e-mail address."""
        ...

    def change(self, number: int, values: Mapping[str, Any], event: Event) -> bool:
        """Change columns of an account."""
        ...

    def linked(self, digest: bytes, now: datetime) -> Account | None:
        """Return whose link it is, while it is good."""
        ...

    def use_link(self, digest: bytes, password: str, event: Event) -> bool:
        """Set the password of the account whose link it is; tells whether the link was good still."""
        ...


class SignIns(Protocol):
    """Where accounts are signed in."""

    def begin(self, account: int, digest: bytes, how: tuple[str, str], at: datetime, expires_at: datetime) -> int:
        """Keep a new sign-in and return its number."""
        ...

    def find(self, digest: bytes) -> SignIn | None:
        """Return the sign-in of a browser."""
        ...

    def get(self, number: int) -> SignIn | None:
        """Return a sign-in."""
        ...

    def seen(self, number: int, at: datetime) -> None:
        """Note that it was used."""
        ...

    def end(self, account: int, at: datetime, *, only: int | None = None, but: int | None = None) -> int:
        """End sign-ins; returns how many."""
        ...

    def attempt(self, of: str, count: Count, now: datetime) -> timedelta | None:
        """Count an attempt before it is made; returns how long to wait instead."""
        ...

    def succeeded(self, account: str, address: str) -> None:
        """Forget the attempts at an account."""
        ...


@dataclass(frozen=True, slots=True)
class From:
    """Where somebody signs in: the address it comes from, the browser in two words, and whether it is their own."""

    address: str
    agent: str
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in: the session, and the secret with which the browser gets the next one; `stays`: beyond its closing."""

    session: Session
    secret: str = ""
    expires_at: datetime | None = None
    stays: bool = False


class Door:
    """The one place where sessions are made."""

    def __init__(
        self,
        accounts: Accounts,
        sign_ins: SignIns,
        clock: Callable[[], datetime],
        passwords_of: Callable[[str], bool],
        cost: passwords.Cost = passwords.USUAL,
    ) -> None:
        """Let people in; `passwords_of` tells whether a role may sign in by password."""
        self._accounts, self._sign_ins, self._clock = accounts, sign_ins, clock
        self._passwords_of, self._cost = passwords_of, cost
        self._nobody = passwords.of_nobody(secrets.token_bytes(48), cost)
        self._turn = threading.BoundedSemaphore(2)  # each takes 32 MiB and a core for a third of a second

    def by_password(self, login: str, password: str, where: From) -> Begun:
        """Sign in. Raises WrongPassword, TooManyAttempts, PasswordsAreOff; a wrong one takes as long as a right one."""
        account = self._checked(login_of(login) or ascii(login[:200]), password, where)
        return self.begin(account, PASSWORD, where)

    def begin(self, account: Account, kind: str, where: From) -> Begun:
        """Sign an account in that has shown who it is."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        expires_at = now + (STAYS if where.stays else PASSES)
        number = self._sign_ins.begin(account.id, digest_of(secret), (kind, where.agent), now, expires_at)
        session = Session(caller_of(account), now + LASTS, str(number))
        return Begun(session, secret, expires_at, where.stays)

    def renew(self, secret: str) -> Begun | None:
        """Return a new session for a browser that is signed in still, else None."""
        now = self._clock()
        found = self._sign_ins.find(digest_of(secret))
        account = self._accounts.get(found.account) if found and found.holds(now) else None
        if found is None or account is None or account.disabled_at:
            return None
        if found.kind in _BY_PASSWORD and not self._passwords_of(account.person.role):
            return None
        self._sign_ins.seen(found.id, now)
        return Begun(Session(caller_of(account), now + LASTS, str(found.id)))

    def holds(self, session: Session) -> bool:
        """Tell whether a session is what the account says at this moment, and its sign-in has not been ended."""
        number, mark = session.caller.account, session.mark
        account = self._accounts.get(int(number)) if number.isdecimal() else None
        found = self._sign_ins.get(int(mark)) if mark.isdecimal() else None
        if account is None or found is None or account.disabled_at or found.account != account.id:
            return False
        return found.holds(self._clock()) and caller_of(account) == session.caller

    def leave(self, session: Session | None, secret: str) -> None:
        """End the sign-in of a browser."""
        found = self._sign_ins.find(digest_of(secret)) if secret else None
        if found:
            self._sign_ins.end(found.account, self._clock(), only=found.id)
        elif session and session.mark.isdecimal():
            self._sign_ins.end(int(session.caller.account), self._clock(), only=int(session.mark))

    def invited(self, code: str) -> Account | None:
        """Return whose link this is, while it is good."""
        return self._accounts.linked(digest_of(code), self._clock())

    def by_link(self, code: str, password: str, where: From) -> Begun:
        """Set a password by a link, end every older sign-in, and sign in.

        Raises SpentLink, PasswordsAreOff, WeakPassword.
        """
        account = self.invited(code)
        if account is None:
            raise SpentLink
        if not self._passwords_of(account.person.role):
            raise PasswordsAreOff
        self._refuse_weak(account, password)
        now = self._clock()
        event = Event(now, account.person.login, "password", "by a link")
        if not self._accounts.use_link(digest_of(code), self._hashed(password), event):
            raise SpentLink
        self._sign_ins.end(account.id, now)
        return self.begin(account, LINK, where)

    def change_password(self, number: int, present: str, new: str, where: From, mark: int) -> None:
        """Set another password and end every other sign-in. Raises WrongPassword, WeakPassword, TooManyAttempts."""
        account = self._accounts.get(number)
        if account is None or account.password is None:
            raise WrongPassword
        self._checked(account.person.login, present, where)
        self._refuse_weak(account, new)
        now = self._clock()
        event = Event(now, account.person.login, "password", "by the person")
        self._accounts.change(number, {"password": self._hashed(new)}, event)
        self._sign_ins.end(number, now, but=mark)

    def _checked(self, login: str, password: str, where: From) -> Account:
        of_account, of_address = f"account {login}", f"address {attempts.place_of(where.address)}"
        self._count(of_address, attempts.OF_ADDRESS)
        self._count(of_account, attempts.OF_ACCOUNT)
        account = self._accounts.of_login(login)
        kept = account.password if account and not account.disabled_at else None
        with self._in_turn():
            right = passwords.matches(password, kept or self._nobody)
        if account is None or kept is None or not right:
            raise WrongPassword
        self._sign_ins.succeeded(of_account, of_address)
        if not self._passwords_of(account.person.role):
            raise PasswordsAreOff
        return account

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let few hash at once; who waits too long is sent away, so that a flood of guesses holds no threads."""
        if not self._turn.acquire(timeout=_PATIENCE_SECONDS):
            raise Crowded
        try:
            yield
        finally:
            self._turn.release()

    def _count(self, of: str, most: int) -> None:
        now = self._clock()
        wait = self._sign_ins.attempt(of, partial(attempts.counted, most=most, now=now), now)
        if wait is not None:
            raise TooManyAttempts(retry_after=wait.total_seconds())

    def _refuse_weak(self, account: Account, password: str) -> None:
        person = account.person
        known = (person.login.partition("@")[0], *person.name.split(), *person.login.partition("@")[2].split("."))
        if why := tuple(passwords.weaknesses(password, known)):
            raise WeakPassword(why)

    def _hashed(self, password: str) -> str:
        with self._in_turn():
            return passwords.hashed(password, secrets.token_bytes(16), self._cost)
