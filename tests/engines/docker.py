"""An engine as a container, through testcontainers."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from tests.engines.engine import Engine, EngineMissing, free_port, wait_until

PULL_SECONDS = 60


class ContainerEngine(Engine):
    """A server in a container with a fixed port on loopback, so that it comes back where it was."""

    def __init__(self, url: str, container: Any, answers: Callable[[], bool]) -> None:
        """Take over a started container; `answers` tells whether the server in it does."""
        super().__init__(url)
        self._container, self._answers = container, answers
        atexit.register(self.close)

    def start(self) -> None:
        """Start the container again."""
        self._container.get_wrapped_container().start()
        self.wait()

    def stop(self) -> None:
        """Stop the container; its data stays in it."""
        self._container.get_wrapped_container().stop()

    def kill(self) -> None:
        """Kill the container; its data stays in it."""
        with suppress(Exception):  # it may have ended already, which is what is wanted
            self._container.get_wrapped_container().kill()

    def close(self) -> None:
        """Remove the container."""
        atexit.unregister(self.close)
        self._container.stop()

    def wait(self) -> None:
        """Return when the server answers; the port alone does at once, it is Docker's."""
        wait_until(self._answers, 60, f"an answer of {self.url}")


def start_container(
    image: str,
    inner_port: int,
    *,
    url: Callable[[int], str],
    answers: Callable[[int], bool],
    environment: Callable[[int], Mapping[str, str]] = lambda _: {},
    command: str | None = None,
) -> ContainerEngine:
    """Run `image`; `url`, `answers` and `environment` are given the port on loopback. Raises EngineMissing."""
    if not available(image):
        raise EngineMissing(f"no Docker engine with the image {image}")
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")  # it would be one more image; close() removes ours
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415  slow, and not needed without Docker

    port = free_port()
    container: Any = DockerContainer(image).with_envs(**environment(port))
    container.ports[f"{inner_port}/tcp"] = ("127.0.0.1", port)
    if command is not None:
        container.with_command(command)
    container.start()
    engine = ContainerEngine(url(port), container, lambda: answers(port))
    try:
        engine.wait()
    except EngineMissing:
        engine.close()
        raise
    return engine


@cache
def available(image: str) -> bool:
    """Tell whether a Docker engine answers and has the image, or gets it within a minute."""
    docker = shutil.which("docker")
    if docker is None or not _runs([docker, "version"], 5):
        return False
    return _runs([docker, "image", "inspect", image], 10) or _runs([docker, "pull", "-q", image], PULL_SECONDS)


def _runs(command: list[str], seconds: float) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=seconds, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False
