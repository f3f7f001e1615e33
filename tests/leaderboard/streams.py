"""Streams over a store that is told what to say, at a time that is set by hand."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import orjson

from services.leaderboard.domain.screen import View
from services.leaderboard.domain.told import Told
from services.leaderboard.live import Frame, Hub, Limits, Seat, Streams
from services.leaderboard.live.mailbox import Mailbox

SOON = 15.0
VIEW = View()
QUICK = Limits(heartbeat=0.05, gap=0.1)
CALM = Limits(heartbeat=30, gap=0.0)


HubOf = Callable[[Limits], Hub]


class Gone(Exception):
    """The store cannot be reached."""


class Store:
    """A store of one number: `say` changes it, `lose` makes it unreachable until `find`."""

    def __init__(self) -> None:
        self.version, self.lost = 1, threading.Event()
        self.built: Counter[View] = Counter()
        self.watchers = 0
        self.seats: dict[str, Seat] = {}
        self.lose_seats = False
        self.more, self.forgotten = "", 0
        self._news: queue.Queue[int | Told] = queue.Queue()

    def say(self, version: int) -> None:
        self.version = version
        self._news.put(version)

    def lose(self) -> None:
        self.lost.set()
        self._news.put(-1)

    def find(self) -> None:
        self.lost.clear()

    def tell(self, told: Told) -> None:
        self._news.put(told)

    def follow(self, stop: threading.Event) -> Iterator[int | Told]:
        self.watchers += 1
        self._refuse_when_lost()
        yield self.version
        while not stop.is_set():
            try:
                news = self._news.get(timeout=0.02)
            except queue.Empty:
                news = self.version
            self._refuse_when_lost()
            if news != -1:
                yield news

    def build(self, view: View, now: datetime, _version: int | None = None) -> tuple[int, bytes]:
        self._refuse_when_lost()
        if view.team == "broken":
            raise ZeroDivisionError
        self.built[view] += 1
        return self.version, orjson.dumps({"v": self.version, "team": view.team, "at": now, "more": self.more})

    def forget(self) -> None:
        self.forgotten += 1

    def look_up(self, screens: Collection[str]) -> dict[str, Seat]:
        if self.lose_seats:
            raise LookupError
        return {screen: self.seats[screen] for screen in screens if screen in self.seats}

    def _refuse_when_lost(self) -> None:
        if self.lost.is_set():
            raise Gone


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 22, 50, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def stream(hub: Hub, view: View = VIEW, **given: str) -> Iterator[Iterator[tuple[str, Any]]]:
    """Open a stream and read it as a browser does: (kind, data) of each event that has data."""
    box = hub.join(view, **given)
    try:
        yield parsed(iter(Streams(hub, "app1").body(box, {})))
    finally:
        hub.leave(box)


def parsed(chunks: Iterator[bytes]) -> Iterator[tuple[str, Any]]:
    for chunk in chunks:
        for block in chunk.decode().split("\n\n"):
            fields = dict(row.split(": ", 1) for row in block.splitlines() if ": " in row)
            if "data" in fields:
                yield fields.get("event", "message"), orjson.loads(fields["data"])


def snapshots(read: Iterator[tuple[str, Any]]) -> Iterator[dict[str, Any]]:
    return (data for kind, data in read if kind == "snapshot")


def until(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + SOON
    while not condition():
        assert monotonic() < deadline, "did not come true in time"
        threading.Event().wait(0.005)


def get(box: Mailbox, version: int) -> None:
    """Take frames until the one of this version comes."""
    deadline = monotonic() + SOON
    while version not in [letter.version for letter in box.take(SOON) if isinstance(letter, Frame)]:
        assert monotonic() < deadline, f"version {version} did not come in time"


def reaches(states: Iterator[dict[str, Any]], version: int) -> bool:
    return bool(next_where(states, lambda state: state["v"] == version))


def next_where(read: Iterator[Any], condition: Callable[[Any], bool]) -> Any:
    deadline = monotonic() + SOON
    for each in read:
        if condition(each):
            return each
        assert monotonic() < deadline, "did not come in time"
    raise AssertionError("the stream ended")
