"""A period's life in tests: books with a small office, and everybody who has a hand in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.commission.domain.canonical import Reader
from services.commission.domain.claims import Adjustment
from services.commission.domain.paylines import PayLine
from services.commission.domain.runs import APPROVE, CLOSE, SUBMIT, Run
from services.commission.domain.settling import Settled
from services.commission.handlers.calculating import calculate
from services.commission.handlers.claiming import Wanted, adjust
from services.commission.handlers.exporting import Order, confirm, export
from services.commission.handlers.once import Request
from services.commission.handlers.reviewing import take
from services.commission.handlers.verifying import Verdict, verify
from services.commission.store import Books, Desks
from shared import periods
from shared.contracts.credit import Credit
from tests.commission.lines import by_partition, line
from tests.commission.office import component, document, plan, playbook_body, roster_body

ENGINE = "test"
BRAM = {"id": "bram", "name": "Bram", "memberships": [{"team": "noord", "from": "2026-01-01"}]}
NOA = {"id": "noa", "name": "Noa", "memberships": [{"team": "zuid", "from": "2026-01-01"}]}
MONTHS = ("2026-09", "2026-10", "2026-11", "2026-12", "2027-01")
PLAIN = plan(component(rate="0.1"))
"""A tenth of the own revenue."""


@dataclass(frozen=True)
class Text:
    """A file that lists its lines."""

    name: str
    body: bytes
    content_type: str = "text/plain"


def listing(export: str, lines: Sequence[PayLine]) -> Sequence[Text]:
    """Write the lines as text."""
    rows = (f"{one.run};{one.line_id};{one.employee};{one.code};{one.amount};{one.currency}" for one in lines)
    return [Text(f"{export}.txt", "\n".join(rows).encode())]


ORDER = Order("text", listing)


@dataclass
class Life:
    """The books, and a clock that goes on with each step."""

    books: Books
    now: datetime = datetime(2027, 6, 1, 9, tzinfo=UTC)
    lines: int = 0
    held: list[Run] = field(default_factory=list)

    @property
    def desks(self) -> Desks:
        return Desks(self.books.engine)

    def request(self, actor: str = "hr", **more: Any) -> Request:
        self.now += timedelta(minutes=1)
        return Request(actor, self.now, **more)

    def league(
        self,
        *plans: Mapping[str, Any],
        memberships: Any = None,
        targets: Sequence[Any] = (),
        version: int = 1,
        since: str = "2026-01-01",
    ) -> None:
        """Keep the documents, the plans in force from `since` on; the author of all is `hr`."""
        own = roster_body(more=[BRAM, NOA]) if memberships is None else roster_body(memberships, more=[BRAM, NOA])
        self.books.keep(
            [
                document("roster", own, version),
                document("playbook", playbook_body(), version),
                document("targets", {"targets": list(targets)}, version),
                document("plans", {"plans": list(plans or (PLAIN,))}, version, since),
            ],
            self.now,
        )

    def earn(self, euros: int, day: str, rep: str = "sanne", team: str = "noord", deal: str = "deal:1") -> Credit:
        """Write a credit of revenue."""
        self.lines += 1
        at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        one = line(self.lines, euros * 100, rep=rep, team=team, at=at, subject=deal)
        self.books.apply(by_partition([one]), self.now)
        return one

    def book(self, metric: str, amount: int, day: str, deal: str = "deal:1") -> Credit:
        """Write a credit of another metric of sanne's, in its smallest unit."""
        self.lines += 1
        at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        one = line(self.lines, amount, metric=metric, at=at, subject=deal)
        self.books.apply(by_partition([one]), self.now)
        return one

    def adjust(self, period: str, euros: int, rep: str = "sanne", reason: str = "agreed") -> Adjustment:
        """Add money by hand; the author is `hr`."""
        wanted = Wanted(periods.parse(period), rep, "EUR", euros * 100, reason)
        return adjust(self.desks, wanted, self.request())

    def calculate(self, period: str, actor: str = "hr") -> Run:
        return calculate(self.desks, periods.parse(period), self.request(actor), ENGINE)

    def approve(self, run: Run) -> Run:
        take(self.desks, run.id, SUBMIT, self.request())
        return take(self.desks, run.id, APPROVE, self.request("finance"))

    def pay(self, run: Run) -> Run:
        """Export and confirm what is approved, and close."""
        made = export(self.desks, run.id, ORDER, self.request())
        confirm(self.desks, made.id, self.request())
        closed = take(self.desks, run.id, CLOSE, self.request())
        self.held.append(closed)
        return closed

    def close(self, period: str) -> Run:
        """Take a period from open to closed."""
        return self.pay(self.approve(self.calculate(period)))

    def settled(self, run: Run, rep: str = "sanne") -> Settled:
        """Return what a payee is paid in a run."""
        with self.desks.reading() as desk:
            content = next(one.content for one in desk.runs.payees(run.id) if one.rep == rep)
            return Reader(desk.contents.read).get(Settled, content)

    def amounts(self, run: Run, rep: str = "sanne") -> dict[str, int]:
        """Return the lines of a payee by what each is, in euros."""
        return {one.id.removeprefix(f"{rep}:"): one.amount // 100 for one in self.settled(run, rep).lines}

    def verify(self, run: Run) -> Verdict:
        return verify(self.desks, run.id, self.request("auditor"), ENGINE)
