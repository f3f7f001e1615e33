"""Draws in all their meanings, debts, what caps and holdbacks keep: period by period, in worked numbers."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.commission.domain.balances import CARRIED, DEBT, DRAW, Account, DrawDue, Outcome, Room, Slip, carry
from services.commission.domain.draw_words import draw_in_words
from services.commission.store import Books
from shared import periods
from shared.contracts.draw import LOAN, NON_RECOVERABLE, RECOVERABLE, TOP_UP, Draw
from shared.contracts.league import BadDocument
from shared.contracts.plans import parse_plans
from tests.commission.life import PLAIN, Life
from tests.commission.office import component, plan

OCTOBER = periods.parse("2026-10")
ALL, HALF = Fraction(1), Fraction(1, 2)
SINCE = date(2026, 10, 1)


def top_up(amount: int = 1000, at_most: Fraction = ALL, since: date | None = SINCE, kind: str = RECOVERABLE) -> Draw:
    return Draw(kind, TOP_UP, amount, None, prorated=False, recover_from=since, at_most=at_most)


def loan(amount: int = 1000, at_most: Fraction = ALL, kind: str = RECOVERABLE, until: date | None = None) -> Draw:
    return Draw(kind, LOAN, amount, until, prorated=False, recover_from=SINCE, at_most=at_most)


def slip(earned: int, draw: Draw | None = None, owed: int = 0, debt: int = 0, **more: Any) -> Slip:
    openings = {Account("sanne", DRAW, "EUR"): owed, Account("sanne", DEBT, "EUR"): debt}
    draws = () if draw is None else (DrawDue(draw, "sales", ALL),)
    return Slip("sanne", "EUR", OCTOBER, earned, draws, openings={k: v for k, v in openings.items() if v}, **more)


def paid(outcome: Outcome, earned: int) -> int:
    return earned + sum(line.amount for line in outcome.lines)


def closing(outcome: Outcome, kind: str) -> int:
    return sum(balance.closing for balance in outcome.balances if balance.account.kind == kind)


CASES: list[tuple[str, Slip, int, int]] = [
    # what it shows, the period before balances, what is paid, what stays owed of the draw
    ("a top-up brings 600 up to 1,000: 400 lent", slip(600, top_up()), 1000, 400),
    ("above the top-up nothing is lent", slip(1300, top_up()), 1300, 0),
    ("of 1,300 the 300 above the top-up go to what is owed", slip(1300, top_up(), owed=400), 1000, 100),
    ("never more than is owed is taken back", slip(1300, top_up(), owed=200), 1100, 0),
    ("at most half of what is above: 150 of 300", slip(1300, top_up(at_most=HALF), owed=400), 1150, 250),
    ("before its time nothing is taken back", slip(1300, top_up(since=date(2026, 11, 1)), owed=400), 1300, 400),
    ("a guarantee that need not be earned back leaves nothing owed", slip(600, top_up(kind=NON_RECOVERABLE)), 1000, 0),
    ("a loan is paid on top: 600 + 1,000, and 600 taken back of the 500 owed", slip(600, loan(), owed=500), 1100, 1000),
    ("a loan that is taken back by half of what is earned", slip(600, loan(at_most=HALF), owed=500), 1300, 1200),
    ("an allowance is paid on top and never taken back", slip(600, loan(kind=NON_RECOVERABLE)), 1600, 0),
    ("a loan that has ended is only taken back", slip(600, loan(until=date(2026, 10, 1)), owed=500), 100, 0),
    ("below zero a debt is left and the top-up is paid", slip(-300, top_up()), 1000, 1000),
    ("who has no draw any more gives all back", slip(300, None, owed=500), 0, 200),
]


@pytest.mark.parametrize(("what", "before", "pays", "owed"), CASES, ids=[what for what, *_ in CASES])
def test_a_draw_in_worked_numbers(what: str, before: Slip, pays: int, owed: int) -> None:
    outcome = carry(before)
    assert (paid(outcome, before.earned), closing(outcome, DRAW)) == (pays, owed)


def test_a_debt_is_settled_before_a_draw_is_recovered() -> None:
    outcome = carry(slip(1500, top_up(), owed=400, debt=300))
    assert [(line.kind, line.amount) for line in outcome.lines] == [("settled", -300), ("recovery", -200)]
    assert (closing(outcome, DEBT), closing(outcome, DRAW)) == (0, 200)


@pytest.mark.parametrize(
    ("opening", "room", "released", "left"),
    [
        (500, Room("sales/own", 0, 200), 200, 300),  # there is room for 200 under the cap
        (500, Room("sales/own", 0, None), 500, 0),  # the cap is gone
        (500, Room("sales/own", 120, 0), 0, 620),  # another 120 above the cap
        (500, Room("sales/own", -100, 0), 0, 400),  # a correction takes 100 of it back
        (50, Room("sales/own", -100, 0), -50, 0),  # and where it was paid already, the payout bears it
    ],
)
def test_what_a_cap_kept_is_released_where_there_is_room(opening: int, room: Room, released: int, left: int) -> None:
    before = Slip(
        "sanne", "EUR", OCTOBER, 1000, rooms=(room,), openings={Account("sanne", CARRIED, "EUR", room.about): opening}
    )
    outcome = carry(before)
    assert sum(line.amount for line in outcome.lines) == released
    assert closing(outcome, CARRIED) == left


cents = st.integers(-5000, 5000)
amounts = st.integers(0, 3000)
draws = st.builds(
    Draw,
    st.sampled_from([RECOVERABLE, NON_RECOVERABLE]),
    st.sampled_from([TOP_UP, LOAN]),
    amounts,
    st.sampled_from([None, date(2026, 10, 1)]),
    prorated=st.booleans(),
    recover_from=st.sampled_from([SINCE, date(2027, 1, 1)]),
    at_most=st.fractions(Fraction(1, 10), 1, max_denominator=10),
)
dues = st.lists(
    st.builds(DrawDue, draws, st.sampled_from(["a", "b"]), st.fractions(0, 1, max_denominator=31)), max_size=2
)
rooms = st.lists(
    st.builds(Room, st.sampled_from(["a/own", "b/own"]), st.integers(-500, 500), st.none() | amounts),
    max_size=2,
    unique_by=lambda room: room.about,
)


@st.composite
def slips(draw: st.DrawFn) -> Slip:
    accounts = (Account("x", DRAW, "EUR"), Account("x", DEBT, "EUR"), Account("x", CARRIED, "EUR", "a/own"))
    openings = {account: amount for account in accounts if (amount := draw(amounts))}
    due, kept = tuple(draw(dues)), tuple(draw(rooms))
    return Slip("x", "EUR", OCTOBER, draw(cents), due, kept, draw(cents), openings)


@given(slips())
def test_paid_and_held_are_earned_and_advanced(before: Slip) -> None:
    """The law of balances, for whatever comes together; no payout and no balance is ever below zero."""
    outcome = carry(before)
    payout = paid(outcome, before.earned)
    lent = sum(b.movements.get("advance", 0) for b in outcome.balances if b.account.kind == DRAW)
    forgiven = sum(line.amount for line in outcome.lines if line.kind == "advance") - lent
    moved = {b.account: b.closing - b.opening for b in outcome.balances}
    held = sum(amount for account, amount in moved.items() if account.kind in ("carried", "holdback"))
    advanced = sum(amount for account, amount in moved.items() if account.kind in ("draw", "debt"))
    kept = sum(room.carried for room in before.rooms) + before.held
    assert payout + held == before.earned + kept + forgiven + advanced
    assert payout >= 0
    assert all(b.closing >= 0 for b in outcome.balances if b.account.kind != "holdback")


def test_a_draw_over_three_periods(sqlite_books: Books) -> None:
    """1,000 a month, taken back from December on: 600, 800, then 1,900 earned."""
    draw = {
        "kind": "recoverable", "meaning": "top_up", "amount": "1000.00", "until": "none", "prorated": "no",
        "recover_from": "2026-12", "at_most": "all",
    }  # fmt: skip
    life = Life(sqlite_books)
    life.league({**PLAIN, "who": {"teams": ["noord"]}, "draw": draw}, memberships=None)
    for euros, day in ((6000, "2026-10-05"), (8000, "2026-11-05"), (19000, "2026-12-05")):
        life.earn(euros, day, deal=f"deal:{day}")
    found = [life.amounts(life.close(month)) for month in ("2026-10", "2026-11", "2026-12")]
    own = "earned:sales.v1/own"
    assert found[0] == {own: 600, "advance/sales/EUR": 400}
    assert found[1] == {own: 800, "advance/sales/EUR": 200}
    assert found[2] == {own: 1900, "recovery/EUR": -600}
    [balance] = life.settled(life.held[-1]).balances
    assert (balance.opening, balance.closing) == (60000, 0)


def test_what_a_cap_carries_is_paid_when_there_is_room(sqlite_books: Books) -> None:
    """At most 100 a month: of 150 in October 50 are kept, and paid in November, which leaves room for 70."""
    curve = {"kind": "linear", "over": "amount", "cap": {"amount": "100.00"}, "excess": "carried"}
    life = Life(sqlite_books)
    life.league(plan(component(rate="0.1", accumulate="period", curve=curve)))
    life.earn(1500, "2026-10-05")
    life.earn(300, "2026-11-05", deal="deal:2")
    october, november = life.close("2026-10"), life.close("2026-11")
    assert (october.totals, november.totals) == ({"EUR": 10000}, {"EUR": 8000})
    [kept] = life.settled(october).balances
    [gone] = life.settled(november).balances
    assert (kept.account.about, kept.closing, gone.closing) == ("sales/own", 5000, 0)


LOANED: dict[str, Any] = {"kind": "recoverable", "meaning": "loan", "amount": "1", "until": "none", "prorated": True}
QUESTIONS: list[tuple[dict[str, Any], str]] = [
    ({}, "has a draw to be earned back?"),
    ({"kind": "recoverable"}, "what does the draw do?"),
    (LOANED, "in which period does taking back begin?"),
    (LOANED, "which part of what is earned may be taken back"),
    ({**LOANED, "kind": "non_recoverable", "at_most": "all"}, "is never taken back: leave this out"),
    ({**LOANED, "recover_from": "2026-12", "at_most": "1.5"}, "which part of what is earned may be taken back"),
]


@pytest.mark.parametrize(("draw", "question"), QUESTIONS)
def test_a_draw_that_leaves_something_open_is_answered_with_the_question(draw: dict[str, Any], question: str) -> None:
    with pytest.raises(BadDocument, match=question.replace("?", r"\?")):
        parse_plans({"plans": [{**PLAIN, "draw": draw}]})


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (
            {"recover_from": "2026-12", "at_most": "0.5", "prorated": "yes"},
            [
                "On top of what is earned comes a draw of EUR\u00a01.00, by the days in the plan.",
                "From 2026-12-01 on it is taken back of what is earned, at most 50% of that in a period.",
            ],
        ),
        (
            {"kind": "non_recoverable", "meaning": "top_up", "until": "2027-01-01", "prorated": "no"},
            [
                "Who earns less has a draw up to EUR\u00a01.00, in periods that begin before 2027-01-01.",
                "It does not have to be earned back.",
            ],
        ),
    ],
)
def test_a_draw_is_said_in_words(draw: dict[str, Any], said: list[str]) -> None:
    [one] = parse_plans({"plans": [{**PLAIN, "draw": {**LOANED, **draw}}]}).plans
    assert list(draw_in_words(one, "en")) == said
    assert len(list(draw_in_words(one, "nl"))) == 2
