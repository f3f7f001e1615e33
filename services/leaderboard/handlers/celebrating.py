"""Celebrating: what was just applied, and contests that just ended, are told to the screens once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.leaderboard.domain.boards import Progress
from services.leaderboard.domain.celebrations import Celebration, just_over, of_contest, of_lines, to_wire
from services.leaderboard.domain.league import League
from services.leaderboard.domain.slides.contest import turned
from services.leaderboard.domain.slides.scene import NothingToShow, Scene
from services.leaderboard.domain.told import CELEBRATE, Told
from services.leaderboard.handlers import looking
from shared import logs
from shared.contracts.credit import Credit

log = logs.get(__name__)


class News(Protocol):
    """Where screens hear from."""

    def tell(self, told: Told) -> None:
        """Tell something to every process that serves screens."""
        ...


class Store(looking.Store, Protocol):
    """What the handlers need of the standings."""

    @property
    def news(self) -> News:
        """Where screens hear from."""
        ...

    def documents(self) -> League:
        """Return the league."""
        ...

    def progress(self) -> Progress:
        """Return how far the lines have been applied."""
        ...

    def touch(self, now: datetime) -> None:
        """Say that something changed that the standings do not hold."""
        ...

    def claim(self, celebration: str) -> bool:
        """Tell whether nobody celebrated this before; from now on somebody did."""
        ...


def celebrate_lines(lines: Sequence[Credit], store: Store, now: datetime) -> None:
    """Celebrate what lines that were just applied say; nothing while the standings are being made again."""
    found = of_lines(lines, store.documents(), now)
    if found and not store.progress().goal:
        for celebration in found:
            _tell(celebration, store)


def turn_contests(store: Store, after: datetime, now: datetime) -> None:
    """Have screens drawn again when a contest began or ended since `after`: no line needs to have come."""
    if turned(store.documents().contests.values(), after, now):
        store.touch(now)


def celebrate_contests(store: Store, now: datetime) -> None:
    """Celebrate who won a contest that ended just now; nothing while the standings are being made again."""
    league = store.documents()
    over = just_over(league, now)
    if not over or store.progress().goal:
        return
    scene = Scene(league, now)
    for contest in over:
        try:
            won = of_contest(contest, looking.places(contest, scene, store), scene)
        except NothingToShow:
            continue
        if won:
            _tell(won, store)


def _tell(celebration: Celebration, store: Store) -> None:
    if store.claim(celebration.id):
        log.info("celebrates", what=celebration.id)
        store.news.tell(Told(CELEBRATE, to_wire(celebration)))
