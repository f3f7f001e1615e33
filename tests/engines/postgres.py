"""PostgreSQL: given, in a container, from the distribution's packages, or the server inside the pgserver wheel."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.engines.docker import start_container
from tests.engines.engine import Engine, EngineMissing, GivenEngine, free_port
from tests.engines.process import Recipe, as_user, new_folder, start_local

VARIABLE = "SAMENSPEL_TEST_POSTGRES_URL"
IMAGE = "postgres:16"
USER = "samenspel"
PACKAGES = Path("/usr/lib/postgresql")


def start() -> Engine:
    """Return a running PostgreSQL with a superuser that needs no password. Raises EngineMissing."""
    given = os.environ.get(VARIABLE)
    if given:
        return GivenEngine(given)
    with suppress(EngineMissing):
        environment = {"POSTGRES_USER": USER, "POSTGRES_DB": "postgres", "POSTGRES_HOST_AUTH_METHOD": "trust"}
        return start_container(IMAGE, 5432, url=_url, answers=_answers, environment=lambda _: environment)
    return _start_process()


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Make a database of its own on the server, and drop it afterwards; yields its SQLAlchemy URL."""
    name = f"t_{uuid4().hex[:12]}"
    with _superuser(server_url) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield f"{server_url.rpartition('/')[0]}/{name}"
    finally:
        with _superuser(server_url) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _superuser(server_url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(server_url.replace("+psycopg", "", 1), autocommit=True)


def _url(port: int) -> str:
    return f"postgresql+psycopg://{USER}@127.0.0.1:{port}/postgres"


def _start_process() -> Engine:
    reasons = []
    for binaries in _candidates():
        try:
            return _start_from(binaries)
        except (EngineMissing, OSError, subprocess.SubprocessError) as error:
            reasons.append(f"{binaries}: {error}")
    raise EngineMissing("no PostgreSQL server: " + ("; ".join(reasons) or "neither packages nor the pgserver wheel"))


def _candidates() -> Iterator[Path]:
    """Yield folders with a PostgreSQL server, the newest package first."""
    yield from sorted(PACKAGES.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    wheel = find_spec("pgserver")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def _start_from(binaries: Path) -> Engine:
    user = _unprivileged()
    folder, port = new_folder("postgres", user), free_port()
    data = folder / "data"
    initdb: list[str | Path] = [binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8"]
    initdb += ["--locale=C", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True, timeout=60, cwd=folder, **as_user(user))
    settings = {"listen_addresses": "127.0.0.1", "fsync": "off", "max_connections": "200", "shared_buffers": "64MB"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(part) for part in (binaries / "postgres", "-D", data, "-p", port, "-k", folder, *options)]
    return start_local(_url(port), folder, Recipe(command, lambda: _answers(port), user, signal.SIGINT))


def _unprivileged() -> str | None:
    """Return whom to run as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    with Path("/etc/passwd").open() as accounts:
        names = {line.partition(":")[0] for line in accounts}
    return "postgres" if "postgres" in names else "nobody"


def _answers(port: int) -> bool:
    try:
        with _superuser(_url(port)):
            return True
    except psycopg.OperationalError:
        return False
