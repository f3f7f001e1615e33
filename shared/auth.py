"""Tokens: who calls, and what that caller may do.

The tokens file is a JSON list of `{"name", "sha256", "scopes", "expires"}`; it holds hashes only. It is read again when
it changes, so that tokens are rotated without a restart: add a second token under the same name, move the caller over,
revoke the first.

    python -m shared.auth new --file tokens.json --name hr --scope payouts:read    # prints the token, once
    python -m shared.auth list --file tokens.json
    python -m shared.auth revoke --file tokens.json --name hr --hash 3f2a
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import orjson

from shared.errors import InvalidInput

SCOPES = {
    "activities:write": "hand in activities",
    "corrections:write": "correct what was credited, decide objections",
    "league:read": "read roster, playbook, targets and plans",
    "league:write": "change roster, playbook, targets and plans",
    "credits:read": "read the ledger and its explanations",
    "objections:write": "object to a line of the ledger, answer objections",
    "boards:read": "read standings",
    "statements:read": "read what a payee earned",
    "payouts:read": "read payouts of everybody, runs and their audit trail",
    "payouts:export": "export approved runs to payroll, confirm or cancel exports, close",
    "runs:write": "calculate periods, hand runs in for review, discard them, adjust, answer disputes",
    "runs:approve": "approve runs that others made",
    "disputes:write": "object to a line of a statement",
    "insight:read": "read forecasts, funnels and signals of teams and reps",
    "profile:write": "choose one's own nickname, avatar and what the TV may show",
    "screens:write": "pair screens, arrange playlists and messages",
    "screen": "show standings on a TV",
    "accounts:write": "add, change and disable accounts",
    "operator": "operate the services: metrics, repair, rehearsal",
}
_OWN = ("credits:read", "objections:write", "boards:read", "statements:read", "disputes:write", "insight:read")
_PAY = ("statements:read", "payouts:read", "league:read", "credits:read", "boards:read", "disputes:write")
_LEAGUE = ("league:read", "league:write", "screens:write", "boards:read")
ROLES: Mapping[str, frozenset[str]] = {
    "seller": frozenset({*_OWN, "profile:write"}),
    "manager": frozenset({*_OWN, *_LEAGUE, "profile:write", "corrections:write"}),
    "hr": frozenset({*_PAY, "runs:write", "payouts:export"}),
    "finance": frozenset({*_PAY, "runs:approve"}),
    "admin": frozenset({*_LEAGUE, "accounts:write", "operator"}),
}
"""What each role of an account may do; whom it may see is the account's own rep and teams."""
PREFIX = "samenspel_"  # lets secret scanners and people recognise a token


class BadTokens(InvalidInput):
    """The tokens file cannot be used."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Name who calls, what they may do, and whose numbers they may see.

    A token has only name and scopes and sees everybody. An account has a `role`; `rep` is the roster's id of the person
    who calls, `teams` the teams that they lead (None: all), `account` the account's id.
    """

    name: str
    scopes: frozenset[str]
    role: str = ""
    rep: str | None = None
    teams: frozenset[str] | None = None
    account: str = ""

    @property
    def bounded(self) -> bool:
        """Tell whether this caller sees only some teams or only the own numbers."""
        return self.teams is not None or self.role == "seller" or (self.rep is not None and not self.role)

    def sees_team(self, team: str) -> bool:
        """Tell whether this caller may see what concerns a whole team; a seller sees none as a leader does."""
        return not self.bounded or (self.teams is not None and team in self.teams)

    def sees_rep(self, rep: str, teams: Iterable[str] = ()) -> bool:
        """Tell whether this caller may see a rep: oneself, or a member of one of the own `teams` (the rep's teams)."""
        return not self.bounded or rep == self.rep or any(map(self.sees_team, teams))


@dataclass(frozen=True, slots=True)
class Token:
    """Keep one token by its hash; `expires` None: never."""

    name: str
    sha256: str
    scopes: frozenset[str]
    expires: datetime | None = None


