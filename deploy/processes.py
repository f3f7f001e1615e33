"""The processes of one machine: started in order, watched, started again when they die, stopped in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds before a process that died is started again; after the last one it is given up."""

STEADY = 60.0
"""A process that has run so many seconds is well again."""

STOP_SECONDS = 12.0
LOG_BYTES = 5_000_000
TAIL_LINES, TAIL_WIDTH = 5, 400
PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run; lower stages start earlier and stop later. One that may `finish` ends by itself with 0."""

    name: str
    command: tuple[str, ...]
    stage: int = 1


class GaveUp(Exception):
    """A process dies whenever it is started."""


class Child:
    """One program as a process of its own session, so that Ctrl-C in the terminal reaches it only through us."""

    def __init__(self, program: Program, root: Path, logs: Path, environment: Mapping[str, str]) -> None:
        """Know the program; nothing runs yet."""
        self.program = program
        self.log = logs / f"{program.name}.log"
        self.deaths = 0
        self.started = 0.0
        self.due: float | None = None
        self._root, self._environment = root, environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, now: float) -> None:
        """Start the process; its log goes on where it was."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own programs
                self.program.command,
                cwd=self._root,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  safe: the launcher has no second thread
            )
        self.started, self.due = now, None

    @property
    def pid(self) -> int | None:
        """The process id; None when it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs or has not been started."""
        return self._process.poll() if self._process is not None else None

    def tail(self) -> str:
        """Return the last lines of the log, indented."""
        lines = self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:] if self.log.exists() else []
        return "\n".join(f"    {line[:TAIL_WIDTH]}" for line in lines)

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL to whatever is left of it and of the processes that it started itself."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


class Supervisor:
    """All processes of the machine."""

    def __init__(self, root: Path, logs: Path, environment: Mapping[str, str], say: Say) -> None:
        """Start nothing yet; `say` tells the user, `logs` is the folder for a log per process."""
        self._root, self._logs, self._environment, self._say = root, logs, environment, say
        self.children: list[Child] = []
        logs.mkdir(exist_ok=True, mode=0o700)

    def start(self, programs: Iterable[Program]) -> None:
        """Start programs, in the order given."""
        for program in programs:
            child = Child(program, self._root, self._logs, self._environment)
            self.children.append(child)
            child.start(time.monotonic())

    def tend(self) -> None:
        """Start again what died, each time after a longer pause; raises GaveUp when that does not help."""
        now = time.monotonic()
        for child in self.children:
            if child.due is not None:
                if now >= child.due:
                    child.start(now)
            elif child.exit_code is not None:
                self._bury(child, now)

    def _bury(self, child: Child, now: float) -> None:
        child.deaths = 1 if now - child.started > STEADY else child.deaths + 1
        name = child.program.name
        what = f"{name} ended by itself ({_how(child.exit_code or 0)}). Its last lines:\n{child.tail()}"
        if child.deaths > len(PAUSES):
            raise GaveUp(f"{what}\n{name} has died {child.deaths} times in a row; the whole log: {child.log}")
        pause = PAUSES[child.deaths - 1]
        self._say(f"{what}\n  It is started again in {pause:g} s ({child.deaths} of {len(PAUSES)}).")
        child.kill()
        child.due = now + pause

    def stop(self, hurry: Callable[[], bool]) -> None:
        """Stop the highest stage first, each in parallel; kills what is late, and everything once `hurry` says so."""
        for stage in sorted({child.program.stage for child in self.children}, reverse=True):
            _stop_together([child for child in self.children if child.program.stage == stage], hurry)
        self.children.clear()


def _stop_together(children: Sequence[Child], hurry: Callable[[], bool]) -> None:
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    while any(child.pid for child in children) and time.monotonic() < deadline and not hurry():
        time.sleep(0.02)
    for child in children:
        child.kill()


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """Let the kernel end this process when the launcher is killed without a chance to stop it (Linux only)."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
