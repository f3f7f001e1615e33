"""Playlists and messages: which slides a screen shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.leaderboard.domain.slides.asked import DEFAULT, MESSAGE, Slide, read_slide

MOST_SLIDES = 40
SHORTEST, LONGEST = 5, 600
"""Seconds that a slide may take."""


@dataclass(frozen=True, slots=True)
class Playlist:
    """Slides in their order, as JSON of domain/slides. `team` None: for everybody, else this team's own."""

    id: str
    name: str
    slides: tuple[Mapping[str, Any], ...]
    team: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Message:
    """A text that screens show behind their slides, from a day up to and with another; `team` None: on all of them."""

    id: str
    text: Mapping[str, str]
    start: date
    until: date
    team: str | None = None
    seconds: int = 15

    @property
    def slide(self) -> Slide:
        """The slide that shows it."""
        return Slide(MESSAGE, self.seconds, text=tuple(sorted(self.text.items())), start=self.start, until=self.until)


def slides_of(playlist: Playlist | None) -> tuple[Slide, ...]:
    """Return the slides of a playlist; None: the usual ones."""
    return DEFAULT if playlist is None else tuple(map(read_slide, playlist.slides))


def told_to(team: str | None, messages: Iterable[Message]) -> tuple[Slide, ...]:
    """Return the slides of the messages for a team's screen; None: for one of no team."""
    return tuple(message.slide for message in messages if message.team in (None, team))


def playing_seconds(playlist: Playlist) -> int:
    """Return how long a playlist takes when nothing is passed over."""
    return sum(slide.seconds for slide in slides_of(playlist))
