"""Several activities of one payload, payloads without any, and what each connection sent."""

from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

from shared.sql import Instant

revision = "0002"
down_revision = "0001"

CHUNK = 5000
COUNTED = ("accepted", "duplicate", "parked", "ignored", "unreadable", "refused")


def upgrade() -> None:
    """Add columns and a table; the deal and the rep of what is there are taken from its body."""
    op.add_column("inbox", sa.Column("ignored", sa.Text))
    op.add_column("inbox", sa.Column("again", sa.Integer, nullable=False, server_default="0"))
    op.add_column("activities", sa.Column("name", sa.Text))
    op.add_column("activities", sa.Column("deal", sa.Text))
    op.add_column("activities", sa.Column("rep", sa.Text))
    _fill()
    _index("name", ["name"], unique=True)
    _index("deal", ["deal", "number"])
    _index("rep", ["rep", "number"])
    counted = [sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTED]
    op.create_table(
        "senders",
        sa.Column("connection", sa.Text, primary_key=True),
        *counted,
        sa.Column("received_at", Instant),
        sa.Column("refused_at", Instant),
        sa.Column("refusal", sa.Text),
    )


def _index(column: str, columns: list[str], *, unique: bool = False) -> None:
    there = sa.text(f"{column} IS NOT NULL")
    op.create_index(
        f"activities_{column}", "activities", columns, unique=unique, sqlite_where=there, postgresql_where=there
    )


def _fill() -> None:
    conn = op.get_bind()
    table = sa.table("activities", *(sa.column(name) for name in ("number", "body", "deal", "rep")))
    number, last = table.c.number, 0
    change = sa.update(table).where(number == sa.bindparam("of"))
    change = change.values(deal=sa.bindparam("its_deal"), rep=sa.bindparam("its_rep"))
    query = sa.select(number, table.c.body).order_by(number).limit(CHUNK)
    while rows := conn.execute(query.where(number > last)).all():
        conn.execute(change, [_filled(*row) for row in rows])
        last = rows[-1].number


def _filled(number: int, body: str) -> dict[str, Any]:
    said = orjson.loads(body)
    return {"of": number, "its_deal": (said.get("deal") or {}).get("id"), "its_rep": said.get("rep")}
