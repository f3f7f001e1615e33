"""A stream of server-sent events: the state whenever it changes, what the screen is told, and signs of life.

    retry: 3000
    event: hb         every `beat` seconds: {t: server time, v: version, seen: last look at the standings, app, beat}
    event: screen     the screen's own settings, first and whenever they change
    event: snapshot   id: version and fingerprint; the state, on connect (unless the screen has it) and on each change
    event: celebrate, reload, revoked, identify, next   see domain/told.py

Signs of life are named events with data: browsers do not show comments to scripts, and never dispatch an event without
data, so that a connection that is silently dead could not be noticed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from time import monotonic

import orjson

from services.leaderboard.live.hub import Hub
from services.leaderboard.live.mailbox import Mailbox

RETRY_MS = 3000
"""Browsers repeat a refused connection at this pace for ever, without backing off."""


def events(hub: Hub, box: Mailbox, app: str) -> Iterator[bytes]:
    """Yield the bytes of a stream until its time is over or the hub stops; `app` names the version of the pages."""
    limits = hub.limits
    end = monotonic() + limits.lifetime + random.uniform(-limits.spread, limits.spread)
    yield b"retry: %d\n\n" % RETRY_MS + _beat(hub, app)
    while monotonic() < end:
        letters = box.take(limits.heartbeat)
        if letters:
            yield b"".join(letter.wire for letter in letters)
        if box.closed:
            return
        if not letters:
            yield _beat(hub, app)
            hub.refresh(box)


def _beat(hub: Hub, app: str) -> bytes:
    return b"event: hb\ndata: %s\n\n" % orjson.dumps({**hub.beat(), "app": app, "beat": hub.limits.heartbeat})
