"""What asks to count in windows, their locks, and the subjects to compute again because a window changed."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "candidates",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("subject", "rule", "metric", "rep", "team")),
        sa.Column("at", Instant, primary_key=True),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("window", sa.Text, nullable=False),
        sa.Column("activity", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("inbox", "playbook", "amount")),
        sa.Column("values_", sa.Text, nullable=False),
        sa.Column("allowed", sa.BigInteger, nullable=False),
        sa.Column("held", sa.Text, nullable=True),
    )
    op.create_index("candidates_by_window", "candidates", ["window"])
    op.create_table("window_locks", sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False))
    op.create_table(
        "stale",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.Text, primary_key=True),
    )
