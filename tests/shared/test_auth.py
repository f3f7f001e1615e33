from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from shared import auth
from shared.auth import BadTokens, Caller, Tokens, mint, revoke

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "tokens.json"


def test_a_token_names_its_caller_and_scopes(file: Path) -> None:
    secret = mint(file, "hr", ["payouts:read", "statements:read"])
    assert Tokens(file).authenticate(secret, NOW) == Caller("hr", frozenset({"payouts:read", "statements:read"}))


@pytest.mark.parametrize("wrong", ["", "samenspel_", "x" * 5000, "sn\udce9eaky"])
def test_a_wrong_token_is_nobody(file: Path, wrong: str) -> None:
    mint(file, "hr", ["payouts:read"])
    assert Tokens(file).authenticate(wrong, NOW) is None


def test_a_token_cut_short_or_in_other_letters_is_nobody(file: Path) -> None:
    secret = mint(file, "hr", ["payouts:read"])
    tokens = Tokens(file)
    assert tokens.authenticate(secret[:-1], NOW) is None
    assert tokens.authenticate(secret.swapcase(), NOW) is None


def test_the_file_holds_hashes_only_and_is_for_its_owner_alone(file: Path) -> None:
    secret = mint(file, "hr", ["payouts:read"])
    assert secret.removeprefix(auth.PREFIX) not in file.read_text()
    assert hashlib.sha256(secret.encode()).hexdigest() in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    mint(file, "tv", ["screen"])
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_tokens_are_never_alike_and_long_enough_to_be_unguessable(file: Path) -> None:
    secrets = {mint(file, "hr", ["payouts:read"]) for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(secret.removeprefix(auth.PREFIX)) >= 43 for secret in secrets)


def test_an_expired_token_is_nobody(file: Path) -> None:
    secret = mint(file, "hr", ["payouts:read"], expires=NOW + timedelta(days=1))
    tokens = Tokens(file)
    assert tokens.authenticate(secret, NOW + timedelta(hours=23))
    assert tokens.authenticate(secret, NOW + timedelta(days=1)) is None


def test_rotation_needs_no_restart(file: Path) -> None:
    old = mint(file, "hr", ["payouts:read"])
    tokens = Tokens(file)
    new = mint(file, "hr", ["payouts:read"])
    assert tokens.authenticate(old, NOW) == tokens.authenticate(new, NOW) != None  # noqa: E711  one chain reads as the law
    assert revoke(file, "hr", hashlib.sha256(old.encode()).hexdigest()[:6]) == 1
    assert tokens.authenticate(old, NOW) is None
    assert tokens.authenticate(new, NOW)


def test_a_file_that_becomes_unreadable_keeps_the_last_good_tokens_and_says_so(file: Path) -> None:
    secret = mint(file, "hr", ["payouts:read"])
    tokens = Tokens(file)
    file.write_text("[{")
    assert tokens.authenticate(secret, NOW)
    with pytest.raises(BadTokens):
        tokens.check()
    file.unlink()
    assert tokens.authenticate(secret, NOW)
    other = mint(file, "tv", ["screen"])
    assert tokens.authenticate(other, NOW)
    assert tokens.authenticate(secret, NOW) is None
    tokens.check()


def test_every_token_is_compared_also_after_a_match(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = mint(file, "first", ["screen"])
    for number in range(4):
        mint(file, f"other{number}", ["screen"])
    tokens, compared = Tokens(file), itertools.count()
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: next(compared) >= 0 and real(a, b))
    tokens.authenticate(secret, NOW)
    tokens.authenticate("wrong", NOW)
    assert next(compared) == 10


GOOD: dict[str, Any] = {"name": "hr", "sha256": "0" * 64, "scopes": ["screen"], "expires": None}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[1]",
        json.dumps([{**GOOD, "sha256": "zz"}]),
        json.dumps([{**GOOD, "sha256": "00"}]),
        json.dumps([{**GOOD, "expires": "tomorrow"}]),
        json.dumps([{**GOOD, "expires": "2026-11-24T12:00:00"}]),
        json.dumps([GOOD, {"name": "hr"}]),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_at_the_start(file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content)
    with pytest.raises(BadTokens, match=str(file)):
        Tokens(file)


def test_a_scope_that_does_not_exist_is_refused(file: Path) -> None:
    with pytest.raises(BadTokens, match="payouts:reed"):
        mint(file, "hr", ["payouts:reed"])
    assert not file.exists()


def run(*arguments: str) -> str:
    outcome = CliRunner().invoke(auth.cli, arguments)
    assert outcome.exit_code == 0, outcome.output
    return outcome.output.strip()


def test_the_command_prints_the_token_once_and_never_again(file: Path) -> None:
    where = ["--file", str(file)]
    secret = run("new", *where, "--name", "hr", "--scope", "payouts:read", "--scope", "statements:read", "--days", "30")
    caller = Tokens(file).authenticate(secret, datetime.now(UTC))
    assert caller == Caller("hr", frozenset({"payouts:read", "statements:read"}))
    listed = run("list", *where)
    assert "hr" in listed
    assert "payouts:read" in listed
    assert secret not in listed
    assert run("revoke", *where, "--name", "hr") == "1 removed"
    assert run("list", *where) == ""


def test_an_unchanged_file_is_not_read_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = mint(file, "hr", ["screen"])
    tokens = Tokens(file)
    monkeypatch.setattr(auth, "read", lambda _path: pytest.fail("read again"))
    assert tokens.authenticate(secret, NOW)
    os.utime(file, ns=(1, 1))
    with pytest.raises(pytest.fail.Exception):
        tokens.authenticate(secret, NOW)
