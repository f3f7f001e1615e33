"""A launcher for each test that asks, stopped whatever happens."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy.launching import Launcher


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Launcher]]:
    started: list[Launcher] = []

    def start(*arguments: str) -> Launcher:
        launcher = Launcher(tmp_path / "var", *arguments)
        started.append(launcher)
        return launcher

    yield start
    for launcher in started:
        if launcher.process.poll() is None:
            launcher.stop(signal.SIGTERM)
