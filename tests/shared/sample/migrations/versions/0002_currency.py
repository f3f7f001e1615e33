import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("currency", sa.String(3), nullable=False, server_default="EUR"))
        accounts.create_check_constraint("currency_has_three_letters", "length(currency) = 3")
