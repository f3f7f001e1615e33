"""The inbox: payloads as they came, with their activities."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, insert, select

from services.ingest.domain.arrivals import Arrival, Kept, Origin, Payload, Stored
from services.ingest.domain.directory import Held
from services.ingest.store import tables
from services.ingest.store.wake import ring
from shared.sql import insert_new, reading, writing

_LOOKED_UP = 500  # keys in one query: far below what both engines allow


class Inbox:
    """Payloads by the sender's id; the same id again is stored once."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def keep(self, origin: Origin, arrivals: Sequence[Arrival], at: datetime) -> Mapping[str, Kept]:
        """Store what is new, all or nothing, and return what is held for every key; durable on return."""
        if not arrivals:
            return {}
        with writing(self._engine) as conn:
            rows = [_payload_row(origin, arrival, at) for arrival in arrivals]
            new = {key: inbox for (_, key), (inbox,) in _insert_payloads(conn, rows).items()}
            _insert_activities(conn, arrivals, new)
            old = [arrival.key for arrival in arrivals if arrival.key not in new]
            kept = dict(_look_up(conn, origin.connection, old))
            if new:
                ring(conn)
        kept.update((each.key, Kept(new[each.key], each.digest, new=True)) for each in arrivals if each.key in new)
        return kept

    def get(self, inbox: int) -> Payload | None:
        """Return one payload and what became of it."""
        with reading(self._engine) as conn:
            row = conn.execute(select(tables.inbox).where(tables.inbox.c.id == inbox)).one_or_none()
            parts = tables.activities
            query = select(parts).where(parts.c.inbox == inbox).order_by(parts.c.number)
            stored = tuple(_stored(part, row.connection) for part in conn.execute(query)) if row else ()
        if row is None:
            return None
        return Payload(row.id, row.connection, row.key, row.source, row.received_at, row.payload, stored)


def _payload_row(origin: Origin, arrival: Arrival, at: datetime) -> dict[str, Any]:
    return {
        "connection": origin.connection,
        "key": arrival.key,
        "source": origin.source,
        "received_at": at,
        "digest": arrival.digest,
        "payload": arrival.payload,
    }


def _insert_payloads(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return insert_new(conn, tables.inbox, rows, ["connection", "key"], ["id"])


def _insert_activities(conn: Connection, arrivals: Iterable[Arrival], new: Mapping[str, int]) -> None:
    rows = [_activity_row(arrival, new[arrival.key]) for arrival in arrivals if arrival.key in new]
    if rows:
        conn.execute(insert(tables.activities), rows)


def _activity_row(arrival: Arrival, inbox: int) -> dict[str, Any]:
    held = arrival.held
    return {
        "inbox": inbox,
        "partition": arrival.partition,
        "body": arrival.body,
        "reason": held.reason if held else None,
        "reference": held.reference if held else None,
        "checked": arrival.checked if held else None,
    }


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
