"""Objections with their trails; nothing of them is ever changed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from services.scoring.domain.objections import CORRECTED, OPENED, Objection, Step, answered_by
from services.scoring.store.reading import Within, inside
from services.scoring.store.tables import ledger, objection_trail, objections
from shared.contracts.activity import Activity
from shared.contracts.credit import Credit
from shared.sql import reading, writing

MOST = 500
"""Objections in one answer."""


class Objections:
    """The objections, inside one transaction."""

    def __init__(self, conn: Connection) -> None:
        """Work on an open transaction."""
        self._conn = conn

    def open(self, name: str, line: Credit, by: str, text: str, at: datetime) -> Objection:
        """Keep a new objection to a line."""
        row = {"id": name, "partition": line.partition, "seq": line.seq, "rep": line.rep, "opened_at": at}
        self._conn.execute(objections.insert(), row)
        step = Step(at, by, OPENED, text)
        self._write(name, 1, step)
        return Objection(name, line.id, line.rep, [step])

    def add(self, objection: Objection, step: Step) -> Objection:
        """Add a step to the trail of a locked objection."""
        self._write(objection.id, len(objection.trail) + 1, step)
        return Objection(objection.id, objection.line, objection.rep, [*objection.trail, step])

    def one(self, name: str, *, lock: bool = False) -> Objection | None:
        """Return an objection; `lock`: nobody else adds a step to it until this transaction ends."""
        if lock:
            self._conn.execute(sa.select(objections.c.id).where(objections.c.id == name).with_for_update())
        return next(iter(self._found(objections.c.id == name)), None)

    def of_line(self, line: Credit) -> list[Objection]:
        """Return the objections to a line, the first one first."""
        return self._found(objections.c.partition == line.partition, objections.c.seq == line.seq)

    def latest(self, rep: str | None, within: Within | None = None) -> list[Objection]:
        """Return the latest objections, of one rep's lines or of all that are `within`, the last one first."""
        of_rep = [objections.c.rep == rep] if rep else []
        line = (ledger.c.partition == objections.c.partition) & (ledger.c.seq == objections.c.seq)
        kept = [sa.exists().where(line, inside(within))] if within else []
        return self._found(*of_rep, *kept)[::-1]

    def corrected(self, facts: Sequence[Activity], at: datetime) -> None:
        """Note the arrival of corrections that objections led to; each activity once."""
        for fact in facts:
            name = answered_by(fact)
            found = self.one(name, lock=True) if name else None
            if found and all((step.correction or {}).get("activity") != fact.id for step in found.trail):
                step = Step(at, fact.actor or fact.source, CORRECTED, str(fact.data.get("reason") or ""), _told(fact))
                self._write(found.id, len(found.trail) + 1, step)

    def _write(self, name: str, number: int, step: Step) -> None:
        told = None if step.correction is None else orjson.dumps(step.correction).decode()
        row = {"objection": name, "number": number, "at": step.at, "by": step.by, "kind": step.kind, "text": step.text}
        self._conn.execute(objection_trail.insert(), {**row, "correction": told})

    def _found(self, *where: Any) -> list[Objection]:
        last = sa.select(objections).where(*where).order_by(objections.c.opened_at.desc(), objections.c.id).limit(MOST)
        rows = self._conn.execute(last).all()[::-1]
        trails: dict[str, list[Step]] = {row.id: [] for row in rows}
        steps = sa.select(objection_trail).where(objection_trail.c.objection.in_(list(trails)))
        for row in self._conn.execute(steps.order_by(objection_trail.c.number)):
            told = orjson.loads(row.correction) if row.correction else None
            trails[row.objection].append(Step(row.at, row.by, row.kind, row.text, told))
        return [Objection(row.id, f"{row.partition}-{row.seq}", row.rep, trails[row.id]) for row in rows]


class ObjectionBook:
    """The objections of one database, for the web process."""

    def __init__(self, engine: Engine) -> None:
        """Know the database; connect on first use."""
        self._engine = engine

    @contextmanager
    def writing(self) -> Iterator[Objections]:
        """Open a writing transaction."""
        with writing(self._engine) as conn:
            yield Objections(conn)

    @contextmanager
    def reading(self) -> Iterator[Objections]:
        """Look at one moment."""
        with reading(self._engine) as conn:
            yield Objections(conn)


def _told(fact: Activity) -> dict[str, Any]:
    return {"activity": fact.id, **{name: fact.data.get(name) for name in ("metric", "amount", "line")}}
