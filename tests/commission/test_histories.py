"""Random histories of credits, closes, late events, reversals and transfers: the laws that hold after every one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

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
Action = tuple[Any, ...]
reps, months, euros = st.sampled_from(sorted(TEAMS)), st.sampled_from(MONTHS[:3]), st.integers(1, 2000)
which = st.integers(0, 20)
actions = st.one_of(
    st.tuples(st.just("win"), reps, months, euros),
    st.tuples(st.just("take_back"), which, euros),
    st.tuples(st.just("transfer"), which, reps),
    st.tuples(st.just("adjust"), reps, st.integers(-300, 300).filter(bool)),
    st.just(("close",)),
    st.just(("close",)),
)


@dataclass
class Sale:
    """A deal as it stands: what it is worth, whose it is, in which month."""

    name: str
    rep: str
    month: str
    euros: int


@dataclass
class History:
    """Anything may happen at any time; periods are closed in their order."""

    life: Life
    sales: list[Sale] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    kept: dict[str, list[bytes]] = field(default_factory=dict)
    paid: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_hand: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def win(self, rep: str, month: str, worth: int) -> None:
        """Win a deal: late where its month is closed already."""
        self.sales.append(Sale(f"deal:{len(self.sales)}", rep, month, worth))
        self._credit(self.sales[-1], worth)

    def take_back(self, which: int, worth: int) -> None:
        """Reverse a deal, or win it again."""
        sale = self.sales[which % len(self.sales)]
        self._credit(sale, -sale.euros)
        sale.euros = 0 if sale.euros else worth
        self._credit(sale, sale.euros)

    def transfer(self, which: int, rep: str) -> None:
        """Give a deal to somebody else, as of when it was won."""
        sale = self.sales[which % len(self.sales)]
        self._credit(sale, -sale.euros)
        sale.rep = rep
        self._credit(sale, sale.euros)

    def adjust(self, rep: str, worth: int) -> None:
        """Adjust by hand in the next period."""
        if len(self.runs) < len(MONTHS):
            self.life.adjust(MONTHS[len(self.runs)], worth, rep)
            self.by_hand[rep] += worth * 100

    def close(self) -> None:
        """Take the next period from open to closed, and check that paid + held = earned + advanced."""
        if len(self.runs) == len(MONTHS):
            return
        run = self.life.close(MONTHS[len(self.runs)])
        self.runs.append(run)
        self.kept[run.id] = self.stored(run)
        for rep in TEAMS:
            settled = self.life.settled(run, rep)
            payout = sum(line.amount for line in settled.lines)
            assert payout >= 0
            self.paid[rep] += payout
            advanced = sum(balance.closing for balance in settled.balances)
            assert self.paid[rep] == self._earned(rep) + self.by_hand[rep] + advanced, rep

    def kinds(self) -> set[str]:
        """Return what kinds of line the last run has."""
        with self.life.desks.reading() as desk:
            return {line.kind for line in desk.runs.lines(self.runs[-1].id)}

    def stored(self, run: Run) -> list[bytes]:
        """Return every byte that is kept of a run."""
        with self.life.desks.reading() as desk:
            header = desk.runs.get(run.id)
            names = [header.inputs, header.outputs, *(one.content for one in desk.runs.payees(run.id))]
            return [repr(header).encode(), *(desk.contents.read(name) for name in names)]

    def _credit(self, sale: Sale, worth: int) -> None:
        if worth:
            self.life.earn(worth, f"{sale.month}-10", sale.rep, TEAMS[sale.rep], sale.name)

    def _earned(self, rep: str) -> int:
        """Return what the closed months should pay as things stand: by the plan's words, not by its engine."""
        total = 0
        for month in MONTHS[: len(self.runs)]:
            sales = [sale for sale in self.sales if sale.month == month]
            own = sum(sale.euros for sale in sales if sale.rep == rep)
            mates = sum(sale.euros for sale in sales if TEAMS[sale.rep] == TEAMS[rep])
            total += round_half_up(Fraction(own * 100, 10)) + round_half_up(Fraction(mates * 100, 100))
        return total


@settings(max_examples=15)
@given(euros, st.lists(actions, min_size=4, max_size=14))
def test_whatever_happens_everything_is_paid_once_and_what_is_closed_stays(
    first: int, happenings: Sequence[Action]
) -> None:
    with TemporaryDirectory() as folder:
        books = Books.open(f"sqlite:///{Path(folder) / 'commission.db'}")
        books.migrate()
        history = History(Life(books))
        history.life.league(PLAN)
        history.win("sanne", MONTHS[0], first)
        history.close()
        for name, *about in happenings:
            getattr(history, name)(*about)
        history.close()
        history.close()
        assert len(history.runs) == len(MONTHS) or "adjustment" not in history.kinds()
        for run in history.runs:
            assert history.stored(run) == history.kept[run.id]
            assert history.life.verify(run).same
        books.close()


@settings(max_examples=8)
@given(st.lists(st.tuples(reps, months, euros), min_size=1, max_size=6))
def test_reversing_everything_takes_everything_back(deals: Sequence[tuple[str, str, int]]) -> None:
    """What was paid for deals that were all taken back later is a debt, to the cent; without a draw nothing else is."""
    with TemporaryDirectory() as folder:
        books = Books.open(f"sqlite:///{Path(folder) / 'commission.db'}")
        books.migrate()
        history = History(Life(books))
        history.life.league({**PLAN, "draw": None})
        for rep, month, worth in deals:
            history.win(rep, month, worth)
        for _ in MONTHS[:3]:
            history.close()
        for which, _ in enumerate(deals):
            history.take_back(which, 0)
        history.close()
        with history.life.desks.reading() as desk:
            owed = {balance.account.rep: balance.closing for balance in desk.runs.balances(history.runs[-1].id)}
        assert owed == {rep: paid for rep, paid in history.paid.items() if paid}
        books.close()
