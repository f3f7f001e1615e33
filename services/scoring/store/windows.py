"""Windows: what asks to count in them, and which subjects a change in one makes stale.

A window is locked before it is read and stays so until the transaction ends, after the heads of the partitions: so two
processes that score events of one rep's day see one another's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Row

from services.scoring.domain.rules import Due, Key
from services.scoring.domain.windows import Allowed, Candidate, Held, Place
from services.scoring.store.tables import candidates, stale, window_locks
from shared.sql import insert_new, lock_row
from shared.topics import partition_of

SLOTS = 16
"""So many locks stand for all windows: a batch takes few, and two batches seldom the same."""

_AT_ONCE = 500
_KEY = ("rule", "metric", "rep", "team", "at")


class Windows:
    """The windows, inside one writing transaction whose partitions are locked."""

    def __init__(self, conn: Connection) -> None:
        """Work on an open writing transaction."""
        self._conn = conn

    def unchanged(self, asking: Mapping[str, Sequence[Candidate]]) -> dict[str, dict[Place, Allowed]]:
        """Return what the subjects count for that ask what they asked before, by subject."""
        before: dict[str, dict[Place, Row[Any]]] = {subject: {} for subject in asking}
        for row in self._of_subjects(list(asking)):
            before[row.subject][row.subject, _key(row)] = row
        return {
            subject: {place: Allowed(row.allowed, held_of(row)) for place, row in before[subject].items()}
            for subject, new in asking.items()
            if {candidate_of(row) for row in before[subject].values()} == set(new)
        }

    def replace(self, partition: int, asking: Mapping[str, Sequence[Candidate]]) -> list[str]:
        """Put what these subjects ask to count in the place of what they asked before; return the windows touched.

        The windows are locked from here on.
        """
        before = self._of_subjects(list(asking))
        new = [one for subject in asking for one in asking[subject]]
        touched = {row.window for row in before} | {one.window for one in new}
        for slot in sorted({partition_of(window, SLOTS) for window in touched}):
            lock_row(self._conn, window_locks, {"slot": slot}, {})
        old = {row.subject for row in before}
        for some in _chunks(sorted(old)):
            self._conn.execute(candidates.delete().where(candidates.c.subject.in_(some)))
        if new:
            self._conn.execute(candidates.insert(), [_row(partition, one) for one in new])
        return sorted(touched)

    def asking(self, windows: Sequence[str]) -> dict[str, list[Row[Any]]]:
        """Return the rows of everything that asks to count in the windows, by window; see `candidate_of`."""
        found: dict[str, list[Row[Any]]] = {window: [] for window in windows}
        for some in _chunks(windows):
            for row in self._conn.execute(sa.select(candidates).where(candidates.c.window.in_(some))):
                found[row.window].append(row)
        return found

    def settle(self, rows: Iterable[Row[Any]], allowed: Mapping[Place, Allowed], own: Collection[str]) -> None:
        """Keep what each row counts for now; the subjects beside `own` for which that changed are stale from now on."""
        changed = [row for row in rows if _differs(row, allowed[row.subject, _key(row)])]
        for row in changed:
            now = allowed[row.subject, _key(row)]
            where = (candidates.c.subject == row.subject, *(candidates.c[name] == getattr(row, name) for name in _KEY))
            self._conn.execute(candidates.update().where(*where).values(allowed=now.amount, held=_held_text(now.held)))
        others = {(row.partition, row.subject) for row in changed if row.subject not in own}
        stale_rows = [{"partition": partition, "subject": subject} for partition, subject in sorted(others)]
        if stale_rows:
            insert_new(self._conn, stale, stale_rows, ["partition", "subject"])

    def take_stale(self, partition: int, limit: int) -> list[str]:
        """Return the next stale subjects of a locked partition, which are stale no longer."""
        query = sa.select(stale.c.subject).where(stale.c.partition == partition).order_by(stale.c.subject).limit(limit)
        subjects = list(self._conn.execute(query).scalars())
        if subjects:
            gone = stale.delete().where(stale.c.partition == partition, stale.c.subject.in_(subjects))
            self._conn.execute(gone)
        return subjects

    def _of_subjects(self, subjects: Sequence[str]) -> list[Row[Any]]:
        return [
            row
            for some in _chunks(subjects)
            for row in self._conn.execute(sa.select(candidates).where(candidates.c.subject.in_(some)))
        ]


def allowed_of(conn: Connection, subjects: Sequence[str]) -> dict[Place, Allowed]:
    """Return what the subjects' candidates count for, as it is kept."""
    found: dict[Place, Allowed] = {}
    for some in _chunks(subjects):
        for row in conn.execute(sa.select(candidates).where(candidates.c.subject.in_(some))):
            found[row.subject, _key(row)] = Allowed(row.allowed, held_of(row))
    return found


def window_of_store(conn: Connection, window: str) -> tuple[list[Candidate], dict[Place, Allowed]]:
    """Return what asks to count in a window, and what each counts for, as it is kept."""
    rows = conn.execute(sa.select(candidates).where(candidates.c.window == window)).all()
    kept = {(row.subject, _key(row)): Allowed(row.allowed, held_of(row)) for row in rows}
    return [candidate_of(row) for row in rows], kept


def candidate_of(row: Row[Any]) -> Candidate:
    """Return a row as the candidate it holds."""
    due = Due(row.amount, row.activity, row.inbox, row.playbook)
    return Candidate(row.subject, _key(row), due, tuple(orjson.loads(row.values_)), row.window)


def held_of(row: Row[Any]) -> Held | None:
    """Return what held a row's amount down."""
    return Held(*orjson.loads(row.held)) if row.held else None


def _key(row: Row[Any]) -> Key:
    return Key(row.rule, row.metric, row.rep, row.team, row.at)


def _row(partition: int, one: Candidate) -> dict[str, Any]:
    return {
        "subject": one.subject,
        **one.key._asdict(),
        "partition": partition,
        "window": one.window,
        **one.due._asdict(),
        "values_": orjson.dumps(one.values).decode(),
        "allowed": 0,
        "held": None,
    }


def _differs(row: Row[Any], now: Allowed) -> bool:
    return (row.allowed, row.held) != (now.amount, _held_text(now.held))


def _held_text(held: Held | None) -> str | None:
    return orjson.dumps(tuple(held)).decode() if held else None


def _chunks(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))
