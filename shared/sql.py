"""SQL on SQLite and PostgreSQL, the same on both.

    engine = open_engine(url)                 # connects on first use
    migrate(engine, "services.ingest")        # safe when several processes start at once
    with writing(engine) as conn: ...         # one transaction that may write; SQLite: BEGIN IMMEDIATE
    with reading(engine) as conn: ...         # one snapshot, cannot write, never waits for a writer

Moments are stored by `Instant` as whole microseconds since 1970 (exact, sortable, fast on both engines); money is
`BigInteger` minor units, never `Numeric`, which SQLite keeps as a float.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    Integer,
    Row,
    Table,
    create_engine,
    event,
    select,
)
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.types import TypeDecorator

from shared.errors import Unavailable
from shared.sql_rows import Shape, form, insert_numbered, insert_statement, numbered_by

BUSY_SECONDS = 10
POOL = {"pool_size": 8, "max_overflow": 24, "pool_timeout": 10.0}
_OPEN: WeakSet[Engine] = WeakSet()
_WRITERS: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000_000
_SQLITE_TRANSIENT = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}
)
# connection exceptions, serialization and deadlock, lock not available, out of resources, shutting down
_POSTGRES_TRANSIENT = ("08", "40", "55P03", "53", "57P")


class StoreUnavailable(Unavailable):
    """The database cannot be reached or is busy at the moment."""


TRANSIENT: tuple[type[Exception], ...] = (StoreUnavailable, PoolTimeout)
"""What a consumer repeats after a pause; any other database error is a defect and ends the process."""


class Instant(TypeDecorator[datetime]):
    """Store an aware datetime as whole microseconds since 1970 in UTC; reads back in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware datetime into microseconds; a naive one is a defect."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn microseconds into an aware datetime."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


Id = BigInteger().with_variant(Integer, "sqlite")
"""Type of a primary key that the database numbers itself, on both engines."""


def microseconds(moment: datetime) -> int:
    """Return microseconds since 1970; exact, unlike `timestamp()`."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a time zone: {moment!r}")
    since = moment - _EPOCH
    return since.days * _DAY + since.seconds * 1_000_000 + since.microseconds


def open_engine(url: str) -> Engine:
    """Return an engine for `sqlite:////abs/path` or `postgresql+psycopg://…`; connects on first use."""
    parsed = make_url(url)
    engine = _sqlite_engine(parsed) if parsed.get_backend_name() == "sqlite" else _postgres_engine(parsed)
    event.listen(engine, "handle_error", _name_transient)
    _OPEN.add(engine)
    return engine


def _start_afresh() -> None:
    """Forget the parent's connections and locks: two processes must never talk over one connection."""
    for engine in _OPEN:
        engine.dispose(close=False)
        if engine in _WRITERS:
            _WRITERS[engine] = threading.Lock()


os.register_at_fork(after_in_child=_start_afresh)


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **({} if _in_memory(url) else POOL))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    _WRITERS[engine] = threading.Lock()
    return engine


def _in_memory(url: URL) -> bool:
    return not url.database or url.database == ":memory:"


