"""What is parked: activities whose names nobody knows yet."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)

from services.ingest.domain.arrivals import Parked, Settled
from services.ingest.domain.directory import UNREADABLE, Held
from services.ingest.domain.quality import flag_of
from services.ingest.store import parts, tables
from services.ingest.store.asking import want
from services.ingest.store.wake import ring
from shared.sql import reading, upsert, writing

_parts = tables.activities.c


class Parking:
    """Parked activities, by reason and by the document number they were last held against."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def counts(self) -> list[tuple[Held, int]]:
        """Return how many are parked for each reason and name, the most first."""
        number = func.count()
        query = select(_parts.reason, _parts.reference, number).where(_parts.reason.is_not(None))
        query = query.group_by(_parts.reason, _parts.reference).order_by(number.desc(), _parts.reason, _parts.reference)
        with reading(self._engine) as conn:
            return [(Held(reason, reference), count) for reason, reference, count in conn.execute(query)]

    def items(self, reason: str | None, after: int, limit: int) -> list[Parked]:
        """Return parked activities in the order they came, those behind number `after`."""
        query = _parked(_matching(reason, None)).where(_parts.number > after).order_by(_parts.number)
        with reading(self._engine) as conn:
            return [_item(row) for row in conn.execute(query.limit(limit))]

    def waits(self, number: int) -> bool:
        """Tell whether something parked was not held against document `number` yet."""
        query = select(_parts.number).where(_parts.reason.is_not(None), _parts.checked < number).limit(1)
        with reading(self._engine) as conn:
            return conn.execute(query).first() is not None

    def recheck(self, number: int, limit: int, decide: Callable[[Parked], Settled]) -> tuple[int, int]:
        """Take another look at up to `limit` that were not held against document `number` yet.

        Returns how many were looked at and how many of them were released.
        """
        query = _parked([_parts.checked < number]).order_by(_parts.checked, _parts.number)
        return self._settle(query.limit(limit), number, decide)

    def release(
        self, reason: str | None, reference: str | None, after: int, limit: int, decide: Callable[[Parked], Settled]
    ) -> tuple[int, int, int]:
        """Take another look at up to `limit` parked activities behind number `after`.

        Returns the last number looked at (`after` when there was none), how many, and how many were released.
        """
        query = _parked(_matching(reason, reference)).where(_parts.number > after).order_by(_parts.number)
        seen = [after]

        def note(parked: Parked) -> Settled:
            seen.append(parked.number)
            return decide(parked)

        looked, released = self._settle(query.limit(limit), None, note)
        return max(seen), looked, released

    def _settle(self, query: Select[Any], number: int | None, decide: Callable[[Parked], Settled]) -> tuple[int, int]:
        with writing(self._engine) as conn:
            rows = conn.execute(query.with_for_update(of=tables.activities, skip_locked=True)).all()
            settled = [decide(_item(row)) for row in rows]
            pairs = list(zip(settled, rows, strict=True))
            simple = [_changes(each, row, number) for each, row in pairs if _is_itself(each, row)]
            if simple:
                conn.execute(_UPDATE, simple)
            for each, row in pairs:
                if not _is_itself(each, row):
                    _replace(conn, each, row, row.checked if number is None else number)
            for each, row in pairs:
                if each.wants:
                    want(conn, row.connection, each.wants, row.received_at)
            words = [{"flag": flag_of(each.number), **asdict(each.yes)} for each in settled if each.yes]
            if words:
                upsert(conn, tables.reviews, words, ["flag"])
            released = sum(all(part.held is None for part in each.parts) for each in settled)
            if released:
                ring(conn)
        return len(settled), released


_CHANGED = ("body", "partition", "reason", "reference", "checked", "rep")
_UPDATE = (
    update(tables.activities)
    .where(_parts.number == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)


def _is_itself(settled: Settled, row: Row[Any]) -> bool:
    """Tell whether it is the same activity still, released or not."""
    return len(settled.parts) == 1 and settled.parts[0].name == row.name


def _replace(conn: Connection, settled: Settled, row: Row[Any], checked: int) -> None:
    """Put what a payload turned out to be in the place of what stood for it."""
    conn.execute(delete(tables.activities).where(_parts.number == row.number))
    rows = [parts.row_of(part, row.inbox, checked) for part in settled.parts]
    known = parts.add(conn, rows)
    if settled.ignored:
        parts.note(conn, row.inbox, settled.ignored)
    elif len(known) == len(rows):
        parts.note_known(conn, rows)


def _matching(reason: str | None, reference: str | None) -> Sequence[ColumnElement[bool]]:
    wanted = ((_parts.reason, reason), (_parts.reference, reference))
    return [column == value for column, value in wanted if value is not None]


def _parked(conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    payload = case((_parts.reason == UNREADABLE, tables.inbox.c.payload)).label("payload")
    columns = (
        *tables.activities.c,
        *(tables.inbox.c[name] for name in ("connection", "source", "received_at")),
        payload,
    )
    joined = tables.activities.join(tables.inbox)
    return select(*columns).select_from(joined).where(_parts.reason.is_not(None), *conditions)


def _item(row: Row[Any]) -> Parked:
    held = Held(row.reason, row.reference)
    came = (row.number, row.inbox, row.connection, row.source, row.received_at)
    return Parked(*came, held, row.body, row.name, row.payload)


def _changes(settled: Settled, row: Row[Any], number: int | None) -> dict[str, Any]:
    (part,) = settled.parts
    became = parts.row_of(part, row.inbox, row.checked if number is None else number)
    return {"of": settled.number, **{f"new_{name}": became[name] for name in _CHANGED}}
