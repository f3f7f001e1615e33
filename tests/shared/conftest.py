from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from shared.sql import open_engine
from tests.engines import postgres


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An open engine on an empty database, on both kinds."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def fresh_postgres_url(postgres_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with postgres.fresh_database(postgres_url) as url:
        yield url