def _postgres_engine(url: URL) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": 5, "application_name": "samenspel"},
        pool_pre_ping=True,
        pool_recycle=1800,
        **POOL,
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not open transactions of its own: `_begin_sqlite` does
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # NORMAL may lose the last commits of a WAL on power failure
    cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Switch the file to WAL: when several processes do so at once, SQLite refuses some without letting them wait."""
    deadline = monotonic() + BUSY_SECONDS
    while True:
        try:
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
                cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not _is_transient(error) or monotonic() >= deadline:
                raise
            sleep(0.01)
        else:
            return


def _begin_sqlite(conn: Connection) -> None:
    # a deferred transaction that writes after reading can fail with SQLITE_BUSY at once, whatever the timeout
    conn.exec_driver_sql("BEGIN" if conn.get_execution_options().get("samenspel_reading") else "BEGIN IMMEDIATE")


def _name_transient(context: ExceptionContext) -> None:
    if context.is_disconnect or _is_transient(context.original_exception):
        if context.is_pre_ping:
            return  # the pool itself replaces the connection
        raise StoreUnavailable(str(context.original_exception)) from context.original_exception


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE_TRANSIENT
    state = getattr(error, "sqlstate", None)
    if state is None:  # psycopg: no answer from the server at all, for example while connecting
        return type(error).__name__ in ("OperationalError", "ConnectionTimeout")
    return str(state).startswith(_POSTGRES_TRANSIENT)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open one transaction that may write; commits at the end, rolls back on an exception.

    SQLite has one writer: the lock is taken at the start (BEGIN IMMEDIATE) and awaited for up to BUSY_SECONDS; then
    StoreUnavailable is raised.
    """
    with _turn(engine), engine.begin() as conn:
        yield conn


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Let the threads of one process queue up before SQLite's lock, which serves whoever happens to ask at the time."""
    lock = _WRITERS.get(engine)
    if lock is None:
        yield
        return
    if not lock.acquire(timeout=BUSY_SECONDS):
        raise StoreUnavailable("another thread has been writing for too long")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open one snapshot that cannot write: every statement inside sees the same state."""
    if engine.dialect.name == "sqlite":
        with _reading_sqlite(engine) as conn:
            yield conn
        return
    with engine.connect() as connection:
        yield connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@contextmanager
def _reading_sqlite(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        conn = connection.execution_options(samenspel_reading=True)
        conn.exec_driver_sql("PRAGMA query_only = ON")
        try:
            yield conn
        finally:
            conn.rollback()
            conn.exec_driver_sql("PRAGMA query_only = OFF")


def ping(engine: Engine) -> None:
    """Ask the database for a sign of life; raises StoreUnavailable."""
    with reading(engine) as conn:
        conn.exec_driver_sql("SELECT 1")


def insert_new(
    conn: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    key: Sequence[str],
    returning: Sequence[str] = (),
    *,
    where: ColumnElement[bool] | None = None,
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Insert the rows whose key is not there yet; leave the others alone.

    Returns {key values: values of `returning`} of the rows really inserted. `key` names the columns of a unique
    constraint, primary key, or unique index for the rows of `where`. Of two rows with the same key in one call the
    first is inserted. All rows must have the same columns.
    """
    if not rows:
        return {}
    if conn.dialect.name == "sqlite" and returning and tuple(returning) == numbered_by(table) and where is None:
        return insert_numbered(conn, table, rows, tuple(key))
    shape = Shape(tuple(rows[0]), tuple(key), where, (*key, *returning))
    return {row[: len(key)]: row[len(key) :] for row in form(conn.dialect, table, shape).insert(conn, rows)}


def insert_all(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; all of them must have the same columns."""
    if rows:
        list(form(conn.dialect, table, Shape(tuple(rows[0]))).insert(conn, rows))


def upsert(
    conn: Connection, table: Table, rows: Iterable[Mapping[str, Any]], key: Sequence[str], update: Sequence[str] = ()
) -> None:
    """Insert rows, or overwrite the columns `update` (default: all given ones) where the key is there already."""
    batch = list(rows)
    if not batch:
        return
    changed = [name for name in (update or batch[0]) if name not in key]
    statement = insert_statement(conn.dialect.name, table)
    new = {name: statement.excluded[name] for name in changed}
    conn.execute(statement.on_conflict_do_update(index_elements=list(key), set_=new), batch)


def lock_row(conn: Connection, table: Table, key: Mapping[str, Any], initial: Mapping[str, Any]) -> Row[Any]:
    """Lock one row until the transaction ends, creating it with `initial` first when it is not there.

    PostgreSQL: SELECT … FOR UPDATE. SQLite: the writing transaction already holds the only write lock.
    """
    query = select(table).where(*(table.c[name] == value for name, value in key.items())).with_for_update()
    row = conn.execute(query).one_or_none()
    if row is None:
        insert_new(conn, table, [{**key, **initial}], list(key))
        row = conn.execute(query).one()
    return row


def migrate(engine: Engine, package: str) -> None:
    """Bring the database to the newest revision in `<package>/migrations/versions`.

    Safe when several processes start at once: one works, the others wait. All or nothing on both engines.
    """
    from shared.migrations import upgrade  # noqa: PLC0415  Alembic is only needed while starting

    upgrade(engine, package)
