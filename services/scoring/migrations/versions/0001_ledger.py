"""Activities, the ledger with its heads, documents, and how far a restatement is."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _make_activities()
    _make_ledger()
    _make_the_rest()


def _make_activities() -> None:
    op.create_table(
        "activities",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("occurred_at", Instant, nullable=False),
        sa.Column("rep", sa.Text, nullable=True),
        sa.Column("after_seq", sa.BigInteger, nullable=False),
        sa.Column("wire", sa.LargeBinary, nullable=False),
    )
    # covers the search for what a new document touches
    op.create_index("activities_by_subject", "activities", ["partition", "subject", "occurred_at", "rep"])


def _make_ledger() -> None:
    op.create_table(
        "ledger",
        _number("partition"),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("subject", "rule", "metric", "rep", "team")),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("booked_at", Instant, nullable=False),
        sa.Column("activity", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("inbox", "playbook", "roster")),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("ledger_by_subject", "ledger", ["partition", "subject"])
    op.create_index("ledger_by_rep", "ledger", ["rep", "at"])
    op.create_index("ledger_by_team", "ledger", ["team", "at"])
    op.create_table(
        "ledger_heads",
        _number("partition"),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("published_seq", sa.BigInteger, nullable=False),
    )


def _make_the_rest() -> None:
    op.create_table(
        "documents",
        sa.Column("kind", sa.Text, primary_key=True),
        _number("version"),
        sa.Column("wire", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "restatements",
        _number("partition"),
        sa.Column("after_subject", sa.Text, nullable=False),
        sa.Column("since", Instant, nullable=True),
        sa.Column("reps", sa.Text, nullable=False),
    )
    op.create_table("marks", sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)
