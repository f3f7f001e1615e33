"""Writing the books: lines with their totals, and documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.commission.domain.ledger import Taken, sums, take
from services.commission.store.page import Page
from services.commission.store.tables import documents, heads, lines, totals
from shared import sql
from shared.contracts.credit import Credit
from shared.contracts.league import LeagueDocument

_COLUMNS = [column.name for column in lines.columns]
_TOTAL = [column.name for column in totals.columns]


@dataclass(frozen=True, slots=True)
class Applied:
    """How many lines were new, and the partitions that still wait for the line after their last one."""

    count: int
    waiting: tuple[int, ...]


class Books:
    """The books of one organisation."""

    def __init__(self, engine: Engine) -> None:
        """Work on `engine`; nothing is connected yet."""
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> Books:
        """Return the books at a database URL."""
        return cls(sql.open_engine(url))

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def migrate(self) -> None:
        """Bring the tables to the newest version."""
        sql.migrate(self.engine, "services.commission")

    def ping(self) -> None:
        """Ask the database for a sign of life; raises StoreUnavailable."""
        sql.ping(self.engine)

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Open one state of the books: everything read inside belongs together."""
        with sql.reading(self.engine) as conn:
            yield Page(conn)

    def apply(self, batch: Mapping[int, Sequence[Credit]], now: datetime) -> Applied:
        """Write the new lines of each partition, their totals and how far they go, in one step.

        Raises SequenceGap when lines are missing; nothing of the batch is written then.
        """
        with sql.writing(self.engine) as conn:
            taken = {partition: _take(conn, partition, found, now) for partition, found in sorted(batch.items())}
            new = [line for each in taken.values() for line in each.lines]
            write_lines(conn, new)
        return Applied(len(new), tuple(p for p, each in taken.items() if each.skipped and not each.lines))

    def keep(self, found: Iterable[LeagueDocument], now: datetime) -> int:
        """Keep document versions; returns how many were new. Of known ones the later text counts: names were erased."""
        rows = [_row_of(document, now) for document in found]
        with sql.writing(self.engine) as conn:
            new = len(sql.insert_new(conn, documents, rows, ["kind", "version"]))
            sql.upsert(conn, documents, rows, ["kind", "version"], ["body"])
            return new

    def asked(self) -> Mapping[int, datetime]:
        """Return the partitions whose lines were asked for and have not come, with the moment of asking."""
        with sql.reading(self.engine) as conn:
            rows = conn.execute(select(heads.c.partition, heads.c.asked_at).where(heads.c.asked_at.is_not(None)))
            return {row.partition: row.asked_at for row in rows}

    def note_asked(self, partitions: Iterable[int], now: datetime) -> None:
        """Remember that the lines of these partitions were asked for: what comes too early may be passed over."""
        rows = [{"partition": partition, "seen": 0, "asked_at": now} for partition in partitions]
        with sql.writing(self.engine) as conn:
            sql.upsert(conn, heads, rows, ["partition"], ["asked_at"])

    def is_blank(self) -> bool:
        """Tell whether nothing was ever written, or everything is lost."""
        with sql.reading(self.engine) as conn:
            return not any(conn.execute(select(table).limit(1)).first() for table in (heads, documents))


def _take(conn: Connection, partition: int, found: Sequence[Credit], now: datetime) -> Taken:
    """Lock the partition, choose its new lines and move its mark."""
    head = sql.lock_row(conn, heads, {"partition": partition}, {"seen": 0})
    taken = take(head.seen, found, waiting=head.asked_at is not None)
    if taken.lines:
        moved = {"seen": taken.lines[-1].seq, "asked_at": None, "changed_at": now}
        conn.execute(update(heads).where(heads.c.partition == partition).values(moved))
    return taken


def write_lines(conn: Connection, new: Sequence[Credit]) -> None:
    """Write lines and add them to their totals."""
    if not new:
        return
    conn.execute(insert(lines), [{name: getattr(line, name) for name in _COLUMNS} for line in new])
    # in one order everywhere: two consumers that meet on the same totals wait for each other instead of locking up
    rows = [dict(zip(_TOTAL, (*key, amount), strict=True)) for key, amount in sorted(sums(new).items())]
    adding = (sqlite if conn.dialect.name == "sqlite" else postgresql).insert(totals)
    both = totals.c.amount + adding.excluded.amount
    conn.execute(adding.on_conflict_do_update(index_elements=_TOTAL[:-1], set_={"amount": both}), rows)


def _row_of(document: LeagueDocument, now: datetime) -> Mapping[str, Any]:
    said = {name: getattr(document, name) for name in ("kind", "version", "effective_from", "author", "recorded_at")}
    return {**said, "body": document.body, "kept_at": now}
