"""Versions of the payroll document: employers, wage components, employments."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "payroll",
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
    )
