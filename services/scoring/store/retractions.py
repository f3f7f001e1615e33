"""Where retractions belong: to the subject of the work that they take back, also when they came before it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection

from services.scoring.store.tables import activities, early
from shared.contracts import activity as activity_contract
from shared.contracts.activity import Activity
from shared.sql import insert_new

_AT_ONCE = 500
Placed = Mapping[str, tuple[int, str, Activity]]
"""Activities by id, each with its (partition, subject)."""


class Retractions:
    """Retractions, inside one writing transaction.

    Its partitions are locked; all of them when the batch has a retraction: so nobody else can be about to keep the work
    that a retraction does not find.
    """

    def __init__(self, conn: Connection) -> None:
        """Work on an open writing transaction."""
        self._conn = conn

    def place(self, arriving: Placed) -> Placed:
        """Return what is to be kept: retractions with the work they take back, and those that waited for this work.

        Retractions of work that is not known wait for it.
        """
        works = {name: at for name, at in arriving.items() if not at[2].retracts}
        taking = [fact for _, _, fact in arriving.values() if fact.retracts]
        known = self._places([fact.retracts for fact in taking if fact.retracts and fact.retracts not in works])
        places = known | {name: at[:2] for name, at in works.items()}
        found = {fact.id: (*places[fact.retracts], fact) for fact in taking if fact.retracts in places}
        self._keep_waiting([fact for fact in taking if fact.retracts not in places])
        return {**works, **found, **{fact.id: (*places[work], fact) for work, fact in self._take_waiting(works)}}

    def _places(self, names: Sequence[str]) -> dict[str, tuple[int, str]]:
        found: dict[str, tuple[int, str]] = {}
        for some in _chunks(names):
            columns = activities.c.id, activities.c.partition, activities.c.subject
            for name, partition, subject in self._conn.execute(sa.select(*columns).where(activities.c.id.in_(some))):
                found[name] = (partition, subject)
        return found

    def _keep_waiting(self, facts: Sequence[Activity]) -> None:
        rows: list[dict[str, Any]] = [
            {"id": fact.id, "of": fact.retracts, "wire": orjson.dumps(activity_contract.to_wire(fact))}
            for fact in facts
        ]
        if rows:
            insert_new(self._conn, early, rows, ["id"])

    def _take_waiting(self, works: Iterable[str]) -> list[tuple[str, Activity]]:
        """Return the retractions that waited for these works, with the work's id; they wait no longer."""
        if self._conn.execute(sa.select(early.c.id).limit(1)).first() is None:
            return []
        found: list[tuple[str, Activity]] = []
        for some in _chunks(list(works)):
            rows = self._conn.execute(sa.select(early.c.of, early.c.wire).where(early.c.of.in_(some))).all()
            found += [(row.of, activity_contract.from_wire(orjson.loads(row.wire))) for row in rows]
            self._conn.execute(early.delete().where(early.c.of.in_(some)))
        return found


def _chunks(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))
