"""What is kept of one person: payloads, activities, notes and roster versions."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Engine, Row, Select, false, func, or_, select, update

from services.ingest.domain.erasure import Subject
from services.ingest.store import tables
from services.ingest.store.retention import NOTHING
from services.ingest.store.wake import ring
from shared.contracts.league import ROSTER
from shared.sql import reading, writing

_inbox, _parts, _league, _reviews = tables.inbox.c, tables.activities.c, tables.league.c, tables.reviews.c
_CHUNK = 500

Change = Callable[[dict[str, Any]], dict[str, Any]]


class People:
    """Everything that is kept of a person; small transactions, each of which can be repeated."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def activities(self, who: Subject) -> Iterator[dict[str, Any]]:
        """Yield the person's activities and those that speak of them, with the payloads they came from."""
        columns = (*tables.activities.c, _inbox.connection, _inbox.key, _inbox.received_at, _inbox.payload)
        query = select(*columns).select_from(tables.activities.join(tables.inbox))
        condition = or_(_parts.rep == who.rep, _holds(_parts.body, who), _holds(_inbox.payload, who))
        for row in self._in_chunks(query.where(condition), _parts.number):
            yield {
                "inbox": row.inbox,
                "connection": row.connection,
                "received_at": row.received_at,
                "reason": row.reason,
                "activity": orjson.loads(row.body),
                "payload": orjson.loads(row.payload),
            }

    def count(self, who: Subject) -> dict[str, int]:
        """Return how many payloads, activities, notes and sender's ids speak of the person."""
        of_rep = select(_parts.inbox).where(_parts.rep == who.rep)
        text = or_(_inbox.id.in_(of_rep), _holds(_inbox.payload, who))
        payloads = select(func.count()).select_from(tables.inbox).where(_inbox.payload != NOTHING, text)
        bodies = select(func.count()).select_from(tables.activities).where(_holds(_parts.body, who))
        notes = select(func.count()).select_from(tables.reviews).where(_holds(_reviews.note, who))
        ids = select(func.count()).select_from(tables.inbox).where(_holds(_inbox.key, who))
        with reading(self._engine) as conn:
            named = {"payloads": payloads, "activities": bodies, "notes": notes, "ids": ids}
            return {name: conn.execute(query).scalar_one() for name, query in named.items()}

    def forget_payloads(self, who: Subject, at: datetime) -> int:
        """Take the text of every payload of the person away; returns how many."""
        of_rep = select(_parts.inbox).where(_parts.rep == who.rep)
        text = or_(_inbox.id.in_(of_rep), _holds(_inbox.payload, who))
        query = select(_inbox.id).where(_inbox.payload != NOTHING, text)
        gone = 0
        for ids in self._ids(query, _inbox.id):
            with writing(self._engine) as conn:
                change = update(tables.inbox).where(_inbox.id.in_(ids))
                gone += conn.execute(change.values(payload=NOTHING, pruned_at=at)).rowcount
        return gone

    def rewrite_activities(self, who: Subject, pseudonym: str, change: Change) -> int:
        """Change the bodies that speak of the person, and the names that held activities wait for; returns how many."""
        speaks = or_(_holds(_parts.body, who), _holds(_parts.reference, who))
        query = select(_parts.number, _parts.body)  # locked, since the relay may be releasing one of them
        done = 0
        for numbers in self._ids(select(_parts.number).where(speaks), _parts.number):
            with writing(self._engine) as conn:
                rows = conn.execute(query.where(_parts.number.in_(numbers)).with_for_update()).all()
                for row in rows:
                    body = orjson.dumps(change(orjson.loads(row.body))).decode()
                    conn.execute(update(tables.activities).where(_parts.number == row.number).values(body=body))
                held = update(tables.activities).where(_parts.number.in_(numbers), _holds(_parts.reference, who))
                conn.execute(held.values(reference=pseudonym, checked=0))
                done += len(rows)
        return done

    def rewrite_notes(self, who: Subject, change: Callable[[str], str]) -> int:
        """Change the notes that speak of the person; returns how many."""
        with writing(self._engine) as conn:
            query = select(_reviews.flag, _reviews.note).where(_holds(_reviews.note, who))
            rows = conn.execute(query.with_for_update()).all()
            for row in rows:
                told = update(tables.reviews).where(_reviews.flag == row.flag)
                conn.execute(told.values(note=change(row.note)))
        return len(rows)

    def rewrite_documents(self, kind: str, change: Change) -> int:
        """Change every version that the change touches, rosters to be published again; returns how many."""
        again = {"published_at": None} if kind == ROSTER else {}
        with writing(self._engine) as conn:
            query = select(_league.number, _league.body).where(_league.kind == kind).order_by(_league.number)
            rows = conn.execute(query.with_for_update()).all()
            changed = [(row.number, _changed(row.body, change)) for row in rows]
            for number, body in changed:
                if body is not None:
                    one = update(tables.league).where(_league.number == number)
                    conn.execute(one.values(body=body, **again))
            ring(conn)
        return sum(body is not None for _, body in changed)

    def _in_chunks(self, query: Select[Any], key: Column[Any]) -> Iterator[Row[Any]]:
        for keys in self._ids(query.with_only_columns(key, maintain_column_froms=True), key):
            with reading(self._engine) as conn:
                rows = conn.execute(query.where(key.in_(keys)).order_by(key)).all()
            yield from rows

    def _ids(self, query: Select[Any], key: Column[Any]) -> Iterator[list[int]]:
        last = 0
        while ids := self._next(query.where(key > last).order_by(key).limit(_CHUNK)):
            yield ids
            last = ids[-1]

    def _next(self, query: Select[Any]) -> list[int]:
        with reading(self._engine) as conn:
            return _list(conn, query)


def _list(conn: Connection, query: Select[Any]) -> list[int]:
    return list(conn.execute(query).scalars())


def _changed(body: str, change: Change) -> str | None:
    before = orjson.loads(body)
    after = change(before)
    return None if after == before else orjson.dumps(after).decode()


def _holds(column: Column[Any], who: Subject) -> ColumnElement[bool]:
    """Tell whether a text holds any of the person's names."""
    return or_(false(), *(column.icontains(word, autoescape=True) for word in _spellings(who.words)))


def _spellings(words: Sequence[str]) -> Sequence[str]:
    """Return words as they may stand in JSON: as they are; SQLite ignores the case of plain letters only."""
    return list(dict.fromkeys([*words, *(word.lower() for word in words)]))
