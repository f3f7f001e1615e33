"""Chains of real processes for end-to-end tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.chain import Chain
from tests.engines import postgres


@pytest.fixture
def chain_on(
    request: pytest.FixtureRequest, tmp_path: Path, fresh_redis_url: str
) -> Iterator[Callable[[str, str], Chain]]:
    """Start chains on a bus (redis, kafka) and SQL (sqlite, postgres); all end with the test."""
    with ExitStack() as stack:

        def start(bus: str, sql: str) -> Chain:
            bus_url = request.getfixturevalue(f"{bus}_url") + f"?prefix={tmp_path.name}-"
            databases = {
                name: f"sqlite:///{tmp_path / name}.db" for name in ("ingest", "scoring", "leaderboard", "commission")
            }
            if sql == "postgres":
                server = request.getfixturevalue("postgres_url")
                databases = {name: stack.enter_context(postgres.fresh_database(server)) for name in databases}
            chain = Chain(tmp_path, bus_url, fresh_redis_url, databases)
            stack.callback(chain.stop)
            chain.start()
            return chain

        yield start
