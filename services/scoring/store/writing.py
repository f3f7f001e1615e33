"""Writing: one transaction per batch, with the heads of its partitions locked before anything is read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from services.scoring.domain.league import Touched
from services.scoring.domain.ledger import Standing
from services.scoring.domain.rules import Key
from services.scoring.store.days import Days
from services.scoring.store.objections import Objections
from services.scoring.store.retractions import Retractions
from services.scoring.store.tables import (
    LINE,
    SEVERAL,
    activities,
    as_credits,
    documents,
    heads,
    insert_lines,
    ledger,
    marks,
    restatements,
    stale,
)
from services.scoring.store.visits import Visits
from services.scoring.store.windows import Windows
from shared.contracts import activity as activity_contract
from shared.contracts import league as league_contract
from shared.contracts.activity import Activity
from shared.contracts.credit import Credit
from shared.contracts.league import LeagueDocument
from shared.sql import insert_new, lock_row, reading, upsert, writing


class Head(NamedTuple):
    """How far a partition of the ledger is: the last line's number, and the last one handed on."""

    seq: int
    published_seq: int


class Restatement(NamedTuple):
    """What is to be computed again in a partition: the touched subjects after the one that was done last."""

    after_subject: str
    touched: Touched


class Waiting(NamedTuple):
    """Partitions with work that waits: lines to hand on, subjects to compute again or that a window made stale."""

    behind: Sequence[int]
    restating: Sequence[int]
    stale: Sequence[int]


class Transaction:
    """What can be done to the ledger in one transaction; all of it stands, or none."""

    def __init__(self, conn: Connection) -> None:
        """Work on an open writing transaction."""
        self._conn = conn
        self.windows = Windows(conn)
        self.days = Days(conn)
        self.retractions = Retractions(conn)
        self.objections = Objections(conn)
        self.visits = Visits(conn)

    def lock(self, partitions: Iterable[int]) -> dict[int, Head]:
        """Lock the heads of partitions until the end; always in rising order, so that nobody waits in a circle."""
        locked = {}
        for partition in sorted(partitions):
            row = lock_row(self._conn, heads, {"partition": partition}, {"seq": 0, "published_seq": 0})
            locked[partition] = Head(row.seq, row.published_seq)
        return locked

    def documents(self) -> list[LeagueDocument]:
        """Return every document version."""
        rows = self._conn.execute(sa.select(documents.c.wire)).scalars()
        return [league_contract.from_wire(orjson.loads(row)) for row in rows]

    def league_number(self) -> int:
        """Return how many document versions there are."""
        return self._conn.execute(sa.select(sa.func.count()).select_from(documents)).scalar_one()

    def add(self, facts: Mapping[str, tuple[int, str, Activity]], locked: Mapping[int, Head]) -> set[str]:
        """Keep activities by id with their (partition, subject); return the ids that are new."""
        rows = [
            {
                "id": name,
                "partition": partition,
                "subject": subject,
                "occurred_at": fact.occurred_at,
                "rep": _rep(fact),
                "after_seq": locked[partition].seq,
                "wire": orjson.dumps(activity_contract.to_wire(fact)),
                "type": fact.type,
            }
            for name, (partition, subject, fact) in facts.items()
        ]
        return {name for (name,) in insert_new(self._conn, activities, rows, ["id"])}

    def histories(self, partition: int, subjects: Sequence[str]) -> dict[str, list[Activity]]:
        """Return all activities of each subject."""
        found: dict[str, list[Activity]] = defaultdict(list)
        query = sa.select(activities.c.subject, activities.c.wire)
        for subject, wire in self._of_subjects(query, activities, partition, subjects):
            found[subject].append(activity_contract.from_wire(orjson.loads(wire)))
        return found

    def standing(self, partition: int, subjects: Sequence[str]) -> dict[str, dict[Key, Standing]]:
        """Return what stands under each key of each subject."""
        found: dict[str, dict[Key, Standing]] = defaultdict(dict)
        names = ("subject", "rule", "metric", "rep", "team", "at", "amount", "activity", "inbox", "playbook")
        query = sa.select(*(ledger.c[name] for name in names)).order_by(ledger.c.seq)
        for subject, *key, amount, activity, inbox, playbook in self._of_subjects(query, ledger, partition, subjects):
            before = found[subject].get(Key(*key))
            total = amount + (before.amount if before else 0)
            found[subject][Key(*key)] = Standing(total, activity, inbox, playbook)
        return found

    def append(self, partition: int, lines: Sequence[Credit]) -> None:
        """Write lines that continue a locked partition, and move its head."""
        if not lines:
            return
        insert_lines(self._conn, lines)
        self._set_head(partition, seq=lines[-1].seq)

    def lines_after(self, partition: int, seq: int, limit: int) -> list[Credit]:
        """Return the partition's next lines after `seq`, at most `limit`."""
        query = sa.select(*LINE).where(ledger.c.partition == partition, ledger.c.seq > seq)
        return as_credits(self._conn.execute(query.order_by(ledger.c.seq).limit(limit)))

    def mark_published(self, partition: int, seq: int) -> None:
        """Remember that the lines up to `seq` were handed on (0: none, all go out again)."""
        self._set_head(partition, published_seq=seq)

    def put_document(self, document: LeagueDocument) -> bool:
        """Keep a document version; False when it was known; then the later text counts: names were erased."""
        wire = orjson.dumps(league_contract.to_wire(document))
        row = {"kind": document.kind, "version": document.version, "wire": wire}
        new = bool(insert_new(self._conn, documents, [row], ["kind", "version"]))
        if not new:
            upsert(self._conn, documents, [row], ["kind", "version"])
        return new

    def restate(self, partitions: Iterable[int], touched: Touched) -> None:
        """Have the touched subjects of locked partitions computed again, besides those that wait for it already."""
        waiting = {row.partition: touched_of(row) for row in self._conn.execute(sa.select(restatements))}
        merged = {partition: _both(touched, waiting.get(partition, Touched())) for partition in sorted(partitions)}
        rows = [
            {"partition": partition, "after_subject": "", "since": both.since, "reps": _json(sorted(both.reps))}
            for partition, both in merged.items()
        ]
        upsert(self._conn, restatements, rows, ["partition"])

    def restatement(self, partition: int) -> Restatement | None:
        """Return what is to be computed again in a partition; None when nothing is."""
        query = sa.select(restatements).where(restatements.c.partition == partition)
        row = self._conn.execute(query).one_or_none()
        return Restatement(row.after_subject, touched_of(row)) if row else None

    def subjects_after(self, partition: int, asked: Restatement, limit: int) -> list[str]:
        """Return the next touched subjects of a partition."""
        query = sa.select(activities.c.subject).distinct()
        query = query.where(activities.c.partition == partition, activities.c.subject > asked.after_subject)
        query = query.where(is_touched(asked.touched)).order_by(activities.c.subject)
        return list(self._conn.execute(query.limit(limit)).scalars())

    def mark_restated(self, partition: int, subject: str | None) -> None:
        """Remember how far the partition was computed again; None: it is done."""
        of_partition = restatements.c.partition == partition
        if subject is None:
            self._conn.execute(restatements.delete().where(of_partition))
        else:
            self._conn.execute(restatements.update().where(of_partition).values(after_subject=subject))

    def mark(self, name: str) -> str | None:
        """Return a remembered value."""
        return self._conn.execute(sa.select(marks.c.value).where(marks.c.name == name)).scalar_one_or_none()

    def set_mark(self, name: str, value: str) -> None:
        """Remember a value under a name."""
        upsert(self._conn, marks, [{"name": name, "value": value}], ["name"], ["value"])

    def _set_head(self, partition: int, **values: int) -> None:
        self._conn.execute(heads.update().where(heads.c.partition == partition).values(**values))

    def _of_subjects(self, query: Any, table: sa.Table, partition: int, subjects: Sequence[str]) -> Any:
        if not subjects:
            return ()
        return self._conn.execute(query.where(table.c.partition == partition, table.c.subject.in_(subjects)))


