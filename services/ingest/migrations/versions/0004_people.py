"""Finding things in the inbox, payloads whose time is over, flags that a person has seen."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0004"
down_revision = "0003"

PARKED = sa.text("reason IS NOT NULL")
IGNORED = sa.text("ignored IS NOT NULL")
AGAIN = sa.text("again > 0")


def upgrade() -> None:
    """Add columns, indexes and a table; by deal and by rep the inbox is paged through in its own order."""
    op.add_column("inbox", sa.Column("pruned_at", Instant))
    for column in ("deal", "rep"):
        op.drop_index(f"activities_{column}", "activities")
        _index("activities", column, [column, "inbox"], sa.text(f"{column} IS NOT NULL"))
    _index("activities", "held", ["reason", "reference", "inbox"], PARKED)
    _index("inbox", "received", ["received_at", "id"])
    _index("inbox", "connection", ["connection", "id"])
    _index("inbox", "unpruned", ["received_at"], sa.text("pruned_at IS NULL"))
    _index("inbox", "ignored", ["id"], IGNORED)
    _index("inbox", "again", ["id"], AGAIN)
    op.create_table(
        "reviews",
        sa.Column("flag", sa.Text, primary_key=True),
        sa.Column("seen_by", sa.Text, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )


def _index(table: str, name: str, columns: list[str], where: sa.TextClause | None = None) -> None:
    op.create_index(f"{table}_{name}", table, columns, sqlite_where=where, postgresql_where=where)
