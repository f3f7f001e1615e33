"""What insight reads: lines by day, visits, work, and which signals were marked; one moment at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from services.scoring.store.tables import activities, documents, heads, ledger, signal_marks, visited, visits
from shared.contracts.activity import CORRECTION, DEAL, RETRACTION
from shared.contracts.rules import OVERLAY
from shared.sql import reading, upsert, writing


class LineRow(NamedTuple):
    """A line as insight needs it; moments in microseconds since 1970."""

    at: int
    booked_at: int
    rep: str
    team: str
    amount: int
    reason: str


VisitRow = tuple[str, int, int, int | None, str, str | None, str | None, str | None, str | None, str | None]
"""A visit as insight needs it, see _VISIT; moments in microseconds since 1970. Plain, as there are many."""

_VISIT = ("deal", "stage_since", "since", "until", "status", "rep", "pipeline", "stage", "amount", "currency")
_AT_ONCE = 500

Revisions = Mapping[int, int]
"""By partition how often visits were replaced."""


class Marked(NamedTuple):
    """Who marked a signal as dealt with, and when."""

    by: str
    at: datetime


class Look:
    """What one reading transaction sees."""

    def __init__(self, conn: Connection) -> None:
        """Work on an open reading transaction."""
        self._conn = conn

    def version(self) -> tuple[Any, ...]:
        """Return something that differs once anything differs that insight reads."""
        columns = heads.c.partition, heads.c.seq, heads.c.visits
        of_heads = tuple(tuple(row) for row in self._conn.execute(sa.select(*columns).order_by(heads.c.partition)))
        counted = sa.select(sa.func.count()).select_from(documents)
        marked = sa.select(sa.func.count(), sa.func.max(signal_marks.c.at))
        return of_heads, self._conn.execute(counted).scalar_one(), tuple(self._conn.execute(marked).one())

    def lines(self, metric: str, since: datetime, until: datetime, whose: Mapping[str, str]) -> list[LineRow]:
        """Return the lines of a metric in a stretch of time, of a team or a rep (`whose`: column and id).

        What a mentor gets on top counts for a rep only.
        """
        exact = [ledger.c[name] == said for name, said in whose.items()]
        raw = [sa.type_coerce(column, sa.BigInteger) for column in (ledger.c.at, ledger.c.booked_at)]
        query = sa.select(*raw, ledger.c.rep, ledger.c.team, ledger.c.amount, ledger.c.reason)
        query = query.where(ledger.c.metric == metric, ledger.c.at >= since, ledger.c.at < until, *exact)
        if "rep" not in whose:
            query = query.where(~ledger.c.rule.endswith(OVERLAY, autoescape=True))
        found = self._conn.execute(query)
        return list(map(LineRow._make, found.all()))

    def revisions(self) -> Revisions:
        """Return how often visits were replaced in each partition."""
        return {row.partition: row.visits for row in self._conn.execute(sa.select(heads.c.partition, heads.c.visits))}

    def changed(self, known: Revisions) -> list[str] | None:
        """Return the deals whose visits were replaced after the known revisions; None: too many to name."""
        after = [
            sa.and_(visited.c.partition == partition, visited.c.revision > known.get(partition, 0))
            for partition, revision in self.revisions().items()
            if revision > known.get(partition, 0)
        ]
        query = sa.select(visited.c.deal).where(sa.or_(sa.false(), *after)).limit(_AT_ONCE + 1)
        found = list(self._conn.execute(query).scalars())
        return found if len(found) <= _AT_ONCE else None

    def visits(
        self, since: datetime, until: datetime, whose: Mapping[str, str], deals: Sequence[str] | None = None
    ) -> list[VisitRow]:
        """Return the visits in a stretch of time, of a team or a rep (None: of all `deals`); by deal, in order."""
        exact = [visits.c[name] == said for name, said in whose.items()]
        exact += [] if deals is None else [visits.c.deal.in_(deals)]
        raw = [sa.type_coerce(visits.c[name], sa.BigInteger) for name in _VISIT[1:4]]
        rest = [visits.c[name] for name in _VISIT[4:]]
        lasted = sa.or_(visits.c.until.is_(None), visits.c.until >= since)
        recent = sa.or_(visits.c.status == "open", visits.c.since >= since)
        query = sa.select(visits.c.deal, *raw, *rest).where(*exact, visits.c.since < until, lasted, recent)
        rows = self._conn.execute(query.order_by(visits.c.deal, visits.c.number))
        return list(rows)

    def work(self, reps: Sequence[str], start: datetime, end: datetime) -> dict[tuple[str, str], int]:
        """Return how much work of each rep and kind happened in a stretch of time, without what was taken back."""
        back = activities.alias()
        same = (back.c.partition == activities.c.partition) & (back.c.subject == activities.c.subject)
        retracted = sa.exists().where(same, back.c.type == RETRACTION)
        query = sa.select(activities.c.rep, activities.c.type, sa.func.count()).where(
            activities.c.rep.in_(reps),
            activities.c.occurred_at >= start,
            activities.c.occurred_at < end,
            activities.c.type.not_in((DEAL, RETRACTION, CORRECTION)),
            ~retracted,
        )
        rows = self._conn.execute(query.group_by(activities.c.rep, activities.c.type))
        return {(rep, kind): count for rep, kind, count in rows}

    def last_activity(self, reps: Sequence[str], now: datetime) -> dict[str, datetime]:
        """Return when the last activity of each rep was, whatever it was."""
        query = sa.select(activities.c.rep, sa.func.max(activities.c.occurred_at))
        query = query.where(activities.c.rep.in_(reps), activities.c.occurred_at <= now).group_by(activities.c.rep)
        return {row[0]: row[1] for row in self._conn.execute(query)}

    def marks(self) -> dict[str, Marked]:
        """Return the signals that were marked as dealt with."""
        return {row.signal: Marked(row.by, row.at) for row in self._conn.execute(sa.select(signal_marks))}


class Looks:
    """Looks at one database, and keeps the marks on signals."""

    def __init__(self, engine: Engine) -> None:
        """Know the database; connect on first use."""
        self._engine = engine

    @contextmanager
    def moment(self) -> Iterator[Look]:
        """Look at one moment."""
        with reading(self._engine) as conn:
            yield Look(conn)

    def mark(self, signal: str, by: str, at: datetime, *, done: bool) -> None:
        """Mark a signal as dealt with, or take the mark away."""
        with writing(self._engine) as conn:
            if done:
                row: Mapping[str, Any] = {"signal": signal, "by": by, "at": at}
                upsert(conn, signal_marks, [row], ["signal"])
            else:
                conn.execute(signal_marks.delete().where(signal_marks.c.signal == signal))
