"""Accounts of people, where they are signed in, links to set a password, attempts, and what happened to accounts."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Id, Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "accounts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("rep", sa.Text),
        sa.Column("teams", sa.Text),
        sa.Column("password", sa.Text),
        sa.Column("issuer", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("disabled_at", Instant),
        sa.Column("seen_at", Instant),
        sa.UniqueConstraint("issuer", "subject"),
    )
    _sign_ins()
    _beside_them()


def _sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", Id, primary_key=True),
        sa.Column(
            "account", sa.BigInteger, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("began_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
    )


def _beside_them() -> None:
    op.create_table(
        "account_links",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("account", sa.BigInteger, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("of", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("since", Instant, nullable=False),
    )
    op.create_table(
        "account_events",
        sa.Column("number", Id, primary_key=True),
        sa.Column("account", sa.BigInteger, nullable=False, index=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )
