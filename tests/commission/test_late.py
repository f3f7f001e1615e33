"""What comes after a close: posted in the open period, with old, new and why; never twice; the closed run stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from services.commission.domain.claims import AdjustmentNeeded, DisputeOver, Entry, OwnDispute, PeriodOver, UnknownLine
from services.commission.handlers.answering import UnknownRep
from services.commission.handlers.claiming import Wanted, answer, object_to
from services.commission.handlers.supposing import Deal, what_if
from services.commission.store import Books
from shared import periods
from shared.errors import InvalidInput
from tests.commission.life import BRAM, ENGINE, NOA, PLAIN, Life
from tests.commission.office import component, document, plan, roster_body

OWN, TEAM = "sales.v1/own", "sales.v1/team/noord"


@pytest.fixture
def life(sqlite_books: Books) -> Life:
    made = Life(sqlite_books)
    made.league()
    made.earn(1000, "2026-10-05")
    return made


def test_a_late_credit_is_paid_in_the_open_period_and_says_why(life: Life) -> None:
    october = life.close("2026-10")
    late = life.earn(300, "2026-10-09", deal="deal:2")
    november = life.close("2026-11")
    [line] = [one for one in life.settled(november).lines if one.kind == "adjustment"]
    assert (line.old, line.new, line.amount) == (10000, 13000, 3000)
    assert (line.origin_period, line.origin_run, line.origin_line) == ("2026-10", october.id, f"sanne:earned:{OWN}")
    assert (line.credits, line.more, line.documents) == ((late.id,), 1, ())
    assert life.amounts(october) == {f"earned:{OWN}": 100}


def test_nothing_is_adjusted_twice(life: Life) -> None:
    life.close("2026-10")
    life.earn(300, "2026-10-09", deal="deal:2")
    assert life.close("2026-11").totals == {"EUR": 3000}
    assert life.close("2026-12").totals == {"EUR": 0}
    assert life.amounts(life.close("2027-01")) == {f"earned:{OWN}": 0}


def test_what_comes_between_calculation_and_close_is_late_as_well(life: Life) -> None:
    october = life.calculate("2026-10")
    life.earn(300, "2026-10-09", deal="deal:2")
    assert life.pay(life.approve(october)).totals == {"EUR": 10000}
    assert life.amounts(life.close("2026-11"))[f"adjustment:2026-10:{OWN}"] == 30


def test_what_is_discarded_was_not_paid(life: Life) -> None:
    life.close("2026-10")
    life.earn(300, "2026-10-09", deal="deal:2")
    life.calculate("2026-11")
    life.earn(50, "2026-11-09", deal="deal:3")
    assert life.amounts(life.close("2026-11")) == {f"earned:{OWN}": 5, f"adjustment:2026-10:{OWN}": 30}


def test_a_reversal_after_it_was_adjusted_restores_what_was_closed(life: Life) -> None:
    life.close("2026-10")
    life.earn(300, "2026-10-09", deal="deal:2")
    life.close("2026-11")
    life.earn(-300, "2026-10-09", deal="deal:2")
    december = life.settled(life.close("2026-12"))
    [line] = [one for one in december.lines if one.kind == "adjustment"]
    assert (line.old, line.new, line.amount) == (13000, 10000, -3000)


def test_a_payout_is_never_below_zero_and_the_rest_is_settled_from_later_earnings(life: Life) -> None:
    life.close("2026-10")
    life.earn(-1000, "2026-10-05")
    life.earn(400, "2026-11-05", deal="deal:2")
    life.earn(900, "2026-12-05", deal="deal:3")
    november, december = life.close("2026-11"), life.close("2026-12")
    assert life.amounts(november) == {f"earned:{OWN}": 40, f"adjustment:2026-10:{OWN}": -100, "owed/EUR": 60}
    assert life.amounts(december) == {f"earned:{OWN}": 90, "settled/EUR": -60}
    [debt] = life.settled(december).balances
    assert (debt.opening, debt.movements, debt.closing) == (6000, {"settled": -6000}, 0)
    assert (november.totals, december.totals) == ({"EUR": 0}, {"EUR": 3000})


def test_a_transfer_entered_afterwards_moves_the_money_to_the_other_payee_and_team(sqlite_books: Books) -> None:
    life = Life(sqlite_books)
    life.league(plan(component(rate="0.1"), component("team", "team", rate="0.01")))
    life.earn(1000, "2026-10-20")
    october = life.close("2026-10")
    assert life.amounts(october) == {f"earned:{OWN}": 100, f"earned:{TEAM}": 10}
    # the deal was Noa's of zuid all along
    life.earn(-1000, "2026-10-20")
    moved = life.earn(1000, "2026-10-20", rep="noa", team="zuid")
    life.earn(2000, "2026-11-10", deal="deal:2")
    november = life.close("2026-11")
    assert life.amounts(november)[f"adjustment:2026-10:{OWN}"] == -100
    assert life.amounts(november)[f"adjustment:2026-10:{TEAM}"] == -10
    assert life.amounts(november, "bram")[f"adjustment:2026-10:{TEAM}"] == -10
    gained = {line.id: line for line in life.settled(november, "noa").lines if line.kind == "adjustment"}
    assert gained[f"noa:adjustment:2026-10:{OWN}"].amount == 10000
    assert gained[f"noa:adjustment:2026-10:{OWN}"].credits == (moved.id,)
    assert gained["noa:adjustment:2026-10:sales.v1/team/zuid"].amount == 1000
    assert life.verify(october).same


def test_a_target_corrected_afterwards_is_a_difference_with_the_document_as_its_reason(sqlite_books: Books) -> None:
    life, october = Life(sqlite_books), {"metric": "revenue", "period": "2026-10"}
    weighted = plan(component())
    life.league(weighted, targets=[{"rep": "sanne", **october, "amount": "1000"}])
    life.earn(1000, "2026-10-05")
    assert life.close("2026-10").totals == {"EUR": 100000}
    life.league(weighted, targets=[{"rep": "sanne", **october, "amount": "2000"}], version=2)
    [line] = [one for one in life.settled(life.calculate("2026-11")).lines if one.kind == "adjustment"]
    assert (line.old, line.new, line.documents) == (100000, 50000, ("roster 1 → 2", "targets 1 → 2"))


def test_a_closed_period_keeps_the_plan_it_was_closed_with(life: Life) -> None:
    life.close("2026-10")
    life.league(plan(component(rate="0.5")), version=2)  # in force from January on, so for October too
    life.earn(300, "2026-10-09", deal="deal:2")
    november = life.calculate("2026-11")
    assert life.amounts(november)[f"adjustment:2026-10:{OWN}"] == 30


def test_a_rep_who_is_taken_off_the_roster_keeps_what_was_paid(life: Life) -> None:
    life.close("2026-10")
    without = {**roster_body(), "reps": [BRAM, NOA]}
    life.books.keep([document("roster", without, 2)], life.now)
    with life.desks.reading() as desk:
        assert [line.rep for line in desk.runs.lines(life.calculate("2026-11").id)] == ["bram", "noa"]


RATES: dict[str, Any] = {
    "accumulate": "running", "order": "time", "tier_of": "after", "resets": "period",
    "curve": {
        "kind": "whole", "over": "amount", "rates": "multiple", "boundary": "upper", "cap": "none", "deal_cap": "none",
        "tiers": [{"from": "0", "rate": "1"}, {"from": "1000", "rate": "2"}],
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("reversals", "taken_back"),
    [
        # 600 at 10 % and 1400 beyond 1,000 at 20 % were 60 + 280; without the first, 1400 are still beyond: 280
        ("rerate", -60),
        ("original_rate", -60),
    ],
)
def test_the_first_deal_taken_back_takes_back_what_it_paid(
    sqlite_books: Books, reversals: str, taken_back: int
) -> None:
    life = running(sqlite_books, reversals)
    life.earn(-600, "2026-10-05")
    assert life.amounts(life.close("2026-11"))[f"adjustment:2026-10:{OWN}"] == taken_back


@pytest.mark.parametrize(
    ("reversals", "also"),
    [
        ("rerate", 30),  # the third deal, of 300, falls below 1,000 with it: 10 % instead of 20 %
        ("original_rate", 0),  # and here it keeps its 20 %
    ],
)
def test_a_reversal_re_rates_the_rest_or_takes_back_what_that_deal_was_paid(
    sqlite_books: Books, reversals: str, also: int
) -> None:
    life = running(sqlite_books, reversals, third=300)
    life.earn(-1400, "2026-10-06", deal="deal:2")
    november = life.close("2026-11")
    assert life.amounts(november)[f"adjustment:2026-10:{OWN}"] == -280 - also
    assert life.verify(november).same
    assert not [one for one in life.settled(life.calculate("2026-12")).lines if one.kind == "adjustment"]
    life.earn(1400, "2026-10-06", deal="deal:2")
    assert life.amounts(life.calculate("2026-12"))[f"adjustment:2026-10:{OWN}"] == 280 + also


@pytest.mark.parametrize("reversals", ["rerate", "original_rate"])
def test_what_is_taken_back_before_the_close_never_had_a_rate(sqlite_books: Books, reversals: str) -> None:
    life = Life(sqlite_books)
    life.league(plan(component(rate="0.1", reversals=reversals, **RATES)))
    for n, euros in enumerate((600, 1400, 300), start=1):
        life.earn(euros, f"2026-10-0{n}", deal=f"deal:{n}")
    life.earn(-1400, "2026-10-02", deal="deal:2")
    assert life.close("2026-10").totals == {"EUR": 6000 + 3000}


def running(books: Books, reversals: str, third: int = 0) -> Life:
    """Close October with deals of 600, 1,400 and another: 10 % up to 1,000 in all, 20 % from there on."""
    life = Life(books)
    life.league(plan(component(rate="0.1", reversals=reversals, **RATES)))
    life.earn(600, "2026-10-05")
    life.earn(1400, "2026-10-06", deal="deal:2")
    if third:
        life.earn(third, "2026-10-07", deal="deal:3")
    assert life.close("2026-10").totals == {"EUR": 6000 + 28000 + third * 20}
    return life


@pytest.mark.parametrize(("then", "paid"), [("refused", 0), ("adjusted", 30)])
def test_what_is_too_late_is_refused_or_not_as_the_plan_says(sqlite_books: Books, then: str, paid: int) -> None:
    life = Life(sqlite_books)
    life.league({**PLAIN, "late": {"adjust_within": "1 months", "then": then}})
    life.earn(1000, "2026-10-05")
    for period in ("2026-10", "2026-11", "2026-12"):
        life.close(period)
    life.earn(300, "2026-10-09", deal="deal:2")
    january = life.settled(life.close("2027-01"))
    assert sum(one.amount for one in january.lines if one.kind == "adjustment") == paid * 100
    assert [note.code for note in january.notes] == (["late-refused"] if then == "refused" else [])


def test_what_is_taken_back_after_leaving_is_written_off_where_the_plan_says_so(sqlite_books: Books) -> None:
    life = Life(sqlite_books)
    life.league({**PLAIN, "leavers": {"unpaid": "paid", "reversals_after": "written_off"}})
    life.earn(1000, "2026-10-05")
    life.close("2026-10")
    left = [{"team": "noord", "from": "2026-01-01", "to": "2026-11-01"}]
    life.league({**PLAIN, "leavers": {"unpaid": "paid", "reversals_after": "written_off"}}, memberships=left, version=2)
    life.earn(-1000, "2026-10-05")
    gone = life.settled(life.calculate("2026-11"))
    assert (gone.lines, [note.code for note in gone.notes]) == ((), ["written-off"])


def test_money_by_hand_is_paid_once_and_names_its_reason(life: Life) -> None:
    made = life.adjust("2026-10", 25, reason="forgotten in September")
    run = life.close("2026-10")
    [line] = [one for one in life.settled(run).lines if one.kind == "manual"]
    assert (line.amount, line.reference, line.reason) == (2500, str(made.number), "forgotten in September")
    with life.desks.reading() as desk:
        assert [one.paid_in for one in desk.claims.adjustments(rep="sanne")] == [run.id]
    assert life.close("2026-11").totals == {"EUR": 0}
    with pytest.raises(PeriodOver, match="adjust 2026-12"):
        life.adjust("2026-11", 1)
    with pytest.raises(UnknownRep):
        life.adjust("2026-12", 1, rep="nobody")


def test_whoever_adjusts_by_hand_does_not_approve_the_run(life: Life) -> None:
    life.adjust("2026-10", 25)
    assert "hr" in life.calculate("2026-10", actor="anna").makers


def test_a_dispute_that_is_granted_becomes_an_adjustment_and_the_line_stays(life: Life) -> None:
    october = life.close("2026-10")
    one = object_to(life.desks, october.id, f"sanne:earned:{OWN}", "a deal is missing", life.request("sanne"))
    entry = Entry(life.now, "hr", "partially_approved", "half of it", None)
    grant = Wanted(periods.parse("2026-11"), "", "EUR", 500, "half of it")
    with pytest.raises(AdjustmentNeeded):
        answer(life.desks, one.number or 0, entry, None, life.request())
    said = answer(life.desks, one.number or 0, entry, grant, life.request())
    assert (said.state, said.entries[-1].adjustment) == ("partially_approved", 1)
    november = life.close("2026-11")
    assert life.amounts(november)["manual:1"] == 5
    assert life.amounts(october) == {f"earned:{OWN}": 100}
    with life.desks.reading() as desk:
        assert [event.action for event in desk.trail.of(run=october.id)][-2:] == ["dispute", "dispute"]


def test_a_dispute_is_decided_by_somebody_else_and_in_order(life: Life) -> None:
    october = life.close("2026-10")
    with pytest.raises(UnknownLine):
        object_to(life.desks, october.id, "sanne:earned:other", "?", life.request("sanne"))
    one = object_to(life.desks, october.id, f"sanne:earned:{OWN}", "too little", life.request("hr"))
    with pytest.raises(OwnDispute):
        answer(life.desks, one.number or 0, Entry(life.now, "hr", "denied", "no"), None, life.request())
    answer(life.desks, one.number or 0, Entry(life.now, "finance", "denied", "no"), None, life.request("finance"))
    with pytest.raises(DisputeOver, match="escalated may follow"):
        answer(life.desks, one.number or 0, Entry(life.now, "finance", "answered", "…"), None, life.request("finance"))
    said = answer(life.desks, one.number or 0, Entry(life.now, "hr", "escalated", "!"), None, life.request())
    assert [entry.state for entry in said.entries] == ["open", "denied", "escalated"]


def test_what_if_tells_what_a_deal_would_bring_and_keeps_nothing(life: Life) -> None:
    october, day = periods.parse("2026-10"), periods.parse("2026-10").first
    deal = Deal("what-if:1", "revenue", Decimal(500), day)
    found = what_if(life.desks, "sanne", october, [deal, deal], life.now)
    assert (found.now.totals, found.then.totals) == ({"EUR": 10000}, {"EUR": 20000})
    assert what_if(life.desks, "sanne", october, [deal], life.now).now == found.now
    with life.books.page() as page:
        assert list(page.disagreements()) == []


def test_a_deal_without_a_day_closes_today_in_the_organisations_zone(life: Life) -> None:
    late_in_utc = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    life.league(memberships=[{"team": "noord", "from": "2026-01-01", "to": "2026-11-02"}], version=2)
    november, deal = periods.parse("2026-11"), Deal("d", "revenue", Decimal(500), None)
    assert what_if(life.desks, "sanne", november, [deal], late_in_utc).then.totals
    with pytest.raises(InvalidInput):
        what_if(life.desks, "sanne", november, [deal], late_in_utc - timedelta(hours=2))


@pytest.mark.parametrize(
    ("metric", "amount", "day", "pointer"),
    [
        ("nothing", "1", "2026-10-01", "/deals/0/metric"),
        ("revenue", "1", "2026-11-01", "/deals/0/on"),
        ("revenue", "0.001", "2026-10-01", "/deals/0/amount"),
    ],
)
def test_a_deal_that_cannot_count_is_named(life: Life, metric: str, amount: str, day: str, pointer: str) -> None:
    deal = Deal("d", metric, Decimal(amount), periods.parse(day).first)
    with pytest.raises(InvalidInput) as refused:
        what_if(life.desks, "sanne", periods.parse("2026-10"), [deal], life.now)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


def test_what_waited_is_paid_when_it_comes_free_and_is_a_balance_until_then(sqlite_books: Books) -> None:
    """30 % of 10 % waits until the deal's own `deals` credit: it comes in November."""
    held = {"share": "0.3", "until": "deals", "release": "at_once"}
    life = Life(sqlite_books)
    life.league(plan(component(rate="0.1", holdback=held)))
    life.earn(1000, "2026-10-05")
    life.earn(2000, "2026-10-06", deal="deal:2")
    october = life.close("2026-10")
    assert life.amounts(october) == {f"earned:{OWN}": 210}
    life.book("deals", 1, "2026-11-10")
    november = life.close("2026-11")
    assert life.amounts(november)[f"earned:{OWN}/2026-10"] == 30
    life.earn(-2000, "2026-10-06", deal="deal:2")
    december = life.close("2026-12")
    assert life.amounts(december)[f"adjustment:2026-10:{OWN}"] == -140
    balances = [balance for run in life.held for balance in life.settled(run).balances]
    assert [(one.opening, one.closing) for one in balances if one.account.kind == "holdback"] == [
        (0, 9000),
        (9000, 6000),
        (6000, 0),
    ]
    assert all(life.verify(run).same for run in life.held)


