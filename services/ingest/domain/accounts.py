"""Accounts: people who sign in, what they are here, and whom they may see."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

SELLER, MANAGER, ADMIN = "seller", "manager", "admin"
ROLES = (SELLER, MANAGER, "hr", "finance", ADMIN)

STAYS, PASSES = timedelta(days=30), timedelta(hours=12)
"""How long a sign-in lasts on one's own computer, and on one that others use too."""

INVITATION, RESET = "invitation", "reset"
LINK_LASTS: Mapping[str, timedelta] = {INVITATION: timedelta(days=7), RESET: timedelta(hours=24)}

_LOGIN = re.compile(r"[^@\s]{1,100}@[^@\s]{1,100}")


@dataclass(frozen=True, slots=True)
class Person:
    """What an account says of somebody: `teams` None means all teams, for those who lead some."""

    login: str
    name: str
    role: str
    rep: str | None = None
    teams: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One account; `password` is a hash, `issuer` and `subject` name the person at an identity provider."""

    id: int
    person: Person
    made_at: datetime
    made_by: str
    password: str | None = None
    issuer: str | None = None
    subject: str | None = None
    disabled_at: datetime | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """One browser in which an account is signed in; `kind` says how: by password, or by which provider."""

    id: int
    account: int
    kind: str
    agent: str
    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Tell whether it still counts."""
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Event:
    """One line of what happened to an account: when, by whom, what, and how it was told."""

    at: datetime
    by: str
    what: str
    told: str


def login_of(text: str) -> str | None:
    """Return an e-mail address as it is kept, or None when the text is none."""
    login = text.strip().casefold()
    return login if _LOGIN.fullmatch(login) and login.isprintable() else None


def problems(person: Person, reps: Mapping[str, object], teams: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield (field, what is wrong) of what somebody wants an account to say, against the present roster."""
    if login_of(person.login) != person.login:
        yield "login", "must be an e-mail address in small letters"
    if person.role not in ROLES:
        yield "role", f"must be one of {', '.join(ROLES)}"
    if person.role == SELLER and person.rep is None:
        yield "rep", "a seller needs the rep on the roster who it is"
    if person.rep is not None and person.rep not in reps:
        yield "rep", f"nobody on the roster has the id {person.rep!r}"
    if person.teams is not None and person.role != MANAGER:
        yield "teams", "only a manager leads teams"
    if person.teams is not None and not person.teams:
        yield "teams", "choose the teams, or all of them"
    if unknown := sorted((person.teams or frozenset()) - teams.keys()):
        yield "teams", f"the roster has no team {', '.join(unknown)}"


def differences(before: Person, after: Person) -> str:
    """Tell what changes, in one line for the account's history."""
    pairs = ((name, _said(before, name), _said(after, name)) for name in ("login", "name", "role", "rep", "teams"))
    return ", ".join(f"{name}: {old} → {new}" for name, old, new in pairs if old != new)


def _said(person: Person, name: str) -> str:
    value = getattr(person, name)
    if name == "teams":
        return "all" if value is None else " ".join(sorted(value))
    return str(value or "none")
