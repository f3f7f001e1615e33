"""The name of the engine: the version of the program, and what its arithmetic is made of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib import metadata, resources

PARTS = (("services.commission.domain", ""), ("shared.contracts", ""), ("shared", "money.py"), ("shared", "periods.py"))
"""Packages whose files decide what is paid: all of them, or the one that is named."""
_DIGITS = 12


@cache
def engine_version() -> str:
    """Return the version and the digest of every file that decides what is paid (0.1.0+3f2a…).

    Where the program is not installed but run from its folder, `source` stands for the version.
    """
    try:
        version = metadata.version("samenspel")
    except metadata.PackageNotFoundError:
        version = "source"
    digest = sha256()
    for name, source in sorted(_sources()):
        digest.update(f"{name} {sha256(source).hexdigest()}\n".encode())
    return f"{version}+{digest.hexdigest()[:_DIGITS]}"


def _sources() -> Iterator[tuple[str, bytes]]:
    for package, only in PARTS:
        for file in resources.files(package).iterdir():
            if file.name.endswith(".py") and only in {"", file.name}:
                yield f"{package}/{file.name}", file.read_bytes()
