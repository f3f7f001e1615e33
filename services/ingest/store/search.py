"""Search in the inbox: pages of payloads by keyset, newest first, each with what became of it.

Every search begins at an index (migrations 0001 to 0004), so that a million payloads make no difference. Inbox numbers
grow with the time of arrival, give or take what was on its way at the same moment: SLACK.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, exists, func, or_, select

from services.ingest.domain.directory import Held
from services.ingest.domain.search import ACCEPTED, DUPLICATE, IGNORED, PARKED, WAITING, Answer, Asked, Found, Trace
from services.ingest.store import tables
from shared.sql import reading

SLACK = 10_000

_inbox, _parts = tables.inbox.c, tables.activities.c


class Search:
    """Ask the inbox."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def ask(self, asked: Asked) -> Answer:
        """Return one page of what was asked."""
        with reading(self._engine) as conn:
            ids = _ids(conn, asked)
            more = len(ids) > asked.limit
            ids = sorted(ids[: asked.limit], reverse=True)
            found = list(_found(conn, ids))
        backwards = asked.after is not None
        newer = ids[0] if ids and (more if backwards else asked.before is not None) else None
        older = ids[-1] if ids and (more or backwards) else None
        return Answer(tuple(found), newer, older)

    def connections(self) -> list[str]:
        """Return who ever sent something."""
        with reading(self._engine) as conn:
            return _connections(conn)

    def one(self, number: int) -> tuple[Found, str] | None:
        """Return one payload with what became of it, and its text (JSON)."""
        with reading(self._engine) as conn:
            found = list(_found(conn, [number]))
            text = conn.execute(select(_inbox.payload).where(_inbox.id == number)).scalar()
        return (found[0], text) if found and text is not None else None


def _connections(conn: Connection) -> list[str]:
    """Return who ever sent something, skipping through the index from one name to the next."""
    names: list[str] = []
    while (name := conn.execute(_next_name(names)).scalar()) is not None:
        names.append(name)
    return names


def _next_name(names: Sequence[str]) -> Select[Any]:
    query = select(func.min(_inbox.connection))
    return query.where(_inbox.connection > names[-1]) if names else query


def _ids(conn: Connection, asked: Asked) -> list[int]:
    column = _parts.inbox if asked.by_activity else _inbox.id
    query: Select[Any] = select(column).distinct()
    if asked.by_activity:
        query = query.select_from(tables.activities.join(tables.inbox)).where(*_of_activities(asked))
    conditions = [*_of_payloads(conn, asked), *_range(conn, asked, column)]
    order = column.asc() if asked.after is not None else column.desc()
    return list(conn.execute(query.where(*conditions).order_by(order).limit(asked.limit + 1)).scalars())


def _of_activities(asked: Asked) -> Iterable[ColumnElement[bool]]:
    pairs = (
        (_parts.deal, asked.deal),
        (_parts.rep, asked.rep),
        (_parts.reference, asked.reference),
        (_parts.reason, asked.reason),
    )
    yield from (column == value for column, value in pairs if value)
    if asked.status == PARKED or asked.reference or asked.reason:
        yield _parts.reason.is_not(None)
    if asked.status == WAITING:
        yield and_(_parts.published_at.is_(None), _parts.reason.is_(None))


def _of_payloads(conn: Connection, asked: Asked) -> Iterable[ColumnElement[bool]]:
    if asked.connection:
        yield _inbox.connection == asked.connection
    if asked.id is not None:
        yield _inbox.id.in_(_named(conn, asked))
    if asked.status == IGNORED:
        yield _inbox.ignored.is_not(None)
    if asked.status == DUPLICATE:
        yield _inbox.again > 0
    if asked.status == ACCEPTED:
        part = tables.activities.alias()
        of_it = part.c.inbox == _inbox.id
        yield exists().where(of_it)
        yield ~exists().where(of_it, or_(part.c.reason.is_not(None), part.c.published_at.is_(None)))


def _named(conn: Connection, asked: Asked) -> list[int]:
    """Return the payloads that `id` may mean."""
    numbers = [int(asked.id)] if asked.id and asked.id.isdecimal() and len(asked.id) < 19 else []
    for connection, key in asked.names():
        senders = _connections(conn) if connection is None else [connection]
        numbers += conn.execute(select(_inbox.id).where(_inbox.connection.in_(senders), _inbox.key == key)).scalars()
    numbers += conn.execute(select(_parts.inbox).where(_parts.name == asked.id)).scalars()
    return sorted(set(numbers))


def _range(conn: Connection, asked: Asked, column: Any) -> Iterable[ColumnElement[bool]]:
    if asked.before is not None:
        yield column < asked.before
    if asked.after is not None:
        yield column > asked.after
    by_time = select(_inbox.id).order_by(_inbox.received_at, _inbox.id).limit(1)
    if asked.since:
        first = conn.execute(by_time.where(_inbox.received_at >= asked.since)).scalar()
        yield _inbox.received_at >= asked.since
        yield column >= (0 if first is None else first - SLACK)
    if asked.until:
        behind = conn.execute(by_time.where(_inbox.received_at >= asked.until)).scalar()
        yield _inbox.received_at < asked.until
        if behind is not None:
            yield column < behind + SLACK


def _found(conn: Connection, ids: Sequence[int]) -> Iterable[Found]:
    columns = [column for column in _inbox if column.name not in ("payload", "digest")]
    rows = conn.execute(select(*columns).where(_inbox.id.in_(ids)).order_by(_inbox.id.desc())).all()
    parts: dict[int, list[Row[Any]]] = {row.id: [] for row in rows}
    for part in conn.execute(select(tables.activities).where(_parts.inbox.in_(ids)).order_by(_parts.number)):
        parts[part.inbox].append(part)
    for row in rows:
        traces = tuple(_trace(part, row) for part in parts[row.id])
        yield Found(
            row.id,
            row.connection,
            row.key,
            row.source,
            row.received_at,
            row.ignored,
            row.again,
            row.pruned_at,
            traces,
        )


def _trace(part: Row[Any], payload: Row[Any]) -> Trace:
    held, said = Held(part.reason, part.reference) if part.reason else None, orjson.loads(part.body)
    name = said.get("id") or payload.key
    deal, rep = part.deal or (said.get("deal") or {}).get("id"), part.rep
    name = f"{payload.connection}:{name}" if held else name
    return Trace(part.number, name, said, deal, rep, held, part.published_at)
