"""The inbox: payloads as they came, with their activities."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, delete, func, select, update

from services.ingest.domain.arrivals import Arrival, Batch, Kept, Origin, Part, Payload, Stored, became
from services.ingest.domain.directory import UNREADABLE, Held
from services.ingest.domain.results import DUPLICATE, Want
from services.ingest.store import parts, tables
from services.ingest.store.asking import want
from services.ingest.store.senders import count
from services.ingest.store.wake import ring
from shared.sql import insert_new, lock_row, reading, writing

_parts = tables.activities.c
_NONE: frozenset[str] = frozenset()
_LOOKED_UP = 500  # keys in one query: far below what both engines allow


class Inbox:
    """Payloads by the sender's id; the same id again is stored once."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def keep_all(self, batches: Sequence[Batch], at: datetime) -> list[Mapping[str, Kept]]:
        """Store what is new of several origins, all or nothing, and return what is held for every key of each.

        Durable on return.
        """
        if not any(batch.arrivals for batch in batches):
            return [{} for _ in batches]
        with writing(self._engine) as conn:
            return [_keep_batch(conn, batch, at) for batch in batches]

    def take(self, origin: Origin, arrivals: Sequence[Arrival], again: int, at: datetime) -> Mapping[str, Kept]:
        """Store what a verified sender brought, with what is to be asked back, and count what became of it.

        `again` is how many things more it brought that are among the arrivals already.
        """
        with writing(self._engine) as conn:
            kept = _keep(conn, origin, arrivals, at)
            kept |= _superseded(conn, arrivals, kept)
            new = [each for each in arrivals if kept[each.key].new]
            wishes = [wish for each in new for wish in each.wants]
            if wishes:
                want(conn, origin.connection, wishes, at)
            outcomes = Counter(became(each, kept[each.key]) for each in arrivals)
            outcomes[DUPLICATE] += again
            count(conn, origin.connection, outcomes, received_at=at)
        return kept

    def supplement(
        self, inbox: int, new: Sequence[Part], checked: int, *, ignored: str | None, wants: Sequence[Want], at: datetime
    ) -> int:
        """Add the activities that are not there yet, in place of what said that it could not be read; how many.

        `ignored` is why there is none, in case there is none. `wants` are asked back.
        """
        columns = tables.activities.c
        unread = delete(tables.activities).where(columns.inbox == inbox, columns.reason == UNREADABLE)
        left = select(func.count()).select_from(tables.activities).where(columns.inbox == inbox)
        with writing(self._engine) as conn:
            row = lock_row(conn, tables.inbox, {"id": inbox}, {})
            conn.execute(unread)
            rows = [parts.row_of(part, inbox, checked) for part in new]
            added = len(rows) - len(parts.add(conn, rows))
            why = None if conn.execute(left).scalar_one() else ignored or row.ignored
            conn.execute(update(tables.inbox).where(tables.inbox.c.id == inbox).values(ignored=why))
            if wants:
                want(conn, row.connection, wants, at)
            ring(conn)
        return added

    def get(self, inbox: int) -> Payload | None:
        """Return one payload and what became of it."""
        with reading(self._engine) as conn:
            row = conn.execute(select(tables.inbox).where(tables.inbox.c.id == inbox)).one_or_none()
            columns = tables.activities.c
            query = select(tables.activities).where(columns.inbox == inbox).order_by(columns.number)
            stored = tuple(_stored(part, row.connection) for part in conn.execute(query)) if row else ()
        if row is None:
            return None
        came = (row.id, row.connection, row.key, row.source, row.received_at, row.payload)
        return Payload(*came, stored, row.ignored, row.again)


def _keep_batch(conn: Connection, batch: Batch, at: datetime) -> Mapping[str, Kept]:
    kept = _keep(conn, batch.origin, batch.arrivals, at) if batch.arrivals else {}
    if batch.again:
        _count_again(conn, [kept[key].inbox for key in batch.again])
    return kept


