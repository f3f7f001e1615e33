"""What screens are told besides what they show: their own settings, a celebration, an order from afar."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCREEN = "screen"
"""The settings or the playlist of a screen changed: they are read again and sent."""
CELEBRATE = "celebrate"
"""Interrupt the playlist.

Data: {id, at, expires_at, team, letter, color, rep, avatar, kind, amount, unit, headline}; `expires_at` is RFC 3339.
"""
RELOAD = "reload"
"""Load the page again."""
REVOKED = "revoked"
"""The screen may show nothing any more; its stream ends."""
IDENTIFY = "identify"
"""Show for a moment which screen this is."""
NEXT = "next"
"""Go on to the next slide."""

EVENTS = (SCREEN, CELEBRATE, RELOAD, REVOKED, IDENTIFY, NEXT)


@dataclass(frozen=True, slots=True)
class Told:
    """One event for one screen; `screen` None: for all of them. `data` is JSON-ready."""

    event: str
    data: Mapping[str, Any] = field(default_factory=dict)
    screen: str | None = None

    def to_wire(self) -> bytes:
        """Return the message as it is published."""
        return json.dumps({"event": self.event, "screen": self.screen, "data": dict(self.data)}).encode()


def from_wire(text: str | bytes) -> Told:
    """Return the message that was published."""
    message = json.loads(text)
    return Told(message["event"], message["data"], message["screen"])
