"""Insight into a team of twenty with ten thousand deals in two years: what the first and the next look cost."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from time import process_time
from typing import Any

from services.scoring.handlers.insight import Insight
from services.scoring.handlers.leagues import Leagues
from services.scoring.store.insight import Looks
from shared import periods
from shared.contracts.activity import Activity, DealChange
from shared.contracts.league import LeagueDocument
from tests.bench.workload import LABEL
from tests.scoring.test_laws import Machine

REPS, DEALS, DAYS = 20, 10_000, 730
BEGIN, NOW = datetime(2024, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 20, 13, tzinfo=UTC)
STAGES = ("lead", "demo", "proposal")


def run() -> Iterator[str]:
    """Yield seconds of processor time: others may be at work on the machine."""
    machine = office()
    insight = Insight(Looks(machine.engine), Leagues(machine.reader))
    for name in ("2026-11", "2026-Q4"):
        period, first = periods.parse(name), process_time()
        insight.team("north", period, "revenue", NOW)
        yield f"{name}: first look of the day {process_time() - first:.2f} s (with forecasts of the past)"
        machine.scorer.score([next(_deal(DEALS + len(name), Random(0)))])
        later, looked = NOW + timedelta(minutes=10), process_time()
        insight.team("north", period, "revenue", later)
        again = process_time()
        insight.team("north", period, "revenue", later)
        yield f"{name}: after something was booked {again - looked:.2f} s, else {1e3 * (process_time() - again):.1f} ms"


def office() -> Machine:
    """Return a ledger with the deals."""
    machine = Machine()
    for kind, body in (("roster", _roster()), ("playbook", _playbook())):
        machine.put(LeagueDocument(kind, 1, date(2024, 1, 1), "bench", BEGIN, body))
    facts = sorted((fact for n in range(DEALS) for fact in _deal(n, Random(n))), key=lambda each: each.occurred_at)
    for start in range(0, len(facts), 2000):
        machine.scorer.score(facts[start : start + 2000])
    return machine


def _deal(number: int, chance: Random) -> Iterator[Activity]:
    at = BEGIN + timedelta(days=chance.uniform(0, DAYS - 1))
    owner, stage = f"rep-{number % REPS}", 0
    begun = {"owner": owner, "amount": f"{chance.lognormvariate(8, 0.7):.2f}", "currency": "EUR"}
    yield _fact(number, at, {**begun, "pipeline": "new", "stage": STAGES[0]})
    while at < NOW:
        at += timedelta(days=chance.expovariate(1 / 12))
        lost = chance.random() < 0.25
        stage += 1
        place = "lost" if lost else STAGES[stage] if stage < len(STAGES) else "won"
        if at < NOW:
            yield _fact(number, at, {"stage": place})
        if place in ("lost", "won"):
            return


def _fact(number: int, at: datetime, said: dict[str, str | None]) -> Activity:
    change = DealChange(f"D-{number}", said)
    return Activity(f"bench:{number}:{said['stage']}", "bench", "deal", at, said.get("owner"), 1, change)


def _roster() -> dict[str, Any]:
    member = [{"team": "north", "from": "2024-01-01"}]
    return {
        "organisation": {"name": "Bench", "timezone": "Europe/Amsterdam", "currency": "EUR"},
        "teams": [{"id": "north", "name": "North"}],
        "reps": [{"id": f"rep-{n}", "name": f"Rep {n}", "memberships": member} for n in range(REPS)],
    }


def _playbook() -> dict[str, Any]:
    stages: list[dict[str, Any]] = [{"id": name, "label": LABEL} for name in STAGES]
    closing = [{"id": name, "label": LABEL, "closes": name} for name in ("won", "lost")]
    return {
        "pipelines": [{"id": "new", "label": LABEL, "stages": [*stages, *closing]}],
        "metrics": [{"id": "revenue", "unit": "EUR", "label": LABEL}],
        "rules": [{"id": "won", "on": {"deal": "won"}, "credit": {"revenue": "deal.amount"}, "text": LABEL}],
    }
