"""`make run`: the whole of Samenspel on one machine, with nothing but Python.

Starts a Redis, the four consumers, the asker and one web process for the four services, waits until all of them are up,
loads the example office and lets it live, and stops everything on Ctrl-C. Data stand in `<var>/sample` or `<var>/live`.
Exit codes: 0 stopped by the user, 1 something broke, 2 the user must do something first.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import click

from deploy import accounts, greeting, tokens
from deploy.engines import prepare_redis, settings
from deploy.feed import read_progress, write_progress
from deploy.frontdoor import FrontDoor, Refused, Stopped
from deploy.health import SERVICES, Health
from deploy.machine import CannotRun, check_port, claimed, is_loopback
from deploy.office import documents, payroll
from deploy.processes import GaveUp, Program, Supervisor

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 90.0
GLANCE = 0.1


@dataclass(frozen=True, slots=True)
class Installation:
    """What the user asked for; `var` is this installation's own folder."""

    host: str
    port: int
    var: Path
    sample: bool
    pace: float

    @property
    def base(self) -> str:
        """The address at which this machine itself reaches the services."""
        own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  only compared
        return f"http://{bracketed(own)}:{self.port}"

    @property
    def shown(self) -> str:
        """The address that the user is told: for "every address" the one with this machine's name."""
        return f"http://{socket.gethostname()}:{self.port}" if self.host in {"0.0.0.0", "::"} else self.base  # noqa: S104

    @property
    def bind(self) -> str:
        """The address that gunicorn is told."""
        return f"{bracketed(self.host)}:{self.port}"


def bracketed(host: str) -> str:
    """Return the host as it stands before a port."""
    return f"[{host}]" if ":" in host else host


class Signals:
    """Ctrl-C, SIGTERM and a closed terminal: the first asks to stop, another one means at once."""

    def __init__(self) -> None:
        """Listen from now on."""
        self.stop = threading.Event()
        self.count = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._heard)

    def _heard(self, *_: object) -> None:
        self.count += 1
        self.stop.set()

    def impatient(self) -> bool:
        """Tell whether the user asked twice."""
        return self.count > 1


class Late(Exception):
    """A part did not come up in time."""


def say(text: str) -> None:
    """Tell the user; a terminal that is gone is no reason to fail."""
    with suppress(OSError):
        click.echo(text)


def run(wanted: Installation, signals: Signals) -> int:
    """Run the installation until somebody stops it; returns the exit code. Raises CannotRun before anything runs."""
    check_port(wanted.host, wanted.port)
    with claimed(wanted.var):
        source = tokens.SAMPLE if wanted.sample else tokens.CRM
        tokens.ensure(wanted.var / "tokens.json", wanted.var / "tokens", tokens.tokens_for(source))
        redis, redis_program = prepare_redis(wanted.var)
        access = "open" if is_loopback(wanted.host) else "screens"
        environment = settings(wanted.var, redis, access, os.environ)
        supervisor = Supervisor(ROOT, wanted.var / "log", environment, say)
        say(greeting.starting(wanted.var))
        try:
            _bring_up(wanted, supervisor, redis_program, signals)
            people = accounts.OFFICE if wanted.sample else accounts.EMPTY
            accounts.ensure(environment["INGEST_DATABASE_URL"], wanted.var / "accounts", people)
            say(greeting.running(wanted.shown, wanted.var, source, access, f"{datetime.now(UTC):%Y-%m}"))
            _tend(supervisor, signals, lambda: False)
        except Stopped:
            pass
        except (GaveUp, Late, Refused) as error:
            say(str(error))
            return 1
        finally:
            say("Stopping; Ctrl-C again to do it at once." if signals.count else "Stopping.")
            supervisor.stop(signals.impatient)
            say("Stopped.")
    return 0


def _bring_up(wanted: Installation, supervisor: Supervisor, redis: Program, signals: Signals) -> None:
    """Start everything and wait for it; raises Late, GaveUp, Refused, Stopped."""
    health = Health(wanted.base, wanted.var / "run", time.time())
    supervisor.start([redis, *programs(wanted)])
    deadline = time.monotonic() + READY_SECONDS
    _tend(supervisor, signals, lambda: not health.late() or time.monotonic() > deadline)
    if signals.stop.is_set():
        raise Stopped
    if late := health.late():
        raise Late(f"After {READY_SECONDS:g} s these are not up: {', '.join(late)}. Logs: {wanted.var / 'log'}")
    if wanted.sample:
        load_example(wanted, signals.stop)
        feed = ("deploy.feed", "--base", wanted.base, "--var", str(wanted.var), "--pace", str(wanted.pace))
        supervisor.start([Program("sample", (sys.executable, "-m", *feed), stage=2)])


def programs(wanted: Installation) -> list[Program]:
    """Return the processes of the services."""
    gunicorn = (
        "gunicorn",
        "--config",
        "deploy/gunicorn.conf.py",
        "--graceful-timeout=2",
        f"--bind={wanted.bind}",
        "deploy.onemachine:create_app()",
    )
    consumers = [Program(f"{name}-consumer", (sys.executable, "-m", f"services.{name}.consumer")) for name in SERVICES]
    asker = Program("ingest-asker", (sys.executable, "-m", "services.ingest.asker"))
    return [*consumers, asker, Program("web", (sys.executable, "-m", *gunicorn))]


def load_example(wanted: Installation, stop: threading.Event) -> None:
    """Hand in the example office's league and its payroll document; raises Refused, Stopped."""
    now = datetime.now(UTC)
    progress = read_progress(wanted.var, now)
    write_progress(wanted.var, progress)
    door = FrontDoor(wanted.base, tokens.read(wanted.var / "tokens", "manager"), stop)
    for kind, body in documents(progress.anchor, now.date()).items():
        door.put(kind, body, date(progress.anchor.year - 1, 1, 1))
    hr = FrontDoor(wanted.base, tokens.read(wanted.var / "tokens", "hr"), stop)
    hr.call("PUT", "/commission/v1/payroll", payroll(progress.anchor))


def _tend(supervisor: Supervisor, signals: Signals, done: Callable[[], bool]) -> None:
    """Look after the processes until `done`, or until somebody asks to stop."""
    while not (signals.stop.is_set() or done()):
        supervisor.tend()
        signals.stop.wait(GLANCE)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True)
@click.option("--sample", type=click.Choice(["office", "none"]), default="office", show_default=True)
@click.option(
    "--var", type=click.Path(path_type=Path), default=Path("var"), show_default=True, help="Where data stand."
)
@click.option(
    "--pace", type=click.FloatRange(0.01), default=2.0, show_default=True, help="Seconds between sample events."
)
def main(host: str, port: int, sample: str, var: Path, pace: float) -> None:
    """Run Samenspel on this machine until Ctrl-C."""
    os.umask(0o077)
    folder = var.resolve() / ("live" if sample == "none" else "sample")
    wanted = Installation(host, port, folder, sample != "none", pace)
    try:
        sys.exit(run(wanted, Signals()))
    except CannotRun as why:
        click.echo(str(why), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
