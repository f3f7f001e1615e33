"""What every engine can do, wherever it runs."""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from time import monotonic, sleep
from types import TracebackType
from typing import Self


class EngineMissing(Exception):
    """An engine cannot be had on this machine."""


class Engine(ABC):
    """A running server with a URL, which a test may take away and bring back."""

    def __init__(self, url: str) -> None:
        """Remember where clients find it."""
        self.url = url

    @abstractmethod
    def start(self) -> None:
        """Start it, with the port and the data it had; return when it answers. Harmless when it runs."""

    @abstractmethod
    def stop(self) -> None:
        """End it in good order. Harmless when it does not run."""

    @abstractmethod
    def kill(self) -> None:
        """End it as a crash would. Harmless when it does not run."""

    @abstractmethod
    def close(self) -> None:
        """End it for good and remove its data."""

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it for good."""
        self.close()


class GivenEngine(Engine):
    """A server that somebody else runs; it cannot be stopped from here."""

    def start(self) -> None:
        """Do nothing: it runs."""

    def stop(self) -> None:
        """Refuse."""
        raise EngineMissing(f"{self.url} is given by the environment and cannot be stopped by a test")

    def kill(self) -> None:
        """Refuse."""
        self.stop()

    def close(self) -> None:
        """Leave it as it is."""


def free_port() -> int:
    """Return a TCP port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float, what: str, every: float = 0.05) -> None:
    """Return when `condition` holds; raise EngineMissing naming `what` after `seconds`."""
    deadline = monotonic() + seconds
    while not condition():
        if monotonic() > deadline:
            raise EngineMissing(f"{what} did not happen within {seconds:.0f} s")
        sleep(every)
