"""Reading the books: one state of them at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    false,
    func,
    or_,
    select,
    type_coerce,
    union_all,
)

from services.commission.domain.ledger import Cut, cut
from services.commission.domain.results import Results, Span
from services.commission.domain.runs import CLOSED
from services.commission.domain.wanted import Waiting
from services.commission.store.arrivals import Arrivals, arrivals, moments
from services.commission.store.deals import Asked, deals
from services.commission.store.run_tables import runs
from services.commission.store.tables import documents, heads, lines, totals
from shared.contracts.league import LeagueDocument
from shared.periods import Period, midnight, of

_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1).toordinal()
Sums = Mapping[tuple[str, str], int]
"""Amounts in smallest units by (rep or team, metric)."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Which state of the books this is.

    `ledger` is the number of the last line applied by partition, `documents` every (kind, version) held,
    `changed_at` when either last changed (None: never), `closed` the run that closed each period, by period id.
    """

    ledger: Mapping[int, int]
    documents: tuple[tuple[str, int], ...]
    changed_at: datetime | None
    closed: Mapping[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """A name that differs whenever the state does."""
        state = (sorted(self.ledger.items()), self.documents, sorted(self.closed.items()))
        return sha256(repr(state).encode()).hexdigest()[:24]


class Page:
    """One state of the books, as long as its transaction is open."""

    def __init__(self, conn: Connection) -> None:
        """Read through a connection that sees one snapshot."""
        self._conn = conn

    def marks(self) -> Marks:
        """Return how far the books go."""
        ledger = self._conn.execute(select(heads.c.partition, heads.c.seen, heads.c.changed_at)).all()
        held = self._conn.execute(select(documents.c.kind, documents.c.version, documents.c.kept_at)).all()
        changes = [row[2] for row in (*ledger, *held) if row[2] is not None]
        return Marks(
            ledger={row[0]: row[1] for row in sorted(ledger) if row[1]},
            documents=tuple(sorted((row[0], row[1]) for row in held)),
            changed_at=max(changes, default=None),
            closed=self._closed(),
        )

    def _closed(self) -> Mapping[str, str]:
        query = select(runs.c.period, runs.c.id).where(runs.c.state == CLOSED)
        return {row.period: row.id for row in self._conn.execute(query)}

    def documents(self) -> list[LeagueDocument]:
        """Return every version of every document."""
        wanted = [column for column in documents.columns if column.name != "kept_at"]
        return [LeagueDocument(**row) for row in self._conn.execute(select(*wanted)).mappings()]

    def results(
        self,
        period: Period,
        zone: ZoneInfo,
        spans: Collection[Span] = (),
        *,
        reps: Collection[str] | None = None,
        teams: Collection[str] | None = None,
        by_deal: Collection[str] = (),
        by_team_deal: Collection[str] = (),
        members: bool = False,
    ) -> Results:
        """Return the sums of the period's credits; `reps` and `teams` None: of all of them.

        `by_deal` names the metrics whose sums are wanted deal by deal as well, `by_team_deal` those of teams'; with
        `members` they come by rep in each team too.
        """
        start, end = period.start(zone), period.end(zone)
        whole = cut(start, end)
        return Results(
            reps=self._sums("rep", whole, reps),
            teams={key: amount for key, amount in self._sums("team", whole, teams).items() if key[0]},
            spans={key: amount for span in spans for key, amount in self._of_span(span, zone)},
            deals=deals(self._conn, "rep", reps, Asked(start, end, by_deal)),
            team_deals=deals(self._conn, "team", teams, Asked(start, end, by_team_deal)),
            members=self._members(whole) if members else {},
        )

    def origins(self, waiting: Waiting, period: Period, zone: ZoneInfo) -> list[Period]:
        """Return the earlier periods of the kind in which pay was earned of which something may come free now."""
        found = moments(self._conn, waiting, period.start(zone), period.end(zone))
        return list(dict.fromkeys(of(moment, period.kind, zone) for moment in found))

    def arrivals(self, waiting: Waiting, times: Iterable[Period], zone: ZoneInfo) -> Arrivals:
        """Return all credits of the deals that were earned in these times and that pay waits for."""
        return arrivals(self._conn, waiting, [(time.start(zone), time.end(zone)) for time in times])

    def disagreements(self) -> Iterator[str]:
        """Yield a sentence for each thing in the books that contradicts another; nothing when they are sound."""
        yield from self._gaps()
        kept, added = self._totals(), self._added_up()
        for key in sorted(kept.keys() | added.keys()):
            total, summed = kept.get(key, 0), added.get(key, 0)
            if total != summed:
                yield f"{' '.join(map(str, key))}: the total is {total}, the lines sum to {summed}"

    def _gaps(self) -> Iterator[str]:
        by_partition = select(lines.c.partition, func.count(), func.max(lines.c.seq)).group_by(lines.c.partition)
        held = {row[0]: (row[1], row[2]) for row in self._conn.execute(by_partition)}
        seen = {row.partition: row.seen for row in self._conn.execute(select(heads))}
        for partition in sorted(held.keys() | seen.keys()):
            count, last = held.get(partition, (0, 0))
            if not count == last == seen.get(partition, 0):
                mark = seen.get(partition, 0)
                yield f"partition {partition}: {count} lines, the last is {last}, the books say they go to {mark}"

    def _totals(self) -> dict[tuple[date, str, str, str], int]:
        return {tuple(row[:4]): row.amount for row in self._conn.execute(select(totals))}

    def _added_up(self) -> dict[tuple[date, str, str, str], int]:
        at = type_coerce(lines.c.at, BigInteger)
        day = (at - (at % _DAY + _DAY) % _DAY) // _DAY  # also before 1970, where % is negative
        query = select(day.label("day"), lines.c.team, lines.c.metric, lines.c.rep, func.sum(lines.c.amount))
        rows = self._conn.execute(query.group_by("day", lines.c.team, lines.c.metric, lines.c.rep))
        return {(date.fromordinal(_EPOCH + row[0]), row[1], row[2], row[3]): int(row[4]) for row in rows}

    def _of_span(self, span: Span, zone: ZoneInfo) -> Iterator[tuple[tuple[Span, str], int]]:
        days = cut(midnight(span.first, zone), midnight(span.last, zone))
        for (_, metric), amount in self._sums("rep", days, [span.rep]).items():
            yield (span, metric), amount

    def _members(self, days: Cut) -> Mapping[tuple[str, str, str], int]:
        owners = ("team", "rep")
        parts = union_all(_whole_days(owners, days, None), _edges(owners, days, None)).subquery()
        team, rep, metric, amount = parts.columns
        query = select(team, rep, metric, func.sum(amount)).group_by(team, rep, metric)
        return {(row[0], row[1], row[2]): int(row[3]) for row in self._conn.execute(query)}

    def _sums(self, owner: str, days: Cut, only: Collection[str] | None) -> Sums:
        parts = union_all(_whole_days([owner], days, only), _edges([owner], days, only)).subquery()
        name, metric, amount = parts.columns
        query = select(name, metric, func.sum(amount)).group_by(name, metric)
        return {(row[0], row[1]): int(row[2]) for row in self._conn.execute(query)}


def _whole_days(owners: Sequence[str], days: Cut, only: Collection[str] | None) -> Select[Any]:
    query = select(*(totals.c[owner] for owner in owners), totals.c.metric, totals.c.amount)
    return query.where(totals.c.day >= days.first, totals.c.day < days.last, *_among(totals.c[owners[0]], only))


def _edges(owners: Sequence[str], days: Cut, only: Collection[str] | None) -> Select[Any]:
    query = select(*(lines.c[owner] for owner in owners), lines.c.metric, lines.c.amount)
    inside = [(lines.c.at >= start) & (lines.c.at < end) for start, end in days.edges]
    return query.where(or_(false(), *inside), *_among(lines.c[owners[0]], only))


def _among(column: ColumnElement[str], only: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if only is None else [column.in_(only)]
