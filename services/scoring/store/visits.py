"""The visits of deals, and the kinds of activities: what insight reads beside the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from services.scoring.domain.insight.visits import Visit
from services.scoring.store.tables import activities, heads, visits
from shared.contracts.activity import Activity
from shared.sql import insert_all

_AT_ONCE = 500
_FIELDS = tuple(field.name for field in fields(Visit))


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
        rows = [row for name in names for row in map(_row, deals[name])]
        if rows:
            insert_all(self._conn, visits, rows)
        changed = heads.update().where(heads.c.partition == partition).values(visits=heads.c.visits + 1)
        self._conn.execute(changed)

    def name_kinds(self, facts: Iterable[Activity]) -> None:
        """Say of activities of which kind they are, where that was not kept."""
        rows: list[dict[str, Any]] = [{"name": fact.id, "kind": fact.type} for fact in facts]
        if rows:
            unnamed = activities.update().where(activities.c.id == sa.bindparam("name"), activities.c.type.is_(None))
            self._conn.execute(unnamed.values(type=sa.bindparam("kind")), rows)


def _row(visit: Visit) -> dict[str, Any]:
    return {name: getattr(visit, name) for name in _FIELDS}
