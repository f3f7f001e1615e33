"""The consumer as a process, on both buses: killed, stopped, in front of a gap, with lost books."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep

import orjson
import pytest

from services.commission.store import Books
from shared.bus import Bus, Outgoing
from shared.contracts import credit, league, wire
from shared.contracts.credit import Credit
from tests.commission.lines import line
from tests.commission.office import document, roster_body

ROOT = Path(__file__).parents[2]
DEADLINE = 60.0


@pytest.fixture
def environment(bus_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "COMMISSION_DATABASE_URL": f"sqlite:///{tmp_path / 'commission.db'}",
        "SAMENSPEL_BUS_URL": bus_url,
        "SAMENSPEL_RUN_DIR": str(tmp_path / "run"),
    }


@pytest.fixture
def books(environment: dict[str, str]) -> Iterator[Books]:
    opened = Books.open(environment["COMMISSION_DATABASE_URL"])
    opened.migrate()
    yield opened
    opened.close()


@contextmanager
def consuming(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "services.commission.consumer"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def send(bus: Bus, lines: Iterable[Credit]) -> None:
    for each in lines:
        [value] = wire.encode("credits", [credit.to_wire(each)])
        bus.publish([Outgoing("credits", str(each.partition), value, each.partition)])


def send_roster(bus: Bus) -> None:
    [value] = wire.encode("league", [league.to_wire(document("roster", roster_body()))])
    bus.publish([Outgoing("league", "roster", value)])


def seen(books: Books) -> dict[int, int]:
    with books.page() as page:
        return dict(page.marks().ledger)


def until(happens: Callable[[], bool]) -> None:
    deadline = monotonic() + DEADLINE
    while not happens():
        assert monotonic() < deadline, "did not happen in time"
        sleep(0.05)


def test_killed_twice_it_counts_every_line_once(bus: Bus, books: Books, environment: dict[str, str]) -> None:
    send_roster(bus)
    goal = dict.fromkeys(range(4), 60)
    for kill_after in (10, 35):
        with consuming(environment) as process:
            send(bus, (line(n, partition=p) for n in range(kill_after - 9, kill_after + 16) for p in goal))
            until(lambda least=kill_after: sum(seen(books).values()) >= least)  # type: ignore[misc]
            process.kill()
    send(bus, (line(n, partition=p) for n in range(1, 61) for p in goal))
    with consuming(environment) as process:
        until(lambda: seen(books) == goal)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
    with books.page() as page:
        assert list(page.disagreements()) == []
        assert page.marks().documents == (("roster", 1),)


def test_missing_lines_end_the_process_with_code_3(bus: Bus, books: Books, environment: dict[str, str]) -> None:
    send(bus, [line(1), line(4)])
    with consuming(environment) as process:
        assert process.wait(DEADLINE) == 3
        assert process.stderr is not None
        alarm = [orjson.loads(text) for text in process.stderr if "sequence_gap" in text]
    assert "line 4 came after line 1" in alarm[0]["reason"]


def test_lost_books_are_made_again_from_line_one(
    bus: Bus, books: Books, environment: dict[str, str], tmp_path: Path
) -> None:
    send(bus, [line(1), line(2)])
    with consuming(environment) as process:
        until(lambda: seen(books) == {0: 2})
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
    books.close()
    for left in tmp_path.glob("commission.db*"):
        left.unlink()
    books.migrate()
    with ExitStack() as stack:
        requests = bus.consumer(["requests"], "test", "test")
        stack.callback(requests.close)
        stack.enter_context(consuming(environment))
        asked: list[str] = []
        until(lambda: asked.extend(r.key for r in requests.poll(0.5)) or {"league", "credits"} <= set(asked))  # type: ignore[func-returns-value]
        send(bus, [line(3), line(1), line(2), line(3)])
        until(lambda: seen(books) == {0: 3})


def test_without_settings_it_says_everything_that_is_missing_and_ends_with_code_2() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "services.commission.consumer"],
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert all(name in ended.stderr for name in ("COMMISSION_DATABASE_URL", "SAMENSPEL_BUS_URL", "SAMENSPEL_RUN_DIR"))
