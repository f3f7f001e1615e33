"""What a slide is asked to show: one value per slide of a playlist, the same for every screen that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.leaderboard.domain.boards import TOTAL

RACE, DUEL, CONTEST, GOAL, TOP, WINS, MOMENTS, MESSAGE = (
    *("teams", "duel", "contest", "goal"),
    *("top", "wins", "moments", "message"),
)
MAIN_PERIOD = "this-month"
RUNNING = "running"
"""The contest that runs, whichever that is."""
OWN_TEAM = "@screen"
"""The team of the screen that shows it."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    RACE: ("metric", "period", "by"),
    DUEL: ("metric", "period", "by", "teams"),
    CONTEST: ("contest", "people"),
    GOAL: ("metric", "period", "team"),
    TOP: ("metric", "period", "by", "people"),
    WINS: ("people",),
    MOMENTS: ("people",),
    MESSAGE: ("text",),
}
"""Which fields a type takes besides `type`, `seconds`, `from` and `until`."""

SECONDS = {DUEL: 30, MESSAGE: 15}
USUAL_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide; fields that its type does not take stay as they are here.

    Shown from the day `start` up to and with the day `until`; None: no bound.
    """

    type: str
    seconds: int = USUAL_SECONDS
    metric: str | None = None
    period: str = MAIN_PERIOD
    by: str = TOTAL
    teams: tuple[str, ...] = ()
    team: str | None = OWN_TEAM
    contest: str = RUNNING
    people: bool = False
    text: tuple[tuple[str, str], ...] = ()
    start: date | None = None
    until: date | None = None

    def is_due(self, day: date) -> bool:
        """Tell whether the slide is shown on `day`."""
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class View:
    """What a screen shows: the slides of its playlist, seen by its team. Screens with the same view share a state."""

    slides: tuple[Slide, ...] = ()
    team: str | None = None

    @property
    def names_people(self) -> bool:
        """Tell whether one of its slides names people."""
        return any(slide.people for slide in self.slides)


def read_slide(given: Mapping[str, Any]) -> Slide:
    """Read a slide as it is written in a playlist, which has been checked; KeyError for an unknown type."""
    kind = given["type"]
    said: dict[str, Any] = {name: given[name] for name in FIELDS[kind] if name in given}
    if "teams" in said:
        said["teams"] = tuple(said["teams"])
    if "text" in said:
        said["text"] = tuple(sorted(said["text"].items()))
    said |= {"start": _day(given.get("from")), "until": _day(given.get("until"))}
    return Slide(kind, given.get("seconds", SECONDS.get(kind, USUAL_SECONDS)), **said)


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


DEFAULT = tuple(
    read_slide(slide)
    for slide in (
        {"type": DUEL},
        {"type": RACE},
        {"type": GOAL},
        {"type": CONTEST},
        {"type": TOP},
        {"type": WINS},
        {"type": MOMENTS},
    )
)
"""What a screen shows without a playlist: no people are named."""
