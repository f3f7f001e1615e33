"""What is to be asked back of the CRMs' APIs: a bounded queue, and the line to each connection."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, delete, func, select, update

from services.ingest.domain.asking import GIVEN_UP, KEPT_ENDED, LARGEST, OPEN, WAITING, Line, Question, wanted
from services.ingest.domain.results import Want
from services.ingest.store import asking_tables as tables
from shared.sql import lock_row, reading, upsert, writing

_questions, _lines = tables.questions.c, tables.lines.c
_KEY = ("connection", "object", "id")
_NO_FAILURES: Mapping[str, Any] = {"state": OPEN, "failures": 0, "refused": 0}


class Asking:
    """Questions of every connection, unique by object; a full queue refuses more and counts them."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def want(self, connection: str, wants: Iterable[Want], at: datetime) -> int:
        """Let objects be asked about; returns how many there was no room for."""
        with writing(self._engine) as conn:
            return want(conn, connection, wants, at)

    def due(self, connection: str, at: datetime, at_once: Mapping[str, int]) -> list[Question]:
        """Return questions whose turn has come, all about the kind of object whose turn came first.

        `at_once` is how many of a kind fit into one request; one that was asked in vain before is asked alone, so that
        it takes no others down with it.
        """
        ready = select(tables.questions).where(*_waiting(connection), _questions.due_at <= at)
        ready = ready.order_by(_questions.due_at, _questions.id)
        with reading(self._engine) as conn:
            first = conn.execute(ready.limit(1)).one_or_none()
            if first is None or first.attempts:
                return [_question(first)] if first else []
            same = ready.where(_questions.object == first.object, _questions.attempts == 0)
            return [_question(row) for row in conn.execute(same.limit(at_once.get(first.object, 1)))]

    def next_due(self) -> Mapping[str, datetime]:
        """Return for each connection with questions that wait when the first one's turn comes."""
        query = select(_questions.connection, func.min(_questions.due_at).label("due_at")).where(
            _questions.state == WAITING
        )
        with reading(self._engine) as conn:
            return {row.connection: row.due_at for row in conn.execute(query.group_by(_questions.connection))}

    def lines(self) -> Mapping[str, Line]:
        """Return the line of each connection that has ever had trouble."""
        with reading(self._engine) as conn:
            return {row.connection: _line(row) for row in conn.execute(select(tables.lines))}

    def settle(self, asked: Sequence[Question], after: Mapping[str, Question], line: Line | None) -> None:
        """Store what became of questions, by id: those without an entry in `after` are answered and go.

        What was wanted again while it was being asked waits again. `line` None: it has not changed.
        """
        with writing(self._engine) as conn:
            for each in asked:
                _settle(conn, each, after.get(each.id))
            if line is not None:
                _store_line(conn, line)

    def resume(self, connection: str) -> bool:
        """Open a line again, because something was repaired; tells whether it was closed."""
        again = update(tables.lines).where(_lines.connection == connection, _lines.state != OPEN)
        with writing(self._engine) as conn:
            return conn.execute(again.values(state=OPEN, until=None, reason=None, failures=0)).rowcount > 0

    def ask_again(self, connection: str, at: datetime) -> int:
        """Let everything of a connection that was given up wait again; returns how many."""
        again = update(tables.questions).where(_questions.connection == connection, _questions.state == GIVEN_UP)
        with writing(self._engine) as conn:
            return conn.execute(again.values(state=WAITING, since=at, due_at=at, attempts=0, reason=None)).rowcount

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many questions there are for each (connection, state)."""
        query = select(_questions.connection, _questions.state, func.count())
        with reading(self._engine) as conn:
            found = conn.execute(query.group_by(_questions.connection, _questions.state))
            return {(name, state): count for name, state, count in found}

    def troubles(self, connection: str, limit: int) -> list[Question]:
        """Return questions that ended without an answer, or were asked in vain so far, the latest first."""
        query = select(tables.questions).where(_questions.connection == connection, _questions.reason.is_not(None))
        with reading(self._engine) as conn:
            return [_question(row) for row in conn.execute(query.order_by(_questions.wanted_at.desc()).limit(limit))]

    def forget_ended(self) -> int:
        """Keep only the latest that ended without an answer, of each connection; returns how many went."""
        ended = _questions.state != WAITING
        gone = 0
        with writing(self._engine) as conn:
            for (name,) in conn.execute(select(_questions.connection).where(ended).distinct()).all():
                gone += conn.execute(_older(name, ended)).rowcount
        return gone


def want(conn: Connection, connection: str, wants: Iterable[Want], at: datetime) -> int:
    """Let objects be asked about, in a transaction that is open; returns how many there was no room for."""
    wished = sorted({(each.object, each.id) for each in wants})
    known = _known(conn, connection, [name for _, name in wished])
    new = [key for key in wished if key not in known or known[key].state != WAITING]
    room = max(0, LARGEST - _count(conn, connection)) if new else 0
    taken = [key for key in wished if key not in set(new[room:])]
    upsert(conn, tables.questions, [_row(wanted(connection, *key, known.get(key), at)) for key in taken], _KEY)
    if len(new) > room:
        _note_refused(conn, connection, len(new) - room)
    return max(0, len(new) - room)


def _known(conn: Connection, connection: str, names: Sequence[str]) -> dict[tuple[str, str], Question]:
    query = select(tables.questions).where(_questions.connection == connection, _questions.id.in_(names))
    rows = conn.execute(query.order_by(*(_questions[name] for name in _KEY)).with_for_update())
    return {(row.object, row.id): _question(row) for row in rows}


def _count(conn: Connection, connection: str) -> int:
    some = select(_questions.id).where(*_waiting(connection)).limit(LARGEST).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one()


def _waiting(connection: str) -> Sequence[ColumnElement[bool]]:
    return (_questions.connection == connection, _questions.state == WAITING)


def _settle(conn: Connection, asked: Question, after: Question | None) -> None:
    same = (_questions.connection == asked.connection, _questions.object == asked.object, _questions.id == asked.id)
    untouched = _questions.wanted_at == asked.wanted_at
    if after is None:
        conn.execute(delete(tables.questions).where(*same, untouched))
    else:
        conn.execute(update(tables.questions).where(*same, untouched).values(_row(after)))


def _note_refused(conn: Connection, connection: str, number: int) -> None:
    line = _line(lock_row(conn, tables.lines, {"connection": connection}, _NO_FAILURES))
    more = update(tables.lines).where(_lines.connection == connection)
    conn.execute(more.values(refused=line.refused + number))


def _store_line(conn: Connection, line: Line) -> None:
    row = {name: getattr(line, name) for name in ("connection", "state", "until", "reason", "failures", "refused")}
    upsert(conn, tables.lines, [row], ["connection"], ["state", "until", "reason", "failures"])


def _older(connection: str, ended: ColumnElement[bool]) -> Any:
    mine = (_questions.connection == connection, ended)
    latest: Select[Any] = select(_questions.wanted_at).where(*mine).order_by(_questions.wanted_at.desc())
    oldest_kept = latest.offset(KEPT_ENDED - 1).limit(1).scalar_subquery()
    return delete(tables.questions).where(*mine, _questions.wanted_at < oldest_kept)


def _row(question: Question) -> dict[str, Any]:
    return {column.name: getattr(question, column.name) for column in _questions}


def _question(row: Row[Any]) -> Question:
    return Question(*tuple(row))


def _line(row: Row[Any]) -> Line:
    return Line(*row)
