"""Finding the totals of a team, and the lines of a rep, a team or a deal, without reading everybody's."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("totals_team", "totals", ["team", "day"])
    op.create_index("credits_rep", "credits", ["rep", "at"])
    op.create_index("credits_team", "credits", ["team", "at"])
    op.create_index("credits_subject", "credits", ["subject", "metric"])
