"""verify and show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from redis import Redis

from services.leaderboard import cli
from services.leaderboard.settings import ConsumerSettings
from services.leaderboard.store import Standings, keys
from tests.engines import free_port
from tests.leaderboard.sample import apply, league, line, put

Call = Callable[..., Result]


@pytest.fixture
def call(standings: Standings, fresh_redis_url: str, tmp_path: Path) -> Call:
    """Return a way to call a command over standings with three lines."""
    put(standings, league())
    apply(standings, [line(1, "anna", 5000), line(2, "daan", 5000), line(3, "cem", 2500)])
    given = ConsumerSettings(fresh_redis_url, fresh_redis_url, tmp_path, "info")
    return lambda *arguments: CliRunner().invoke(cli.cli, arguments, obj=given)


def test_verify_finds_sound_standings_sound(call: Call) -> None:
    outcome = call("verify")
    assert outcome.exit_code == 0, outcome.output
    assert "5 metrics x periods checked, 0 differences" in outcome.output


@pytest.mark.parametrize(
    ("scope", "member", "sentence"),
    [
        ("teams", "noord", "team noord: 7501 stands there, its parts add up to 7500"),
        ("reps", "anna", "rep anna: 5001 stands there, its parts add up to 5000"),
        ("team:zuid", "daan", "team zuid: 5000 stands there, its parts add up to 5001"),
    ],
)
def test_verify_notices_a_sum_that_is_wrong(
    call: Call, fresh_redis_url: str, scope: str, member: str, sentence: str
) -> None:
    with Redis.from_url(fresh_redis_url) as client:
        client.zincrby(f"{keys.TOTALS}revenue:2093-W48:{scope}", 1, member)
    outcome = call("verify")
    assert outcome.exit_code == 1
    assert f"revenue 2093-W48: {sentence}" in outcome.output


def test_verify_notices_a_period_that_is_not_the_sum_of_its_parts(call: Call, fresh_redis_url: str) -> None:
    with Redis.from_url(fresh_redis_url) as client:
        for scope, member in (("teams", "noord"), ("reps", "anna"), ("team:noord", "anna")):
            client.zincrby(f"{keys.TOTALS}revenue:2093-Q4:{scope}", 1, member)
    outcome = call("verify")
    assert outcome.exit_code == 1
    assert "revenue 2093-Q4: team noord over its smaller periods: 7501" in outcome.output


def test_show_prints_a_board(call: Call) -> None:
    lines = call("show", "revenue/2093-11/reps", "--count", "3").output.splitlines()
    assert [text.split() for text in lines[:3]] == [["1", "Anna", "5000"], ["1", "Daan", "5000"], ["3", "Cem", "2500"]]
    assert "3 of 6" in lines[3]


@pytest.mark.parametrize("board", ["revenue", "revenue/november/teams", "a/b/c/d"])
def test_show_says_how_a_board_is_written(call: Call, board: str) -> None:
    outcome = call("show", board)
    assert outcome.exit_code == 2
    assert "2026-11" in outcome.output


@pytest.mark.parametrize("command", [["verify"], ["show", "revenue/2093/teams"], ["rebuild"]])
def test_a_redis_that_is_away_is_one_sentence(tmp_path: Path, command: list[str]) -> None:
    away = f"redis://127.0.0.1:{free_port()}/0"
    outcome = CliRunner().invoke(cli.cli, command, obj=ConsumerSettings(away, away, tmp_path, "info"))
    assert outcome.exit_code == 1
    assert "cannot be reached" in outcome.output
    assert "Traceback" not in outcome.output
