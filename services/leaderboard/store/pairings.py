"""Pairings in SQL: codes that wait on screens, and what is typed in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from services.leaderboard.domain import pairing
from services.leaderboard.domain.screens import Setup
from services.leaderboard.store.screens import digest, give_secret, insert, is_heard
from services.leaderboard.store.tables import pairings, wrong_codes
from shared.errors import NotFound, RateLimited
from shared.sql import writing


class UnknownCode(NotFound):
    """No screen shows this code; codes last ten minutes."""


class TooManyWrongCodes(RateLimited):
    """Too many wrong codes: wait ten minutes."""


class TooManyPairings(RateLimited):
    """Too many screens wait to be paired at the moment."""


class PairingExpired(NotFound):
    """This pairing is over: ask for a new code."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a paired screen gets; the secret is told once."""

    screen: str
    secret: str


class Pairings:
    """The pairings of one database. Safe for several threads and processes."""

    def __init__(self, engine: Engine) -> None:
        """Know the database; connect on first use."""
        self._engine = engine

    def begin(self, address: str, now: datetime) -> tuple[str, str]:
        """Return (what the screen keeps to itself, the code that it shows); raises TooManyPairings."""
        device = secrets.token_urlsafe(32)
        with writing(self._engine) as conn:
            _forget_old(conn, now)
            _make_room(conn, address)
            code = _unused_code(conn)
            row = {"device": digest(device), "code": code, "address": address, "asked_at": now, "screen": None}
            conn.execute(pairings.insert(), row)
        return device, code

    def confirm(self, code: str, setup: Setup, by: str, now: datetime) -> str:
        """Pair the screen that shows `code` and return its id; raises UnknownCode, TooManyWrongCodes.

        `by` is who types; each wrong code of theirs counts.
        """
        with writing(self._engine) as conn:
            if _wrong(conn, by, now) >= pairing.MOST_WRONG:
                raise TooManyWrongCodes(retry_after=pairing.WINDOW.total_seconds())
            if _waits(conn, code, now):
                name = insert(conn, setup, by, now)
                conn.execute(pairings.update().where(pairings.c.code == code), {"screen": name})
                return name
            conn.execute(wrong_codes.insert(), {"caller": by, "at": now})
        raise UnknownCode

    def collect(self, device: str, now: datetime) -> Collected | None:
        """Return the identity of the screen; None as long as nobody has typed its code in. Raises PairingExpired.

        An answer can get lost on its way: until the screen is heard it may ask again, and gets a new secret.
        """
        with writing(self._engine) as conn:
            known = pairings.c.device == digest(device), pairings.c.asked_at > now - pairing.LASTS
            row = conn.execute(sa.select(pairings.c.screen).where(*known).with_for_update()).one_or_none()
            if row is None or (row.screen and is_heard(conn, row.screen)):
                raise PairingExpired
            return Collected(row.screen, give_secret(conn, row.screen)) if row.screen else None


def _forget_old(conn: Connection, now: datetime) -> None:
    conn.execute(pairings.delete().where(pairings.c.asked_at <= now - pairing.LASTS))
    conn.execute(wrong_codes.delete().where(wrong_codes.c.at <= now - pairing.WINDOW))


def _make_room(conn: Connection, address: str) -> None:
    """Drop the oldest codes of an address that asks for ever more; raise TooManyPairings when others fill the table."""
    if _count(conn) >= pairing.MOST_OPEN:
        raise TooManyPairings(retry_after=60)
    own = sa.select(pairings.c.device).where(pairings.c.address == address, pairings.c.screen.is_(None))
    late = conn.execute(own.order_by(pairings.c.asked_at.desc()).offset(pairing.MOST_OF_ONE_ADDRESS - 1)).scalars()
    conn.execute(pairings.delete().where(pairings.c.device.in_(list(late))))


def _count(conn: Connection) -> int:
    return conn.execute(sa.select(sa.func.count()).select_from(pairings)).scalar_one()


def _unused_code(conn: Connection) -> str:
    while True:
        code = pairing.code_of(secrets.token_bytes(32))
        taken = conn.execute(sa.select(pairings.c.code).where(pairings.c.code == code)).first()
        if taken is None and len(code) == pairing.LENGTH:
            return code


def _waits(conn: Connection, code: str, now: datetime) -> bool:
    """Tell whether a screen shows this code and nobody has typed it in; nobody else can until the transaction ends."""
    known = pairings.c.code == code, pairings.c.screen.is_(None), pairings.c.asked_at > now - pairing.LASTS
    return conn.execute(sa.select(pairings.c.code).where(*known).with_for_update()).one_or_none() is not None


def _wrong(conn: Connection, caller: str, now: datetime) -> int:
    lately = wrong_codes.c.caller == caller, wrong_codes.c.at > now - pairing.WINDOW
    return conn.execute(sa.select(sa.func.count()).select_from(wrong_codes).where(*lately)).scalar_one()
