"""Deals that pay waits for: when they were credited, and what has come in of them since."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, false, func, or_, select, true

from services.commission.domain.results import Arrival
from services.commission.store.tables import lines

Arrivals = Mapping[tuple[str, str], tuple[Arrival, ...]]
"""What came in, by (metric, deal), in the order of its moments."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pay of the metrics `earned` waits for credits of the metrics `until`; of these reps and teams (None: of all)."""

    earned: Collection[str]
    until: Collection[str]
    reps: Collection[str] | None
    teams: Collection[str] | None

    @property
    def _owned(self) -> ColumnElement[bool]:
        """The condition on a line that pay was earned by."""
        of_reps = true() if self.reps is None else lines.c.rep.in_(self.reps)
        of_teams = false() if self.teams is None else lines.c.team.in_(self.teams)
        return lines.c.metric.in_(self.earned) & or_(of_reps, of_teams)

    def moments(self, conn: Connection, start: datetime, end: datetime) -> list[datetime]:
        """Return the moments before `start` at which deals were earned of which something came in until `end`."""
        came = select(lines.c.subject).where(lines.c.metric.in_(self.until), lines.c.at >= start, lines.c.at < end)
        earned = select(lines.c.at).where(self._owned, lines.c.at < start, lines.c.subject.in_(came))
        return sorted(conn.execute(earned.distinct()).scalars())

    def arrivals(self, conn: Connection, times: Collection[tuple[datetime, datetime]]) -> Arrivals:
        """Return everything, of everybody, of the deals that were earned in these times."""
        inside = or_(false(), *((lines.c.at >= start) & (lines.c.at < end) for start, end in times))
        deals = select(lines.c.subject).where(self._owned, inside)
        keys = (lines.c.metric, lines.c.subject, lines.c.at)
        query = select(*keys, func.sum(lines.c.amount)).group_by(*keys).order_by(*keys)
        counted = lines.c.metric.in_({*self.earned, *self.until})
        found: dict[tuple[str, str], list[Arrival]] = {}
        for metric, deal, at, amount in conn.execute(query.where(counted, lines.c.subject.in_(deals))):
            found.setdefault((metric, deal), []).append(Arrival(int(amount), at))
        return {key: tuple(each) for key, each in found.items()}
