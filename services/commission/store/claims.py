"""Adjustments by hand and disputes in SQL, and what a calculation needs of closed periods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from services.commission.domain.claims import Adjustment, Dispute, Entry, UnknownDispute
from services.commission.domain.differences import Key, LateCredit, Paid
from services.commission.domain.paylines import ADJUSTMENT, EARNED, MANUAL
from services.commission.domain.runs import CLOSED
from services.commission.store.run_tables import adjustments, dispute_entries, disputes, run_lines, runs
from services.commission.store.tables import heads, lines
from shared import periods
from shared.periods import Period

_ADJUSTMENT = ("rep", "currency", "amount", "reason", "reference", "origin", "author", "at", "dispute")


class Claims:
    """Adjustments, disputes and late credits of one transaction."""

    def __init__(self, conn: Connection) -> None:
        """Work on a connection."""
        self._conn = conn

    def add_adjustment(self, one: Adjustment) -> Adjustment:
        """Write an adjustment and return it with its number."""
        period = one.period
        row = {name: getattr(one, name) for name in _ADJUSTMENT}
        row |= {"period": period.id, "kind": period.kind, "first": period.first}
        number = self._conn.execute(insert(adjustments).values(row).returning(adjustments.c.number)).scalar_one()
        return one.numbered(number)

    def adjustments(self, period: Period | None = None, rep: str | None = None) -> list[Adjustment]:
        """Return the adjustments, of a period or a rep where one is named, with the closed run that paid each."""
        paid = _paid_in()
        query = select(adjustments, paid.c.run).outerjoin(paid, paid.c.reference == _reference())
        if period is not None:
            query = query.where(adjustments.c.period == period.id)
        if rep is not None:
            query = query.where(adjustments.c.rep == rep)
        return [_adjustment(row) for row in self._conn.execute(query.order_by(adjustments.c.number))]

    def unpaid(self, period: Period) -> list[Adjustment]:
        """Return the adjustments that the period's run has to pay: its own and earlier ones that no closed run paid."""
        mine = and_(adjustments.c.kind == period.kind, adjustments.c.first <= period.first)
        paid = select(run_lines.c.line).join(runs, runs.c.id == run_lines.c.run)
        paid = paid.where(runs.c.state == CLOSED, run_lines.c.kind == MANUAL, run_lines.c.reference == _reference())
        query = select(adjustments, null().label("run")).where(mine, ~exists(paid)).order_by(adjustments.c.number)
        return [_adjustment(row) for row in self._conn.execute(query)]

    def paid(self, period: Period) -> tuple[Paid, ...]:
        """Return what closed runs have paid for each line of a closed period, adjustments included."""
        query = select(run_lines, runs.c.period).join(runs, runs.c.id == run_lines.c.run)
        query = query.where(
            run_lines.c.origin_period == period.id, runs.c.state == CLOSED, run_lines.c.kind.in_((EARNED, ADJUSTMENT))
        )
        found: dict[tuple[str, Key], Paid] = {}
        for row in self._conn.execute(query.order_by(runs.c.first, run_lines.c.line)):
            key = Key(row.plan, row.version, row.component, row.team or "", row.currency, row.earned_in or "")
            held = found.get((row.rep, key)) or Paid(row.rep, key, 0)
            found[row.rep, key] = _more(held, row)
        return tuple(found[name] for name in sorted(found))

    def late(self, start: datetime, end: datetime, ledger: Mapping[int, int]) -> tuple[LateCredit, ...]:
        """Return the credits from `start` up to and without `end` that came after these lines of each partition."""
        query = select(lines).where(lines.c.at >= start, lines.c.at < end, self._after(ledger))
        return tuple(
            LateCredit(f"{row.partition}-{row.seq}", row.rep, row.team, row.metric, row.subject, row.at, row.amount)
            for row in self._conn.execute(query.order_by(lines.c.partition, lines.c.seq))
        )

    def earliest_after(self, ledger: Mapping[int, int]) -> datetime | None:
        """Return the earliest moment that a credit counts for which came after these lines; None: none came."""
        found: datetime | None = self._conn.execute(select(func.min(lines.c.at)).where(self._after(ledger))).scalar()
        return found

    def _after(self, ledger: Mapping[int, int]) -> ColumnElement[bool]:
        """Return the condition that a credit came after these lines: a stretch of each partition that has gone on."""
        known = [(row.partition, row.seen, ledger.get(row.partition, 0)) for row in self._conn.execute(select(heads))]
        parts = (and_(lines.c.partition == name, lines.c.seq > then) for name, seen, then in known if seen > then)
        return or_(false(), *parts)

    def add_dispute(self, one: Dispute) -> Dispute:
        """Write a dispute with its first entry and return it with its number."""
        row = {"run": one.run, "line": one.line, "rep": one.rep, "state": one.state, "entries": 0}
        number = self._conn.execute(insert(disputes).values(row).returning(disputes.c.number)).scalar_one()
        return self.say(one.numbered(number), one.entries[-1])

    def say(self, one: Dispute, entry: Entry) -> Dispute:
        """Add the entry that brought the dispute to its state."""
        count = len(one.entries)
        said = {name: getattr(entry, name) for name in ("at", "actor", "state", "text", "adjustment")}
        self._conn.execute(insert(dispute_entries), {"dispute": one.number, "entry": count, **said})
        moved = update(disputes).where(disputes.c.number == one.number)
        self._conn.execute(moved.values(state=one.state, entries=count))
        return one

    def dispute(self, number: int, *, lock: bool = False) -> Dispute:
        """Return a dispute with its entries; UnknownDispute when there is none."""
        query = select(disputes).where(disputes.c.number == number)
        row = self._conn.execute(query.with_for_update() if lock else query).one_or_none()
        if row is None:
            raise UnknownDispute(f"there is no dispute {number}")
        return self._dispute(row)

    def disputes(self, *, run: str | None = None, rep: str | None = None, state: str | None = None) -> list[Dispute]:
        """Return disputes, the latest first; of a run, a rep or in a state where one is named."""
        query = select(disputes).order_by(disputes.c.number.desc())
        for column, wanted in ((disputes.c.run, run), (disputes.c.rep, rep), (disputes.c.state, state)):
            query = query if wanted is None else query.where(column == wanted)
        return [self._dispute(row) for row in self._conn.execute(query).all()]

    def _dispute(self, row: Any) -> Dispute:
        query = select(dispute_entries).where(dispute_entries.c.dispute == row.number)
        found = self._conn.execute(query.order_by(dispute_entries.c.entry))
        entries = tuple(Entry(each.at, each.actor, each.state, each.text, each.adjustment) for each in found)
        return Dispute(row.run, row.line, row.rep, entries, row.number)


def _reference() -> Any:
    """Return the name of an adjustment on a line: its number as text."""
    return cast(adjustments.c.number, Text)


def _paid_in() -> Any:
    query = select(run_lines.c.reference, run_lines.c.run).join(runs, runs.c.id == run_lines.c.run)
    return query.where(runs.c.state == CLOSED, run_lines.c.kind == MANUAL).subquery()


def _adjustment(row: Any) -> Adjustment:
    said = {name: getattr(row, name) for name in _ADJUSTMENT}
    return Adjustment(period=periods.parse(row.period), **said, number=row.number, paid_in=row.run)


def _more(held: Paid, row: Any) -> Paid:
    original = row.kind == EARNED
    return Paid(
        *(held.rep, held.key, held.amount + row.amount, held.carried + row.carried, held.held + row.held),
        row.line if original else held.line,
        (row.amount, row.carried, row.held) if original else held.first,
    )
