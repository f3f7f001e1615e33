"""An empty standings store per test, on the session's Redis; and streams over a store of one number."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.leaderboard.live import Hub, Limits
from services.leaderboard.store import Standings
from tests.leaderboard.streams import Clock, Gone, HubOf, Store


@pytest.fixture
def standings(fresh_redis_url: str) -> Iterator[Standings]:
    """Standings in an emptied Redis database."""
    opened = Standings.open(fresh_redis_url)
    yield opened
    opened.close()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub_of(store: Store, clock: Clock) -> Iterator[HubOf]:
    hubs: list[Hub] = []

    def make(limits: Limits) -> Hub:
        given = (store, store.build)
        hubs.append(
            Hub(*given, seats=store.look_up, forget=store.forget, transient=(Gone,), limits=limits, clock=clock)
        )
        return hubs[-1]

    yield make
    for hub in hubs:
        hub.stop()
