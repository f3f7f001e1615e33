"""The runbook is run: saved while it works, lost altogether, restored, and in the end as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest
from redis import Redis

from shared.periods import of_day
from tests.e2e.chain import Chain, Refused
from tests.faults import story
from tests.faults.watched import is_settled, picture, put_league, verify

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(300)]
EVENTS = 240


@pytest.mark.parametrize(
    ("bus", "sql"),
    [
        ("redis", "sqlite"),
        pytest.param("kafka", "postgres", marks=[pytest.mark.kafka, pytest.mark.postgres]),
    ],
)
def test_what_was_saved_is_restored_and_what_came_later_is_sent_again(
    bus: str, sql: str, chain_on: Callable[[str, str], Chain], tmp_path: Path
) -> None:
    now, chain = datetime.now(UTC), chain_on(bus, sql)
    events = story.stream(now, Random(3), EVENTS)
    first, second = events[: EVENTS // 2], events[EVENTS // 2 :]
    put_league(chain, story.league(now.date()))
    known = _sent(chain, first)
    chain.run("-m", "deploy.backup", "save", str(tmp_path / "saved"))
    everything = known + _sent(chain, second)
    before = _settled(chain, everything, now)

    chain.stop()
    with Redis.from_url(chain.redis_url) as client:
        client.flushdb()
    chain.run("-m", "deploy.backup", "restore", str(tmp_path / "saved"))
    chain.run("-m", "deploy.backup", "empty-bus")
    chain.start()
    _settled(chain, known, now)
    _sent(chain, second)

    assert _settled(chain, everything, now) == before
    verify(chain)


def test_what_was_changed_after_it_was_saved_is_not_restored(
    chain_on: Callable[[str, str], Chain], tmp_path: Path
) -> None:
    chain = chain_on("redis", "sqlite")
    chain.stop()
    chain.run("-m", "deploy.backup", "save", str(tmp_path / "saved"))
    with (tmp_path / "saved" / "scoring.sqlite").open("ab") as file:
        file.write(b"x")
    with pytest.raises(Refused, match="is not what was saved"):
        chain.run("-m", "deploy.backup", "restore", str(tmp_path / "saved"))
    with pytest.raises(Refused, match="is not empty"):
        chain.run("-m", "deploy.backup", "save", str(tmp_path / "saved"))


def _sent(chain: Chain, events: list[story.Event]) -> int:
    """Hand events in; returns how many were new."""
    answers = [chain.call("POST", "/ingest/v1/activities", events[n : n + 100]) for n in range(0, len(events), 100)]
    return sum(answer["accepted"] for answer in answers)


def _settled(chain: Chain, activities: int, now: datetime) -> dict[str, object]:
    chain.wait_until(partial(is_settled, chain, activities), "the chain to settle", 90, every=0.3)
    month = of_day(now.date(), "month")
    return picture(chain, [str(now.year), month.id], [month.id])
