"""Accounts, their links and their history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from services.ingest.domain.accounts import ADMIN, Account, Event, Person
from services.ingest.store.account_tables import accounts, events, links
from services.ingest.store.tables import marks
from shared.sql import lock_row, reading, writing

_a, _e, _l = accounts.c, events.c, links.c
_LOCK = "accounts"


class _NoAdminLeft(Exception):
    """Nobody could look after the accounts any more."""


class Accounts:
    """Who may sign in."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def all(self) -> list[Account]:
        """Return every account by login."""
        with reading(self._engine) as conn:
            return [_account(row) for row in conn.execute(select(accounts).order_by(_a.login))]

    def get(self, number: int) -> Account | None:
        """Return an account."""
        return self._one(select(accounts).where(_a.id == number))

    def of_login(self, login: str) -> Account | None:
        """Return the account of an e-mail address."""
        return self._one(select(accounts).where(_a.login == login))

    def of_subject(self, issuer: str, subject: str) -> Account | None:
        """Return the account of a person whom an identity provider names."""
        return self._one(select(accounts).where(_a.issuer == issuer, _a.subject == subject))

    def add(self, person: Person, event: Event, *, issuer: str | None = None, subject: str | None = None) -> int | None:
        """Add an account and return its number; None when the login has one."""
        row = {**_row(person), "issuer": issuer, "subject": subject, "made_at": event.at, "made_by": event.by}
        try:
            with writing(self._engine) as conn:
                number: int = conn.execute(insert(accounts).returning(_a.id), row).scalar_one()
                _note(conn, number, event)
        except IntegrityError:
            return None
        return number

    def change(self, number: int, values: Mapping[str, Any], event: Event, *, keep_an_admin: bool = False) -> bool:
        """Change columns of an account; with `keep_an_admin`, tells False when no enabled admin would be left.

        Another password makes a link to set one useless.
        """
        try:
            with writing(self._engine) as conn:
                lock_row(conn, marks, {"name": _LOCK}, {"value": ""})
                before = _admins(conn)
                if "password" in values:
                    conn.execute(delete(links).where(_l.account == number))
                conn.execute(update(accounts).where(_a.id == number).values(**values))
                if keep_an_admin and before and not _admins(conn):
                    raise _NoAdminLeft  # noqa: TRY301  it takes the change back
                _note(conn, number, event)
        except _NoAdminLeft:
            return False
        return True

    def rewrite(self, number: int, person: Person, event: Event) -> bool | None:
        """Say something else of a person; None when the login is another's, False when no admin would be left."""
        try:
            return self.change(number, _row(person), event, keep_an_admin=True)
        except IntegrityError:
            return None

    def link(self, number: int, digest: bytes, kind: str, expires_at: datetime, event: Event) -> None:
        """Keep the one link that is good for an account; older ones are not any more."""
        with writing(self._engine) as conn:
            lock_row(conn, marks, {"name": _LOCK}, {"value": ""})
            conn.execute(delete(links).where(_l.account == number))
            row = {"digest": digest, "account": number, "kind": kind, "expires_at": expires_at}
            conn.execute(insert(links), row)
            _note(conn, number, event)

    def linked(self, digest: bytes, now: datetime) -> Account | None:
        """Return whose link it is, while it is good."""
        query = select(accounts).join(links, _l.account == _a.id)
        return self._one(query.where(_l.digest == digest, _l.expires_at > now, _a.disabled_at.is_(None)))

    def use_link(self, digest: bytes, password: str, event: Event) -> bool:
        """Set the password of the account whose link it is and take the link away; tells whether it was there still."""
        with writing(self._engine) as conn:
            used = delete(links).where(_l.digest == digest, _l.expires_at > event.at).returning(_l.account)
            number = conn.execute(used).scalar_one_or_none()
            if number is None:
                return False
            conn.execute(update(accounts).where(_a.id == number).values(password=password))
            _note(conn, number, event)
        return True

    def note(self, number: int, event: Event) -> None:
        """Note what happened to an account."""
        with writing(self._engine) as conn:
            _note(conn, number, event)

    def events(self, number: int, limit: int) -> list[Event]:
        """Return the latest of what happened to an account, newest first."""
        query = select(_e.at, _e.by, _e.what, _e.told).where(_e.account == number)
        with reading(self._engine) as conn:
            return [Event(*row) for row in conn.execute(query.order_by(_e.number.desc()).limit(limit))]

    def forget(self, number: int) -> None:
        """Take an account away, with everything that is kept of it."""
        with writing(self._engine) as conn:
            conn.execute(delete(events).where(_e.account == number))
            conn.execute(delete(accounts).where(_a.id == number))

    def _one(self, query: Select[Any]) -> Account | None:
        with reading(self._engine) as conn:
            row = conn.execute(query).one_or_none()
        return _account(row) if row else None


def _admins(conn: Connection) -> int:
    admin = select(func.count()).where(_a.role == ADMIN, _a.disabled_at.is_(None))
    return conn.execute(admin.select_from(accounts)).scalar_one()


def _note(conn: Connection, number: int, event: Event) -> None:
    row = {"account": number, "at": event.at, "by": event.by, "what": event.what, "told": event.told}
    conn.execute(insert(events), row)


def _row(person: Person) -> dict[str, Any]:
    teams = None if person.teams is None else orjson.dumps(sorted(person.teams)).decode()
    return {"login": person.login, "name": person.name, "role": person.role, "rep": person.rep, "teams": teams}


def _account(row: Row[Any]) -> Account:
    teams = None if row.teams is None else frozenset(orjson.loads(row.teams))
    person = Person(row.login, row.name, row.role, row.rep, teams)
    kept = (row.made_at, row.made_by, row.password, row.issuer, row.subject, row.disabled_at, row.seen_at)
    return Account(row.id, person, *kept)
