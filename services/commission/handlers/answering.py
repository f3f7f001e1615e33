"""Statements and payouts from one state of the books."""

from __future__ import annotations

from dataclasses import dataclass

from services.commission.domain.league import League, read_league
from services.commission.domain.payroll import ControlTotal, control_totals
from services.commission.domain.statements import Statement, statement, statements
from services.commission.handlers.reading import gather
from services.commission.store import Marks, Page
from shared.errors import NotFound
from shared.periods import Period


class UnknownRep(NotFound):
    """The roster has no such rep."""


@dataclass(frozen=True, slots=True)
class Payouts:
    """The statements of everybody in a period, with their control totals by currency."""

    period: Period
    statements: tuple[Statement, ...]
    totals: tuple[ControlTotal, ...]


class Leagues:
    """Reads the documents of a state of the books, and only once while they stay the same."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self._read: tuple[tuple[tuple[str, int], ...], League] | None = None

    def of(self, page: Page, marks: Marks) -> League:
        """Return the league as the documents of the page say; NoRoster without a roster."""
        held = self._read
        if held is None or held[0] != marks.documents:
            held = (marks.documents, read_league(page.documents()))
            self._read = held  # one assignment: another thread sees the old or the new pair
        return held[1]


def statement_of(page: Page, league: League, rep_id: str, period: Period) -> Statement:
    """Return the statement of a rep; UnknownRep when the roster has none of that id."""
    rep = league.roster.reps.get(rep_id)
    if rep is None:
        raise UnknownRep(f"{rep_id!r} is no rep of the roster")
    return statement(rep, period, league, gather(page, league, period, rep))


def payouts_of(page: Page, league: League, period: Period) -> Payouts:
    """Return the payouts of everybody who was in a team in the period or earned in it."""
    found = statements(period, league, gather(page, league, period))
    return Payouts(period, found, control_totals(found))


__all__ = ["Leagues", "Payouts", "UnknownRep", "gather", "payouts_of", "statement_of"]
