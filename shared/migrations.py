"""Alembic without a template: the environment is here, a service only has `migrations/versions/0001_*.py`.

A version file is Alembic's usual one: `revision`, `down_revision`, `upgrade()` with `from alembic import op`.
Called by `shared.sql.migrate`.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from shared.errors import SamenspelError
from shared.sql import BUSY_SECONDS, reading

WAIT_SECONDS = 120
_IN_PROCESS = threading.Lock()  # Alembic's `op` is one per process


class SchemaUnknown(SamenspelError):
    """The database is at a revision that this version of the program does not know."""


class BrokenReferences(SamenspelError):
    """A migration left rows that point to nothing; it was taken back."""


def upgrade(engine: Engine, package: str) -> None:
    """Bring the database to the newest revision of `package`, in one transaction under a lock."""
    scripts = _scripts(package)
    with _IN_PROCESS:
        if _current(engine) == scripts.get_current_head():
            return
        with _locked(engine, package) as conn:
            _run(conn, scripts)


def revisions(engine: Engine, package: str) -> tuple[str | None, str | None]:
    """Return the revision the database is at and the newest one there is."""
    return _current(engine), _scripts(package).get_current_head()


def _scripts(package: str) -> ScriptDirectory:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"{package} is not a package")
    folder = Path(next(iter(spec.submodule_search_locations))) / "migrations"
    return ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])


def _current(engine: Engine) -> str | None:
    with reading(engine) as conn:
        return MigrationContext.configure(conn).get_current_revision()


def _run(conn: Connection, scripts: ScriptDirectory) -> None:
    def steps(revision: object, _context: object) -> object:
        # the function that `alembic upgrade` itself calls; there is no public name for it
        return scripts._upgrade_revs("head", revision)  # type: ignore[arg-type]  # noqa: SLF001

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(connection=conn, render_as_batch=True)
        try:
            environment.run_migrations()
        except (CommandError, ResolutionError) as error:
            raise SchemaUnknown(f"{error}: start the version that wrote it, or a newer one") from error


@contextmanager
def _locked(engine: Engine, package: str) -> Iterator[Connection]:
    """Open the transaction of a migration: only one process at a time is inside."""
    if engine.dialect.name == "sqlite":
        with _locked_sqlite(engine) as conn:
            yield conn
        return
    with engine.begin() as conn:
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": zlib.crc32(package.encode())})
        yield conn


@contextmanager
def _locked_sqlite(engine: Engine) -> Iterator[Connection]:
    """Take the write lock; references are checked at the end, because rebuilding a table would cascade."""
    with _pragmas(engine) as conn, conn.begin():
        yield conn
        broken = conn.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise BrokenReferences(f"{len(broken)} rows, the first in {broken[0][0]}")


@contextmanager
def _pragmas(engine: Engine) -> Iterator[Connection]:
    # on the bare connection: inside a transaction `foreign_keys` cannot be changed
    with engine.connect() as conn:
        cursor = conn.connection.cursor()
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")
        try:
            yield conn
        finally:
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
            cursor.close()
