"""The inbox, its activities, the league documents."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Id, Instant

revision = "0001"
down_revision = None

READY = sa.text("published_at IS NULL AND reason IS NULL")
PARKED = sa.text("reason IS NOT NULL")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "inbox",
        sa.Column("id", Id, primary_key=True),
        sa.Column("connection", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.UniqueConstraint("connection", "key"),
    )
    op.create_table(
        "activities",
        sa.Column("number", Id, primary_key=True),
        sa.Column("inbox", sa.BigInteger, sa.ForeignKey("inbox.id", ondelete="CASCADE"), nullable=False),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("published_at", Instant),
        sa.Column("reason", sa.Text),
        sa.Column("reference", sa.Text),
        sa.Column("checked", sa.BigInteger),
    )
    op.create_index("activities_inbox", "activities", ["inbox"])
    _index("activities_unpublished", ["number"], READY)
    _index("activities_parked", ["checked", "number"], PARKED)
    _league()


def _index(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "activities", columns, sqlite_where=where, postgresql_where=where)


def _league() -> None:
    op.create_table(
        "league",
        sa.Column("number", Id, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("published_at", Instant),
        sa.UniqueConstraint("kind", "version"),
    )
    op.create_table("marks", sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False))
