"""`make run` started as a user starts it."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.machine import free_port

ROOT = Path(__file__).parents[2]


class Launcher:
    """`make run` as a user starts it, with what it said so far."""

    def __init__(self, var: Path, *arguments: str) -> None:
        self.port, self.var, self._said = free_port(), var, var.parent / "said"
        command = [sys.executable, "-m", "deploy.launcher", "--var", str(var), "--port", str(self.port), *arguments]
        with self._said.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, start_new_session=True)

    @property
    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    def wait_until(self, true: Callable[[], bool], what: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert self.process.poll() is None, f"it ended while waiting for {what}:\n{self.said}"
            assert time.monotonic() < deadline, f"waited in vain for {what}:\n{self.said}"
            time.sleep(0.05)

    def wait_until_running(self) -> None:
        self.wait_until(lambda: "Samenspel is running" in self.said, "all parts")

    def get(self, path: str, token: str) -> Any:
        secret = next(self.var.glob(f"*/tokens/{token}")).read_text().strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {secret}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  loopback
            return json.load(answer)

    def pids(self) -> set[int]:
        """Return the processes that have this launcher's folder in their command line or environment."""
        return {int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and self._is_ours(path)}

    def _is_ours(self, process: Path) -> bool:
        try:
            said = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        except OSError:
            return False
        return str(self.var).encode() in said

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)