class Tokens:
    """Know the tokens of a file, and notice when it changes.

    A file that cannot be read any more leaves the last good tokens in force; `problem` then says why.
    """

    def __init__(self, path: Path) -> None:
        """Read the file; raises BadTokens."""
        self._path = path
        self._stamp = _stamp(path)
        self._tokens = read(path)
        self.problem: str | None = None

    def authenticate(self, presented: str, now: datetime) -> Caller | None:
        """Return the caller who presents a valid token, else None; takes equally long for every wrong token."""
        self._refresh()
        digest, caller = _digest(presented), None
        for token in self._tokens:
            matches = hmac.compare_digest(token.sha256, digest)
            if matches and (token.expires is None or now < token.expires):
                caller = Caller(token.name, token.scopes)
        return caller

    def check(self) -> None:
        """Raise BadTokens while the file cannot be read and the last good tokens are still in force."""
        self._refresh()
        if self.problem:
            raise BadTokens(self.problem)

    def _refresh(self) -> None:
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._tokens, self.problem = read(self._path), None
        except BadTokens as error:
            self.problem = error.detail


def read(path: Path) -> list[Token]:
    """Read a tokens file; raises BadTokens that names the entry."""
    try:
        entries = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise BadTokens(f"{path}: {error}") from error
    if not isinstance(entries, list):
        raise BadTokens(f"{path}: must be a list of tokens")
    return [_token(path, index, entry) for index, entry in enumerate(entries)]


def mint(path: Path, name: str, scopes: Iterable[str], expires: datetime | None = None) -> str:
    """Add a token to the file (created with mode 0600 when absent) and return it; only its hash is kept."""
    wanted = frozenset(scopes)
    unknown = sorted(wanted - SCOPES.keys())
    if unknown:
        raise BadTokens(f"unknown scope {', '.join(unknown)}; there are {', '.join(SCOPES)}")
    secret = PREFIX + secrets.token_urlsafe(32)
    tokens = read(path) if path.exists() else []
    _write(path, [*tokens, Token(name, _digest(secret), wanted, expires)])
    return secret


def revoke(path: Path, name: str, hash_begin: str = "") -> int:
    """Remove the tokens of a name whose hash begins with `hash_begin`; returns how many."""
    tokens = read(path)
    kept = [token for token in tokens if token.name != name or not token.sha256.startswith(hash_begin)]
    _write(path, kept)
    return len(tokens) - len(kept)


def _token(path: Path, index: int, entry: Any) -> Token:
    try:
        expires = entry.get("expires")
        token = Token(
            str(entry["name"]),
            str(entry["sha256"]).lower(),
            frozenset(entry["scopes"]),
            None if expires is None else datetime.fromisoformat(expires),
        )
        bytes.fromhex(token.sha256)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadTokens(f"{path}: entry {index}: {error!r}") from error
    if len(token.sha256) != 64 or (token.expires is not None and token.expires.tzinfo is None):
        raise BadTokens(f"{path}: entry {index}: sha256 needs 64 hex digits, expires a time zone")
    return token


def _entry(token: Token) -> dict[str, Any]:
    expires = None if token.expires is None else token.expires.isoformat()
    return {"name": token.name, "sha256": token.sha256, "scopes": sorted(token.scopes), "expires": expires}


def _write(path: Path, tokens: Sequence[Token]) -> None:
    """Replace the file in one step; a reader sees the old or the new one."""
    content = orjson.dumps([_entry(token) for token in tokens], option=orjson.OPT_INDENT_2)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp: mode 0600
    with os.fdopen(handle, "wb") as file:
        file.write(content + b"\n")
    Path(draft).replace(path)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


@click.group()
def cli() -> None:
    """Make, list and revoke tokens."""


_FILE = click.option("--file", "path", type=click.Path(path_type=Path), required=True, help="The tokens file.")


@cli.command()
@_FILE
@click.option("--name", required=True, help="Who will use it; the name of a source is the name of its token.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(list(SCOPES)))
@click.option("--days", type=click.IntRange(1), help="Valid for so many days; without it, until revoked.")
def new(path: Path, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token and print it, once."""
    expires = None if days is None else datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    click.echo(mint(path, name, scopes, expires))


@cli.command("list")
@_FILE
def list_tokens(path: Path) -> None:
    """List names, scopes and the first digits of the hashes."""
    for token in read(path):
        until = "until revoked" if token.expires is None else f"until {token.expires.isoformat()}"
        click.echo(f"{token.sha256[:8]}  {token.name}  {' '.join(sorted(token.scopes))}  {until}")


@cli.command("revoke")
@_FILE
@click.option("--name", required=True)
@click.option("--hash", "hash_begin", default="", help="First digits of the hash; without it, all of that name.")
def revoke_tokens(path: Path, name: str, hash_begin: str) -> None:
    """Remove tokens; they stop working at once."""
    click.echo(f"{revoke(path, name, hash_begin)} removed")


if __name__ == "__main__":
    cli()
