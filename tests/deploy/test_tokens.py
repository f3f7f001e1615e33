"""Tokens of an installation: hashed where the services read, in the clear where only the owner reads."""

import stat
from datetime import UTC, datetime
from pathlib import Path

from deploy import tokens
from shared.auth import SCOPES, Tokens

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def ensure(folder: Path, source: str = "sample") -> None:
    tokens.ensure(folder / "tokens.json", folder / "tokens", tokens.tokens_for(source))


def test_every_token_opens_what_its_name_says(tmp_path: Path) -> None:
    ensure(tmp_path)
    known = Tokens(tmp_path / "tokens.json")
    for name, scopes in tokens.tokens_for("sample").items():
        caller = known.authenticate(tokens.read(tmp_path / "tokens", name), NOW)
        assert caller is not None
        assert (caller.name, caller.scopes) == (name, frozenset(scopes))


def test_together_they_open_everything_and_none_opens_all() -> None:
    wanted = tokens.tokens_for("crm").values()
    own = {"profile:write"}  # a token is nobody on the roster: only an account has a profile
    assert {scope for scopes in wanted for scope in scopes} == set(SCOPES) - own
    assert all(set(scopes) != set(SCOPES) for scopes in wanted)


def test_only_the_owner_reads_them_and_the_services_file_holds_hashes(tmp_path: Path) -> None:
    ensure(tmp_path)
    stored = (tmp_path / "tokens.json").read_text()
    for path in (tmp_path / "tokens").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text().strip() not in stored
    assert stat.S_IMODE((tmp_path / "tokens").stat().st_mode) == 0o700


def test_a_second_start_keeps_them(tmp_path: Path) -> None:
    ensure(tmp_path)
    before = tokens.read(tmp_path / "tokens", "manager")
    ensure(tmp_path)
    assert tokens.read(tmp_path / "tokens", "manager") == before


def test_a_lost_secret_is_replaced_and_the_lost_one_opens_nothing(tmp_path: Path) -> None:
    ensure(tmp_path)
    lost = tokens.read(tmp_path / "tokens", "hr")
    (tmp_path / "tokens" / "hr").unlink()
    ensure(tmp_path)
    known = Tokens(tmp_path / "tokens.json")
    assert known.authenticate(lost, NOW) is None
    assert known.authenticate(tokens.read(tmp_path / "tokens", "hr"), NOW) is not None


def test_a_token_that_the_user_added_stays(tmp_path: Path) -> None:
    ensure(tmp_path)
    added = {"hubspot": ("activities:write",)}
    tokens.ensure(tmp_path / "tokens.json", tmp_path / "tokens", added)
    ensure(tmp_path)
    assert Tokens(tmp_path / "tokens.json").authenticate(tokens.read(tmp_path / "tokens", "hubspot"), NOW)
