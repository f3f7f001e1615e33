"""Activities, the ledger with its heads, documents, and how far a restatement is."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "activities",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("wire", sa.LargeBinary, nullable=False),
    )
    op.create_index("activities_by_subject", "activities", ["partition", "subject"])
    op.create_table(
        "ledger",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("booked_at", Instant, nullable=False),
        sa.Column("activity", sa.Text, nullable=False),
        sa.Column("inbox", sa.BigInteger, nullable=False),
        sa.Column("playbook", sa.Integer, nullable=False),
        sa.Column("roster", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("ledger_by_subject", "ledger", ["partition", "subject"])
    op.create_index("ledger_by_rep", "ledger", ["rep", "at"])
    op.create_table(
        "ledger_heads",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("published_seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "documents",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("wire", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "restatements",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("after_subject", sa.Text, nullable=False),
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
