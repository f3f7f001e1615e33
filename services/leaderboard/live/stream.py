"""A stream of server-sent events: the state whenever it changes, what the screen is told, and signs of life.

    retry: 2000 to 5000
    event: hb         every `beat` seconds: {t: server time, v: version, seen: last look at the standings, app, beat}
    event: screen     the screen's own settings, first and whenever they change
    event: snapshot   id: version and fingerprint; the state, on connect (unless the screen has it) and on each change
    event: celebrate, reload, revoked, identify, next   see domain/told.py

Signs of life are named events with data: browsers do not show comments to scripts, and never dispatch an event without
data, so that a connection that is silently dead could not be noticed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import Any

import orjson

from services.leaderboard.live.hub import Hub
from services.leaderboard.live.mailbox import Event, Letter, Mailbox
from services.leaderboard.live.writer import Writer

RETRY_MS = 2000, 5000
"""Browsers repeat a refused connection at this pace for ever, without backing off; not all at the same one."""
PADDING = b":" + b" " * 2047 + b"\n"
"""A comment that fills the small buffers of what is in between, so that the first event is not kept in them."""
HANDOVER = "samenspel.handover"


class Streams:
    """The streams of one process."""

    def __init__(self, hub: Hub, app: str) -> None:
        """Stream what `hub` leaves in mailboxes; `app` names the version of the pages."""
        self._hub, self._app = hub, app
        self._writer = Writer(hub.limits.heartbeat, lambda: self._beat().chunk)

    def body(self, box: Mailbox, environ: Mapping[str, Any]) -> Body:
        """Return the body of an answer to the request of `environ`; to be passed through as it is."""
        return Body(self, box, environ)

    def begin(self) -> bytes:
        """Return the first bytes: they come at once, so that a proxy sees the answer begin."""
        return PADDING + b"retry: %d\n\n" % random.randint(*RETRY_MS) + self._beat().wire

    def answer(self, letters: Sequence[Letter]) -> bytes:
        """Return what a stream would say now, as JSON {events: [{event, id, data}]}."""
        return orjson.dumps({"events": [letter.content for letter in (self._beat(), *letters)]})

    def seconds(self) -> float:
        """Return how long a stream may last."""
        limits = self._hub.limits
        return limits.lifetime + random.uniform(-limits.spread, limits.spread)

    def hand_over(self, box: Mailbox, sock: Any) -> None:
        """Go on with a connection in the writer's thread."""
        self._writer.take(sock, box, lambda: self._hub.leave(box), self.seconds())

    def follow(self, box: Mailbox) -> Iterator[bytes]:
        """Yield the bytes until the stream's time is over or the hub stops; keeps a thread for as long."""
        end = monotonic() + self.seconds()
        while monotonic() < end:
            letters = box.take(self._hub.limits.heartbeat)
            if letters:
                yield b"".join(letter.wire for letter in letters)
            elif box.closed:
                return
            else:
                yield self._beat().wire

    def leave(self, box: Mailbox) -> None:
        """Give the stream's place back."""
        self._hub.leave(box)

    def _beat(self) -> Event:
        beat = {**self._hub.beat(), "app": self._app, "beat": self._hub.limits.heartbeat}
        return Event("hb", beat)


class Body:
    """The body of one stream's answer. Its connection is handed over where the server can do that."""

    def __init__(self, streams: Streams, box: Mailbox, environ: Mapping[str, Any]) -> None:
        """Say what comes into `box`."""
        self._streams, self._box = streams, box
        chunked = environ.get("SERVER_PROTOCOL") == "HTTP/1.1"
        self._handover: type[Exception] | None = environ.get(HANDOVER) if chunked else None
        self._socket = environ.get("gunicorn.socket")
        self._handed_over = False

    def __iter__(self) -> Iterator[bytes]:
        """Yield the first bytes, and hand the connection over or go on."""
        yield self._streams.begin()
        if self._handover is not None:
            self._streams.hand_over(self._box, self._socket)
            self._handed_over = True
            raise self._handover
        yield from self._streams.follow(self._box)

    def close(self) -> None:
        """Leave, if nobody goes on with it: the server calls this at the end."""
        if not self._handed_over:
            self._streams.leave(self._box)
