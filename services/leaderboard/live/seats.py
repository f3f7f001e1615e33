"""Seats: which playlist a screen shows, and its own settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.leaderboard.domain.screen import View
from services.leaderboard.domain.slides.asked import Slide


@dataclass(frozen=True, slots=True)
class Seat:
    """What a screen shows, and the data of its `screen` event (JSON-ready).

    `messages` are in the view already; they also stand behind what somebody asks to see there instead.
    """

    view: View
    settings: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[Slide, ...] = ()

    def showing(self, asked: View) -> View:
        """Return what is shown here to who asks for a view; an empty one asks for nothing."""
        return View((*asked.slides, *self.messages), self.view.team) if asked.slides else self.view


Seats = Callable[[Collection[str]], Mapping[str, Seat]]
"""Look screens up by their ids; those that are missing in the answer were revoked."""


def nobody(_screens: Collection[str]) -> Mapping[str, Seat]:
    """Know no screen."""
    return {}
