"""What stands of each rep by metric and day of the organisation; kept beside the ledger, only while a playbook asks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from services.scoring.domain.league import League
from services.scoring.domain.rhythm import FIRST, RHYTHM, Standing, is_derived
from services.scoring.store.tables import days, ledger, stale
from shared.contracts.credit import Credit
from shared.contracts.rules import OVERLAY
from shared.sql import insert_new

_AT_ONCE = 5000


class Days:
    """The days, inside one writing transaction."""

    def __init__(self, conn: Connection) -> None:
        """Work on an open writing transaction."""
        self._conn = conn

    def add(self, lines: Iterable[Credit], league: League) -> None:
        """Add lines to their days; those that are derived themselves, and mentors' parts, are left out."""
        sums: dict[tuple[str, str, date], int] = defaultdict(int)
        for line in lines:
            if not is_derived(line.subject) and not line.overlay:
                sums[line.rep, line.metric, league.day(line.at)] += line.amount
        # in one order everywhere: two processes that meet on the same days wait for each other instead of locking up
        rows = [
            {"rep": rep, "metric": metric, "day": day, "amount": amount}
            for (rep, metric, day), amount in sorted(sums.items())
            if amount
        ]
        if not rows:
            return
        adding = (sqlite if self._conn.dialect.name == "sqlite" else postgresql).insert(days)
        both = days.c.amount + adding.excluded.amount
        self._conn.execute(
            adding.on_conflict_do_update(index_elements=["rep", "metric", "day"], set_={"amount": both}), rows
        )

    def rebuild(self, league: League) -> None:
        """Sum the whole ledger anew, day by day; its partitions must be locked."""
        self._conn.execute(days.delete())
        columns = [ledger.c[name] for name in ("rep", "metric", "at", "subject", "rule", "amount")]
        found = self._conn.execute(sa.select(*columns), execution_options={"yield_per": _AT_ONCE})
        sums: dict[tuple[str, str, date], int] = defaultdict(int)
        for row in found:
            if not is_derived(row.subject) and not row.rule.endswith(OVERLAY):
                sums[row.rep, row.metric, league.day(row.at)] += row.amount
        rows = [
            {"rep": r, "metric": m, "day": d, "amount": amount} for (r, m, d), amount in sorted(sums.items()) if amount
        ]
        for start in range(0, len(rows), _AT_ONCE):
            self._conn.execute(days.insert(), rows[start : start + _AT_ONCE])

    def of(self, rep: str) -> dict[str, dict[date, int]]:
        """Return what stands of a rep, by metric and day; days with nothing are left out."""
        found: dict[str, dict[date, int]] = defaultdict(dict)
        query = sa.select(days.c.metric, days.c.day, days.c.amount).where(days.c.rep == rep, days.c.amount != 0)
        for metric, day, amount in self._conn.execute(query):
            found[metric][day] = amount
        return found

    def standing(self, metric: str, start: datetime, end: datetime, owner: Mapping[str, str]) -> list[Standing]:
        """Return what stands of a metric in a stretch of time, of a rep or team (`owner`; empty: of everybody)."""
        key = [ledger.c[name] for name in ("subject", "rule", "rep", "team", "at")]
        query = sa.select(*key, sa.func.min(ledger.c.activity).label("activity"))
        query = query.where(
            *(ledger.c[name] == value for name, value in owner.items()),
            ledger.c.metric == metric,
            ledger.c.at >= start,
            ledger.c.at < end,
            ~ledger.c.subject.startswith(RHYTHM),
            ~ledger.c.subject.startswith(FIRST),
            ~ledger.c.rule.endswith(OVERLAY, autoescape=True),
        )
        rows = self._conn.execute(query.group_by(*key).having(sa.func.sum(ledger.c.amount) > 0))
        return [Standing(row.at, row.rep, row.team, row.activity) for row in rows]

    def all(self) -> list[tuple[str, str, date]]:
        """Return every rep, metric and day with something."""
        query = sa.select(days.c.rep, days.c.metric, days.c.day).where(days.c.amount != 0)
        return [(rep, metric, day) for rep, metric, day in self._conn.execute(query)]

    def derived(self) -> list[str]:
        """Return the derived subjects that have lines."""
        query = sa.select(ledger.c.subject).distinct()
        query = query.where(ledger.c.subject.startswith(RHYTHM) | ledger.c.subject.startswith(FIRST))
        return list(self._conn.execute(query).scalars())

    def stale(self, subjects: Sequence[tuple[int, str]]) -> None:
        """Have derived subjects computed again, each in its partition."""
        rows: list[dict[str, Any]] = [{"partition": partition, "subject": name} for partition, name in sorted(subjects)]
        if rows:
            insert_new(self._conn, stale, rows, ["partition", "subject"])
