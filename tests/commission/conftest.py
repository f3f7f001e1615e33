"""Empty books on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.commission.store import Books


@pytest.fixture
def books(database_url: str) -> Iterator[Books]:
    """Empty books, on both engines."""
    yield from _opened(database_url)


@pytest.fixture
def sqlite_books(tmp_path: Path) -> Iterator[Books]:
    """Empty books on SQLite, where the engine makes no difference."""
    yield from _opened(f"sqlite:///{tmp_path / 'commission.db'}")


def _opened(url: str) -> Iterator[Books]:
    opened = Books.open(url)
    opened.migrate()
    yield opened
    opened.close()
