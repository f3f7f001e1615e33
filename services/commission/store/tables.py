"""The tables of the books; made by migrations/versions.

Totals are kept by days of UTC: no total depends on when the roster's time zone becomes known.
"""

from sqlalchemy import JSON, BigInteger, Column, Date, MetaData, SmallInteger, Table, Text

from shared.sql import Instant

metadata = MetaData()

lines = Table(
    "credits",
    metadata,
    Column("partition", SmallInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False, comment="the moment the amount counts for"),
    Column("booked_at", Instant, nullable=False),
    Column("subject", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("rep", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("amount", BigInteger, nullable=False, comment="smallest units of the metric"),
    Column("reason", Text, nullable=False),
)
totals = Table(
    "totals",
    metadata,
    Column("day", Date, primary_key=True, comment="of UTC"),
    Column("team", Text, primary_key=True),
    Column("metric", Text, primary_key=True),
    Column("rep", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False, comment="the lines of that day added up"),
)
heads = Table(
    "heads",
    metadata,
    Column("partition", SmallInteger, primary_key=True, autoincrement=False),
    Column("seen", BigInteger, nullable=False, comment="number of the last line applied"),
    Column("asked_at", Instant, comment="when missing lines were asked for; empty once they come"),
    Column("changed_at", Instant, comment="when the last line was applied"),
)
documents = Table(
    "documents",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("effective_from", Date, nullable=False),
    Column("author", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("body", JSON, nullable=False),
    Column("kept_at", Instant, nullable=False),
)
