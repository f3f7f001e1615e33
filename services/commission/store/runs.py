"""Runs in SQL: headers, what each payee is paid, lines and balances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from services.commission.domain.balances import Account, Balance
from services.commission.domain.paylines import RunLine
from services.commission.domain.runs import CLOSED, OVER, Run, UnknownRun
from services.commission.store.run_tables import chains, run_balances, run_lines, run_payees, runs
from shared import periods, sql

_LINE = (
    *("rep", "kind", "currency", "amount", "origin_period", "plan", "version", "component", "team", "reference"),
    *("origin_run", "origin_line", "old", "new", "reason", "earned_in", "carried", "held"),
)


@dataclass(frozen=True, slots=True)
class PayeeOfRun:
    """A payee of a run, and the address of what they are paid with its derivation."""

    rep: str
    name: str
    content: str


class Runs:
    """The runs of one transaction."""

    def __init__(self, conn: Connection) -> None:
        """Work on a connection."""
        self._conn = conn

    def get(self, run: str) -> Run:
        """Return a run; UnknownRun when there is none."""
        found = self._first(select(runs).where(runs.c.id == run))
        if found is None:
            raise UnknownRun(f"there is no run {run!r}")
        return found

    def locked(self, run: str) -> Run:
        """Return a run that nobody else changes until the transaction ends; UnknownRun when there is none."""
        found = self._first(select(runs).where(runs.c.id == run).with_for_update())
        if found is None:
            raise UnknownRun(f"there is no run {run!r}")
        return found

    def active(self, kind: str) -> Run | None:
        """Return the run of a kind of period that is neither closed nor discarded; there is one at most."""
        return self._first(select(runs).where(runs.c.kind == kind, runs.c.state.not_in(OVER)))

    def closed(self, kind: str) -> list[Run]:
        """Return the closed runs of a kind of period, in the order of their periods."""
        query = select(runs).where(runs.c.kind == kind, runs.c.state == CLOSED).order_by(runs.c.first)
        return [_run(row) for row in self._conn.execute(query)]

    def of_period(self, period: str) -> list[Run]:
        """Return every run of a period, the latest first."""
        query = select(runs).where(runs.c.period == period).order_by(runs.c.number.desc())
        return [_run(row) for row in self._conn.execute(query)]

    def latest(self, most: int) -> list[Run]:
        """Return the latest runs of all periods."""
        query = select(runs).order_by(runs.c.calculated_at.desc(), runs.c.id.desc()).limit(most)
        return [_run(row) for row in self._conn.execute(query)]

    def lock_chain(self, kind: str) -> None:
        """Let nobody else add a run of this kind of period until the transaction ends."""
        sql.lock_row(self._conn, chains, {"kind": kind}, {"runs": 0})

    def add(self, run: Run) -> None:
        """Write the header of a run."""
        header = {
            "plans": {str(version): author for version, author in run.plans.items()},
            "makers": sorted(run.makers),
            "ledger": {str(partition): seen for partition, seen in run.ledger.items()},
            "documents": dict(run.documents),
            "totals": dict(run.totals),
        }
        period = {"period": run.period.id, "kind": run.period.kind, "first": run.period.first, "last": run.period.last}
        same = ("id", "number", "state", "engine", "operator", "calculated_at", "as_of", "inputs", "outputs", "payees")
        row = {**{name: getattr(run, name) for name in same}, **period, "header": header, "events": 0}
        self._conn.execute(insert(runs), row)

    def move(self, run: Run, state: str, events: int) -> None:
        """Write the state of a run and the number of its events."""
        self._conn.execute(update(runs).where(runs.c.id == run.id).values(state=state, events=events))

    def add_payees(self, run: str, found: Iterable[PayeeOfRun]) -> None:
        """Write what each payee's part is."""
        rows = [{"run": run, "rep": one.rep, "name": one.name, "content": one.content} for one in found]
        _insert(self._conn, run_payees, rows)

    def payees(self, run: str) -> list[PayeeOfRun]:
        """Return the payees of a run by rep id."""
        query = select(run_payees.c.rep, run_payees.c.name, run_payees.c.content).where(run_payees.c.run == run)
        return [PayeeOfRun(*row) for row in self._conn.execute(query.order_by(run_payees.c.rep))]

    def payee(self, run: str, rep: str) -> PayeeOfRun | None:
        """Return one payee of a run; None when the run has no such payee."""
        query = select(run_payees.c.rep, run_payees.c.name, run_payees.c.content)
        row = self._conn.execute(query.where(run_payees.c.run == run, run_payees.c.rep == rep)).one_or_none()
        return None if row is None else PayeeOfRun(*row)

    def add_lines(self, run: str, found: Iterable[RunLine]) -> None:
        """Write the lines of a run."""
        _insert(self._conn, run_lines, [_row_of_line(run, line) for line in found])

    def lines(self, run: str, rep: str | None = None) -> list[RunLine]:
        """Return the lines of a run, or of one payee in it; why an adjustment was made stands in the content."""
        query = select(run_lines).where(run_lines.c.run == run)
        query = query if rep is None else query.where(run_lines.c.rep == rep)
        return [line_of(row) for row in self._conn.execute(query.order_by(run_lines.c.rep, run_lines.c.line))]

    def add_balances(self, run: str, found: Iterable[Balance]) -> None:
        """Write the balances of a run."""
        _insert(self._conn, run_balances, [_row_of_balance(run, balance) for balance in found])

    def balances(self, run: str, rep: str | None = None) -> list[Balance]:
        """Return the balances of a run, or of one payee in it."""
        query = select(run_balances).where(run_balances.c.run == run)
        query = query if rep is None else query.where(run_balances.c.rep == rep)
        order = (run_balances.c.rep, run_balances.c.kind, run_balances.c.currency, run_balances.c.about)
        return [
            Balance(Account(row.rep, row.kind, row.currency, row.about), row.opening, row.movements)
            for row in self._conn.execute(query.order_by(*order))
        ]

    def closings(self, run: str | None) -> Mapping[Account, int]:
        """Return what a run carries over; None: there was no run."""
        if run is None:
            return {}
        query = select(run_balances).where(run_balances.c.run == run, run_balances.c.closing != 0)
        return {Account(row.rep, row.kind, row.currency, row.about): row.closing for row in self._conn.execute(query)}

    def _first(self, query: Select[Any]) -> Run | None:
        row = self._conn.execute(query).one_or_none()
        return None if row is None else _run(row)


def line_of(row: Any) -> RunLine:
    """Read a row of a run's lines."""
    return RunLine(row.line, **{name: getattr(row, name) for name in _LINE})


def _insert(conn: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        conn.execute(insert(table), rows)


def _run(row: Any) -> Run:
    header = row.header
    same = ("id", "number", "state", "engine", "operator", "calculated_at", "as_of", "inputs", "outputs", "payees")
    return Run(
        **{name: getattr(row, name) for name in same},
        period=periods.parse(row.period),
        plans={int(version): author for version, author in header["plans"].items()},
        makers=frozenset(header["makers"]),
        ledger={int(partition): seen for partition, seen in header["ledger"].items()},
        documents=header["documents"],
        totals=header["totals"],
        events=row.events,
    )


def _row_of_line(run: str, line: RunLine) -> Mapping[str, Any]:
    return {"run": run, "line": line.id, **{name: getattr(line, name) for name in _LINE}}


def _row_of_balance(run: str, balance: Balance) -> Mapping[str, Any]:
    account = balance.account
    return {
        "run": run,
        **{name: getattr(account, name) for name in ("rep", "kind", "currency", "about")},
        "opening": balance.opening,
        "movements": dict(balance.movements),
        "closing": balance.closing,
    }
