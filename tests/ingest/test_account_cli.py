from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from services.ingest.cli import cli
from services.ingest.store import Accounts
from shared.sql import migrate, open_engine
from tests.ingest.accounts import Office


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'front.db'}"


@pytest.fixture
def engine(url: str) -> Engine:
    opened = open_engine(url)
    migrate(opened, "services.ingest")
    return opened


def run(url: str, *words: str) -> Result:
    return CliRunner().invoke(cli, ["account", *words], env={"INGEST_DATABASE_URL": url})


def test_the_first_admin_is_made_on_the_command_line_and_comes_in_by_the_link(
    url: str, engine: Engine, tmp_path: Path
) -> None:
    added = run(url, "add", "Ada@example.nl", "--role", "admin", "--name", "Ada", "--url", "https://s.example/")
    assert added.exit_code == 0, added.output
    link = re.search(r"^https://s.example/ingest/invitation#c=(\S+)$", added.output, re.MULTILINE)
    assert link
    office = Office(engine, url, tmp_path)
    said = {"code": link[1], "password": "molen kaas fiets regen"}
    assert office.browser().post("/ingest/invitation", data=said).headers["Location"].startswith("/ingest/accounts")
    assert "ada@example.nl  admin  everybody  active" in run(url, "list").output


def test_an_account_that_cannot_be_is_refused_with_the_reason(url: str) -> None:
    for words, why in (
        (("add", "kees@example.nl", "--role", "manager"), "choose the teams"),
        (("add", "kees@example.nl", "--role", "seller"), "a seller needs the rep"),
        (("add", "kees", "--role", "hr"), "e-mail address"),
        (("disable", "nobody@example.nl"), "no account has"),
    ):
        refused = run(url, *words)
        assert refused.exit_code == 2
        assert why in refused.output


def test_an_account_is_disabled_enabled_reset_and_forgotten(url: str, engine: Engine) -> None:
    run(url, "add", "hr@example.nl", "--role", "hr")
    assert run(url, "disable", "hr@example.nl").exit_code == 0
    assert "hr@example.nl  hr  everybody  disabled" in run(url, "list").output
    assert run(url, "enable", "hr@example.nl").exit_code == 0
    assert "works once" in run(url, "reset", "hr@example.nl").output
    assert run(url, "forget", "hr@example.nl", "--yes").exit_code == 0
    assert Accounts(engine).all() == []
