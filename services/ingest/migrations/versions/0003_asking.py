"""What is asked back of a CRM's API, and the line to each."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0003"
down_revision = "0002"

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "questions",
        sa.Column("connection", sa.Text, primary_key=True),
        sa.Column("object", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("since", Instant, nullable=False),
        sa.Column("wanted_at", Instant, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
    )
    op.create_index(
        "questions_waiting", "questions", ["connection", "due_at"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_table(
        "lines",
        sa.Column("connection", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("until", Instant),
        sa.Column("reason", sa.Text),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
    )
