"""What calculating a period costs: time and memory of a run, for each payee, against one plain SQL pass.

The books hold a year of credits of everybody. The pass computes the same amounts, and so the same sum, from the same
tables; it keeps no derivation, no inputs, nothing that could be looked up or computed again later.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert, text

from services.commission.handlers.calculating import calculate
from services.commission.handlers.once import Request
from services.commission.store import Books, Desks
from services.commission.store.tables import heads, lines, totals
from shared import periods
from tests.commission.office import component, document, plan, playbook_body

SIZES = (1_000, 10_000, 100_000)
TEAM_SIZE = 10
MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 13))
PERIOD = "2026-11"
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
AT_ONCE = 20_000
TARGET, SOLD = 10_000, 4_000_00
CAPPED = {"kind": "linear", "cap": "1.5", "excess": "lost"}

PASS = """
WITH own AS (SELECT rep, team, sum(amount) AS sold FROM totals
             WHERE metric = 'revenue' AND day >= :first AND day < :last GROUP BY rep, team),
     teams AS (SELECT team, sum(sold) AS sold FROM own GROUP BY team)
SELECT sum(round(50000.0 * min(own.sold / 1000000.0, 1.5)) + round(50000.0 * teams.sold / 10000000.0))
FROM own JOIN teams ON teams.team = own.team
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """A run: seconds of the clock and of the processor, peak of memory in MB, pay in cents; then the plain pass."""

    payees: int
    seconds: float
    processor: float
    megabytes: float
    paid: int
    floor_seconds: float
    floor_paid: int


def run() -> Iterator[str]:
    """Measure each size in a process of its own, so that the peaks of memory are its own as well."""
    for payees in SIZES:
        one = measured(payees)
        each = 1e3 * one.processor / one.payees
        size = f"{one.payees:>7,} payees, {12 * one.payees:>9,} credits"
        yield f"{size}: {one.seconds:.1f} s, peak {one.megabytes:,.0f} MB"
        yield f"        {each:.2f} ms of the processor for each payee; one SQL pass over all: {one.floor_seconds:.3f} s"
        if one.paid != one.floor_paid:
            yield f"        the pass pays {one.floor_paid / 100:,.2f}: they should agree"


def measured(payees: int) -> Measured:
    """Return what a run of so many payees costs."""
    with TemporaryDirectory(prefix="samenspel-bench-") as folder:
        path = Path(folder) / "commission.db"
        fill(path, payees)
        there, here = multiprocessing.Pipe()
        child = multiprocessing.get_context("spawn").Process(target=_measure, args=(path, payees, there))
        child.start()
        found: Measured = here.recv()
        child.join()
    return found


def _measure(path: Path, payees: int, there: Connection) -> None:
    books = Books.open(f"sqlite:///{path}")
    period = periods.parse(PERIOD)
    began, used = time.perf_counter(), time.process_time()
    run = calculate(Desks(books.engine), period, Request("hr", NOW), "bench")
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    floor, paid = _floor(books, period.first, period.last)
    there.send(Measured(payees, seconds, processor, peak, run.totals["EUR"], floor, paid))


def _floor(books: Books, first: date, last: date) -> tuple[float, int]:
    days = {"first": first.isoformat(), "last": last.isoformat()}
    began = time.perf_counter()
    with books.engine.connect() as conn:
        paid = conn.execute(text(PASS), days).scalar_one()
    return time.perf_counter() - began, int(paid or 0)


def fill(path: Path, payees: int) -> None:
    """Write the books: documents, and twelve months of credits of everybody, one a month."""
    books = Books.open(f"sqlite:///{path}")
    books.migrate()
    teams = [f"t{n}" for n in range((payees + TEAM_SIZE - 1) // TEAM_SIZE)]
    reps = [f"r{n}" for n in range(payees)]
    own = component("eigen", weight="0.5", curve=CAPPED)
    team = component("team", "team", weight="0.5", curve={"kind": "linear", "cap": "none"})
    goals = [{"rep": rep, "metric": "revenue", "period": PERIOD, "amount": str(TARGET)} for rep in reps]
    goals += [{"team": one, "metric": "revenue", "period": PERIOD, "amount": str(TARGET * TEAM_SIZE)} for one in teams]
    books.keep(
        [
            document("roster", _roster(teams, reps)),
            document("playbook", playbook_body()),
            document("targets", {"targets": goals}),
            document("plans", {"plans": [plan(own, team, who={"teams": teams})]}),
        ],
        NOW,
    )
    _write(books, reps)
    books.close()


def _roster(teams: list[str], reps: list[str]) -> dict[str, object]:
    organisation = {"name": "Verkoop BV", "timezone": "Europe/Amsterdam", "currency": "EUR"}
    members = [
        {"id": rep, "name": f"Rep {rep}", "memberships": [{"team": teams[n // TEAM_SIZE], "from": "2026-01-01"}]}
        for n, rep in enumerate(reps)
    ]
    return {"organisation": organisation, "teams": [{"id": one, "name": one} for one in teams], "reps": members}


def _write(books: Books, reps: list[str]) -> None:
    """Write credits with their totals as the books would hold them, in parts."""
    seq, rows, sums = 0, [], []
    for month in MONTHS:
        for n, rep in enumerate(reps):
            seq += 1
            day = date.fromisoformat(f"{month}-01") + timedelta(days=3 + n % 24)
            amount = SOLD + 137_00 * (n * 31 % 97)
            where = {"rep": rep, "team": f"t{n // TEAM_SIZE}", "metric": "revenue", "amount": amount}
            at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            rows.append({"partition": 0, "seq": seq, "subject": f"deal:{seq}", "at": at, **_REST, **where})
            sums.append({"day": day, **where})
            if len(rows) == AT_ONCE:
                _put(books, rows, sums)
    _put(books, rows, sums)
    with books.engine.begin() as conn:
        conn.execute(insert(heads), {"partition": 0, "seen": seq, "changed_at": NOW})


_REST: dict[str, object] = {"rule": "won", "booked_at": NOW, "reason": "earned"}


def _put(books: Books, rows: list[dict[str, object]], sums: list[dict[str, object]]) -> None:
    if rows:
        with books.engine.begin() as conn:
            conn.execute(insert(lines), rows)
            conn.execute(insert(totals), sums)
        rows.clear()
        sums.clear()
