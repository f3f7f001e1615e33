"""Half a year of an office's sales, for pages that look back: made up, always the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from services.scoring.handlers import Scorer
from services.scoring.store import PACKAGE, Ledger
from shared import yaml12
from shared.contracts.activity import Activity, DealChange
from shared.contracts.league import LeagueDocument
from shared.sql import migrate, open_engine

EXAMPLE = Path(__file__).parents[2] / "deploy" / "example"
FIRST = date(2026, 5, 4)
STAGES = ("lead", "afspraak", "demo", "voorstel")
TEAMS = ("utrecht", "groningen")
KINDS = ("roster", "playbook", "targets")
TEXT = {"nl": "Gewonnen", "en": "Won"}
RULES = [
    {"id": "won", "on": {"deal": "won"}, "credit": {"deals": 1, "revenue": "deal.amount"}, "text": TEXT},
    {"id": "call", "on": {"activity": "call"}, "credit": {"points": 5}, "text": TEXT},
]
"""Rules without limits: half a year of them is computed in a moment."""

WEAK, STRONG = "daan", "sanne"
"""Who loses most of what comes to a demo, and who hardly anything."""


def spring_to_now(now: datetime, reps: dict[str, str], *, busy: int = 2) -> list[Activity]:
    """Return the deals and calls of these people from May until now; `busy`: new deals of each in a week."""
    chance, facts = Random(7), list[Activity]()
    weeks = (now.date() - FIRST).days // 7 + 1
    for week in range(weeks):
        for n, rep in enumerate(reps):
            monday = FIRST + timedelta(weeks=week)
            for k in range(busy):
                begun = datetime.combine(monday + timedelta(days=(n + 2 * k) % 5), time(8 + k, 11 * n % 60), UTC)
                facts += [fact for fact in deal(f"D-{week}-{n}-{k}", rep, begun, chance) if fact.occurred_at < now]
            facts += [fact for fact in calls(week, rep, monday, n) if fact.occurred_at < now]
    return facts


def deal(name: str, rep: str, begun: datetime, chance: Random) -> Iterator[Activity]:
    """Yield the way of one deal through its stages, until it is won, lost, or stands still."""
    said = {"owner": rep, "pipeline": "nieuw", "amount": f"{chance.randrange(9, 60) * 250}.00", "currency": "EUR"}
    goes = {WEAK: 0.3, STRONG: 0.95}.get(rep, 0.75)
    at, stages = begun, []
    for stage in STAGES:
        stages.append((at, stage))
        at += timedelta(days=chance.expovariate(1 / 6) + 0.5)
        if chance.random() > (goes if stage == "demo" else 0.85):
            stages.append((at, "lost"))
            break
    else:
        stages.append((at, "won"))
    for n, (when, stage) in enumerate(stages):
        yield Activity(f"crm:{name}-{n}", "crm", "deal", when, None, n, DealChange(name, {**said, "stage": stage}))


def calls(week: int, rep: str, monday: date, n: int) -> Iterator[Activity]:
    """Yield a week's calls and visits of somebody."""
    for k in range(6):
        at = datetime.combine(monday + timedelta(days=k % 5), time(9 + k, 7 * n % 60), UTC)
        data: dict[str, Any] = {"duration_s": 120, "direction": "outbound", "counterparty": f"+31 20 {k:07}"}
        kind, data = ("meeting", {}) if k == 5 else ("call", data)
        yield Activity(f"crm:c-{week}-{n}-{k}", "crm", kind, at, rep, 0, None, data)


def people(roster: dict[str, Any]) -> dict[str, str]:
    """Return the people of the teams that are played, with their team."""
    now = {rep["id"]: rep["memberships"][-1]["team"] for rep in roster["reps"]}
    return {rep: team for rep, team in now.items() if team in TEAMS}


def ledger(url: str, now: datetime, *, sold: bool = True) -> None:
    """Make a ledger of the example office in a database: with half a year of sales, or with documents only."""
    engine = open_engine(url)
    migrate(engine, PACKAGE)
    scorer, start = Scorer(Ledger(engine), lambda _: None, lambda: now), datetime(2026, 1, 1, tzinfo=UTC)
    bodies = {kind: yaml12.load((EXAMPLE / f"{kind}.yaml").read_text("utf-8")) for kind in KINDS}
    bodies["playbook"] |= {"rules": RULES, "rhythm": {}, "contests": [], "caps": []}
    for kind, body in bodies.items():
        scorer.put_document(LeagueDocument(kind, 1, start.date(), "els", start, body))
    while scorer.restate_some():
        pass
    if sold:
        scorer.score(spring_to_now(now, people(bodies["roster"])))
    while scorer.refresh_some():
        pass
    engine.dispose()
