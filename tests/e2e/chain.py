"""The whole chain as real processes on given engines, for end-to-end tests and benches."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.auth import SCOPES, mint
from tests.engines import free_port

ROOT = Path(__file__).parents[2]
CONSUMERS = ("ingest", "scoring", "leaderboard", "commission")


class Refused(AssertionError):
    """The chain answered with an error; the text is the problem it gave."""


@dataclass
class Chain:
    """Four consumers and one web process; `start` brings them up, `stop` ends them by their pids."""

    directory: Path
    bus_url: str
    redis_url: str
    databases: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.port = free_port()
        self.tokens = self.directory / "tokens.json"
        self.token = mint(self.tokens, "crm", SCOPES)

    @property
    def environment(self) -> dict[str, str]:
        """The settings of every process."""
        urls = {f"{name.upper()}_DATABASE_URL": url for name, url in self.databases.items()}
        return {
            **os.environ,
            "SAMENSPEL_BUS_URL": self.bus_url,
            "SAMENSPEL_REDIS_URL": self.redis_url,
            "SAMENSPEL_TOKENS_FILE": str(self.tokens),
            "SAMENSPEL_RUN_DIR": str(self.directory / "run"),
            "SAMENSPEL_TV_ACCESS": "open",
            "SAMENSPEL_RATE_LIMIT": "0",
            **urls,
            **self.settings,
        }

    def start(self) -> None:
        """Start the consumers and the web process, and wait until the web answers ready."""
        (self.directory / "run").mkdir(exist_ok=True)
        for name in CONSUMERS:
            self.start_consumer(name)
        self.start_web()
        self.wait_until(self._ready, "every service to be ready", every=0.2)

    def start_web(self) -> None:
        """Start the web process of all services."""
        gunicorn = ["-m", "gunicorn", "-k", "gthread", "--threads", "16", "--graceful-timeout", "2"]
        self._spawn("web", [*gunicorn, "-b", f"127.0.0.1:{self.port}", "deploy.onemachine:create_app()"])

    def start_consumer(self, service: str, name: str | None = None) -> None:
        """Start one consumer of a service; `name` tells several of them apart."""
        self._spawn(name or service, ["-m", f"services.{service}.consumer"])

    @contextmanager
    def settings_of(self, more: Mapping[str, str]) -> Iterator[None]:
        """Let what is started meanwhile have other settings."""
        before, self.settings = self.settings, {**self.settings, **more}
        yield
        self.settings = before

    def kill(self, name: str) -> None:
        """End a process the hard way, as a power cut would (SIGKILL)."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """Ask every process to end, and insist after ten seconds."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def run(self, *arguments: str) -> str:
        """Run a command of the product to its end and return what it printed; fails on a bad exit."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        if done.returncode:
            raise Refused(f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the front door or an API and return its JSON; Refused carries a problem document."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                **headers,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def get(self, path: str) -> Any:
        """GET a path of an API."""
        return self.call("GET", path)

    def wait_until(self, true: Callable[[], bool], what: str, seconds: float = 60, every: float = 0.05) -> None:
        """Wait until a condition holds, asking every so often; fails at the deadline or when a process has died."""
        deadline = time.monotonic() + seconds
        while not true():
            self._nobody_died()
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds} s in vain for {what}\n{self.logs()}")
            time.sleep(every)

    def logs(self, lines: int = 15) -> str:
        """Return the last lines each process wrote."""
        parts = []
        for file in sorted(self.directory.glob("*.log")):
            tail = file.read_text(errors="replace").splitlines()[-lines:]
            parts.append("\n".join([f"--- {file.name}", *tail]))
        return "\n".join(parts)

    def _ready(self) -> bool:
        try:
            return all(self.get(f"/{name}/readyz") for name in CONSUMERS)
        except (Refused, OSError):
            return False

    def _nobody_died(self) -> None:
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise AssertionError(f"{name} ended with {process.returncode}\n{self.logs()}")

    def _spawn(self, name: str, arguments: list[str]) -> None:
        with (self.directory / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
