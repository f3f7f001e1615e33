"""An office to look at: league documents and ledger lines of the present month, put straight into the standings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from services.leaderboard.store import Standings
from shared.contracts.credit import Credit
from shared.contracts.league import PLAYBOOK, ROSTER, TARGETS, LeagueDocument

ZONE = "Europe/Amsterdam"
TEAMS = {
    "groningen": ("Groningen", 70_000, ("Femke", "Wiebe")),
    "utrecht": ("Utrecht", 162_500, ("Sanne", "Joost")),
    "eindhoven": ("Eindhoven", 107_000, ("Bram", "Noor")),
    "rotterdam": ("Rotterdam", 115_000, ("Amina", "Zoe")),
    "zwolle": ("Zwolle", 60_000, ("Tim", "Iris")),
    "maastricht": ("Maastricht", 80_000, ("Luc", "Elif")),
    "amersfoort": ("Amersfoort", 90_000, ("Sem", "Noa")),
    "leeuwarden": ("Leeuwarden", 50_000, ("Jelle", "Anouk")),
}
_numbers = count(1)


def documents(teams: Sequence[str], now: datetime, *, targets: bool = True) -> list[LeagueDocument]:
    """Return the league of these teams; the first rep of each may be named on a screen."""
    month = f"{now:%Y-%m}"
    reps = [_rep(team, name, i == 0) for team in teams for i, name in enumerate(TEAMS[team][2])]
    wanted = [
        {"team": team, "metric": "revenue", "period": month, "amount": str(TEAMS[team][1])} for team in teams if targets
    ]
    bodies: dict[str, Mapping[str, Any]] = {
        ROSTER: {
            "organisation": {
                "name": "Kantoor Voorbeeld · voorbeeldgegevens / sample data",
                "timezone": ZONE,
                "currency": "EUR",
                "language": "nl",
            },
            "teams": [{"id": team, "name": TEAMS[team][0]} for team in teams],
            "reps": reps,
        },
        PLAYBOOK: {
            "pipelines": [],
            "activities": [{"id": "call", "label": {"nl": "Gesprek", "en": "Call"}}],
            "metrics": [
                {"id": "points", "unit": "points", "label": {"nl": "punten", "en": "points"}},
                {"id": "revenue", "unit": "EUR", "label": {"nl": "omzet", "en": "revenue"}},
                {"id": "deals", "unit": "deals", "label": {"nl": "deals", "en": "deals"}},
            ],
            "rules": [
                {
                    "id": "call",
                    "on": {"activity": "call"},
                    "credit": {"points": 1},
                    "text": {"nl": "Gebeld", "en": "Called"},
                }
            ],
        },
        TARGETS: {"targets": wanted},
    }
    stamp = next(_numbers)
    return [LeagueDocument(kind, stamp, now.date(), "test", now, body) for kind, body in bodies.items()]


def _rep(team: str, name: str, on_tv: bool) -> dict[str, Any]:
    return {
        "id": f"{team}-{name.lower()}",
        "name": name,
        "memberships": [{"team": team, "from": "2020-01-01"}],
        "on_tv": on_tv,
    }


@dataclass
class Office:
    """Standings that a test fills and changes."""

    standings: Standings
    lines: int = 0

    def open(self, *teams: str, targets: bool = True) -> None:
        """Put the league of these teams in."""
        now = datetime.now(UTC)
        for document in documents(teams, now, targets=targets):
            self.standings.put(document, now)

    def sell(self, team: str, euros: int, *, rep: int = 0, days_ago: int = 0) -> None:
        """Let a rep of the team win a deal."""
        now = datetime.now(UTC)
        at = now - timedelta(days=days_ago)
        name = f"{team}-{TEAMS[team][2][rep].lower()}"
        run = []
        for metric, amount in (("revenue", euros * 100), ("deals", 1), ("points", euros // 100)):
            self.lines += 1
            facts = {"partition": 0, "seq": self.lines, "subject": f"D-{self.lines}", "rule": "won", "metric": metric}
            run.append(
                Credit(
                    **facts, rep=name, team=team, amount=amount, at=at, booked_at=now, activity=f"api:{self.lines}",
                    inbox=self.lines, playbook=1, roster=1,
                )
            )  # fmt: skip
        self.standings.apply(run, now)

    def fill(self, shares: Mapping[str, float]) -> None:
        """Give each team its share of its target: most of it before today, the rest today."""
        days_ago = min(datetime.now(UTC).day - 1, 1)
        for team, share in shares.items():
            whole = int(TEAMS[team][1] * share)
            today = 2_400 + 350 * len(team)
            self.sell(team, whole - today, days_ago=days_ago, rep=1)
            self.sell(team, today)
