"""Periods from the operator's command line."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from services.commission.cli import cli
from services.commission.handlers.engine import engine_version
from services.commission.store import Books
from tests.commission.life import Life


@pytest.fixture
def life(sqlite_books: Books) -> Life:
    made = Life(sqlite_books)
    made.league(memberships=[{"team": "noord", "from": "2020-01-01"}], since="2020-01-01")
    made.earn(1000, "2025-10-05")
    return made


def invoke(life: Life, *arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, env={"COMMISSION_DATABASE_URL": str(life.books.engine.url)})


def test_a_period_is_calculated_and_its_run_is_checked(life: Life) -> None:
    made = invoke(life, "run", "2025-10", "--actor", "anna")
    assert made.exit_code == 0, made.output
    assert made.output.startswith(f"2025-10.1 calculated: 1 payees, engine {engine_version()}")
    assert invoke(life, "verify-run", "2025-10.1").output == (
        "2025-10.1: 1 payees computed again, every byte is the same\n"
    )
    said = invoke(life, "trail", "--period", "2025-10").output.splitlines()
    assert [line.split(maxsplit=1)[1] for line in said] == [
        "anna calculate 2025-10.1 open -> calculated",
        "operator verify 2025-10.1",
    ]


def test_a_run_that_was_tampered_with_is_an_error(life: Life) -> None:
    invoke(life, "run", "2025-10", "--actor", "anna")
    with life.books.engine.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER run_lines_update")
        conn.exec_driver_sql("UPDATE run_lines SET amount = amount + 1")
    checked = invoke(life, "verify-run", "2025-10.1")
    assert checked.exit_code == 1
    assert "sanne: the lines in the table are not those of the stored outcome" in checked.output
    assert "Error: 1 differences" in checked.output


def test_what_cannot_be_is_one_sentence(life: Life) -> None:
    assert "ends on" in invoke(life, "run", "2999-01", "--actor", "anna").output
    assert "there is no run" in invoke(life, "verify-run", "2025-10.7").output
    assert invoke(life, "run", "2025-10").exit_code == 2


def test_the_engine_names_its_sources() -> None:
    version, _, digest = engine_version().partition("+")
    assert version
    assert len(digest) == 12
    assert engine_version() == engine_version()
