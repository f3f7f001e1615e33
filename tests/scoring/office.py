"""A small office for scoring's tests: two teams, a transfer, a playbook with every kind of rule."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.scoring.handlers import build_league
from shared.contracts.activity import Activity, DealChange
from shared.contracts.league import LeagueDocument

LABEL = {"nl": "…", "en": "…"}
ROSTER: dict[str, Any] = {
    "organisation": {"name": "Proef", "timezone": "Europe/Amsterdam", "currency": "EUR", "language": "nl"},
    "teams": [{"id": "noord", "name": "Noord"}, {"id": "zuid", "name": "Zuid"}],
    "reps": [
        {"id": "sanne", "name": "Sanne", "memberships": [{"team": "noord", "from": "2026-01-01", "to": "2026-07-01"},
                                                         {"team": "zuid", "from": "2026-07-01"}]},
        {"id": "bram", "name": "Bram", "memberships": [{"team": "zuid", "from": "2026-01-01"}]},
        {"id": "noor", "name": "Noor", "memberships": []},
    ],
}  # fmt: skip
PLAYBOOK: dict[str, Any] = {
    "pipelines": [{"id": "nieuw", "label": LABEL, "stages": [
        {"id": "lead", "label": LABEL}, {"id": "demo", "label": LABEL},
        {"id": "won", "label": LABEL, "closes": "won"}, {"id": "lost", "label": LABEL, "closes": "lost"}]}],
    "activities": [{"id": "call", "label": LABEL}],
    "metrics": [{"id": "points", "unit": "points", "label": LABEL}, {"id": "revenue", "unit": "EUR", "label": LABEL},
                {"id": "deals", "unit": "deals", "label": LABEL}, {"id": "lost", "unit": "deals", "label": LABEL}],
    "rates": {"USD": "0.5"},
    "rules": [
        {"id": "call", "on": {"activity": "call"}, "when": "data.duration_s >= 60", "credit": {"points": 5},
         "text": LABEL},
        {"id": "demo", "on": {"deal": "entered", "stage": "demo"}, "credit": {"points": 15}, "text": LABEL},
        {"id": "won", "on": {"deal": "won"}, "text": LABEL,
         "credit": {"deals": 1, "revenue": "deal.amount",
                    "points": {"per": "deal.amount", "each": "100", "give": 1}}},
        {"id": "lost", "on": {"deal": "lost"}, "credit": {"lost": 1}, "text": LABEL},
    ],
}  # fmt: skip


def document(kind: str, body: Mapping[str, Any], version: int = 1, start: date = date(2026, 1, 1)) -> LeagueDocument:
    """Return a version of a document."""
    return LeagueDocument(kind, version, start, "els", datetime(2026, 1, 1, tzinfo=UTC), body)


DOCUMENTS = [document("roster", ROSTER), document("playbook", PLAYBOOK)]
LEAGUE = build_league(2, DOCUMENTS)


def at(text: str) -> datetime:
    """Return an instant of 2026, given as month-day hour: at("03-02 14") in UTC."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H").replace(tzinfo=UTC)


def call(name: str, when: str, rep: str = "sanne", **data: Any) -> Activity:
    """Return a call."""
    return Activity(f"crm:{name}", "crm", "call", at(when), rep, 1, None, {"duration_s": 60, **data})


def deal(name: str, when: str, deal: str = "D-1", **said: str | None) -> Activity:
    """Return a change of a deal: what was said of it."""
    return Activity(f"crm:{name}", "crm", "deal", at(when), said.get("owner"), 1, DealChange(deal, said))


def later(fact: Activity, sequence: int) -> Activity:
    """Return the fact as one of the same moment that comes after it."""
    return replace(fact, id=f"{fact.id}+{sequence}", sequence=sequence)


WON: Sequence[Activity] = (
    deal("new", "03-01 09", stage="lead", owner="sanne", amount="1000.00", currency="EUR"),
    deal("demo", "03-02 09", stage="demo"),
    deal("won", "03-03 09", stage="won"),
)
"""A deal of 1,000 euros that Sanne wins on 3 March, with a demo the day before."""
