"""What the front door promises: it goes on while the bus is away; what was parked is on the board in seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

from tests.bench.workload import START, documents
from tests.e2e.chain import Chain
from tests.e2e.outage import ride_out, standing
from tests.engines.engine import Engine

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PARKED, AT_ONCE = 1000, 250
NEWCOMER = "nieuw@example.nl"


def tell(capsys: pytest.CaptureFixture[str], figure: str) -> None:
    """Show a figure whatever becomes of the test's other output."""
    with capsys.disabled():
        sys.stdout.write(f"\n  {figure}\n")


@pytest.mark.kafka
def test_while_kafka_is_away_no_request_is_refused_and_nothing_is_lost(
    chain_on: Callable[[str, str], Chain], kafka_engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    chain = chain_on("kafka", "sqlite")
    found = ride_out(chain, kafka_engine, away=10)
    tell(capsys, str(found))
    assert found.refused == 0
    assert found.away >= 10
    assert found.backlog > 0
    assert found.sent > 50 * 10
    for service in ("scoring", "leaderboard", "commission"):
        chain.run("-m", f"services.{service}.cli", "verify")


def test_a_thousand_parked_calls_of_a_newcomer_stand_on_the_board_within_seconds_of_the_roster(
    chain_on: Callable[[str, str], Chain], capsys: pytest.CaptureFixture[str]
) -> None:
    chain = chain_on("redis", "sqlite")
    league = documents()
    for kind, body in league.items():
        chain.call("PUT", f"/ingest/v1/league/{kind}?effective_from=2020-01-01", body)
    calls = [
        {"id": f"p{n}", "type": "call", "occurred_at": START.isoformat(), "owner": NEWCOMER} for n in range(PARKED)
    ]
    for start in range(0, PARKED, AT_ONCE):
        assert chain.call("POST", "/ingest/v1/activities", calls[start : start + AT_ONCE])["parked"] == AT_ONCE
    (waiting,) = chain.get("/ingest/v1/parked?limit=1")["counts"]
    assert (waiting["count"], waiting["reference"], waiting["reason"]) == (PARKED, NEWCOMER, "unknown-owner")
    league["roster"]["reps"].append(
        {
            "id": "nieuw",
            "name": "Nieuw",
            "identities": [NEWCOMER],
            "memberships": [{"team": "team-0", "from": "2020-01-01"}],
        }
    )
    repaired = time.monotonic()
    chain.call("PUT", "/ingest/v1/league/roster?effective_from=2020-01-01", league["roster"])
    chain.wait_until(lambda: standing(chain)["nieuw"] == PARKED, "the thousand to stand on the board", 60)
    took = time.monotonic() - repaired
    tell(capsys, f"{PARKED:,} parked calls stood on the board {took:.1f} s after the roster")
    assert chain.get("/ingest/v1/parked?limit=1")["counts"] == []
    assert took < 30
