"""Results deal by deal: the credits of each subject summed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from services.commission.domain.results import DealAmount
from services.commission.store.tables import lines

Deals = Mapping[tuple[str, str], tuple[DealAmount, ...]]
"""Deals by (rep or team, metric), by moment and then by name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Credits from `start` up to and without `end`, in these metrics."""

    start: datetime
    end: datetime
    metrics: Collection[str]

    @property
    def inside(self) -> ColumnElement[bool]:
        """The condition on a line."""
        return and_(lines.c.metric.in_(self.metrics), lines.c.at >= self.start, lines.c.at < self.end)


def deals(conn: Connection, owner: str, only: Collection[str] | None, asked: Asked) -> Deals:
    """Return what each deal adds to each `owner` (rep, team); `only` None: to all of them.

    What a deal adds is summed by moment first, so that a deal which moved to another day stands where it is now.
    """
    if not asked.metrics or (only is not None and not only):
        return {}
    among = asked.inside if only is None else and_(asked.inside, lines.c[owner].in_(only))
    keys = (lines.c[owner], lines.c.metric, lines.c.subject)
    amount = func.sum(lines.c.amount).label("amount")
    query = select(*keys, lines.c.at, amount).where(among).group_by(*keys, lines.c.at).having(amount != 0)
    rows = conn.execute(query.order_by(*keys, lines.c.at)).all()
    wholes = _wholes(conn, among, asked)
    found: dict[tuple[str, str], list[DealAmount]] = {}
    for (name, metric, subject), parts in groupby(rows, key=lambda row: (row[0], row[1], row[2])):
        one = _deal(subject, list(parts), wholes[metric, subject])
        if one.amount:
            found.setdefault((name, metric), []).append(one)
    return {key: tuple(sorted(each, key=lambda deal: (deal.at, deal.deal))) for key, each in found.items()}


def _deal(subject: str, parts: Sequence[Any], whole: int) -> DealAmount:
    return DealAmount(subject, sum(int(part.amount) for part in parts), parts[0].at, whole)


def _wholes(conn: Connection, among: ColumnElement[bool], asked: Asked) -> Mapping[tuple[str, str], int]:
    """Return what each deal of the lines `among` adds to everybody together, by (metric, deal)."""
    named = select(lines.c.subject).where(among).distinct()
    query = select(lines.c.metric, lines.c.subject, func.sum(lines.c.amount)).where(asked.inside)
    rows = conn.execute(query.where(lines.c.subject.in_(named)).group_by(lines.c.metric, lines.c.subject))
    return {(row[0], row[1]): int(row[2]) for row in rows}
