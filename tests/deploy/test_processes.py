"""The supervisor: real processes that die, hang, have children, and end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy import processes
from deploy.processes import GaveUp, Program, Supervisor

ROOT = Path(__file__).parents[2]
FOREVER = "import time; print('up', flush=True); time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"


def wait_until(true: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.01)


def tend_until(supervisor: Supervisor, true: Callable[[], bool]) -> None:
    def look() -> bool:
        supervisor.tend()
        return true()

    wait_until(look)


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(ROOT, tmp_path / "log", os.environ, said.append)
    yield made
    made.stop(lambda: True)


def python(name: str, code: str, stage: int = 1) -> Program:
    return Program(name, (sys.executable, "-u", "-c", code), stage)


def started(supervisor: Supervisor, *programs: Program) -> list[int]:
    """Start programs that print `up`, and return their pids once they did."""
    supervisor.start(programs)
    children = [child for child in supervisor.children if child.program in programs]
    wait_until(lambda: all("up" in child.tail() for child in children))
    return [child.pid or 0 for child in children]


def test_processes_run_and_are_stopped(supervisor: Supervisor) -> None:
    pids = started(supervisor, python("a", FOREVER), python("b", FOREVER))
    supervisor.tend()
    assert all(alive(pid) for pid in pids)
    supervisor.stop(lambda: False)
    assert not any(alive(pid) for pid in pids)


def test_the_highest_stage_stops_first(supervisor: Supervisor, tmp_path: Path) -> None:
    note = (
        f"import signal, sys; p = open({str(tmp_path / 'ends')!r}, 'a');"
        "signal.signal(signal.SIGTERM, lambda *_: (p.write('{} '), p.close(), sys.exit()));"
        f"{FOREVER}"
    )
    started(supervisor, *(python(f"s{stage}", note.format(stage), stage) for stage in (0, 1, 2)))
    supervisor.stop(lambda: False)
    assert (tmp_path / "ends").read_text().split() == ["2", "1", "0"]


def test_what_does_not_listen_is_killed_after_a_while(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    pids = started(supervisor, python("deaf", DEAF))
    supervisor.stop(lambda: False)
    assert not alive(pids[0])


def test_a_user_in_a_hurry_does_not_wait(supervisor: Supervisor) -> None:
    pids = started(supervisor, python("deaf", DEAF))
    began = time.monotonic()
    supervisor.stop(lambda: True)
    assert time.monotonic() - began < processes.STOP_SECONDS / 2
    assert not alive(pids[0])


def test_children_of_a_process_go_with_it(supervisor: Supervisor, tmp_path: Path) -> None:
    grandchild = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {DEAF!r}]); "
    grandchild += f"open({str(tmp_path / 'pid')!r}, 'w').write(str(p.pid)); {FOREVER}"
    started(supervisor, python("parent", grandchild))
    wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
    pid = int((tmp_path / "pid").read_text())
    assert alive(pid)
    supervisor.stop(lambda: False)
    wait_until(lambda: not alive(pid))


def test_ctrl_c_in_the_terminal_reaches_no_child(supervisor: Supervisor) -> None:
    pids = started(supervisor, python("a", FOREVER))
    assert os.getpgid(pids[0]) != os.getpgid(0)


def test_a_process_that_dies_is_told_with_its_last_lines_and_started_again(
    supervisor: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "PAUSES", (0.01, 0.01))
    pids = started(supervisor, python("worker", FOREVER))
    os.kill(pids[0], signal.SIGKILL)
    tend_until(supervisor, lambda: bool(said))
    assert "worker ended by itself (signal SIGKILL)" in said[0]
    assert "    up" in said[0]
    assert "(1 of 2)" in said[0]
    tend_until(supervisor, lambda: supervisor.children[0].pid not in {None, pids[0]})


def test_one_that_always_dies_is_given_up_loudly(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PAUSES", (0.01, 0.01))
    supervisor.start([python("broken", "import sys; print('no such table', flush=True); sys.exit(3)")])
    with pytest.raises(GaveUp, match=r"broken ended by itself \(exit code 3\)(.|\n)*no such table(.|\n)*3 times"):
        tend_until(supervisor, lambda: False)


def test_after_a_minute_of_health_earlier_deaths_are_forgotten(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "PAUSES", (0.01,))
    monkeypatch.setattr(processes, "STEADY", 0.0)
    supervisor.start([python("flaky", "import time; time.sleep(0.05)")])
    starts: set[float] = set()
    for _ in range(4):
        tend_until(supervisor, lambda: supervisor.children[0].started not in starts)
        starts.add(supervisor.children[0].started)


def test_a_long_log_is_set_aside(supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LOG_BYTES", 10)
    (tmp_path / "log" / "a.log").write_text("from an earlier run\n")
    started(supervisor, python("a", FOREVER))
    assert (tmp_path / "log" / "a.log.1").read_text() == "from an earlier run\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only the Linux kernel tells a child that its parent is gone")
def test_a_killed_launcher_leaves_nothing_behind(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from deploy.processes import Program, Supervisor\n"
        f"s = Supervisor(Path('.'), Path({str(tmp_path / 'log')!r}), os.environ, print)\n"
        f"s.start([Program('a', (sys.executable, '-c', {FOREVER!r}))])\n"
        "print(s.children[0].pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout
        pid = int(launcher.stdout.readline())
        assert alive(pid)
        launcher.kill()
    wait_until(lambda: not alive(pid))
