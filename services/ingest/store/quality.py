"""What the quality of the data is judged by: the activities of a time, the histories of deals, flags that were seen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Engine, Row, Select, select

from services.ingest.domain.quality import Fact, Review
from services.ingest.store import tables
from services.ingest.store.senders import parked_of_each
from shared.contracts.times import from_text
from shared.sql import reading, upsert, writing

_inbox, _parts, _reviews = tables.inbox.c, tables.activities.c, tables.reviews.c
_LOOKED_UP = 500
IMPORTED = "import"


class Quality:
    """Activities as facts, and what people noted about flags."""

    def __init__(self, engine: Engine) -> None:
        """Use this database."""
        self._engine = engine

    def facts(self, since: datetime, until: datetime, limit: int) -> list[Fact]:
        """Return the newest activities that arrived in a time, at most `limit`; what is parked is not among them."""
        query = _facts().where(_inbox.received_at >= since, _inbox.received_at < until)
        with reading(self._engine) as conn:
            rows = conn.execute(query.order_by(_inbox.received_at.desc(), _inbox.id.desc()).limit(limit))
            return [_fact(row) for row in rows]

    def histories(self, deals: Sequence[str]) -> Mapping[str, list[Fact]]:
        """Return every fact of these deals, whenever it came."""
        found: dict[str, list[Fact]] = {deal: [] for deal in deals}
        with reading(self._engine) as conn:
            for start in range(0, len(deals), _LOOKED_UP):
                some = deals[start : start + _LOOKED_UP]
                for row in conn.execute(_facts().where(_parts.deal.in_(some))):
                    found[row.deal].append(_fact(row))
        return found

    def parked(self) -> Mapping[str, int]:
        """Return how many activities of each connection are parked."""
        return parked_of_each(self._engine)

    def reviews(self, flags: Sequence[str]) -> Mapping[str, Review]:
        """Return what people noted about these flags."""
        return dict(self._reviews(flags))

    def mark(self, flag: str, review: Review) -> None:
        """Remember that somebody has looked at a flag; a later look replaces an earlier one."""
        with writing(self._engine) as conn:
            upsert(conn, tables.reviews, [{"flag": flag, **asdict(review)}], ["flag"])

    def _reviews(self, flags: Sequence[str]) -> Iterator[tuple[str, Review]]:
        with reading(self._engine) as conn:
            for start in range(0, len(flags), _LOOKED_UP):
                query = select(tables.reviews).where(_reviews.flag.in_(flags[start : start + _LOOKED_UP]))
                for row in conn.execute(query):
                    yield row.flag, Review(row.seen_by, row.seen_at, row.note)


def _facts() -> Select[Any]:
    columns = (_inbox.connection, _inbox.source, _inbox.received_at, _parts.body, _parts.deal, _parts.rep)
    return select(*columns).select_from(tables.inbox.join(tables.activities)).where(_parts.reason.is_(None))


def _fact(row: Row[Any]) -> Fact:
    said = orjson.loads(row.body)
    deal = said.get("deal") or {}
    return Fact(
        id=said["id"],
        connection=row.connection,
        type=said["type"],
        occurred_at=from_text(said["occurred_at"]),
        received_at=row.received_at,
        rep=row.rep,
        deal=row.deal,
        said=deal.get("set") or {},
        data=said.get("data") or {},
        sequence=said.get("sequence", 0),
        imported=row.source == IMPORTED,
    )
