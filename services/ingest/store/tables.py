"""The tables of the front door; made by migrations/versions."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
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
    Column("ignored", Text, comment="why it needs no activity; such a payload may have none"),
    Column("again", Integer, nullable=False, server_default="0", comment="how often the same came again"),
    Column("pruned_at", Instant, comment="when the payload was taken away; what became of it stays"),
    UniqueConstraint("connection", "key"),
)
by_arrival = Index("inbox_received", inbox.c.received_at, inbox.c.id)
by_sender = Index("inbox_connection", inbox.c.connection, inbox.c.id)
ignored = Index(
    "inbox_ignored",
    inbox.c.id,
    sqlite_where=inbox.c.ignored.is_not(None),
    postgresql_where=inbox.c.ignored.is_not(None),
)
of_age = Index(
    "inbox_unpruned",
    inbox.c.received_at,
    sqlite_where=inbox.c.pruned_at.is_(None),
    postgresql_where=inbox.c.pruned_at.is_(None),
)
came_again = Index("inbox_again", inbox.c.id, sqlite_where=inbox.c.again > 0, postgresql_where=inbox.c.again > 0)

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
    Column("name", Text, comment="its id where that is not the payload's: one payload may give several"),
    Column("deal", Text, comment="the id of the deal it is about"),
    Column("rep", Text, comment="whose work it is, once that is known"),
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

by_name = Index(
    "activities_name",
    activities.c.name,
    unique=True,
    sqlite_where=activities.c.name.is_not(None),
    postgresql_where=activities.c.name.is_not(None),
)
by_deal = Index(
    "activities_deal",
    activities.c.deal,
    activities.c.inbox,
    sqlite_where=activities.c.deal.is_not(None),
    postgresql_where=activities.c.deal.is_not(None),
)
by_rep = Index(
    "activities_rep",
    activities.c.rep,
    activities.c.inbox,
    sqlite_where=activities.c.rep.is_not(None),
    postgresql_where=activities.c.rep.is_not(None),
)

held = Index(
    "activities_held",
    activities.c.reason,
    activities.c.reference,
    activities.c.inbox,
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

COUNTED = ("accepted", "duplicate", "parked", "ignored", "unreadable", "refused")

senders = Table(
    "senders",
    metadata,
    Column("connection", Text, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in COUNTED),
    Column("received_at", Instant, comment="when something of a verified sender came last"),
    Column("refused_at", Instant, comment="when a sender was last refused"),
    Column("refusal", Text, comment="why"),
)
"""What each connection of the document `sources` sent, by what became of it on arrival."""

reviews = Table(
    "reviews",
    metadata,
    Column("flag", Text, primary_key=True, comment="which flag of domain/quality.py"),
    Column("seen_by", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("note", Text, nullable=False),
)
"""Flags of the quality page that a person has looked at."""

marks = Table(
    "marks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Single facts: the incarnation of the bus that was published to; the row that is the lock of all documents."""
