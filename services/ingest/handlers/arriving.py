"""Whom the organisation's identity provider vouches for: which account that is, and what the groups make of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from services.ingest.domain.access import Arrival, Provider, granted
from services.ingest.domain.accounts import SELLER, Account, Event, Person, differences, login_of
from services.ingest.handlers.names import Names
from shared.errors import Forbidden


class NoRole(Forbidden):
    """The organisation knows this person, but gives no role here."""


class Accounts(Protocol):
    """Where accounts are kept."""

    def get(self, number: int) -> Account | None:
        """Return an account."""
        ...

    def of_login(self, login: str) -> Account | None:
        """Return the account of an e-mail address."""
        ...

    def of_subject(self, issuer: str, subject: str) -> Account | None:
        """Return the account of a person whom an identity provider names."""
        ...

    def add(self, person: Person, event: Event, *, issuer: str | None = None, subject: str | None = None) -> int | None:
        """Add an account; None when the login has one."""
        ...

    def change(self, number: int, values: Mapping[str, Any], event: Event) -> bool:
        """Change columns of an account."""
        ...

    def rewrite(self, number: int, person: Person, event: Event) -> bool | None:
        """Say something else of a person; None: the login is another's, False: no admin would be left."""
        ...


class Arrivals:
    """Turn whom a provider vouches for into an account."""

    def __init__(self, accounts: Accounts, names: Names, clock: Callable[[], datetime]) -> None:
        """Know where accounts are, and who is on the roster."""
        self._accounts, self._names, self._clock = accounts, names, clock

    def account(self, provider: Provider, who: Arrival) -> Account:
        """Return the account, as the groups make it from now on; raises NoRole that says what lacks."""
        login = login_of(who.email or "") if who.email_is_verified else None
        known = self._known(who, login)
        if known is not None and known.disabled_at:
            raise NoRole("the account is disabled")
        person = self._person(provider, who, login, known)
        if known is None:
            known = self._added(provider, who, person)
        elif person != known.person:
            self._rewritten(known, person)
        found = self._accounts.get(known.id)
        if found is None:
            raise NoRole("the account is gone")
        return found

    def _known(self, who: Arrival, login: str | None) -> Account | None:
        """Return the account of the subject, else the one under the same verified address that waits.

        One that an earlier provider knew waits for the present one.
        """
        known = self._accounts.of_subject(who.issuer, who.subject)
        if known is not None or login is None:
            return known
        waiting = self._accounts.of_login(login)
        if waiting is None:
            return None
        if waiting.subject is not None and waiting.issuer == who.issuer:
            raise NoRole("another person of the provider has this address")
        values = {"issuer": who.issuer, "subject": who.subject}
        self._accounts.change(waiting.id, values, self._event(login, "known as the provider's"))
        return waiting

    def _person(self, provider: Provider, who: Arrival, login: str | None, known: Account | None) -> Person:
        rule = granted(provider.rules, who.groups)
        if known is not None and not provider.rules:
            return known.person
        if rule is None:
            raise NoRole("none of the groups has a role in the document access")
        kept = login or (known.person.login if known else None)
        if kept is None:
            raise NoRole("the provider vouches for no e-mail address")
        roster = self._names.now().roster
        rep = roster.rep_by_identity.get(kept) if roster else None
        if rule.role == SELLER and rep is None:
            raise NoRole("nobody on the roster has this e-mail address")
        name = " ".join(who.name.split())[:200] or (known.person.name if known else kept)
        return Person(kept, name, rule.role, rep, rule.teams)

    def _added(self, provider: Provider, who: Arrival, person: Person) -> Account:
        if not provider.creates:
            raise NoRole("there is no account with this address, and the document access makes none")
        told = self._event(person.login, differences(Person("", "", ""), person))
        number = self._accounts.add(person, told, issuer=who.issuer, subject=who.subject)
        found = self._accounts.get(number) if number else self._accounts.of_subject(who.issuer, who.subject)
        if found is None:  # else the same person has arrived twice at once
            raise NoRole("there is another account with this address")
        return found

    def _rewritten(self, known: Account, person: Person) -> None:
        event = self._event(person.login, differences(known.person, person))
        done = self._accounts.rewrite(known.id, person, event)
        if done is None:  # the new address is another account's: the old one stays
            done = self._accounts.rewrite(known.id, replace(person, login=known.person.login), event)
        if not done:
            raise NoRole("nobody could look after the accounts any more")

    def _event(self, by: str, told: str) -> Event:
        return Event(self._clock(), by, "arrived", told)
