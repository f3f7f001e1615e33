"""An office to look at: league documents and ledger lines, put straight into the standings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from services.leaderboard.store import Standings
from shared.contracts.credit import Credit
from shared.contracts.league import PLAYBOOK, ROSTER, TARGETS, LeagueDocument

START = datetime(2026, 11, 24, 13, 2, tzinfo=UTC)
"""When it is, for servers under test: a Tuesday afternoon, working day 17 of 21; clocks go on from there."""

TEAMS: dict[str, tuple[str, int, str, str]] = {
    "groningen": ("Groningen", 70_000, "Femke", "Wiebe"),
    "utrecht": ("Utrecht", 162_500, "Sanne", "Joost"),
    "eindhoven": ("Eindhoven", 107_000, "Bram", "Noor"),
    "rotterdam": ("Rotterdam", 115_000, "Amina", "Milan"),
    "zwolle": ("Zwolle", 60_000, "Tim", "Iris"),
    "maastricht": ("Maastricht", 80_000, "Luc", "Elif"),
    "amersfoort": ("Amersfoort", 90_000, "Sem", "Noa"),
    "leeuwarden": ("Leeuwarden", 50_000, "Jelle", "Anouk"),
}
"""Id → name, target of the month, the rep who may be named on a screen, the rep who may not."""

SHARES = dict(zip(TEAMS, (0.78, 0.742, 0.86, 0.63, 0.9, 0.55, 1.04, 0.7), strict=True))
"""How much of its target a team has in a full office."""


def documents(teams: Sequence[str]) -> list[LeagueDocument]:
    """Return the league of these teams."""
    return [
        LeagueDocument(kind, 1, START.date(), "test", START, body)
        for kind, body in ((ROSTER, _roster(teams)), (PLAYBOOK, _playbook()), (TARGETS, _targets(teams)))
    ]


def _roster(teams: Sequence[str]) -> dict[str, Any]:
    reps = [
        {
            "id": f"{team}-{name.lower()}",
            "name": name,
            "memberships": [{"team": team, "from": "2020-01-01"}],
            "on_tv": name == TEAMS[team][2],
        }
        for team in teams
        for name in TEAMS[team][2:]
    ]
    return {
        "organisation": {
            "name": "Kantoor Voorbeeld · voorbeeldgegevens / sample data",
            "timezone": "Europe/Amsterdam",
            "currency": "EUR",
            "language": "nl",
        },
        "teams": [{"id": team, "name": TEAMS[team][0]} for team in teams],
        "reps": reps,
    }


def _playbook() -> dict[str, Any]:
    text = {"nl": "Gebeld", "en": "Called"}
    return {
        "pipelines": [],
        "activities": [{"id": "call", "label": text}],
        "metrics": [
            {"id": "points", "unit": "points", "label": {"nl": "punten", "en": "points"}},
            {"id": "revenue", "unit": "EUR", "label": {"nl": "omzet", "en": "revenue"}},
            {"id": "deals", "unit": "deals", "label": {"nl": "deals", "en": "deals"}},
        ],
        "rules": [{"id": "call", "on": {"activity": "call"}, "credit": {"points": 1}, "text": text}],
    }


def _targets(teams: Sequence[str]) -> dict[str, Any]:
    wanted = [{"team": team, "metric": "revenue", "period": "2026-11", "amount": str(TEAMS[team][1])} for team in teams]
    return {"targets": wanted}


_BEGAN = monotonic()


def now() -> datetime:
    """Return the moment it is in the office."""
    return START + timedelta(seconds=monotonic() - _BEGAN)


@dataclass
class Office:
    """Standings that a test fills and changes."""

    standings: Standings
    lines: int = 0

    def open(self, *teams: str) -> None:
        """Put the league of these teams in."""
        for document in documents(teams):
            self.standings.put(document, now())

    def fill(self, *teams: str) -> None:
        """Open the office and give each team its share: most of it yesterday, the rest today."""
        self.open(*teams)
        for team in teams:
            whole, today = int(TEAMS[team][1] * SHARES[team]), 1_950 + 350 * len(team)
            self.sell(team, whole - today, days_ago=1)
            self.sell(team, today, named=True)

    def sell(self, team: str, euros: int, *, days_ago: int = 0, named: bool = False) -> None:
        """Let a rep of the team win a deal; `named`: one who may be named on a screen."""
        _, _, one, another = TEAMS[team]
        rep = f"{team}-{(one if named else another).lower()}"
        gives: Mapping[str, int] = {"revenue": euros * 100, "deals": 1, "points": euros // 100}
        at = START - timedelta(days=days_ago)
        self.standings.apply([self._line(team, rep, metric, gives[metric], at) for metric in gives], now())

    def _line(self, team: str, rep: str, metric: str, amount: int, at: datetime) -> Credit:
        self.lines += 1
        subject = f"D-{self.lines // 3}"
        return Credit(
            partition=0, seq=self.lines, subject=subject, rule="won", metric=metric, rep=rep, team=team,
            amount=amount, at=at, booked_at=START, activity=subject, inbox=1, playbook=1, roster=1,
        )  # fmt: skip
