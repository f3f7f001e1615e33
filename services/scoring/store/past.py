"""What a rehearsal needs of the past, at one moment: whole histories, and what stood before."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from itertools import groupby

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from services.scoring.domain.league import League
from services.scoring.domain.rehearsal import Cell
from services.scoring.domain.rhythm import is_derived
from services.scoring.domain.windows import CAP, ONCE, STEP
from services.scoring.store.days import Days
from services.scoring.store.tables import activities, candidates, days, ledger
from shared.contracts import activity as activity_contract
from shared.contracts.activity import Activity
from shared.contracts.rules import OVERLAY
from shared.sql import reading
from shared.topics import TOPICS

PARTITIONS = TOPICS["credits"].partitions
_AT_ONCE = 2000
_KINDS = {kind[:3]: kind for kind in (ONCE, STEP, CAP)}
"""The kinds of limits by the first letters with which what was held is kept."""


class Past:
    """The past, as one reading transaction sees it."""

    def __init__(self, conn: Connection) -> None:
        """Work on an open reading transaction."""
        self._conn = conn

    def count(self, start: datetime, end: datetime) -> int:
        """Return how many activities happened in a stretch of time."""
        happened = (activities.c.occurred_at >= start) & (activities.c.occurred_at < end)
        return self._conn.execute(sa.select(sa.func.count()).select_from(activities).where(happened)).scalar_one()

    def histories(self, start: datetime, end: datetime) -> Iterator[tuple[str, list[Activity]]]:
        """Yield every subject to which something happened in a stretch of time, with its whole history."""
        happened = (activities.c.occurred_at >= start) & (activities.c.occurred_at < end)
        for partition in range(PARTITIONS):
            mine = activities.c.partition == partition
            touched = sa.select(activities.c.subject).where(mine, happened)
            query = sa.select(activities.c.subject, activities.c.wire).where(mine, activities.c.subject.in_(touched))
            found = self._conn.execute(query.order_by(activities.c.subject).execution_options(yield_per=_AT_ONCE))
            for subject, rows in groupby(found, key=lambda row: str(row.subject)):
                yield subject, [activity_contract.from_wire(orjson.loads(row.wire)) for row in rows]

    def sums(self, start: datetime, end: datetime) -> dict[Cell, int]:
        """Return what the ledger holds of a stretch of time."""
        columns = [ledger.c[name] for name in Cell._fields]
        query = sa.select(*columns, sa.func.sum(ledger.c.amount)).where(ledger.c.at >= start, ledger.c.at < end)
        return {Cell(*row[:-1]): int(row[-1]) for row in self._conn.execute(query.group_by(*columns)) if row[-1]}

    def held(self, start: datetime, end: datetime) -> dict[tuple[str, str], int]:
        """Return how often limits of each rule held something down in a stretch of time, by kind of limit."""
        three: sa.ColumnClause[int] = sa.literal_column(
            "3"
        )  # PostgreSQL takes two parameters for two different expressions
        kind = sa.func.substr(candidates.c.held, three, three)
        query = sa.select(candidates.c.rule, kind, sa.func.count()).where(
            candidates.c.at >= start, candidates.c.at < end, candidates.c.held.is_not(None)
        )
        rows = self._conn.execute(query.group_by(candidates.c.rule, kind))
        return {(rule, _KINDS[letters]): count for rule, letters, count in rows}

    def days_before(self, day: date, start: datetime, league: League) -> Mapping[str, dict[str, dict[date, int]]]:
        """Return what stands of every rep by metric and day, before a day that begins at `start`.

        From the days that are kept where a playbook in force looks at days, else from the ledger itself.
        """
        found: dict[str, dict[str, dict[date, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
        if league.rhythm:
            for rep, metric, each, amount in self._conn.execute(sa.select(days).where(days.c.day < day)):
                found[rep][metric][each] = amount
            return found
        columns = [ledger.c[name] for name in ("rep", "metric", "at", "subject", "rule", "amount")]
        query = sa.select(*columns).where(ledger.c.at < start)
        for row in self._conn.execute(query.execution_options(yield_per=_AT_ONCE)):
            if not is_derived(row.subject) and not row.rule.endswith(OVERLAY):
                found[row.rep][row.metric][league.day(row.at)] += row.amount
        return found

    def standing(self, metric: str, start: datetime, end: datetime, owner: Mapping[str, str]) -> bool:
        """Tell whether anything stands of a metric in a stretch of time, of a rep or team."""
        return start < end and bool(Days(self._conn).standing(metric, start, end, owner))


class History:
    """The past of one database."""

    def __init__(self, engine: Engine) -> None:
        """Know the database; connect on first use."""
        self._engine = engine

    @contextmanager
    def moment(self) -> Iterator[Past]:
        """Look at one moment of it."""
        with reading(self._engine) as conn:
            yield Past(conn)