def _keep(conn: Connection, origin: Origin, arrivals: Sequence[Arrival], at: datetime) -> dict[str, Kept]:
    rows = [_payload_row(origin, arrival, at) for arrival in arrivals]
    inserted = insert_new(conn, tables.inbox, rows, ["connection", "key"], ["id"])
    new = {key: inbox for (_, key), (inbox,) in inserted.items()}
    fresh = [arrival for arrival in arrivals if arrival.key in new]
    known = _add_parts(conn, fresh, new)
    old = dict(_look_up(conn, origin.connection, [arrival.key for arrival in arrivals if arrival.key not in new]))
    if old:
        _count_again(conn, [kept.inbox for kept in old.values()])
    if new:
        ring(conn)
    return {**old, **{each.key: _new(each, new[each.key], known) for each in fresh}}


def _superseded(conn: Connection, arrivals: Iterable[Arrival], kept: Mapping[str, Kept]) -> dict[str, Kept]:
    """Put what can be read in the place of what came before under the same key and could not."""
    changed = [each for each in arrivals if not kept[each.key].new and kept[each.key].digest != each.digest]
    better = {kept[each.key].inbox: each for each in changed if each.readable}
    unread = _parts.inbox.in_(list(better)), _parts.reason == UNREADABLE
    query = select(_parts.inbox).where(*unread).order_by(_parts.number).with_for_update()
    found = conn.execute(query).scalars().all() if better else []
    return {better[inbox].key: _supersede(conn, better[inbox], inbox) for inbox in found}


def _supersede(conn: Connection, arrival: Arrival, inbox: int) -> Kept:
    conn.execute(delete(tables.activities).where(_parts.inbox == inbox, _parts.reason == UNREADABLE))
    said = {name: getattr(arrival, name) for name in ("payload", "digest", "ignored")}
    conn.execute(update(tables.inbox).where(tables.inbox.c.id == inbox).values(**said))
    known = _add_parts(conn, [arrival], {arrival.key: inbox})
    ring(conn)
    return _new(arrival, inbox, known)


def _new(arrival: Arrival, inbox: int, known: frozenset[tuple[int, str]]) -> Kept:
    mine = frozenset(name for where, name in known if where == inbox) if known else _NONE
    return Kept(inbox, arrival.digest, new=True, known=mine)


def _payload_row(origin: Origin, arrival: Arrival, at: datetime) -> dict[str, Any]:
    return {
        "connection": origin.connection,
        "key": arrival.key,
        "source": origin.source,
        "received_at": at,
        "digest": arrival.digest,
        "payload": arrival.payload,
        "ignored": arrival.ignored,
    }


def _add_parts(conn: Connection, fresh: Iterable[Arrival], new: Mapping[str, int]) -> frozenset[tuple[int, str]]:
    """Store the activities of new payloads; returns those that were known, having noted payloads without others."""
    rows = [parts.row_of(part, new[each.key], each.checked) for each in fresh for part in each.parts]
    known = parts.add(conn, rows)
    if known:
        left = {row["inbox"] for row in rows if (row["inbox"], row["name"]) not in known}
        parts.note_known(conn, [row for row in rows if row["inbox"] not in left])
    return known


def _count_again(conn: Connection, inboxes: Sequence[int]) -> None:
    for start in range(0, len(inboxes), _LOOKED_UP):
        some = tables.inbox.c.id.in_(sorted(inboxes)[start : start + _LOOKED_UP])
        # two that bring the same at once take the rows in one order, or each would wait for the other
        conn.execute(select(tables.inbox.c.id).where(some).order_by("id").with_for_update()).all()
        conn.execute(update(tables.inbox).where(some).values(again=tables.inbox.c.again + 1))


def _look_up(conn: Connection, connection: str, keys: Sequence[str]) -> Iterator[tuple[str, Kept]]:
    columns = tables.inbox.c
    for start in range(0, len(keys), _LOOKED_UP):
        some = keys[start : start + _LOOKED_UP]
        query = select(columns.key, columns.id, columns.digest)
        for key, inbox, digest in conn.execute(query.where(columns.connection == connection, columns.key.in_(some))):
            yield key, Kept(inbox, bytes(digest), new=False)


def _stored(row: Row[Any], connection: str) -> Stored:
    held = Held(row.reason, row.reference) if row.reason else None
    name = orjson.loads(row.body)["id"]
    return Stored(f"{connection}:{name}" if held else name, row.published_at, held, row.body)
