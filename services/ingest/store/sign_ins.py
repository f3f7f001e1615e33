"""Where accounts are signed in, and how often somebody guessed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from services.ingest.domain.accounts import SignIn
from services.ingest.domain.attempts import WINDOW, Attempts
from services.ingest.store.account_tables import accounts, attempts, sign_ins
from shared.sql import lock_row, reading, writing

_a, _s, _t = accounts.c, sign_ins.c, attempts.c
Count = Callable[[Attempts | None], tuple[Attempts, timedelta | None]]


class SignIns:
    """One row for each browser in which somebody is signed in, and counters of attempts."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def begin(self, account: int, digest: bytes, how: tuple[str, str], at: datetime, expires_at: datetime) -> int:
        """Keep a new sign-in (`how`: by what, in which browser) and return its number; old ones go."""
        row = {"account": account, "digest": digest, "kind": how[0], "agent": how[1], "began_at": at, "seen_at": at}
        with writing(self._engine) as conn:
            conn.execute(delete(sign_ins).where(_s.account == account, _s.expires_at <= at))
            new = insert(sign_ins).returning(_s.id)
            number: int = conn.execute(new, {**row, "expires_at": expires_at}).scalar_one()
            conn.execute(update(accounts).where(_a.id == account).values(seen_at=at))
        return number

    def find(self, digest: bytes) -> SignIn | None:
        """Return the sign-in of a browser."""
        with reading(self._engine) as conn:
            row = conn.execute(select(sign_ins).where(_s.digest == digest)).one_or_none()
        return _sign_in(row) if row else None

    def get(self, number: int) -> SignIn | None:
        """Return a sign-in."""
        with reading(self._engine) as conn:
            row = conn.execute(select(sign_ins).where(_s.id == number)).one_or_none()
        return _sign_in(row) if row else None

    def seen(self, number: int, at: datetime) -> None:
        """Note that it was used."""
        with writing(self._engine) as conn:
            conn.execute(update(sign_ins).where(_s.id == number).values(seen_at=at))

    def of_account(self, account: int, now: datetime) -> list[SignIn]:
        """Return where an account is signed in, the last used first."""
        query = select(sign_ins).where(_s.account == account, _s.ended_at.is_(None), _s.expires_at > now)
        with reading(self._engine) as conn:
            return [_sign_in(row) for row in conn.execute(query.order_by(_s.seen_at.desc(), _s.id.desc()))]

    def end(self, account: int, at: datetime, *, only: int | None = None, but: int | None = None) -> int:
        """End the sign-ins of an account: all, one, or all but one; returns how many."""
        query = update(sign_ins).where(_s.account == account, _s.ended_at.is_(None))
        if only is not None:
            query = query.where(_s.id == only)
        if but is not None:
            query = query.where(_s.id != but)
        with writing(self._engine) as conn:
            return conn.execute(query.values(ended_at=at)).rowcount

    def attempt(self, of: str, count: Count, now: datetime) -> timedelta | None:
        """Count an attempt before it is made; returns how long to wait instead."""
        with writing(self._engine) as conn:
            conn.execute(delete(attempts).where(_t.since <= now - WINDOW))
            lock_row(conn, attempts, {"of": of}, {"count": 0, "since": now})
            row = conn.execute(select(_t.count.label("guesses"), _t.since).where(_t.of == of)).one()
            after, wait = count(Attempts(row.guesses, row.since) if row.guesses else None)
            conn.execute(update(attempts).where(_t.of == of).values(count=after.count, since=after.since))
        return wait

    def succeeded(self, account: str, address: str) -> None:
        """Forget the attempts at an account, and give the address back the one that was right."""
        with writing(self._engine) as conn:
            conn.execute(delete(attempts).where(_t.of == account))
            back = update(attempts).where(_t.of == address, _t.count > 0)
            conn.execute(back.values(count=_t.count - 1))


def _sign_in(row: Row[Any]) -> SignIn:
    return SignIn(row.id, row.account, row.kind, row.agent, row.began_at, row.seen_at, row.expires_at, row.ended_at)
