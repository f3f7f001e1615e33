"""A stream of server-sent events: the state whenever it changes, and a sign of life in between.

    retry: 3000
    event: hb         every `beat` seconds: {t: server time, v: version, seen: last look at the standings, app, beat}
    event: snapshot   id: version; the state, on connect and whenever it changes

Signs of life are named events with data: browsers do not show comments to scripts, and never dispatch an event without
data, so that a connection that is silently dead could not be noticed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from time import monotonic

import orjson

from services.leaderboard.live.hub import Frame, Hub, Mailbox

RETRY_MS = 3000
"""Browsers repeat a refused connection at this pace for ever, without backing off."""


def events(hub: Hub, box: Mailbox, app: str) -> Iterator[bytes]:
    """Yield the bytes of a stream until its time is over or the hub stops; `app` names the version of the pages."""
    limits = hub.limits
    end = monotonic() + limits.lifetime + random.uniform(-limits.spread, limits.spread)
    yield b"retry: %d\n\n" % RETRY_MS + _beat(hub, app)
    sent: Frame | None = None
    while monotonic() < end:
        frame = box.take(limits.heartbeat)
        if box.closed:
            return
        if frame is None:
            yield _beat(hub, app)
            frame = _later(hub, box)
        if frame is not None and frame is not sent:
            sent = frame
            yield _snapshot(frame)


def _later(hub: Hub, box: Mailbox) -> Frame | None:
    """Return the state as it is now, which a new day changes without a change of the standings."""
    try:
        return hub.frame(box.view)
    except hub.transient:
        return None


def _beat(hub: Hub, app: str) -> bytes:
    return b"event: hb\ndata: %s\n\n" % orjson.dumps({**hub.beat(), "app": app, "beat": hub.limits.heartbeat})


def _snapshot(frame: Frame) -> bytes:
    return b"event: snapshot\nid: %d\ndata: %s\n\n" % (frame.version, frame.body)
