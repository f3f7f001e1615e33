"""What a machine must offer; each lack is one sentence that says what to do."""

import errno
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import machine
from deploy.machine import CannotRun

ROOT = Path(__file__).parents[2]


def test_a_free_port_is_fine() -> None:
    machine.check_port("127.0.0.1", machine.free_port())


def test_a_taken_port_names_another_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CannotRun, match=rf"Port {port} is taken .* make run PORT={port + 1}"):
            machine.check_port("127.0.0.1", port)


def test_a_port_that_needs_permission_says_which_do_not() -> None:
    denied = PermissionError(errno.EACCES, "Permission denied")
    assert "choose one above 1023" in machine._no_port("127.0.0.1", 80, denied)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_says_which_to_choose(host: str) -> None:
    with pytest.raises(CannotRun, match=f"{host} is no address of this machine"):
        machine.check_port(host, 8000)


@pytest.mark.parametrize(("host", "expected"), [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False)])  # noqa: S104  only looked at
def test_loopback_is_told_from_the_network(host: str, expected: bool) -> None:
    assert machine.is_loopback(host) is expected


def test_a_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    with machine.claimed(tmp_path / "var" / "sample") as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_launcher_on_the_same_folder_is_told_who_has_it(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from deploy.machine import claimed\nwith claimed(Path({str(tmp_path)!r})): pass"
    with machine.claimed(tmp_path):
        second = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"already runs on {tmp_path} (process {os.getpid()})" in second.stderr
    third = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert third.returncode == 0, third.stderr


def test_a_folder_that_cannot_be_made_says_which_variable_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CannotRun, match=r"Cannot write to .* choose another folder with VAR="):
        machine.claimed(tmp_path / "file" / "sample").__enter__()


def test_a_redis_is_found() -> None:
    assert machine._redis_version(machine.redis_program()) >= machine.OLDEST_REDIS


def fake_redis(folder: Path, version: str) -> Path:
    program = folder / "redis-server"
    program.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=0 bits=64'\n")
    program.chmod(0o755)
    return program


def test_the_machines_own_redis_goes_before_the_bundled_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = fake_redis(tmp_path, "7.0.15")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert machine.redis_program() == own


def test_a_redis_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = fake_redis(tmp_path, "5.0.7")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.redis_program() != old


def test_without_any_redis_the_user_is_told_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(machine, "_bundled", lambda: iter(()))
    with pytest.raises(CannotRun, match="apt install redis-server"):
        machine.redis_program()


def test_something_that_is_no_redis_has_no_version(tmp_path: Path) -> None:
    assert machine._redis_version(Path("/bin/true")) == (0,)
    assert machine._redis_version(tmp_path / "absent") == (0,)
