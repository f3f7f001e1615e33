"""The audit trail, and receipts of requests that may be sent twice; nothing of either is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from services.commission.domain.runs import Event
from services.commission.store.run_tables import events, receipts
from shared import sql
from shared.errors import Conflict

_EVENT = ("at", "actor", "action", "period", "run", "before", "after", "reason")


class KeyUsed(Conflict):
    """The idempotency key was used for another request."""


class Trail:
    """The audit trail and the receipts of one transaction."""

    def __init__(self, conn: Connection) -> None:
        """Work on a connection."""
        self._conn = conn

    def add(self, event: Event) -> None:
        """Write down what happened."""
        said = {name: getattr(event, name) for name in _EVENT}
        self._conn.execute(insert(events), {**said, "about": dict(event.about)})

    def of(self, *, period: str | None = None, run: str | None = None, most: int = 1000) -> list[Event]:
        """Return what happened, oldest first: all of it, or what concerns a period or a run; the latest `most`."""
        query = select(events).order_by(events.c.number.desc()).limit(most)
        for column, wanted in ((events.c.period, period), (events.c.run, run)):
            query = query if wanted is None else query.where(column == wanted)
        rows = self._conn.execute(query).all()
        return [
            Event(**{name: getattr(row, name) for name in _EVENT}, about=row.about, number=row.number)
            for row in reversed(rows)
        ]

    def receipt(self, actor: str, key: str, fingerprint: str) -> Mapping[str, Any] | None:
        """Return what the same request was answered before; KeyUsed when the key stands for another one."""
        query = select(receipts).where(receipts.c.actor == actor, receipts.c.key == key)
        row = self._conn.execute(query).one_or_none()
        if row is None:
            return None
        if row.fingerprint != fingerprint:
            raise KeyUsed(f"{key!r} was used on {row.at.isoformat()}: take a new key for a new request")
        answer: Mapping[str, Any] = row.answer
        return answer

    def keep_receipt(self, actor: str, key: str, fingerprint: str, answer: Mapping[str, Any], at: datetime) -> None:
        """Remember what a request was answered; KeyUsed when the same key came at the same time."""
        row = {"actor": actor, "key": key, "fingerprint": fingerprint, "answer": dict(answer), "at": at}
        if not sql.insert_new(self._conn, receipts, [row], ["actor", "key"]):
            raise KeyUsed(f"{key!r} is being used at this moment: send the request again")
