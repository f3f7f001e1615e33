"""How many screens a process serves, and for how long at a stretch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How streams behave; times in seconds.

    At most `streams` at once; a sign of life every `heartbeat`; after a state the next comes `gap` later at the
    earliest; a stream ends after `lifetime`, give or take `spread`, so that not all come back at the same moment.
    """

    streams: int = 1_500
    heartbeat: float = 5.0
    gap: float = 0.05
    lifetime: float = 900.0
    spread: float = 120.0
