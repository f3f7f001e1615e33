"""Time and closing together: years to date, holdback and leavers while closed periods stay as they are."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.commission.store import Books
from tests.commission.life import Life
from tests.commission.lines import by_partition, line
from tests.commission.office import component, document, plan, playbook_body
from tests.commission.story import PAID

TIERS = [{"from": "0", "rate": "0.05"}, {"from": "10000", "rate": "0.1"}]
TO_DATE = component(
    rate="1",
    accumulate="year",
    curve={"kind": "marginal", "over": "amount", "rates": "multiple", "tiers": TIERS, "cap": "none"},
)
HELD = component(rate="0.1", holdback={"share": "0.3", "until": "paid", "release": "at_once"})


@pytest.fixture
def life(sqlite_books: Books) -> Life:
    return Life(sqlite_books)


def paid(life: Life, *periods: str) -> list[int]:
    return [sum(life.amounts(life.close(period)).values()) for period in periods]


def come_in(life: Life, euros: int, day: str, deal: str) -> None:
    life.lines += 1
    at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    life.books.apply(by_partition([line(life.lines, euros * 100, metric="paid", at=at, subject=deal)]), life.now)


def test_what_comes_late_in_a_year_to_date_is_paid_once(life: Life) -> None:
    """9,000 in September pays 450, 4,000 in October 50 + 300; 2,000 more of September make 15,000: 500 + 500 in all."""
    life.league(plan(TO_DATE))
    life.earn(9000, "2026-09-10", deal="deal:1")
    life.earn(4000, "2026-10-10", deal="deal:2")
    assert paid(life, "2026-09", "2026-10") == [450, 350]
    life.earn(2000, "2026-09-20", deal="deal:3")
    assert paid(life, "2026-11", "2026-12") == [200, 0]


def test_a_reversal_in_a_year_to_date_is_taken_back_once(life: Life) -> None:
    life.league(plan(TO_DATE))
    life.earn(9000, "2026-09-10", deal="deal:1")
    life.earn(4000, "2026-10-10", deal="deal:2")
    paid(life, "2026-09", "2026-10")
    life.earn(-9000, "2026-09-10", deal="deal:1")
    lines = life.settled(life.close("2026-11")).lines
    taken_back = sum(one.new - one.old for one in lines if one.old is not None and one.new is not None)
    assert 450 + 350 + taken_back // 100 == 4000 * 5 // 100
    assert sum(one.amount for one in lines) == 0  # what is owed is a balance, not a negative payout


def test_what_waits_comes_free_after_the_close_without_changing_it(life: Life) -> None:
    life.league(plan(HELD))
    playbook = playbook_body()
    life.books.keep([document("playbook", {**playbook, "metrics": [*playbook["metrics"], PAID]}, 2)], life.now)
    life.earn(1000, "2026-09-10", deal="deal:1")
    life.earn(2000, "2026-10-10", deal="deal:2")
    first = life.close("2026-09")
    assert sum(life.amounts(first).values()) == 70
    assert paid(life, "2026-10") == [140]
    come_in(life, 1000, "2026-11-10", "deal:1")
    november = life.close("2026-11")
    assert sum(life.amounts(november).values()) == 30
    assert life.verify(first).same
    come_in(life, 2000, "2026-11-20", "deal:2")  # late: November was closed
    assert paid(life, "2026-12", "2027-01") == [60, 0]
