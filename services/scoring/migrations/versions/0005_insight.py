"""Visits of deals, the kind of each activity, and which signals were marked as dealt with."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables; what was there before is filled in by `python -m services.scoring.cli visits`."""
    op.create_table(
        "visits",
        sa.Column("deal", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, Instant, nullable=False) for name in ("created", "stage_since", "since")),
        sa.Column("until", Instant, nullable=True),
        sa.Column("status", sa.Text, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=True)
            for name in ("rep", "team", "pipeline", "stage", "amount", "currency")
        ),
    )
    op.create_index("visits_by_team", "visits", ["team", "since"])
    op.create_index("visits_by_rep", "visits", ["rep", "since"])
    op.add_column("activities", sa.Column("type", sa.Text, nullable=True))
    op.create_index("activities_by_rep", "activities", ["rep", "occurred_at", "type"])
    op.add_column("ledger_heads", sa.Column("visits", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "signal_marks",
        sa.Column("signal", sa.Text, primary_key=True),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
