"""The books: lines, their running totals, how far they were read, the league's documents."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _lines_and_totals()
    _marks_and_documents()


def _lines_and_totals() -> None:
    op.create_table(
        "credits",
        sa.Column("partition", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("booked_at", Instant, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("credits_at", "credits", ["at"])
    op.create_table(
        "totals",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("team", sa.Text, primary_key=True),
        sa.Column("metric", sa.Text, primary_key=True),
        sa.Column("rep", sa.Text, primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
    )
    op.create_index("totals_rep", "totals", ["rep", "day"])


def _marks_and_documents() -> None:
    op.create_table(
        "heads",
        sa.Column("partition", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("asked_at", Instant),
        sa.Column("changed_at", Instant),
    )
    op.create_table(
        "documents",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("kept_at", Instant, nullable=False),
    )
