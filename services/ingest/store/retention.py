"""Payloads whose time is over: their text goes; hashes, activities and what became of them stay."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, exists, func, literal, select, update

from services.ingest.store import tables
from shared.sql import reading, writing

NOTHING = "null"
_inbox = tables.inbox.c


class Retention:
    """Payloads by age."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def due(self, before: datetime) -> tuple[int, int]:
        """Return how many payloads have an age to be pruned, and how many characters they hold."""
        with reading(self._engine) as conn:
            query = select(func.count(), func.coalesce(func.sum(func.length(_inbox.payload)), 0)).where(*_due(before))
            count, size = conn.execute(query).one()
            return count, size

    def waiting(self, before: datetime) -> int:
        """Return how many payloads of that age are kept because something of them is parked."""
        with reading(self._engine) as conn:
            old = select(func.count()).where(_inbox.received_at < before, _inbox.pruned_at.is_(None), _is_parked())
            return conn.execute(old.select_from(tables.inbox)).scalar_one()

    def prune(self, before: datetime, at: datetime, limit: int) -> int:
        """Take the text of up to `limit` payloads away; returns how many."""
        with writing(self._engine) as conn:
            some = select(_inbox.id).where(*_due(before)).order_by(_inbox.received_at).limit(limit)
            ids = list(conn.execute(some.with_for_update(skip_locked=True)).scalars())
            if ids:
                gone = update(tables.inbox).where(_inbox.id.in_(ids))
                conn.execute(gone.values(payload=NOTHING, pruned_at=at))
        return len(ids)


def _due(before: datetime) -> Sequence[ColumnElement[bool]]:
    return (_inbox.received_at < before, _inbox.pruned_at.is_(None), ~_is_parked())


def _is_parked() -> ColumnElement[bool]:
    parts = tables.activities.c
    return exists(select(literal(1)).where(parts.inbox == _inbox.id, parts.reason.is_not(None)))
