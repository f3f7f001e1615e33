"""How the relay learns within milliseconds that something waits, at next to no cost while nothing does."""

import time
from collections.abc import Callable
from typing import Any, Protocol

import psycopg
from sqlalchemy import Connection, Engine, PoolProxiedConnection, text

from shared.sql import StoreUnavailable

CHANNEL = "ingest_outbox"
LOOK_EVERY = 0.01
"""Seconds between two looks at SQLite's change counter; a look costs some ten microseconds."""


class Doorbell(Protocol):
    """Something that rings when the database has changed."""

    def wait(self, timeout: float) -> bool:
        """Return True as soon as something may have changed since the last call, False after `timeout` seconds."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


def doorbell(engine: Engine) -> Doorbell:
    """Return the bell of this database."""
    return _ChangeCounter(engine) if engine.dialect.name == "sqlite" else _Listener(engine)


def ring(conn: Connection) -> None:
    """Ring when this transaction commits; SQLite counts its changes by itself."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


class _ChangeCounter:
    """SQLite: `PRAGMA data_version` differs as soon as any other connection has committed."""

    def __init__(self, engine: Engine, sleep: Callable[[float], None] = time.sleep) -> None:
        self._engine, self._sleep = engine, sleep
        self._connection: PoolProxiedConnection | None = None
        self._seen: int | None = None

    def wait(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while (version := self._version()) == self._seen:
            if time.monotonic() >= deadline:
                return False
            self._sleep(LOOK_EVERY)
        self._seen = version
        return True

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _version(self) -> int:
        if self._connection is None:
            self._connection = self._engine.raw_connection()
        cursor = self._connection.cursor()
        try:
            return int(cursor.execute("PRAGMA data_version").fetchone()[0])
        finally:
            cursor.close()


class _Listener:
    """PostgreSQL: LISTEN on a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None

    def wait(self, timeout: float) -> bool:
        if self._connection is None:
            self._connect()
            return True  # what rang before we listened is not known
        try:
            return next(self._connection.notifies(timeout=timeout, stop_after=1), None) is not None
        except psycopg.Error as error:
            self.close()
            raise StoreUnavailable("the connection that listens for new activities was lost") from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> None:
        connection: Any = None
        try:
            pooled = self._engine.raw_connection()
            connection = pooled.driver_connection
            pooled.detach()  # it listens for ever and never goes back to the pool
            connection.rollback()
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
        except psycopg.Error as error:
            if connection is not None:
                connection.close()
            raise StoreUnavailable("cannot listen for new activities") from error
        self._connection = connection
