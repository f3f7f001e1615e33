"""Make the secrets of the containers: `make secrets`. What is there already is kept.

python -m deploy.passwords deploy/secrets
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from deploy import tokens
from shared.sessions import new_key

PASSWORDS = ("postgres", "redis", "ingest_db", "scoring_db", "leaderboard_db", "commission_db")
SOURCES = "sources"
"""The folder for the secrets of CRMs' connections, which the administrator puts there."""

MOUNTED_MODE = 0o644
"""Containers read the mounted files as another user; the folder around them is for the owner only."""


def urls(passwords: Mapping[str, str]) -> dict[str, str]:
    """Return the URLs that follow from the passwords, by the names of their files."""
    databases = {
        f"{name}_database_url": f"postgresql+psycopg://{name}:{passwords[f'{name}_db']}@postgres:5432/{name}"
        for name in ("ingest", "scoring", "leaderboard", "commission")
    }
    return {**databases, "redis_url": f"redis://:{passwords['redis']}@redis:6379/0"}


def keep(path: Path, value: str) -> str:
    """Write the value unless the file is there; returns what it holds."""
    if not path.exists():
        path.write_text(value, encoding="ascii")
    path.chmod(MOUNTED_MODE)
    return path.read_text(encoding="ascii").strip()


def make(folder: Path) -> None:
    """Fill the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / SOURCES).mkdir(exist_ok=True)
    passwords = {name: keep(folder / f"{name}_password", secrets.token_hex(24)) for name in PASSWORDS}
    for name, url in urls(passwords).items():
        keep(folder / name, url)
    keep(folder / "session_key", new_key())
    tokens.ensure(folder / "tokens.json", folder / "tokens", tokens.tokens_for(tokens.CRM))
    (folder / "tokens.json").chmod(MOUNTED_MODE)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def main(folder: Path) -> None:
    """Make the passwords and tokens that are missing in FOLDER."""
    try:
        make(folder)
    except OSError as error:
        click.echo(f"Cannot write to {folder} ({error.strerror}): run this as its owner", err=True)
        sys.exit(2)
    click.echo(f"{folder} holds the secrets; {folder / 'tokens'} the tokens to hand out. Next: make up")


if __name__ == "__main__":
    main()
