"""The tokens of one installation: hashed in `tokens.json`, in the clear in a file each that only its owner can read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from shared import auth

READERS = ("league:read", "credits:read", "boards:read", "statements:read", "payouts:read")

FOR_ALL: Mapping[str, tuple[str, ...]] = {
    "manager": (
        "league:write",
        "disputes:write",
        "activities:write",
        "corrections:write",
        "objections:write",
        "screens:write",
        "insight:read",
        *READERS,
    ),
    "hr": ("statements:read", "payouts:read", "payouts:export", "runs:write"),
    "finance": ("statements:read", "payouts:read", "runs:approve"),
    "screen": ("screen", "boards:read"),
    "operator": ("operator", "accounts:write", "league:read", "credits:read"),
}
"""Who may do what in every installation; the name of a token that sends activities is the name of its source."""

SAMPLE, CRM = "sample", "crm"


def tokens_for(source: str) -> dict[str, tuple[str, ...]]:
    """Return names and scopes for an installation with one source of activities."""
    return {source: ("activities:write",), **FOR_ALL}


def ensure(tokens_file: Path, folder: Path, wanted: Mapping[str, tuple[str, ...]]) -> None:
    """Make the tokens that are missing; one that is there and valid is kept."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = {(token.name, token.sha256) for token in auth.read(tokens_file)} if tokens_file.exists() else set()
    for name, scopes in wanted.items():
        if (name, _digest(folder / name)) not in known:
            _replace(tokens_file, folder / name, name, scopes)


def read(folder: Path, name: str) -> str:
    """Return a token in the clear."""
    return (folder / name).read_text(encoding="ascii").strip()


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes().strip()).hexdigest()
    except FileNotFoundError:
        return ""


def _replace(tokens_file: Path, path: Path, name: str, scopes: tuple[str, ...]) -> None:
    """Make a new token in place of one whose secret was lost."""
    if tokens_file.exists():
        auth.revoke(tokens_file, name)
    secret = auth.mint(tokens_file, name, scopes)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{secret}\n")
