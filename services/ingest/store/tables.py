"""The tables of the front door; made by migrations/versions."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from shared.sql import Id, Instant

metadata = MetaData()

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("connection", Text, nullable=False, comment="who sent it: the name of a token, or of a mapping"),
    Column("key", Text, nullable=False, comment="the sender's id of the event: the same again is a duplicate"),
    Column("source", Text, nullable=False, comment="which of sources/ read it"),
    Column("received_at", Instant, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="of what was said, however it was written"),
    Column("payload", Text, nullable=False, comment="as it was received, JSON"),
    UniqueConstraint("connection", "key"),
)

activities = Table(
    "activities",
    metadata,
    Column("number", Id, primary_key=True, comment="in the order they came"),
    Column("inbox", BigInteger, ForeignKey("inbox.id", ondelete="CASCADE"), nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("body", Text, nullable=False, comment="the wire form without `inbox`; while parked, the claim"),
    Column("published_at", Instant),
    Column("reason", Text, comment="why it is parked"),
    Column("reference", Text, comment="the name that nobody knows"),
    Column("checked", BigInteger, comment="the number of the newest document it was held against"),
)
of_payload = Index("activities_inbox", activities.c.inbox)
unpublished = Index(
    "activities_unpublished",
    activities.c.number,
    sqlite_where=activities.c.published_at.is_(None) & activities.c.reason.is_(None),
    postgresql_where=activities.c.published_at.is_(None) & activities.c.reason.is_(None),
)
parked = Index(
    "activities_parked",
    activities.c.checked,
    activities.c.number,
    sqlite_where=activities.c.reason.is_not(None),
    postgresql_where=activities.c.reason.is_not(None),
)

league = Table(
    "league",
    metadata,
    Column("number", Id, primary_key=True, comment="grows with every version of any kind"),
    Column("kind", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("author", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    Column("published_at", Instant),
    UniqueConstraint("kind", "version"),
)

marks = Table(
    "marks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Single facts: the incarnation of the bus that was published to; the row that is the lock of all documents."""
