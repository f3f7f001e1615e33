"""Twenty rules on a stream: the engine against a hand-written Python function with the same rules, in one consumer."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from time import perf_counter
from typing import Any
from unittest.mock import patch

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from services.scoring.domain.league import League
from services.scoring.domain.rules import Due, Key, Verdict, judge
from services.scoring.handlers import Scorer, build_league
from services.scoring.store import Ledger
from services.scoring.store.tables import _metadata
from shared.contracts.activity import Activity
from shared.contracts.league import LeagueDocument
from tests.bench.workload import LABEL, REPS, as_activity, posts

RULES, EVENTS, BATCH = 20, 4_000, 500
START = date(2026, 1, 1)


def documents() -> list[LeagueDocument]:
    """Return a roster, and a playbook with twenty rules on calls: longer and longer ones give more."""
    rules = [
        {
            "id": f"r{n}",
            "on": {"activity": "call"},
            "when": f"data.duration_s >= {n * 45} && data.duration_s < {n * 45 + 400}",
            "credit": {"points": n + 1},
            "text": LABEL,
        }
        for n in range(RULES)
    ]
    members = [
        {"id": f"rep-{n}", "name": f"Rep {n}", "memberships": [{"team": f"t{n % 5}", "from": "2026-01-01"}]}
        for n in range(REPS)
    ]
    roster = {
        "organisation": {"name": "Bench", "timezone": "Europe/Amsterdam", "currency": "EUR"},
        "teams": [{"id": f"t{n}", "name": f"Team {n}"} for n in range(5)],
        "reps": members,
    }
    points = {"id": "points", "unit": "points", "label": LABEL}
    playbook = {"activities": [{"id": "call", "label": LABEL}], "metrics": [points], "rules": rules}
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return [LeagueDocument(k, 1, START, "bench", at, b) for k, b in (("roster", roster), ("playbook", playbook))]


def by_hand(history: Sequence[Activity], league: League) -> Verdict:
    """Do what the twenty rules say, written out."""
    due: dict[Key, Due] = {}
    for fact in history:
        duration: Any = fact.data.get("duration_s")
        if fact.type != "call" or fact.rep is None or duration is None:
            continue
        team = league.team_of(fact.rep, fact.occurred_at)
        for n in range(RULES):
            if team and n * 45 <= duration < n * 45 + 400:
                due[Key(f"r{n}", "points", fact.rep, team, fact.occurred_at)] = Due(n + 1, fact.id, fact.inbox, 1)
    return Verdict(due, ())


def calls() -> list[Activity]:
    """Return the calls of the made-up stream."""
    found = (as_activity(post, n) for n, post in enumerate(posts(2 * EVENTS)) if post["type"] == "call")
    return list(found)[:EVENTS]


def run() -> Iterator[str]:
    """Yield the figures: evaluation alone, and whole consumers on SQLite in memory."""
    facts, league = calls(), build_league(2, documents())
    assert judge(facts[:50], league).due == by_hand(facts[:50], league).due
    engine, hand = _evaluation(judge, facts, league), _evaluation(by_hand, facts, league)
    per_rule = (engine - hand) / len(facts) / RULES * 1e6
    yield _compared("evaluation alone", len(facts), engine, hand)
    yield f"cost of a rule beyond that: {per_rule:.1f} microseconds"
    yield _compared(f"one consumer, {RULES} rules", len(facts), _consumer(facts), _consumer(facts, by_hand))


def _compared(what: str, events: int, seconds: float, by_hand: float) -> str:
    ratio = seconds / by_hand
    return (
        f"{what}: {events / seconds:,.0f} events/s, written by hand {events / by_hand:,.0f}: {ratio:.2f} times the cost"
    )


def _evaluation(
    how: Callable[[Sequence[Activity], League], Verdict], facts: Sequence[Activity], league: League
) -> float:
    """Return the seconds for every event by itself; the best of three."""
    return min(_timed(lambda: [how([fact], league) for fact in facts]) for _ in range(3))


def _consumer(facts: Sequence[Activity], how: Callable[..., Verdict] = judge) -> float:
    """Return the seconds that a scorer needs for the stream, from activity to lines handed on; the best of two."""
    return min(_scored(facts, how) for _ in range(2))


def _scored(facts: Sequence[Activity], how: Callable[..., Verdict]) -> float:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    _metadata.create_all(engine)
    scorer = Scorer(Ledger(engine), lambda _: None, lambda: datetime(2026, 12, 31, tzinfo=UTC))
    for document in documents():
        scorer.put_document(document)
    batches = [facts[n : n + BATCH] for n in range(0, len(facts), BATCH)]
    with patch("services.scoring.handlers.writing.judge", how):
        return _timed(lambda: deque(map(scorer.score, batches), maxlen=0))


def _timed(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun
