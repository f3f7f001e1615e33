"""Whose standing a bounded caller may see: teams everybody's, people those they lead and their own.

A seller is shown the place and what is near to it, not who else stands there: colleagues have a name only where they
are shown on the TV.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from services.leaderboard.domain.boards import ATTAINMENT, PER_FTE, REPS, TEAMS, Board
from services.leaderboard.domain.league import League
from services.leaderboard.domain.people import Profiles, person
from shared.auth import Caller
from shared.errors import Forbidden

NEAR = 3
"""So many rows before and after themselves a seller sees."""

_OWN = {"fte", "target", *(PER_FTE, ATTAINMENT)}
"""What a row tells of a person besides what the board is ranked by."""


class NotYourBoard(Forbidden):
    """This board names people outside your team; ask for the rows around yourself, or around your own team."""


@dataclass(frozen=True)
class Sight:
    """What one caller may see of the boards of a league; `profiles` are asked only where they matter."""

    who: Caller
    league: League
    profiles: Callable[[], Profiles]

    def check_board(self, board: Board) -> None:
        """Raise NotYourBoard for a whole board of people whom the caller does not lead."""
        if board.scope == REPS and self.who.bounded:
            raise NotYourBoard
        if board.team is not None and not self.who.sees_team(board.team):
            raise NotYourBoard

    def check_member(self, board: Board, member: str) -> None:
        """Raise NotYourBoard for a place of somebody else, or on a board of another team."""
        if board.scope == TEAMS:
            return
        there = (
            board.team is None
            or self.who.sees_team(board.team)
            or board.team in _teams(board, self.who.rep or "", self.league)
        )
        if not (there and self._sees(board, member)):
            raise NotYourBoard

    def near(self, board: Board, wanted: int) -> int:
        """Return how many rows before and after a member are shown."""
        led = board.team is not None and self.who.sees_team(board.team)
        return wanted if board.scope == TEAMS or led or not self.who.bounded else min(wanted, NEAR)

    def row(self, board: Board, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row without what it tells of a person whom the caller may not see."""
        if board.scope == TEAMS or self._sees(board, row["id"]):
            return row
        shown = person(row["id"], self.league.roster, self._shown)
        kept = {name: None if name in _OWN - {board.by} else value for name, value in row.items()}
        return {**kept, "id": "", "name": shown.name if shown else "", "why": ""}

    @property
    def tag(self) -> str:
        """Name what the caller sees, for the name of a state; nothing for who sees all."""
        who = self.who
        said = (who.account, who.rep, sorted(who.teams or ()), sorted(self._shown.items()))
        return sha256(repr(said).encode()).hexdigest()[:12] if who.bounded else ""

    @cached_property
    def _shown(self) -> Profiles:
        return self.profiles()

    def _sees(self, board: Board, rep: str) -> bool:
        return self.who.sees_rep(rep, _teams(board, rep, self.league))


def _teams(board: Board, rep: str, league: League) -> list[str]:
    """Return the teams that somebody was in during the board's period: who led them before sees no more."""
    known = league.roster.reps.get(rep) if league.roster else None
    first, last = board.period.first, board.period.last
    return [member.team for member in known.memberships if member.touches(first, last)] if known else []
