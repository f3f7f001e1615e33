"""A stream's mailbox: the newest state, the settings, and what it was told; nothing in it grows without end."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson

from services.leaderboard.domain.screen import View
from services.leaderboard.domain.told import CELEBRATE, SCREEN
from services.leaderboard.live.seats import Seat

Key = tuple[int, datetime]

MOST_WAITING = 20
"""Celebrations, and orders, that wait for a stream which takes nothing; of more, the oldest are dropped."""


def chunk(data: bytes) -> bytes:
    """Return the data as one chunk of a chunked answer (RFC 9112 section 7.1)."""
    return b"%x\r\n%s\r\n" % (len(data), data)


class Letter:
    """Something that a stream says: made once, sent to many."""

    @property
    def content(self) -> dict[str, Any]:
        """Return the event as JSON, for who asks instead of listening."""
        raise NotImplementedError

    @cached_property
    def wire(self) -> bytes:
        """Return the event as it is sent."""
        raise NotImplementedError

    @cached_property
    def chunk(self) -> bytes:
        """Return the event as one chunk of a chunked answer."""
        return chunk(self.wire)


@dataclass(frozen=True)
class Frame(Letter):
    """One state of one view, ready to be sent; `key` says what it was built from."""

    version: int
    body: bytes
    key: Key

    @cached_property
    def fingerprint(self) -> str:
        """Return a name of the content."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    @property
    def content(self) -> dict[str, Any]:
        """Return the event as JSON, for who asks instead of listening."""
        return {"event": "snapshot", "id": self.id, "data": orjson.Fragment(self.body)}

    @property
    def id(self) -> str:
        """Return what a screen names when it comes back, to say that it has this state."""
        return f"{self.version}-{self.fingerprint}"

    @cached_property
    def wire(self) -> bytes:
        """Return the event as it is sent."""
        return b"event: snapshot\nid: %s\ndata: %s\n\n" % (self.id.encode(), self.body)


@dataclass(frozen=True)
class Event(Letter):
    """Something else that a stream says, ready to be sent."""

    name: str
    data: Mapping[str, Any]

    @property
    def content(self) -> dict[str, Any]:
        """Return the event as JSON, for who asks instead of listening."""
        return {"event": self.name, "data": self.data}

    @cached_property
    def wire(self) -> bytes:
        """Return the event as it is sent."""
        return b"event: %s\ndata: %s\n\n" % (self.name.encode(), orjson.dumps(dict(self.data)))


class Mailbox:
    """Room for one state, where a newer one takes its place, and for some events."""

    def __init__(self, view: View, screen: str | None = None, resume: str = "") -> None:
        """Begin empty; `view` is what was asked for, `resume` the id of the state that the screen has already."""
        self.asked = self.view = view
        self.screen, self.resume = screen, resume
        self.closed = False
        self.on_mail: Callable[[], None] | None = None
        self._frame: Frame | None = None
        self._latest: Frame | None = None
        self._settings: Event | None = None
        self._orders: deque[Event] = deque(maxlen=MOST_WAITING)
        self._celebrations: deque[Event] = deque(maxlen=MOST_WAITING)
        self._condition = threading.Condition()

    def offer(self, frame: Frame) -> None:
        """Leave a first frame, unless there is a newer one already or the screen has it."""
        with self._condition:
            if self._latest is None:
                self._latest = frame
                self._frame = None if frame.id == self.resume else frame

    def sit(self, seat: Seat) -> None:
        """Take a seat: its settings are told, and a state of another view is worth nothing any more."""
        with self._condition:
            if (view := seat.showing(self.asked)) != self.view:
                self.view, self._frame, self._latest = view, None, None
            if seat.settings:
                self.tell(Event(SCREEN, seat.settings))

    def put(self, frame: Frame, view: View) -> None:
        """Leave a frame of a view that is newer than any before; the same one again changes nothing.

        Nor does one of a view that is not this stream's, or not any more.
        """
        with self._condition:
            if view != self.view or (self._latest is not None and frame.id == self._latest.id):
                return
            self._latest = self._frame = frame
            self._wake()

    def tell(self, event: Event) -> None:
        """Leave an event; of settings only the newest are kept."""
        with self._condition:
            if event.name == SCREEN:
                self._settings = event
            else:
                (self._celebrations if event.name == CELEBRATE else self._orders).append(event)
            self._wake()

    def close(self, last: Event | None = None) -> None:
        """Wake the reader for the last time; `last` is still handed over."""
        with self._condition:
            if last is not None:
                self._orders.append(last)
            self.closed = True
            self._wake()

    def take(self, timeout: float) -> list[Letter]:
        """Return everything that waits as soon as there is something; nothing after `timeout` seconds or when closed.

        The screen's own settings come first, then the state, so that whatever is celebrated is drawn already.
        """
        with self._condition:
            self._condition.wait_for(lambda: self.closed or self._waiting(), timeout)
            letters = self._waiting()
            self._frame = self._settings = None
            self._orders.clear()
            self._celebrations.clear()
            return letters

    def _waiting(self) -> list[Letter]:
        single = [letter for letter in (self._settings, self._frame) if letter is not None]
        return [*single, *self._celebrations, *self._orders]

    def _wake(self) -> None:
        self._condition.notify()
        if self.on_mail is not None:
            self.on_mail()