def test_a_late_credit_of_an_earlier_month_changes_the_year_to_date_once(sqlite_books: Books) -> None:
    """10 % up to 1,000 in the year to date, 20 % beyond: what comes late in October moves November's tier too."""
    curve = {
        "kind": "marginal", "over": "amount", "rates": "multiple", "cap": "none",
        "tiers": [{"from": "0", "rate": "1"}, {"from": "1000", "rate": "2"}],
    }  # fmt: skip
    life = Life(sqlite_books)
    life.league(plan(component(rate="0.1", accumulate="year", curve=curve)))
    life.earn(600, "2026-10-05")
    life.earn(600, "2026-11-05", deal="deal:2")
    life.close("2026-10")  # 60
    life.close("2026-11")  # 40 + 40: 80
    late = life.earn(600, "2026-10-09", deal="deal:3")
    december = life.close("2026-12")
    found = {one.origin_period: one for one in life.settled(december).lines if one.kind == "adjustment"}
    assert found["2026-10"].amount == 8000  # 1,200 in October: 100 + 40 = 140, and 60 were paid
    assert found["2026-11"].amount == 4000  # all of November beyond 1,000: 120, and 80 were paid
    assert found["2026-11"].credits == (late.id,)
    assert sum(run.totals["EUR"] for run in life.held) == 10000 + 16000


@pytest.mark.parametrize(("engine", "posted"), [("another", 30), (ENGINE, -70)])
def test_what_a_new_engine_says_otherwise_of_the_same_is_no_difference(life: Life, engine: str, posted: int) -> None:
    """An engine of its time paid 200 where the present one would say 100; then 300 of revenue come late."""
    october = life.close("2026-10")
    life.earn(300, "2026-10-09", deal="deal:2")
    with life.books.engine.begin() as conn:  # as if that engine had calculated it
        for trigger in ("run_lines_update", "runs_update", "runs_header"):
            conn.exec_driver_sql(f"DROP TRIGGER {trigger}")
        conn.exec_driver_sql("UPDATE run_lines SET amount = 20000 WHERE kind = 'earned' AND rep = 'sanne'")
        conn.execute(text("UPDATE runs SET engine = :engine"), {"engine": engine})
    november = life.close("2026-11")
    assert life.amounts(november)[f"adjustment:2026-10:{OWN}"] == posted
    assert life.verify(november).same
    assert october.engine == ENGINE
    assert not [one for one in life.settled(life.close("2026-12")).lines if one.kind == "adjustment"]
