"""The importer: every row accounted for, repeatable, resumable, through either way in."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text
from werkzeug.serving import make_server

from services.ingest.cli import cli
from services.ingest.settings import Settings
from services.ingest.web import create_app
from shared.auth import mint
from shared.settings import WebSettings
from shared.sql import reading

ROOT = Path(__file__).parents[2]
DATA = ROOT / ".." / "shared" / "data" / "crm-sales-opportunities" / "sales_pipeline.csv"
PUBLIC = ROOT / "deploy" / "mappings" / "crm-sales-opportunities.yaml"

MAPPING = """
connection: telephony
activities:
  - id: "{nr}"
    type: call
    occurred_at: "{day}"
    owner: "{who}"
    data: {duration_s: {column: seconds, kind: number}}
"""

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, engine: Engine, tmp_path: Path) -> Run:
    """Run a command of the front door on this test's database."""

    def command(*arguments: object) -> Result:
        words = [str(each) for each in arguments]
        more = ["--progress", str(tmp_path / "progress")] if words[0] == "import" else []
        return CliRunner(env={"INGEST_DATABASE_URL": database_url}).invoke(cli, [*words, *more])

    return command


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING)
    return path


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(*lines: str, name: str = "calls.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(["nr,day,who,seconds", *lines]) + "\n")
        return path

    return write


@pytest.fixture
def front_door(database_url: str, engine: Engine, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A running front door: its address, and a file with a token for it."""
    tokens, token = tmp_path / "tokens.json", tmp_path / "token"
    token.write_text(mint(tokens, "branch", ["activities:write", "league:write"]) + "\n")
    app = create_app(Settings(database_url, WebSettings(tmp_path / "run", tokens, rate_limit=0)))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", token
    server.shutdown()
    thread.join()
    server.server_close()


def count(engine: Engine, what: str = "count(*)") -> Any:
    with reading(engine) as conn:
        return conn.execute(text(f"SELECT {what} FROM inbox JOIN activities ON inbox.id = inbox")).scalar_one()  # noqa: S608


def bodies(engine: Engine) -> list[dict[str, Any]]:
    with reading(engine) as conn:
        return [orjson.loads(body) for (body,) in conn.execute(text("SELECT body FROM activities"))]


@pytest.mark.long  # the big run of the chain imports the same rows
def test_every_row_of_the_public_data_is_in_or_left_out_for_a_reason(run: Run, engine: Engine) -> None:
    if not DATA.exists():
        pytest.skip("the data is not beside the project")
    first = run("import", DATA, "--mapping", PUBLIC)
    assert first.exit_code == 0, first.output
    assert "8,800 rows" in first.stdout
    assert "15,011 activities parked" in first.stdout  # there is no roster here
    assert "500 left out: engage_date is empty" in first.stdout
    assert "0 bad lines" in first.stdout
    won = [body for body in bodies(engine) if body["deal"].get("status") == "won"]
    assert (len(won), sum(int(body["deal"]["amount"]) for body in won)) == (4_238, 10_005_534)
    again = run("import", DATA, "--mapping", PUBLIC, "--undated", "2016-10-01")
    assert "15,011 activities duplicate" in again.stdout
    assert "500 activities parked" in again.stdout
    assert "left out" not in again.stdout
    assert count(engine) == 15_511


def test_a_bad_line_is_reported_and_the_good_ones_beside_it_are_kept(
    run: Run, engine: Engine, table: Callable[..., Path], mapping: Path, tmp_path: Path
) -> None:
    calls = table(
        "1,2026-11-24,sanne,60",
        "2,gisteren,sanne,60",
        "3,2026-11-24,,60",
        "4,2026-11-24,sanne,lang",
        ",2026-11-24,sanne,1",
        "6,2026-11-24,sanne,",
    )
    done = run("import", calls, "--mapping", mapping, "--problems", tmp_path / "problems.txt")
    assert done.exit_code == 1
    expected = [
        "line 3: day 'gisteren': expected a date written like 2026-11-24",
        "line 5: seconds 'lang': expected a number",
        "line 4: who '': expected whose work it was; only a change of a deal may leave it out",
        "line 6: nr '': expected the sender's own id of this event: text of at most 420 characters",
    ]
    assert [line for line in done.stderr.splitlines() if line.startswith("line")] == expected
    assert (tmp_path / "problems.txt").read_text().splitlines() == expected
    assert "6 rows" in done.stdout
    assert "4 bad lines" in done.stdout
    assert sorted(body["id"] for body in bodies(engine)) == ["1", "6"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"nr,day\n1,2\n", "the mapping reads seconds, who; the columns are: nr, day"),
        (b"", "the columns are: (none)"),
        (b"nr,day,who,seconds\n1,2026-11-24,\xff,1\n", "after line"),
        (b'nr,day,who,seconds\n1,"2026,3,4\n', "after line"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_in_a_sentence(
    run: Run, mapping: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(content)
    done = run("import", path, "--mapping", mapping)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_bad_mapping_is_refused_with_every_problem(run: Run, table: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("connection: x\nactivities: [{id: 1}]\n")
    done = run("import", table(), "--mapping", tmp_path / "bad.yaml")
    assert done.exit_code == 2
    assert "/activities/0/type: is missing" in done.stderr


def test_an_import_that_is_killed_goes_on_where_it_was(
    database_url: str, engine: Engine, table: Callable[..., Path], mapping: Path, tmp_path: Path
) -> None:
    rows = 30_000
    calls = table(*(f"{n},2026-11-24,sanne,{n % 600}" for n in range(rows)))
    progress = tmp_path / "progress"
    command = [sys.executable, "-m", "services.ingest.cli", "import", str(calls), "--mapping", str(mapping)]
    command += ["--progress", str(progress)]
    environment = {**os.environ, "INGEST_DATABASE_URL": database_url}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    deadline = time.monotonic() + 60
    while not list(progress.glob("import-*.json")):
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert 0 < count(engine) < rows
    second = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert second.returncode == 0, second.stderr
    assert "continuing after row" in second.stderr
    assert f"{rows:,} rows" in second.stdout
    assert count(engine) == rows
    assert count(engine, "count(DISTINCT key)") == rows
    assert not list(progress.iterdir()), "a complete import leaves nothing behind"


def test_another_file_or_mapping_does_not_continue(run: Run, table: Callable[..., Path], mapping: Path) -> None:
    run("import", table("1,2026-11-24,sanne,60"), "--mapping", mapping)
    mapping.write_text(mapping.read_text().replace("telephony", "other"))
    done = run("import", table("1,2026-11-24,sanne,60"), "--mapping", mapping)
    assert "1 activities parked" in done.stdout
    assert "continuing" not in done.stderr


def test_over_http_the_token_names_the_connection(
    run: Run, engine: Engine, table: Callable[..., Path], mapping: Path, front_door: tuple[str, Path]
) -> None:
    url, token = front_door
    calls = table(*(f"{n},2026-11-24,sanne,60" for n in range(600)), "600,2026-11-24,sanne,60", "bad,2026-11-24,,60")
    for status in ("parked", "duplicate"):
        done = run("import", calls, "--mapping", mapping, "--url", url, "--token-file", token)
        assert done.exit_code == 1, done.output
        assert f"601 activities {status}" in done.stdout
        assert "line 603: who ''" in done.stderr
    assert count(engine, "count(DISTINCT connection)") == 1
    assert count(engine, "min(connection)") == "branch"


def test_over_http_a_batch_of_which_nothing_can_be_kept_is_told_line_by_line(
    run: Run, table: Callable[..., Path], mapping: Path, front_door: tuple[str, Path]
) -> None:
    url, token = front_door
    done = run(
        "import",
        table("1,2026-11-24,,60", ",2026-11-24,,60"),
        "--mapping",
        mapping,
        "--url",
        url,
        "--token-file",
        token,
    )
    assert done.exit_code == 1
    lines = [line.partition(":")[0] for line in done.stderr.splitlines() if line.startswith("line")]
    assert lines == ["line 2", "line 3"]  # the empty id of line 3 hides its empty owner


def test_over_http_a_refusal_is_a_sentence(
    run: Run, table: Callable[..., Path], mapping: Path, front_door: tuple[str, Path], tmp_path: Path
) -> None:
    url, token = front_door
    calls = table("1,2026-11-24,sanne,60")
    (tmp_path / "wrong").write_text("samenspel_wrong")
    for more, said in (
        (["--url", url, "--token-file", tmp_path / "wrong"], "401"),
        (["--url", url], "--url needs --token-file"),
        (["--url", "ftp://x", "--token-file", token], "is no address"),
    ):
        done = run("import", calls, "--mapping", mapping, *more)
        assert done.exit_code == 2
        assert said in done.stderr


def test_a_document_is_put_straight_or_over_http(
    run: Run, roster: dict[str, Any], front_door: tuple[str, Path], tmp_path: Path
) -> None:
    url, token = front_door
    path = tmp_path / "roster.json"
    path.write_bytes(orjson.dumps(roster))
    first = run("league", "put", "roster", path, "--author", "els")
    assert (first.exit_code, "roster version 1" in first.stdout) == (0, True), first.output
    same = run("league", "put", "roster", path, "--url", url, "--token-file", token)
    assert "the same as before" in same.stdout
    roster["teams"].pop()
    path.write_bytes(orjson.dumps(roster))
    second = run("league", "put", "roster", path, "--url", url, "--token-file", token, "--effective-from", "2026-12-01")
    assert "roster version 2, effective from 2026-12-01" in second.stdout
    assert "team zuid: gone" in second.stdout


@pytest.mark.parametrize("remote", [False, True])
def test_a_bad_document_is_refused_with_every_problem(
    run: Run, front_door: tuple[str, Path], tmp_path: Path, remote: bool
) -> None:
    url, token = front_door
    path = tmp_path / "targets.yaml"
    path.write_text("targets:\n  - {team: noord, metric: revenue, period: november, amount: -1}\n")
    more = ["--url", url, "--token-file", token] if remote else []
    done = run("league", "put", "targets", path, *more)
    assert done.exit_code == 2
    assert "/targets/0/period" in done.stderr
    assert "/targets/0/amount" in done.stderr


def test_the_database_is_migrated_by_a_command_and_settings_are_asked_for(run: Run, tmp_path: Path) -> None:
    assert run("migrate").exit_code == 0
    environment = {name: value for name, value in os.environ.items() if name != "INGEST_DATABASE_URL"}
    command = [sys.executable, "-m", "services.ingest.cli", "migrate"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "INGEST_DATABASE_URL is not set" in done.stderr
