"""The tables of accounts; made by migrations/versions/0005_accounts.py."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text, UniqueConstraint

from services.ingest.store.tables import metadata
from shared.sql import Id, Instant

accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("login", Text, nullable=False, unique=True, comment="an e-mail address in small letters"),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("rep", Text, comment="who it is on the roster"),
    Column("teams", Text, comment="a JSON list of the teams that a manager leads; NULL: all"),
    Column("password", Text, comment="hashed, see domain/passwords.py"),
    Column("issuer", Text, comment="the identity provider that knows the person as `subject`"),
    Column("subject", Text),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("disabled_at", Instant),
    Column("seen_at", Instant, comment="when the person last signed in"),
    UniqueConstraint("issuer", "subject"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False, unique=True, comment="SHA-256 of what the browser keeps"),
    Column("kind", Text, nullable=False, comment="password, link, or the provider"),
    Column("agent", Text, nullable=False, comment="which browser, in two words"),
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

links = Table(
    "account_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256 of the code in the link"),
    Column("account", BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
"""Links with which somebody sets a password, once; a used one is gone."""

attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("of", Text, primary_key=True, comment="an account or an address; gone when the pause is over"),
    Column("count", Integer, nullable=False),
    Column("since", Instant, nullable=False),
)

events = Table(
    "account_events",
    metadata,
    Column("number", Id, primary_key=True),
    Column("account", BigInteger, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("told", Text, nullable=False),
)
