"""The web process under gunicorn, to start, stop and kill; and a way in between that can fall silent."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.engines import free_port
from tests.engines.engine import wait_until

ROOT = Path(__file__).resolve().parents[2]
APP = "tests.browser.app:create_app()"


class Server:
    """A web process on a port of its own."""

    def __init__(self, folder: Path, redis_url: str, **settings: str) -> None:
        """Know the settings; nothing runs yet. `settings` are environment variables."""
        self.port, self.app, self._folder = free_port(), APP, folder
        self._environ = {
            **os.environ,
            "SAMENSPEL_REDIS_URL": redis_url,
            "LEADERBOARD_DATABASE_URL": f"sqlite:///{folder}/screens.db",
            "SAMENSPEL_TOKENS_FILE": str(folder / "tokens.json"),
            "SAMENSPEL_RUN_DIR": str(folder),
            "SAMENSPEL_LOG_LEVEL": "warning",
            "SAMENSPEL_TV_HEARTBEAT": "1",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def worker(self) -> int:
        """The process that answers."""
        return self._workers()[0]

    def start(self) -> Self:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
        address = ["--bind", f"127.0.0.1:{self.port}", self.app]
        self._process = subprocess.Popen([*command, *address], cwd=ROOT, env=self._environ)
        wait_until(self._answers, 60, "the web process to answer")
        return self

    def stop(self) -> int:
        """Ask it to stop, wait, and return its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(30)

    def kill(self) -> None:
        """End it and its worker at once: the worker sees that its master is gone."""
        if self._process is not None and self._process.poll() is None:
            for pid in (self._process.pid, *self._workers()):
                os.kill(pid, 9)
            self._process.wait(10)

    def _workers(self) -> list[int]:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/leaderboard/healthz", timeout=5):  # noqa: S310  http only
                return True
        except (urllib.error.URLError, OSError):
            return False


class Wire:
    """Hands bytes on to a port, until it is told to fall silent: connections stay open and nothing comes."""

    def __init__(self, port: int) -> None:
        """Listen on a port of its own."""
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._dead: set[socket.socket] = set()
        self._living: set[socket.socket] = set()
        self.refuses = self.collects = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def base(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def fall_silent(self) -> None:
        """Hand nothing on any more, not even that a connection ends; new connections work."""
        self._dead |= self._living

    def refuse(self) -> None:
        """Cut what is connected, and answer 503 as a gateway does whose server is away, until `refuses` is unset."""
        self.refuses = True
        for sock in list(self._living):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def collect(self) -> None:
        """Keep streams for itself, as a proxy does that hands an answer on when it is whole; cut what is connected."""
        self.refuse()
        self.refuses, self.collects = False, True

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._away if self.refuses else self._join, args=(near,), daemon=True).start()

    def _away(self, near: socket.socket) -> None:
        with suppress(OSError), near:
            near.recv(65536)
            near.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    def _join(self, near: socket.socket) -> None:
        far = socket.create_connection(("127.0.0.1", self._target))
        self._living |= {near, far}
        threading.Thread(target=self._pump, args=(near, far), daemon=True).start()
        self._pump(far, near)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        kept = b""
        with suppress(OSError):
            while data := source.recv(65536):
                kept += data
                if source not in self._dead and not (self.collects and b"text/event-stream\r\n" in kept):
                    sink.sendall(kept)
                    kept = b""
            if source not in self._dead:
                sink.shutdown(socket.SHUT_WR)
