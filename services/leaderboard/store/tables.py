"""The SQL tables: what people decided. The migrations make them."""

import sqlalchemy as sa

from shared.sql import Id, Instant

PACKAGE = "services.leaderboard"
"""Where the migrations are."""

_metadata = sa.MetaData()

playlists = sa.Table(
    "playlists",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("name", "team", "slides", "changed_by")),  # slides: JSON list
    sa.Column("version", sa.Integer),
    sa.Column("changed_at", Instant),
)
messages = sa.Table(
    "messages",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("nl", "en", "team", "written_by")),
    *(sa.Column(name, sa.Date) for name in ("start", "until")),
    sa.Column("seconds", sa.Integer),
    sa.Column("written_at", Instant),
)
screens = sa.Table(
    "screens",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("secret", sa.Text),  # SHA-256 of what the screen's cookie holds
    *(sa.Column(name, Instant) for name in ("paired_at", "revoked_at")),
    *(sa.Column(name, sa.Text) for name in ("paired_by", "revoked_by")),
    *(sa.Column(name, sa.Text) for name in ("name", "playlist", "team", "language", "theme", "motion")),
    *(sa.Column(name, sa.Text) for name in ("quiet", "hours")),  # spans of the day: 12:00-13:00,17:00-18:00
    *(sa.Column(name, sa.Integer) for name in ("distance", "inches", "volume")),
    sa.Column("sound", sa.Boolean),
)
beats = sa.Table(
    "beats",
    _metadata,
    sa.Column("screen", sa.Text, primary_key=True),
    sa.Column("at", Instant),
    *(sa.Column(name, sa.Text) for name in ("slide", "app", "viewport", "errors")),  # errors: JSON list
    sa.Column("uptime", sa.BigInteger),
)
pairings = sa.Table(
    "pairings",
    _metadata,
    sa.Column("device", sa.Text, primary_key=True),  # SHA-256 of what the waiting screen holds
    *(sa.Column(name, sa.Text) for name in ("code", "address", "screen")),
    sa.Column("asked_at", Instant),
)
wrong_codes = sa.Table(
    "wrong_codes",
    _metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("caller", sa.Text),
    sa.Column("at", Instant),
)
profiles = sa.Table(
    "profiles",
    _metadata,
    sa.Column("rep", sa.Text, primary_key=True),
    *(sa.Column(name, sa.Boolean) for name in ("on_tv", "celebrate")),
    *(sa.Column(name, sa.Text) for name in ("nickname", "avatar", "hidden_by")),
    sa.Column("changed_at", Instant),
)
