"""`make run` from the outside: what it refuses, how it starts, lives, starts again, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.machine import claimed, free_port
from tests.deploy.launching import Launcher

ROOT = Path(__file__).parents[2]
MONTH = f"{datetime.now(UTC):%Y-%m}"


def refused(*arguments: str) -> str:
    command = [sys.executable, "-m", "deploy.launcher", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_taken_port_is_one_sentence_and_nothing_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = refused("--var", str(tmp_path / "var"), "--port", str(port))
    assert said.count("\n") == 1
    assert f"make run PORT={port + 1}" in said
    assert not (tmp_path / "var").exists()


def test_a_second_start_on_the_same_data_is_one_sentence(tmp_path: Path) -> None:
    with claimed(tmp_path / "sample"):
        said = refused("--var", str(tmp_path), "--port", str(free_port()))
    assert said.count("\n") == 1
    assert f"already runs on {tmp_path / 'sample'} (process {os.getpid()})" in said


def test_a_folder_without_permission_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refused("--var", str(tmp_path / "file"), "--port", str(free_port()))
    assert said.count("\n") == 1
    assert "VAR=" in said


def test_a_wrong_word_names_the_right_ones() -> None:
    assert "'office', 'none'" in refused("--sample", "everything")


@pytest.mark.e2e
def test_the_example_office_comes_alive_and_everything_goes_with_ctrl_c(launch: Callable[..., Launcher]) -> None:
    launcher = launch("--pace", "0.2")
    launcher.wait_until_running()
    team_board = "/leaderboard/v1/boards/revenue/this-month/teams"
    launcher.wait_until(lambda: totals(launcher, team_board) > 0, "standings")
    launcher.wait_until(lambda: bool(launcher.get(f"/commission/v1/payouts?period={MONTH}", "hr")), "payouts")
    before = totals(launcher, "/leaderboard/v1/boards/calls/this-month/teams")
    launcher.wait_until(
        lambda: totals(launcher, "/leaderboard/v1/boards/calls/this-month/teams") > before, "another call"
    )
    assert launcher.pids() >= {launcher.process.pid}
    assert len(launcher.pids()) >= 8  # launcher, Redis, four consumers, gunicorn's two, the feed
    assert launcher.stop() == 0
    assert launcher.said.rstrip().endswith("Stopped.")
    assert launcher.pids() == set()
    assert not secrets_in(launcher)


def totals(launcher: Launcher, path: str) -> int:
    try:
        rows = launcher.get(path, "manager")["rows"]
    except urllib.error.HTTPError:
        return 0
    return sum(row["amount"] for row in rows)


def secrets_in(launcher: Launcher) -> list[str]:
    """Return the names of the files that show a token: what the launcher said, and every log."""
    tokens = [path.read_text().strip() for path in launcher.var.glob("*/tokens/*")]
    assert tokens
    told = [launcher._said, *launcher.var.glob("*/log/*")]
    return [path.name for path in told if any(token in path.read_text(errors="replace") for token in tokens)]


@pytest.mark.e2e
def test_an_empty_start_keeps_what_was_put_in_and_is_quick_the_second_time(launch: Callable[..., Launcher]) -> None:
    first = launch("--sample", "none")
    first.wait_until_running()
    assert "It is empty" in first.said
    roster = (ROOT / "deploy/example/roster.yaml").read_bytes()
    put(first, "/ingest/v1/league/roster", roster)
    assert first.stop(signal.SIGTERM) == 0
    began = time.monotonic()
    second = launch("--sample", "none")
    second.wait_until_running()
    assert time.monotonic() - began < 20
    assert second.get("/ingest/v1/league/roster", "manager")["version"] == 1
    assert second.stop() == 0


def put(launcher: Launcher, path: str, body: bytes) -> None:
    secret = (launcher.var / "live" / "tokens" / "manager").read_text().strip()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/yaml"}
    request = urllib.request.Request(f"http://127.0.0.1:{launcher.port}{path}", body, headers, method="PUT")
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  loopback
        assert answer.status == 201


@pytest.mark.e2e
def test_a_killed_consumer_is_told_and_comes_back(launch: Callable[..., Launcher]) -> None:
    launcher = launch("--sample", "none")
    launcher.wait_until_running()
    os.kill(pid_of(launcher, "services.scoring.consumer"), signal.SIGKILL)
    launcher.wait_until(lambda: "scoring-consumer ended by itself (signal SIGKILL)" in launcher.said, "the news")
    launcher.wait_until(lambda: pid_of(launcher, "services.scoring.consumer") > 0, "its return")
    assert launcher.stop() == 0
    assert launcher.pids() == set()


def pid_of(launcher: Launcher, module: str) -> int:
    for pid in launcher.pids():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if re.search(rf"{module}\0?$", command):
            return pid
    return 0