class Ledger:
    """The ledger of one database."""

    def __init__(self, engine: Engine) -> None:
        """Know the database; connect on first use."""
        self._engine = engine

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a writing transaction: committed at the end, rolled back on an error."""
        with writing(self._engine) as conn:
            yield Transaction(conn)

    def waiting(self) -> Waiting:
        """Look, without locking anything, which partitions have work that waits."""
        behind = sa.select(heads.c.partition).where(heads.c.published_seq < heads.c.seq)
        with reading(self._engine) as conn:
            return Waiting(
                conn.execute(behind.order_by(heads.c.partition)).scalars().all(),
                conn.execute(sa.select(restatements.c.partition).order_by(restatements.c.partition)).scalars().all(),
                conn.execute(sa.select(stale.c.partition).distinct().order_by(stale.c.partition)).scalars().all(),
            )


def _rep(fact: Activity) -> str | None:
    owner = fact.deal.set.get("owner") if fact.deal else None
    return SEVERAL if owner and fact.rep and owner != fact.rep else owner or fact.rep


def is_touched(touched: Touched) -> Any:
    """Return the condition on activities that a document touches."""
    reached = sa.false() if touched.since is None else activities.c.occurred_at >= touched.since
    return reached | activities.c.rep.in_([*touched.reps, SEVERAL])


def touched_of(row: Any) -> Touched:
    """Return what a restatement's row says is touched."""
    return Touched(row.since, frozenset(orjson.loads(row.reps)))


def _both(one: Touched, other: Touched) -> Touched:
    starts = [touched.since for touched in (one, other) if touched.since is not None]
    return Touched(min(starts, default=None), one.reps | other.reps)


def _json(names: Sequence[str]) -> str:
    return orjson.dumps(names).decode()
