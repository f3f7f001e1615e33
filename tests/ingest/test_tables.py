"""The migrations make exactly the tables that the store uses."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from services.ingest.store import tables
from shared.sql import reading


def kinds(difference: Any) -> set[str]:
    """Name the kinds of a difference; those of one column come as a list."""
    several = difference if isinstance(difference, list) else [difference]
    return {str(each[0]) for each in several}


def test_migrations_and_tables_agree(engine: Engine) -> None:
    with reading(engine) as conn:
        found = compare_metadata(MigrationContext.configure(conn), tables.metadata)
    assert [each for each in found if kinds(each) - {"add_table_comment", "modify_comment"}] == []


def test_a_forgotten_migration_would_be_noticed(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.exec_driver_sql("DROP INDEX activities_inbox")
    with reading(engine) as conn:
        found = compare_metadata(MigrationContext.configure(conn), tables.metadata)
    assert "add_index" in {kind for each in found for kind in kinds(each)}
