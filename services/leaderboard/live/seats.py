"""Seats: which playlist a screen shows, and its own settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.leaderboard.domain.screen import View


@dataclass(frozen=True, slots=True)
class Seat:
    """What a screen shows, and the data of its `screen` event (JSON-ready)."""

    view: View
    settings: Mapping[str, Any] = field(default_factory=dict)


Seats = Callable[[Collection[str]], Mapping[str, Seat]]
"""Look screens up by their ids; those that are missing in the answer were revoked."""


def nobody(_screens: Collection[str]) -> Mapping[str, Seat]:
    """Know no screen."""
    return {}
