"""Screens, playlists, messages, pairings, profiles: what people decided, which no ledger can bring back."""

import sqlalchemy as sa
from alembic import op

from shared.sql import Id, Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _playlists()
    _screens()
    _pairings()
    op.create_table(
        "profiles",
        sa.Column("rep", sa.Text, primary_key=True),
        sa.Column("on_tv", sa.Boolean),
        sa.Column("nickname", sa.Text),
        sa.Column("avatar", sa.Text),
        sa.Column("celebrate", sa.Boolean, nullable=False),
        sa.Column("hidden_by", sa.Text),
        sa.Column("changed_at", Instant, nullable=False),
    )


def _playlists() -> None:
    op.create_table(
        "playlists",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("team", sa.Text),
        sa.Column("slides", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("nl", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("start", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("team", sa.Text),
        sa.Column("seconds", sa.Integer, nullable=False),
        sa.Column("written_at", Instant, nullable=False),
        sa.Column("written_by", sa.Text, nullable=False),
    )


def _screens() -> None:
    op.create_table(
        "screens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("secret", sa.Text, nullable=False, unique=True),
        sa.Column("paired_at", Instant, nullable=False),
        sa.Column("paired_by", sa.Text, nullable=False),
        sa.Column("revoked_at", Instant),
        sa.Column("revoked_by", sa.Text),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "theme", "motion", "quiet")),
        *(sa.Column(name, sa.Text) for name in ("team", "language", "hours")),
        sa.Column("playlist", sa.Text, sa.ForeignKey("playlists.id", ondelete="SET NULL")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("distance", "inches", "volume")),
        sa.Column("sound", sa.Boolean, nullable=False),
    )
    op.create_table(
        "beats",
        sa.Column("screen", sa.Text, sa.ForeignKey("screens.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("slide", sa.Text),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("app", "viewport", "errors")),
        sa.Column("uptime", sa.BigInteger, nullable=False),
    )


def _pairings() -> None:
    op.create_table(
        "pairings",
        sa.Column("device", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("screen", sa.Text, sa.ForeignKey("screens.id", ondelete="CASCADE")),
    )
    op.create_index("pairings_asked", "pairings", ["asked_at"])
    op.create_table(
        "wrong_codes",
        sa.Column("id", Id, primary_key=True),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_index("wrong_codes_caller", "wrong_codes", ["caller", "at"])
