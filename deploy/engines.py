"""The engines of one machine: a Redis of its own and SQLite files; and the settings by which they are found."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.machine import free_port, redis_program
from deploy.processes import Program
from shared.sessions import new_key

SERVICES_WITH_SQL = ("ingest", "scoring", "leaderboard", "commission")

_FOREIGN = ("GUNICORN_CMD_ARGS", "WEB_CONCURRENCY", "PORT")


@dataclass(frozen=True, slots=True)
class Redis:
    """Where this machine's Redis listens; the password keeps other accounts of the machine out."""

    port: int
    password: str

    @property
    def url(self) -> str:
        """Give the address with the password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


def prepare_redis(var: Path) -> tuple[Redis, Program]:
    """Choose a free port, write the configuration, and return where it will be and how it is started."""
    program, folder = redis_program(), var / "redis"
    folder.mkdir(exist_ok=True, mode=0o700)
    redis = Redis(free_port(), secrets.token_hex(16))
    _write_private(folder / "redis.conf", _configuration(redis, folder))
    return redis, Program("redis", (str(program), str(folder / "redis.conf")), stage=0)


def _configuration(redis: Redis, folder: Path) -> str:
    """Return what keeps the data over a crash: every write in a log that is on the disk before it is acknowledged."""
    return "\n".join((
        "bind 127.0.0.1", f"port {redis.port}", f"requirepass {redis.password}", f'dir "{folder}"', "daemonize no",
        "appendonly yes", "appendfsync always", 'save ""', "maxmemory-policy noeviction", "databases 1", "",
    ))  # fmt: skip


def settings(var: Path, redis: Redis, tv_access: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of every process: this machine's own, with nothing in it that would lead elsewhere."""
    kept = {name: value for name, value in environ.items() if not _leads_elsewhere(name)}
    databases = {f"{name.upper()}_DATABASE_URL": f"sqlite:///{var / name}.db" for name in SERVICES_WITH_SQL}
    return {
        **kept,
        **databases,
        "SAMENSPEL_BUS_URL": redis.url,
        "SAMENSPEL_REDIS_URL": redis.url,
        "SAMENSPEL_TOKENS_FILE": str(var / "tokens.json"),
        "SAMENSPEL_SESSION_KEY": session_key(var / "session_key"),
        "SAMENSPEL_RUN_DIR": str(var / "run"),
        "SAMENSPEL_SECRETS_DIR": str(var / "secrets"),
        "SAMENSPEL_TV_ACCESS": tv_access,
        "SAMENSPEL_SERVICE": "samenspel",
        "SAMENSPEL_LOG_LEVEL": environ.get("SAMENSPEL_LOG_LEVEL") or "info",
    }


def session_key(path: Path) -> str:
    """Return what signs the sessions of accounts here; made once."""
    if not path.exists():
        _write_private(path, new_key())
    return path.read_text(encoding="ascii")


def _leads_elsewhere(name: str) -> bool:
    ours = name.startswith("SAMENSPEL_") and not name.startswith("SAMENSPEL_SECRET_")  # a CRM's, for its connection
    return ours or "_DATABASE_URL" in name or name in _FOREIGN


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
