"""Deals that pay waits for: when they were credited, and what has come in of them since."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, false, func, or_, select, true

from services.commission.domain.results import Arrival
from services.commission.domain.wanted import Waiting
from services.commission.store.tables import lines

Arrivals = Mapping[tuple[str, str], tuple[Arrival, ...]]
"""What came in, by (metric, deal), in the order of its moments."""


def moments(conn: Connection, waiting: Waiting, start: datetime, end: datetime) -> list[datetime]:
    """Return the moments before `start` at which deals were earned of which something came in until `end`."""
    came = select(lines.c.subject).where(lines.c.metric.in_(waiting.until), lines.c.at >= start, lines.c.at < end)
    earned = select(lines.c.at).where(_owned(waiting), lines.c.at < start, lines.c.subject.in_(came))
    return sorted(conn.execute(earned.distinct()).scalars())


def arrivals(conn: Connection, waiting: Waiting, times: Collection[tuple[datetime, datetime]]) -> Arrivals:
    """Return everything, of everybody, of the deals that were earned in these times."""
    inside = or_(false(), *((lines.c.at >= start) & (lines.c.at < end) for start, end in times))
    deals = select(lines.c.subject).where(_owned(waiting), inside)
    keys = (lines.c.metric, lines.c.subject, lines.c.at)
    query = select(*keys, func.sum(lines.c.amount)).group_by(*keys).order_by(*keys)
    counted = lines.c.metric.in_({*waiting.earned, *waiting.until})
    found: dict[tuple[str, str], list[Arrival]] = {}
    for metric, deal, at, amount in conn.execute(query.where(counted, lines.c.subject.in_(deals))):
        found.setdefault((metric, deal), []).append(Arrival(int(amount), at))
    return {key: tuple(each) for key, each in found.items()}


def _owned(waiting: Waiting) -> ColumnElement[bool]:
    """Return the condition on a line that pay was earned by."""
    of_reps = true() if waiting.reps is None else lines.c.rep.in_(waiting.reps)
    of_teams = false() if waiting.teams is None else lines.c.team.in_(waiting.teams)
    return lines.c.metric.in_(waiting.earned) & or_(of_reps, of_teams)
