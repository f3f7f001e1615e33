"""The outbox: activities that wait for the bus, and the memory of what was handed over."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, bindparam, func, select, update

from services.ingest.domain.arrivals import Unpublished
from services.ingest.store import tables
from shared.sql import reading, upsert, writing

Send = Callable[[Sequence[Unpublished]], None]

_parts = tables.activities.c
_CHUNK = 5000
_INCARNATION = "bus-incarnation"


class Outbox:
    """Activities in the order they came; each is marked only after the bus has it."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def hand_on(self, limit: int, send: Send, now: Callable[[], datetime]) -> int:
        """Give up to `limit` waiting activities to `send`, then mark them; returns how many.

        When `send` raises, none is marked. Several relays share the work on PostgreSQL, each with rows of its own; on
        SQLite the lock of its only writer must not be held while the bus is slow, so two relays may both send a row.
        """
        if self._engine.dialect.name == "sqlite":
            with reading(self._engine) as conn:
                batch = _waiting(conn, limit, locked=False)
            if batch:
                send(batch)
                with writing(self._engine) as conn:
                    _mark(conn, batch, now())
            return len(batch)
        with writing(self._engine) as conn:
            batch = _waiting(conn, limit, locked=True)
            if batch:
                send(batch)
                _mark(conn, batch, now())
        return len(batch)

    def waiting(self) -> tuple[int, datetime | None]:
        """Return how many wait, and when the oldest of them came."""
        ready = (_parts.published_at.is_(None), _parts.reason.is_(None))
        with reading(self._engine) as conn:
            count, oldest = conn.execute(select(func.count(), func.min(_parts.inbox)).where(*ready)).one()
            came = select(tables.inbox.c.received_at).where(tables.inbox.c.id == oldest)
            return count, conn.execute(came).scalar() if oldest is not None else None

    def unpublish(self, partitions: Iterable[int] | None = None) -> None:
        """Let everything of these partitions (None: all) wait again; small transactions, so that nobody waits long.

        What another relay is just sending is waited for and sent again.
        """
        condition = [] if partitions is None else [_parts.partition.in_(list(partitions))]
        with reading(self._engine) as conn:
            last = conn.execute(select(func.max(_parts.number))).scalar() or 0
        for start in range(0, last, _CHUNK):
            within = _parts.number.between(start + 1, start + _CHUNK)
            again = update(tables.activities).where(within, _parts.reason.is_(None), *condition)
            with writing(self._engine) as conn:
                conn.execute(again.values(published_at=None))

    def incarnation(self) -> str | None:
        """Return which incarnation of the bus everything marked was handed to; None: nothing was yet."""
        with reading(self._engine) as conn:
            query = select(tables.marks.c.value).where(tables.marks.c.name == _INCARNATION)
            return conn.execute(query).scalar()

    def remember_incarnation(self, name: str) -> None:
        """Remember which incarnation of the bus is being published to."""
        with writing(self._engine) as conn:
            upsert(conn, tables.marks, [{"name": _INCARNATION, "value": name}], ["name"])


def _waiting(conn: Connection, limit: int, *, locked: bool) -> list[Unpublished]:
    query: Select[Any] = select(_parts.number, _parts.inbox, _parts.partition, _parts.body)
    query = query.where(_parts.published_at.is_(None), _parts.reason.is_(None))
    query = query.order_by(_parts.number).limit(limit)
    rows = conn.execute(query.with_for_update(skip_locked=True) if locked else query)
    return [Unpublished(*row) for row in rows]


_MARK = (
    update(tables.activities)
    .where(_parts.number.in_(bindparam("numbers", expanding=True)))
    .values(published_at=bindparam("moment"))
)
_MARKED_AT_ONCE = 500


def _mark(conn: Connection, batch: Sequence[Unpublished], at: datetime) -> None:
    for start in range(0, len(batch), _MARKED_AT_ONCE):
        numbers = [each.number for each in batch[start : start + _MARKED_AT_ONCE]]
        conn.execute(_MARK, {"numbers": numbers, "moment": at})
