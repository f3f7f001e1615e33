"""Save and restore everything that cannot be made again: the four SQL databases.

    python -m deploy.backup save FOLDER        # while everything runs
    python -m deploy.backup restore FOLDER     # while nothing runs; then `empty-bus`, and start
    python -m deploy.backup empty-bus          # takes every record off the bus: its writers publish all once more

Where the databases and the bus are comes from the environment of the services. The databases are saved one after
another, whoever reads before whoever writes: a saved reader never knows more than the saved writer it reads from. What
is on the bus and in the standings is made again from them. docs/operating.md says what to do when.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.engine import URL, make_url

from shared.bus import open_bus
from shared.settings import Env, or_exit

SERVICES = ("commission", "leaderboard", "scoring", "ingest")
"""In the order in which they are saved: readers first."""

MANIFEST = "manifest.json"
PACKAGES = Path("/usr/lib/postgresql")


class CannotSave(Exception):
    """Saving or restoring failed; the message says why."""


def save(databases: Mapping[str, URL], folder: Path) -> None:
    """Save the databases into a folder that is new or empty; raises CannotSave."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise CannotSave(f"{folder} is not empty: save into a new folder")
    saved = {}
    for service in SERVICES:
        file = folder / _name(service, databases[service])
        _save(databases[service], file)
        file.chmod(0o600)
        saved[file.name] = {"sha256": _digest(file), "at": datetime.now(UTC).isoformat()}
    (folder / MANIFEST).write_text(json.dumps(saved, indent=1) + "\n", encoding="utf-8")


def restore(databases: Mapping[str, URL], folder: Path) -> None:
    """Put back what was saved; nothing is touched unless all of it is there and unchanged. Raises CannotSave."""
    try:
        saved = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotSave(f"{folder / MANIFEST}: {error}") from error
    files = {service: folder / _name(service, databases[service]) for service in SERVICES}
    for file in files.values():
        if file.name not in saved:
            raise CannotSave(f"{folder} holds no {file.name}: was it saved from other engines?")
        if not file.exists() or _digest(file) != saved[file.name]["sha256"]:
            raise CannotSave(f"{file} is not what was saved")
    for service, file in files.items():
        _restore(databases[service], file)


def _name(service: str, database: URL) -> str:
    return f"{service}.{'sqlite' if _is_sqlite(database) else 'dump'}"


def _is_sqlite(database: URL) -> bool:
    return database.get_backend_name() == "sqlite"


def _save(database: URL, file: Path) -> None:
    if _is_sqlite(database):
        _copy(Path(database.database or ""), file)
    else:
        _run("pg_dump", database, "--format=custom", f"--file={file}")


def _restore(database: URL, file: Path) -> None:
    if _is_sqlite(database):
        _copy(file, Path(database.database or ""))
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
        _run("pg_restore", database, *options, str(file))


def _copy(source: Path, goal: Path) -> None:
    """Copy a database as it is at one moment, whoever writes to it."""
    if not source.exists():
        raise CannotSave(f"{source} is not there")
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(goal)) as other:
        one.backup(other)


def _run(program: str, database: URL, *options: str) -> None:
    """Run a PostgreSQL program; it gets the password from its environment, which no list of processes shows."""
    where = {
        "PGHOST": database.host,
        "PGPORT": str(database.port or 5432),
        "PGUSER": database.username,
        "PGPASSWORD": database.password,
        "PGDATABASE": database.database,
    }
    given = {name: value for name, value in where.items() if value}
    target = [f"--dbname={database.database}"] if program == "pg_restore" else []
    done = subprocess.run(  # noqa: S603  our own arguments
        [_find(program), *target, *options], env={**os.environ, **given}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotSave(f"{program}: {done.stderr.strip()}")


def _find(program: str) -> str:
    """Return the newest of a PostgreSQL program: Debian's, else the one on the PATH."""
    packaged = sorted(PACKAGES.glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    found = str(packaged[-1]) if packaged else shutil.which(program)
    if found is None:
        raise CannotSave(f"there is no {program} here: install PostgreSQL's client programs")
    return found


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _databases(env: Env) -> Mapping[str, URL]:
    urls = {service: env.database_url(f"{service.upper()}_DATABASE_URL") for service in SERVICES}
    return {service: make_url(url) for service, url in urls.items() if url}


@click.group()
def cli() -> None:
    """Save and restore the databases, and empty the bus."""


_FOLDER = click.argument("folder", type=click.Path(path_type=Path))


@cli.command("save")
@_FOLDER
def save_command(folder: Path) -> None:
    """Save the databases of all services into FOLDER, which is new."""
    _told(folder, save)
    click.echo(f"{folder} holds the databases")


@cli.command("restore")
@_FOLDER
def restore_command(folder: Path) -> None:
    """Put back what FOLDER holds, while nothing runs."""
    _told(folder, restore)
    click.echo("restored; next: empty-bus, and start")


@cli.command()
def empty_bus() -> None:
    """Take every record off the bus, while nothing runs; what is in the databases is published again at the start."""
    with closing(open_bus(or_exit(lambda env: env.bus_url()))) as bus:
        bus.empty()
    click.echo("the bus is empty")


def _told(folder: Path, act: Callable[[Mapping[str, URL], Path], None]) -> None:
    try:
        act(or_exit(_databases), folder)
    except CannotSave as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    cli()
