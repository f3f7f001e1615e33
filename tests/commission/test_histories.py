"""Random histories of credits, closes, late events, reversals and transfers: the laws that hold after every one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.commission.domain.runs import Run
from services.commission.store import Books
from shared.money import round_half_up
from tests.commission.life import MONTHS, Life
from tests.commission.office import component, plan

TEAMS = {"sanne": "noord", "bram": "noord", "noa": "zuid"}
DRAW = {
    "kind": "recoverable", "meaning": "top_up", "amount": "40.00", "until": "2026-11-01", "prorated": "no",
    "recover_from": "2026-10", "at_most": "0.5",
}  # fmt: skip
PLAN = {**plan(component(rate="0.1"), component("team", "team", rate="0.01")), "draw": DRAW}
reps, months, euros = st.sampled_from(sorted(TEAMS)), st.sampled_from(MONTHS), st.integers(1, 2000)


@dataclass
class Sale:
    """A deal as it stands: what it is worth, whose it is, in which month."""

    rep: str
    month: str
    euros: int


class Histories(RuleBasedStateMachine):
    """Anything may happen at any time; periods are closed in their order."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        books = Books.open(f"sqlite:///{Path(self.folder.name) / 'commission.db'}")
        books.migrate()
        self.life = Life(books)
        self.life.league(PLAN)
        self.sales: dict[str, Sale] = {}
        self.runs: list[Run] = []
        self.bytes: dict[str, list[bytes]] = {}
        self.paid: defaultdict[str, int] = defaultdict(int)
        self.by_hand: defaultdict[str, int] = defaultdict(int)

    @rule(rep=reps, month=months, worth=euros)
    def win(self, rep: str, month: str, worth: int) -> None:
        """Win a deal: late where its month is closed already."""
        name = f"deal:{len(self.sales)}"
        self.sales[name] = Sale(rep, month, worth)
        self._credit(name, worth)

    @precondition(lambda self: self.sales)
    @rule(data=st.data())
    def take_back(self, data: Any) -> None:
        """Reverse a deal, or win it again."""
        name = data.draw(st.sampled_from(sorted(self.sales)))
        sale = self.sales[name]
        self._credit(name, -sale.euros)
        sale.euros = 0 if sale.euros else data.draw(euros)
        self._credit(name, sale.euros)

    @precondition(lambda self: self.sales)
    @rule(data=st.data(), to=reps)
    def transfer(self, data: Any, to: str) -> None:
        """Give a deal to somebody else, as of when it was won."""
        name = data.draw(st.sampled_from(sorted(self.sales)))
        sale = self.sales[name]
        self._credit(name, -sale.euros)
        sale.rep = to
        self._credit(name, sale.euros)

    @rule(rep=reps, worth=st.integers(-300, 300).filter(bool))
    def adjust(self, rep: str, worth: int) -> None:
        """Adjust by hand in the next period."""
        if len(self.runs) < len(MONTHS):
            self.life.adjust(MONTHS[len(self.runs)], worth, rep)
            self.by_hand[rep] += worth * 100

    @precondition(lambda self: len(self.runs) < len(MONTHS))
    @rule()
    def close(self) -> None:
        """Take the next period from open to closed, and check that paid + held = earned + advanced."""
        run = self.life.close(MONTHS[len(self.runs)])
        self.runs.append(run)
        self.bytes[run.id] = self._bytes(run)
        for rep in TEAMS:
            settled = self.life.settled(run, rep)
            payout = sum(line.amount for line in settled.lines)
            assert payout >= 0
            self.paid[rep] += payout
            advanced = sum(balance.closing for balance in settled.balances)
            assert self.paid[rep] == self._earned(rep) + self.by_hand[rep] + advanced, rep

    @precondition(lambda self: self.runs)
    @rule()
    def look_again(self) -> None:
        """Compute a closed run again: nothing has changed, whatever came since."""
        for run in self.runs:
            assert self.life.verify(run).same

    @precondition(lambda self: self.runs)
    @invariant()
    def closed_runs_are_the_same_bytes(self) -> None:
        assert self._bytes(self.runs[0]) == self.bytes[self.runs[0].id]

    def teardown(self) -> None:
        """Close once more with nothing new: nothing is adjusted twice; then compare every closed byte."""
        if not hasattr(self, "life"):
            return
        if self.runs and len(self.runs) + 1 < len(MONTHS):
            self.close()
            self.close()
            assert all(
                line.kind != "adjustment" for rep in TEAMS for line in self.life.settled(self.runs[-1], rep).lines
            )
        for run in self.runs:
            assert self._bytes(run) == self.bytes[run.id]
        self.life.books.close()
        self.folder.cleanup()

    def _credit(self, deal: str, worth: int) -> None:
        if worth:
            sale = self.sales[deal]
            self.life.earn(worth, f"{sale.month}-10", sale.rep, TEAMS[sale.rep], deal)

    def _earned(self, rep: str) -> int:
        """Return what the closed months should pay as things stand: by the plan's words, not by its engine."""
        total = 0
        for month in MONTHS[: len(self.runs)]:
            own = sum(sale.euros for sale in self.sales.values() if (sale.rep, sale.month) == (rep, month))
            mates = [s for s in self.sales.values() if s.month == month and TEAMS[s.rep] == TEAMS[rep]]
            total += round_half_up(Fraction(own * 100, 10))
            total += round_half_up(Fraction(sum(sale.euros for sale in mates) * 100, 100))
        return total

    def _bytes(self, run: Run) -> list[bytes]:
        with self.life.desks.reading() as desk:
            header = desk.runs.get(run.id)
            names = [header.inputs, header.outputs, *(one.content for one in desk.runs.payees(run.id))]
            return [repr(header).encode(), *(desk.contents.read(name) for name in names)]


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
