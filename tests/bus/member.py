"""A consumer in a process of its own, which a test drives, stalls and kills.

`python -m tests.bus.member URL TOPIC GROUP` reads commands from standard input and answers each with a line of JSON:
`poll N` waits for and reads N records, `commit I` commits what poll I gave,
`glance 1` polls once, forgets what it gave, and tells how many partitions are assigned.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shared import logs
from shared.bus import Consumer, Record, open_bus

ROOT = Path(__file__).parents[2]


class Member:
    """The test's end of the process."""

    def __init__(self, url: str, topic: str, group: str) -> None:
        command = [sys.executable, "-m", "tests.bus.member", url, topic, group]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def poll(self, limit: int) -> list[str]:
        """Return the values of the next `limit` records."""
        values: list[str] = self._ask(f"poll {limit}")
        return values

    def commit(self, poll: int) -> None:
        """Commit what a poll gave; the first is 0, the last -1."""
        assert self._ask(f"commit {poll}") == "done"

    def glance(self) -> int:
        """Poll once, forget what it gave, and return how many partitions are assigned."""
        assigned: int = self._ask("glance 1")
        return assigned

    def stall(self) -> None:
        """Freeze the whole process, as a long pause of a machine would."""
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on where it was."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it without a chance to say goodbye."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, command: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def main(url: str, topic: str, group: str) -> None:
    """Answer commands until there are no more."""
    logs.configure("tests", "member", "warning")
    consumer = open_bus(url).consumer([topic], group, "member")
    polls: list[list[Record]] = []
    for line in sys.stdin:
        command, argument = line.split()
        if command == "poll":
            polls.append(_poll(consumer, int(argument)))
            _answer([record.value.decode() for record in polls[-1]])
        elif command == "glance":
            consumer.poll(0.1)
            _answer(len(consumer.assigned()))
        else:
            consumer.commit(polls[int(argument)])
            _answer("done")


def _poll(consumer: Consumer, limit: int) -> list[Record]:
    """Read until there are `limit` records; the deadline belongs to the test."""
    records: list[Record] = []
    while len(records) < limit:
        records += consumer.poll(1.0, limit - len(records))
    return records


def _answer(value: object) -> None:
    print(json.dumps(value), flush=True)  # noqa: T201  the answer goes through the pipe


if __name__ == "__main__":
    main(*sys.argv[1:])
