"""What the screens of one view show: read from the standings, built once per version, kept as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import orjson

from services.leaderboard.domain.boards import Board, Freshness, Page, Win
from services.leaderboard.domain.league import League
from services.leaderboard.domain.screen import WINS, WINS_SHOWN, Asked, Facts, Notice, View, resolve, state

MOST_TEAMS = 100


class Standings(Protocol):
    """What is needed of the standings."""

    def version(self) -> int:
        """Return a number that grows with every change."""
        ...

    def documents(self) -> League:
        """Return the league."""
        ...

    def board(self, board: Board, start: int = 0, count: int = 50) -> Page:
        """Return rows of a board."""
        ...

    def totals(self, boards: Sequence[Board]) -> list[dict[str, int]]:
        """Return the totals of boards."""
        ...

    def latest_wins(self, n: int = 50) -> Sequence[Win]:
        """Return the deals won last."""
        ...

    def freshness(self) -> Freshness:
        """Return how current the standings are."""
        ...


class States:
    """Read the state of a view from the standings."""

    def __init__(self, standings: Standings) -> None:
        """Read from `standings`; nothing is read yet."""
        self._standings = standings

    def build(self, view: View, now: datetime) -> tuple[int, bytes]:
        """Return the version and the state as JSON; raises one of the store's UNREACHABLE.

        The version is read first: a change that comes while the rest is read leads to one more state, never to
        an old one under a new number.
        """
        version, league = self._standings.version(), self._standings.documents()
        asked = resolve(view, league, now)
        facts = self._facts(asked, version)
        return version, orjson.dumps(state(asked, league, facts, now))

    def language(self) -> str | None:
        """Return the organisation's language; None as long as there is no roster."""
        roster = self._standings.documents().roster
        return roster.organisation.language if roster else None

    def _facts(self, asked: Asked | Notice, version: int) -> Facts:
        freshness = self._standings.freshness()
        if isinstance(asked, Notice):
            return Facts(version, freshness)
        today, wins_today = self._standings.totals([asked.day(asked.metric.id), asked.day(WINS)])
        return Facts(
            version=version,
            freshness=freshness,
            rows=self._standings.board(asked.board, 0, MOST_TEAMS).rows,
            today=today,
            wins_today=wins_today,
            wins=self._standings.latest_wins(WINS_SHOWN),
        )
