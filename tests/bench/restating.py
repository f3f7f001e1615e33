"""A rule changes over 100,000 past activities while events keep coming: what live events wait, and how fast it goes."""

import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from services.scoring.domain.rules import judge
from services.scoring.domain.windows import settle
from services.scoring.handlers import Scorer, build_league, subject_of
from services.scoring.store import PACKAGE, Asked, Ledger, Reader
from shared.contracts.activity import Activity
from shared.contracts.league import LeagueDocument
from shared.sql import migrate, open_engine
from tests.bench.rules import documents
from tests.bench.workload import as_activity, posts

PAST, LIVE = 100_000, 300
CHUNK = 2000
EVER = Asked(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def run() -> Iterator[str]:
    """Yield the figures, on SQLite."""
    with tempfile.TemporaryDirectory(prefix="samenspel-bench-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'scoring.db'}")
        migrate(engine, PACKAGE)
        scorer = Scorer(Ledger(engine), lambda _: None, lambda: datetime(2026, 12, 31, tzinfo=UTC))
        roster, playbook = documents()
        for each in (roster, playbook):
            scorer.put_document(each)
        facts = [as_activity(post, n) for n, post in enumerate(posts(PAST + 2 * LIVE))]
        past, quiet, live = facts[:PAST], facts[PAST : PAST + LIVE], facts[PAST + LIVE :]
        for start in range(0, PAST, CHUNK):
            scorer.score(past[start : start + CHUNK])
        yield from _measured(scorer, quiet, live, _changed(playbook))
        yield _equal(Reader(engine), facts, [roster, playbook, _changed(playbook)])
        engine.dispose()


def _measured(scorer: Scorer, quiet: list[Activity], live: list[Activity], changed: LeagueDocument) -> Iterator[str]:
    alone = sorted(_scored(scorer, fact) for fact in quiet)
    scorer.put_document(changed)
    begun, waits, pending = perf_counter(), [], list(live)
    chance, busy = random.Random(3), True
    while busy:
        arrived = perf_counter()
        before = chance.random()
        busy = scorer.restate_some() or scorer.refresh_some()
        if pending:  # it came at some moment of that piece of work
            waits.append((perf_counter() - arrived) * before + _scored(scorer, pending.pop()))
    seconds = perf_counter() - begun
    for fact in pending:
        scorer.score([fact])
    waits.sort()
    for name, found in (("quiet", alone), ("while restating", waits)):
        yield f"live event, {name}: p50 {_ms(found, 0.5)}, p99 {_ms(found, 0.99)}"
    rate = PAST / seconds
    yield f"restated {PAST:,} activities in {seconds:.1f} s, live events between them: {rate:,.0f} activities/s"


def _scored(scorer: Scorer, fact: Activity) -> float:
    begun = perf_counter()
    scorer.score([fact])
    return perf_counter() - begun


def _ms(ordered: list[float], part: float) -> str:
    return f"{1000 * ordered[min(int(part * len(ordered)), len(ordered) - 1)]:.1f} ms"


def _changed(playbook: LeagueDocument) -> LeagueDocument:
    """Return the playbook with more for the first rule, in force from its first day."""
    rules: list[dict[str, Any]] = [dict(rule) for rule in playbook.body["rules"]]
    rules[0]["credit"] = {"points": 100}
    return LeagueDocument(
        "playbook", 2, date(2026, 1, 1), "bench", playbook.recorded_at, {**playbook.body, "rules": rules}
    )


def _equal(reader: Reader, facts: list[Activity], versions: list[LeagueDocument]) -> str:
    """Compare what stands with the rules evaluated plainly in memory, and tell what that takes."""
    league = build_league(len(versions), versions)
    histories: dict[str, list[Activity]] = {}
    for fact in facts:
        histories.setdefault(subject_of(fact)[1], []).append(fact)
    begun = perf_counter()
    due = [settle(subject, judge(history, league), {}, league) for subject, history in histories.items()]
    seconds = perf_counter() - begun
    total = sum(one.amount for each in due for one in each.values())
    stands = reader.sums(EVER)["points"]
    same = "equal to" if total == stands else f"NOT EQUAL to {total:,} of"
    return f"{stands:,} points stand, {same} a plain evaluation in memory ({len(facts) / seconds:,.0f} activities/s)"
