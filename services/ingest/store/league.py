"""The league documents, every version for ever."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from time import monotonic
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, Select, func, insert, select, update

from services.ingest.store import tables
from services.ingest.store.wake import ring
from shared.contracts.league import KINDS, LeagueDocument
from shared.errors import Outdated
from shared.sql import lock_row, reading, writing

_league = tables.league.c
_LOCK = "league"

LOOK_SECONDS = 0.05
"""How often to ask at most: hundreds of requests a second want to know."""


class League:
    """Document versions; `number` grows with each version of any kind, in the order they become visible."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine
        self._added = 0
        self._seen = 0, 0.0, 0

    def number(self) -> int:
        """Return the number of the newest version of any kind; 0 when there is none.

        What another process added is seen within LOOK_SECONDS: an activity that is held against the documents of a
        moment ago is looked at again, as if it had come that moment ago.
        """
        number, until, added = self._seen
        if added == self._added and monotonic() < until:
            return number
        added, until = self._added, monotonic() + LOOK_SECONDS
        with reading(self._engine) as conn:
            number = conn.execute(select(func.max(_league.number))).scalar() or 0
        self._seen = number, until, added
        return number

    def add(
        self, kind: str, effective_from: date, author: str, body: Mapping[str, Any], at: datetime, *, after: int | None
    ) -> tuple[LeagueDocument, LeagueDocument | None]:
        """Append a version and return it with the one before; an identical one is the latest one itself, twice.

        `after` is the version the author saw (0: none). Raises Outdated when another has come since.
        """
        with writing(self._engine) as conn:
            lock_row(conn, tables.marks, {"name": _LOCK}, {"value": ""})
            latest = conn.execute(_latest(kind)).one_or_none()
            version = latest.version if latest else 0
            if after is not None and after != version:
                raise Outdated(f"the latest {kind} is version {version}, not {after}: look at it and send yours again")
            before = _document(latest) if latest else None
            if before and before.effective_from == effective_from and _canonical(before.body) == _canonical(body):
                return before, before
            new = LeagueDocument(kind, version + 1, effective_from, author, at, dict(body))
            _append(conn, new)
        self._added += 1
        return new, before

    def latest(self, kind: str) -> LeagueDocument | None:
        """Return the latest version of a kind."""
        return self._one(_latest(kind))

    def get(self, kind: str, version: int) -> LeagueDocument | None:
        """Return one version."""
        return self._one(select(tables.league).where(_league.kind == kind, _league.version == version))

    def versions(self, kind: str) -> list[LeagueDocument]:
        """Return every version of a kind, oldest first."""
        query = select(tables.league).where(_league.kind == kind).order_by(_league.version)
        with reading(self._engine) as conn:
            return [_document(row) for row in conn.execute(query)]

    def hand_on(self, send: Callable[[Sequence[LeagueDocument]], None], now: Callable[[], datetime]) -> int:
        """Give the versions that wait to `send`, then mark them; returns how many.

        Kinds that only the front door reads never travel.
        """
        with reading(self._engine) as conn:
            query = select(tables.league).where(_league.published_at.is_(None), _league.kind.in_(KINDS))
            query = query.order_by(_league.number)
            rows = conn.execute(query).all()
        if rows:
            send([_document(row) for row in rows])
            with writing(self._engine) as conn:
                mark = update(tables.league).where(_league.number.in_([row.number for row in rows]))
                conn.execute(mark.values(published_at=now()))
        return len(rows)

    def unpublish(self) -> None:
        """Let every version wait for the bus again."""
        with writing(self._engine) as conn:
            conn.execute(update(tables.league).values(published_at=None))

    def _one(self, query: Select[Any]) -> LeagueDocument | None:
        with reading(self._engine) as conn:
            row = conn.execute(query).one_or_none()
        return _document(row) if row else None


def _latest(kind: str) -> Select[Any]:
    return select(tables.league).where(_league.kind == kind).order_by(_league.version.desc()).limit(1)


def _canonical(body: Mapping[str, Any]) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def _append(conn: Connection, new: LeagueDocument) -> None:
    row = {
        "kind": new.kind,
        "version": new.version,
        "effective_from": new.effective_from,
        "author": new.author,
        "recorded_at": new.recorded_at,
        "body": orjson.dumps(new.body).decode(),
    }
    conn.execute(insert(tables.league), row)
    ring(conn)


def _document(row: Row[Any]) -> LeagueDocument:
    body = orjson.loads(row.body)
    return LeagueDocument(row.kind, row.version, row.effective_from, row.author, row.recorded_at, body)
