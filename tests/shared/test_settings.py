from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.settings import BadSettings, Env, SettingProblem, exit_on_bad_settings, load, or_exit

GOOD = {
    "SAMENSPEL_BUS_URL": "kafka://one:9092,two:9092",
    "INGEST_DATABASE_URL": "sqlite:////var/lib/samenspel/ingest.db",
    "SAMENSPEL_RUN_DIR": "/run/samenspel",
}


@dataclass(frozen=True)
class Example:
    database_url: str
    bus_url: str
    batch: int
    run_dir: Path


def build(env: Env) -> Example:
    return Example(
        database_url=env.database_url("INGEST_DATABASE_URL"),
        bus_url=env.bus_url(),
        batch=env.integer("INGEST_BATCH", 500, low=1, high=5000),
        run_dir=env.web().run_dir,
    )


def problems(environ: dict[str, str]) -> dict[str, SettingProblem]:
    with pytest.raises(BadSettings) as caught:
        load(build, environ)
    return {problem.variable: problem for problem in caught.value.problems}


def test_a_complete_environment_makes_the_settings() -> None:
    made = load(build, {**GOOD, "INGEST_BATCH": "20"})
    assert made == Example(GOOD["INGEST_DATABASE_URL"], GOOD["SAMENSPEL_BUS_URL"], 20, Path("/run/samenspel"))


def test_a_default_stands_in_for_what_is_not_set() -> None:
    assert load(build, GOOD).batch == 500
    assert load(build, {**GOOD, "INGEST_BATCH": ""}).batch == 500


def test_every_problem_is_reported_at_once_with_value_and_remedy() -> None:
    found = problems({"SAMENSPEL_BUS_URL": "amqp://x", "INGEST_BATCH": "many", "SAMENSPEL_LOG_LEVEL": "loud"})
    assert set(found) == {
        *("SAMENSPEL_BUS_URL", "INGEST_BATCH", "SAMENSPEL_LOG_LEVEL"),
        *("INGEST_DATABASE_URL", "SAMENSPEL_RUN_DIR"),
    }
    assert str(found["INGEST_BATCH"]) == "INGEST_BATCH is 'many': must be a whole number from 1 to 5000"
    assert "is not set" in str(found["INGEST_DATABASE_URL"])
    assert "sqlite:////" in found["INGEST_DATABASE_URL"].remedy
    assert "kafka://" in found["SAMENSPEL_BUS_URL"].remedy


@pytest.mark.parametrize("value", ["0", "5001", "1.5", "--5", "1e3", "½", "9" * 40])
def test_a_number_out_of_range_or_no_number_is_refused(value: str) -> None:
    assert set(problems({**GOOD, "INGEST_BATCH": value})) == {"INGEST_BATCH"}


@pytest.mark.parametrize("value", ["redis://", "http://host", "host:9092", "redis://[broken"])
def test_what_is_no_url_of_the_bus_is_refused(value: str) -> None:
    assert set(problems({**GOOD, "SAMENSPEL_BUS_URL": value})) == {"SAMENSPEL_BUS_URL"}


def test_a_password_never_appears_in_a_report() -> None:
    found = problems({**GOOD, "INGEST_DATABASE_URL": "mysql://app:hunter2@db/ingest"})
    assert "hunter2" not in str(found["INGEST_DATABASE_URL"])
    assert "(hidden)" in str(found["INGEST_DATABASE_URL"])


def test_a_value_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql+psycopg://app:s3cret@db/ingest\n")
    without = {name: value for name, value in GOOD.items() if name != "INGEST_DATABASE_URL"}
    made = load(build, {**without, "INGEST_DATABASE_URL_FILE": str(tmp_path / "url")})
    assert made.database_url == "postgresql+psycopg://app:s3cret@db/ingest"


def test_a_value_and_its_file_contradict_each_other(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("sqlite:////x.db")
    found = problems({**GOOD, "INGEST_DATABASE_URL_FILE": str(tmp_path / "url")})
    assert "keep one of the two" in found["INGEST_DATABASE_URL_FILE"].remedy


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file"), (b"\xff\xfe\x00", "not a text file"), (b"\n", "is empty")]
)
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, content: bytes | None, reason: str) -> None:
    if content is not None:
        (tmp_path / "url").write_bytes(content)
    without = {name: value for name, value in GOOD.items() if name != "SAMENSPEL_BUS_URL"}
    found = problems({**without, "SAMENSPEL_BUS_URL_FILE": str(tmp_path / "url")})
    assert reason in found["SAMENSPEL_BUS_URL_FILE"].remedy


def test_a_file_that_cannot_be_read_is_reported_once() -> None:
    with pytest.raises(BadSettings) as caught:
        load(build, {**GOOD, "SAMENSPEL_RUN_DIR": "", "SAMENSPEL_RUN_DIR_FILE": "/nowhere/at/all"})
    assert [problem.variable for problem in caught.value.problems] == ["SAMENSPEL_RUN_DIR_FILE"]


def test_a_process_prints_every_problem_and_ends_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        or_exit(build, {})
    assert ended.value.code == 2
    printed = capsys.readouterr().err
    assert [line.split()[0] for line in printed.splitlines()[1:]] == [
        "INGEST_DATABASE_URL",
        "SAMENSPEL_BUS_URL",
        "SAMENSPEL_RUN_DIR",
    ]


def test_a_problem_found_while_wiring_ends_the_process_in_the_same_way() -> None:
    with pytest.raises(SystemExit) as ended, exit_on_bad_settings():
        raise BadSettings([SettingProblem("SAMENSPEL_TOKENS_FILE", "", "set it")])
    assert ended.value.code == 2


def test_the_environment_of_the_process_is_read_when_asked_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    assert load(build).bus_url == GOOD["SAMENSPEL_BUS_URL"]
