"""The tables; the migrations make them."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.contracts.credit import Credit
from shared.sql import Instant, microseconds

PACKAGE = "services.scoring"
"""Where the migrations are."""

SEVERAL = "*"

_metadata = sa.MetaData()

activities = sa.Table(
    "activities",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text),
    sa.Column("partition", sa.Integer),
    sa.Column("occurred_at", Instant),
    sa.Column("rep", sa.Text),  # whose work or deal it is said to be; SEVERAL when more than one is named
    sa.Column("after_seq", sa.BigInteger),  # the partition's last line when it was kept: line n knew those below n
    sa.Column("wire", sa.LargeBinary),
    sa.Column("type", sa.Text),
)
ledger = sa.Table(
    "ledger",
    _metadata,
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("subject", "rule", "metric", "rep", "team")),
    sa.Column("amount", sa.BigInteger),
    sa.Column("at", Instant),
    sa.Column("booked_at", Instant),
    sa.Column("activity", sa.Text),
    *(sa.Column(name, sa.BigInteger) for name in ("inbox", "playbook", "roster")),
    sa.Column("reason", sa.Text),
)
heads = sa.Table(
    "ledger_heads",
    _metadata,
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("seq", sa.BigInteger),
    sa.Column("published_seq", sa.BigInteger),
    sa.Column("visits", sa.BigInteger, server_default="0"),  # grows whenever visits of the partition are replaced
)
documents = sa.Table(
    "documents",
    _metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("wire", sa.LargeBinary),
)
restatements = sa.Table(
    "restatements",
    _metadata,
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("after_subject", sa.Text),
    sa.Column("since", Instant),
    sa.Column("reps", sa.Text),  # JSON list
)
candidates = sa.Table(
    "candidates",
    _metadata,
    *(sa.Column(name, sa.Text, primary_key=True) for name in ("subject", "rule", "metric", "rep", "team")),
    sa.Column("at", Instant, primary_key=True),
    sa.Column("partition", sa.Integer),  # of the subject
    sa.Column("window", sa.Text),
    sa.Column("activity", sa.Text),
    *(sa.Column(name, sa.BigInteger) for name in ("inbox", "playbook", "amount")),
    sa.Column("values_", sa.Text),  # JSON list
    sa.Column("allowed", sa.BigInteger),
    sa.Column("held", sa.Text),  # JSON list: what held the amount down
)
window_locks = sa.Table("window_locks", _metadata, sa.Column("slot", sa.Integer, primary_key=True))
stale = sa.Table(
    "stale",
    _metadata,
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
)
"""Subjects to compute again, because something else in a window of theirs has changed."""
days = sa.Table(
    "days",
    _metadata,
    *(sa.Column(name, sa.Text, primary_key=True) for name in ("rep", "metric")),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("amount", sa.BigInteger),
)
early = sa.Table(
    "early",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("of", sa.Text),  # the activity that is not known yet
    sa.Column("wire", sa.LargeBinary),
)
"""Retractions that came before what they retract."""
objections = sa.Table(
    "objections",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer),
    sa.Column("seq", sa.BigInteger),
    sa.Column("rep", sa.Text),
    sa.Column("opened_at", Instant),
)
objection_trail = sa.Table(
    "objection_trail",
    _metadata,
    sa.Column("objection", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", Instant),
    *(sa.Column(name, sa.Text) for name in ("by", "kind", "text")),
    sa.Column("correction", sa.Text),  # JSON: what is to be handed in, or the activity that was
)
visits = sa.Table(
    "visits",
    _metadata,
    sa.Column("deal", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    *(sa.Column(name, Instant) for name in ("created", "stage_since", "since", "until")),
    *(sa.Column(name, sa.Text) for name in ("status", "rep", "team", "pipeline", "stage", "amount", "currency")),
)
visited = sa.Table(
    "visited",
    _metadata,
    sa.Column("deal", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer),
    sa.Column("revision", sa.BigInteger),  # of its head's `visits` when they were last replaced
)
signal_marks = sa.Table(
    "signal_marks",
    _metadata,
    sa.Column("signal", sa.Text, primary_key=True),
    sa.Column("by", sa.Text),
    sa.Column("at", Instant),
)
marks = sa.Table("marks", _metadata, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text))

LINE = tuple(ledger.columns)
"""The columns of a line, in the order of Credit's fields."""


def as_credits(rows: Iterable[Any]) -> list[Credit]:
    """Return rows of LINE as credits."""
    return [Credit(*row) for row in rows]


def insert_lines(conn: Connection, lines: Iterable[Credit]) -> None:
    """Write lines; straight through the driver, as this is most of what scoring writes."""
    mark = "?" if conn.dialect.name == "sqlite" else "%s"
    statement = f"INSERT INTO ledger ({', '.join(c.name for c in LINE)}) VALUES ({', '.join([mark] * len(LINE))})"  # noqa: S608  no value is in the text
    conn.exec_driver_sql(statement, [_row(line) for line in lines])


def _row(line: Credit) -> tuple[Any, ...]:
    return (
        line.partition,
        line.seq,
        line.subject,
        line.rule,
        line.metric,
        line.rep,
        line.team,
        line.amount,
        microseconds(line.at),
        microseconds(line.booked_at),
        line.activity,
        line.inbox,
        line.playbook,
        line.roster,
        line.reason,
    )
