"""When the visits of each deal were last replaced, so that only those that changed are read again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table; a deal whose visits were not replaced since needs no row."""
    op.create_table(
        "visited",
        sa.Column("deal", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("visited_by_revision", "visited", ["partition", "revision"])
