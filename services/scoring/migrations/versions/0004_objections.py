"""Objections to lines with what became of each, and retractions that came before what they retract."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "early",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("of", sa.Text, nullable=False),
        sa.Column("wire", sa.LargeBinary, nullable=False),
    )
    op.create_index("early_by_work", "early", ["of"])
    op.create_table(
        "objections",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
    )
    op.create_index("objections_by_line", "objections", ["partition", "seq"])
    op.create_table(
        "objection_trail",
        sa.Column("objection", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("by", "kind", "text")),
        sa.Column("correction", sa.Text, nullable=True),
    )
