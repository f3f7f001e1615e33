"""Deals that pay waits for: when they were credited, and what has come in of them since."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, false, func, or_, select

from services.commission.domain.results import Arrival
from services.commission.domain.wanted import Waiting
from services.commission.store.tables import lines

Arrivals = Mapping[tuple[str, str], tuple[Arrival, ...]]
"""What came in, by (metric, deal), in the order of its moments."""


def moments(conn: Connection, waiting: Waiting, start: datetime, end: datetime) -> list[datetime]:
    """Return the moments before `start` at which deals were earned of which something came in until `end`.

    For everybody the deals are found by what came in, for one rep by what they earned: either is the smaller set.
    """
    came = lines.alias("came")
    inside = came.c.metric.in_(waiting.until) & (came.c.at >= start) & (came.c.at < end)
    found = select(came.c.subject).where(inside)
    one_by_one = found.where(came.c.subject == lines.c.subject).exists()
    known = lines.c.subject.in_(found) if waiting.reps is None else one_by_one
    earned = select(lines.c.at).where(_owned(waiting), lines.c.at < start, known)
    return sorted(conn.execute(earned.distinct()).scalars())


def arrivals(conn: Connection, waiting: Waiting, times: Collection[tuple[datetime, datetime]]) -> Arrivals:
    """Return everything until the last of these times, of everybody, of the deals that were earned in them."""
    inside = or_(false(), *((lines.c.at >= start) & (lines.c.at < end) for start, end in times))
    deals = select(lines.c.subject).where(_owned(waiting), inside)
    keys = (lines.c.metric, lines.c.subject, lines.c.at)
    query = select(*keys, func.sum(lines.c.amount)).group_by(*keys).order_by(*keys)
    counted = lines.c.metric.in_({*waiting.earned, *waiting.until}) & (lines.c.at < max(end for _, end in times))
    found: dict[tuple[str, str], list[Arrival]] = {}
    for metric, deal, at, amount in conn.execute(query.where(counted, lines.c.subject.in_(deals))):
        found.setdefault((metric, deal), []).append(Arrival(int(amount), at))
    return {key: tuple(each) for key, each in found.items()}


def _owned(waiting: Waiting) -> ColumnElement[bool]:
    """Return the condition on a line that pay was earned by."""
    of_metric = lines.c.metric.in_(waiting.earned)
    if waiting.reps is None:
        return of_metric
    by_rep = lines.c.rep.in_(waiting.reps)
    return of_metric & (or_(by_rep, lines.c.team.in_(waiting.teams)) if waiting.teams else by_rep)
