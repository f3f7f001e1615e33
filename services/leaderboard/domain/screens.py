"""The screens of an office: how each is set up, what it was last heard to do, and what that comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.leaderboard.domain.hours import Span
from shared.contracts.times import to_text

THEMES = ("dark", "light")
MOTIONS = ("full", "reduced", "off")
BEAT_SECONDS = 60
"""How often a screen says what it does."""
MISSED = timedelta(seconds=150)
"""A screen that has not been heard for so long is offline: two signs of life are missing."""
LIVE, WAITING, OFFLINE, OFF = "live", "waiting", "offline", "off"
STATES = (LIVE, WAITING, OFFLINE, OFF)

USUAL_DISTANCE, USUAL_INCHES = 500, 55
SMALLEST, LARGEST = 0.8, 1.6


@dataclass(frozen=True, slots=True)
class Setup:
    """What a manager chose for a screen.

    `playlist` None: the usual one. `team` is whose numbers come first, None: nobody's. `language` None: the
    organisation's. `distance` (cm) and `inches` decide how large the letters are. `volume` in percent. In `quiet` it
    makes no sound and interrupts nothing; outside `hours` it is black; None: always on.
    """

    name: str
    playlist: str | None = None
    team: str | None = None
    language: str | None = None
    theme: str = THEMES[0]
    distance: int = USUAL_DISTANCE
    inches: int = USUAL_INCHES
    motion: str = MOTIONS[0]
    sound: bool = False
    volume: int = 30
    quiet: tuple[Span, ...] = ()
    hours: Span | None = None

    @property
    def scale(self) -> float:
        """How much larger than on 55 inches seen from 5 metres letters must be to be read as well."""
        exact = self.distance / USUAL_DISTANCE * USUAL_INCHES / self.inches
        return round(min(max(exact, SMALLEST), LARGEST), 2)


@dataclass(frozen=True, slots=True)
class Beat:
    """What a screen last said of itself: the type of the slide that it shows (None: nothing), the pages' version."""

    at: datetime
    slide: str | None = None
    app: str = ""
    viewport: str = ""
    uptime: int = 0
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """One paired screen; `beat` None: not heard yet."""

    id: str
    setup: Setup
    paired_at: datetime
    paired_by: str
    beat: Beat | None = None

    def state(self, now: datetime, zone: ZoneInfo) -> str:
        """Return LIVE, WAITING (connected, nothing to show), OFFLINE, or OFF (outside its hours)."""
        hours = self.setup.hours
        if hours is not None and not hours.covers(now.astimezone(zone).time()):
            return OFF
        if now - (self.beat.at if self.beat else self.paired_at) > MISSED:
            return OFFLINE
        return LIVE if self.beat and self.beat.slide else WAITING


def settings(screen: Screen, language: str) -> dict[str, Any]:
    """Return the data of the event `screen`: what a screen is told of itself; `language` is the organisation's."""
    setup = screen.setup
    quiet = [str(each) for each in setup.quiet]
    return {
        "id": screen.id,
        "name": setup.name,
        "language": setup.language or language,
        "theme": setup.theme,
        "scale": setup.scale,
        "motion": setup.motion,
        "sound": {"on": setup.sound, "volume": setup.volume / 100, "quiet": quiet},
        "hours": str(setup.hours) if setup.hours else None,
        "team": setup.team,
    }


def trial_celebration(team: Mapping[str, Any] | None, now: datetime, mark: str) -> dict[str, Any]:
    """Return a celebration that shows how one looks and sounds; `team` is {id, name, letter, color}, `mark` unique."""
    known = team or {"id": None, "name": None, "letter": None, "color": None}
    return {
        "id": f"test:{mark}",
        "at": to_text(now),
        "expires_at": to_text(now + timedelta(minutes=1)),
        "kind": "test",
        "team_id": known["id"],
        "team": known["name"],
        "letter": known["letter"],
        "color": known["color"],
        **dict.fromkeys(("rep", "avatar", "amount", "unit")),
        "headline": {"nl": "Zo viert dit scherm een deal", "en": "This is how this screen celebrates a deal"},
    }
