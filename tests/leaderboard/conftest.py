"""An empty standings store per test, on the session's Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.leaderboard.store import Standings


@pytest.fixture
def standings(fresh_redis_url: str) -> Iterator[Standings]:
    """Standings in an emptied Redis database."""
    opened = Standings.open(fresh_redis_url)
    yield opened
    opened.close()
