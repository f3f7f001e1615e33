"""An engine as a local process, ended by its own pid."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engines.engine import Engine, EngineMissing, wait_until


@dataclass(frozen=True)
class Recipe:
    """How to run a server: its command, the user it runs as (None: ours), how it ends, how to see that it answers."""

    command: Sequence[str]
    answers: Callable[[], bool]
    user: str | None = None
    end_signal: signal.Signals = signal.SIGTERM
    seconds_to_start: float = 30.0


class LocalEngine(Engine):
    """A server that this process started; `folder` holds its data and its log."""

    def __init__(self, url: str, folder: Path, recipe: Recipe) -> None:
        """Know the server; nothing runs yet."""
        super().__init__(url)
        self.folder, self._recipe = folder, recipe
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    @property
    def pid(self) -> int | None:
        """The process id, None when it does not run."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches it only through us."""
        if self._process is not None and self._process.poll() is None:
            return
        wait_until(self._try_to_start, self._recipe.seconds_to_start, f"an answer of {self._recipe.command[0]}")

    def _try_to_start(self) -> bool:
        """Start it if it does not run (a crashed one may hold its files for a moment), and look whether it answers."""
        if self._process is None or self._process.poll() is not None:
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    [*_dying_with_us(), *self._recipe.command], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                    start_new_session=True, **as_user(self._recipe.user),
                )  # fmt: skip
        return self._recipe.answers()

    def stop(self) -> None:
        """Send the signal that ends it in good order, and wait."""
        self._end(self._recipe.end_signal)

    def kill(self) -> None:
        """Send SIGKILL to it and to the children in its session."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """Kill it and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.close)

    def log(self) -> str:
        """Return the end of what the server said."""
        return (self.folder / "log").read_text(errors="replace")[-2000:]

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        if how is signal.SIGKILL:
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=20)


def start_local(url: str, folder: Path, recipe: Recipe) -> LocalEngine:
    """Return the running server; what it said is in the error when it does not start."""
    engine = LocalEngine(url, folder, recipe)
    try:
        engine.start()
    except EngineMissing as error:
        said = engine.log()
        engine.close()
        raise EngineMissing(f"{error}; it said: {said}") from error
    return engine


def new_folder(name: str, user: str | None = None) -> Path:
    """Return a new temporary folder that `user` may write."""
    folder = Path(tempfile.mkdtemp(prefix=f"samenspel-{name}-"))
    if user is not None:
        shutil.chown(folder, user)
    return folder


def as_user(user: str | None) -> dict[str, Any]:
    """Return the arguments of subprocess that run a command as `user` with no further groups."""
    return {} if user is None else {"user": user, "group": _group(user), "extra_groups": []}


def _dying_with_us() -> list[str]:
    """Return a prefix that makes the kernel end a command when this thread ends, however that happens (Linux)."""
    setpriv = shutil.which("setpriv")
    if setpriv is None or threading.current_thread() is not threading.main_thread():
        return []
    return [setpriv, "--pdeathsig", "KILL"]


def _group(user: str) -> int:
    import pwd  # noqa: PLC0415  not on Windows

    return pwd.getpwnam(user).pw_gid
