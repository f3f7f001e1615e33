"""Finding a team's totals, a rep's lines and a deal's lines without reading everybody's."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("totals_team", "totals", ["team", "day"])
    op.create_index("credits_rep", "credits", ["rep", "at"])
    op.create_index("credits_subject", "credits", ["subject", "metric"])
