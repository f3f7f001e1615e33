"""The visits of deals, and the kinds of activities: what insight reads beside the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.scoring.domain.insight.visits import Visit
from services.scoring.store.tables import activities, heads, visited, visits
from shared.contracts.activity import Activity
from shared.sql import insert_all, upsert

_AT_ONCE = 500


class Visits:
    """The visits, inside one writing transaction."""

    def __init__(self, conn: Connection) -> None:
        """Work on an open writing transaction."""
        self._conn = conn

    def replace(self, partition: int, deals: Mapping[str, Sequence[Visit]]) -> None:
        """Put the visits of deals of a locked partition in the place of those they had."""
        if not deals:
            return
        names = sorted(deals)
        for start in range(0, len(names), _AT_ONCE):
            self._conn.execute(visits.delete().where(visits.c.deal.in_(names[start : start + _AT_ONCE])))
        rows = [visit._asdict() for name in names for visit in deals[name]]
        if rows:
            insert_all(self._conn, visits, rows)
        revision = self._next(partition)
        upsert(
            self._conn, visited, [{"deal": n, "partition": partition, "revision": revision} for n in names], ["deal"]
        )

    def _next(self, partition: int) -> int:
        mine = heads.c.partition == partition
        self._conn.execute(heads.update().where(mine).values(visits=heads.c.visits + 1))
        return int(self._conn.execute(sa.select(heads.c.visits).where(mine)).scalar_one())

    def name_kinds(self, facts: Iterable[Activity]) -> None:
        """Say of activities of which kind they are, where that was not kept."""
        rows: list[dict[str, Any]] = [{"name": fact.id, "kind": fact.type} for fact in facts]
        if rows:
            unnamed = activities.update().where(activities.c.id == sa.bindparam("name"), activities.c.type.is_(None))
            self._conn.execute(unnamed.values(type=sa.bindparam("kind")), rows)
