"""What each connection sent, counted by what became of it, and when a sender was last refused."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select, update

from services.ingest.domain.arrivals import Sender
from services.ingest.store import tables
from shared.sql import insert_new, reading, writing

_senders = tables.senders.c
_NOTHING = dict.fromkeys(tables.COUNTED, 0)


class Senders:
    """Counts by connection."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def all(self) -> Mapping[str, Sender]:
        """Return what is known of each connection that ever sent anything."""
        with reading(self._engine) as conn:
            return {row.connection: Sender(**row._mapping) for row in conn.execute(select(tables.senders))}  # noqa: SLF001  SQLAlchemy's public name

    def parked(self) -> Mapping[str, int]:
        """Return how much of each connection is parked now."""
        return parked_of_each(self._engine)

    def refuse(self, connection: str, number: int, why: str, at: datetime) -> None:
        """Count refused requests, the last one at `at`."""
        with writing(self._engine) as conn:
            count(conn, connection, {"refused": number}, refused_at=at, refusal=why)


def parked_of_each(engine: Engine) -> Mapping[str, int]:
    """Return how many activities of each connection are parked."""
    query = select(tables.inbox.c.connection, func.count().label("number"))
    query = query.select_from(tables.activities.join(tables.inbox)).where(tables.activities.c.reason.is_not(None))
    with reading(engine) as conn:
        return {row.connection: row.number for row in conn.execute(query.group_by(tables.inbox.c.connection))}


def count(conn: Connection, connection: str, numbers: Mapping[str, int], **facts: datetime | str) -> None:
    """Add to the counts of a connection, in a transaction that is open; the last thing it does, as others wait."""
    more = {name: _senders[name] + number for name, number in numbers.items() if number}
    add = update(tables.senders).where(_senders.connection == connection).values(**more, **facts)
    if not conn.execute(add).rowcount:
        insert_new(conn, tables.senders, [{"connection": connection, **_NOTHING}], ["connection"])
        conn.execute(add)
