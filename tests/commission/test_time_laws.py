"""Laws of time: what adds up over segments, periods and parts, and what one thing never does to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.commission.domain.proration import working_days
from services.commission.handlers.reading import gather
from services.commission.store import Books
from shared import periods
from shared.contracts.credit import Credit
from tests.commission.lines import NOW, by_partition, line
from tests.commission.office import LINEAR, component, plan
from tests.commission.story import Story, notebook

MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]
TARGETS = [{"rep": "sanne", "period": month, "amount": "10000"} for month in MONTHS]
TARGETS += [{"team": team, "period": month, "amount": "50000"} for team in ("noord", "zuid") for month in MONTHS]
WINS = {"kind": "marginal", "over": "amount", "rates": "multiple", "cap": "none"}
TIERS = [{"from": "0", "rate": "0.05"}, {"from": "10000", "rate": "0.1"}]
SLICED: dict[str, Any] = {"accumulate": "running", "order": "time", "reversals": "rerate"}
RUNNING: dict[str, Any] = {**SLICED, "tier_of": "after"}
HELD: dict[str, Any] = {"rate": "0.05", "holdback": {"share": "0.3", "until": "paid", "release": "as_it_comes"}}

days = st.integers(0, 364).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
amounts = st.integers(-500_000, 2_000_000)


@st.composite
def ledgers(draw: st.DrawFn, metrics: Sequence[str] = ("revenue",), most: int = 10) -> list[Credit]:
    reps = {"sanne": "noord", "bram": "noord", "noa": "zuid"}
    found = []
    for seq in range(1, draw(st.integers(0, most)) + 1):
        rep = draw(st.sampled_from(sorted(reps)))
        at = datetime.combine(draw(days), datetime.min.time(), tzinfo=UTC) + timedelta(hours=draw(st.integers(0, 23)))
        deal = f"deal:D-{draw(st.integers(1, 4))}"
        metric = draw(st.sampled_from(metrics))
        found.append(line(seq, draw(amounts), rep=rep, team=reps[rep], at=at, metric=metric, subject=deal))
    return found


def told(*components: Mapping[str, Any], ledger: Sequence[Credit] = (), **more: Any) -> Story:
    story = {name: more.pop(name) for name in ("sanne", "others", "targets") if name in more}
    made = Story(plans={"2026-01-01": [plan(*components, **more)]}, **{"targets": TARGETS, **story})
    return replace(made, lines=ledger)


def exact(story: Story, period: str, component_id: str = "own") -> Fraction:
    return sum(
        (one.unrounded for one in story.statement(period).lines if one.component.id == component_id), Fraction(0)
    )


def cents(story: Story, period: str) -> int:
    """Return what is paid in a period, in cents."""
    return sum(line.amount for line in story.statement(period).lines)


@st.composite
def moves(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A month in one team after another, without gaps."""
    cuts = sorted(draw(st.sets(st.integers(2, 29), max_size=3)))
    firsts = [date(2026, 1, 1), *(date(2026, 11, day) for day in cuts)]
    lasts = [*firsts[1:], None]
    teams = draw(st.permutations(["noord", "zuid"]))
    return [
        {"team": teams[n % 2], "from": first.isoformat(), "to": last.isoformat() if last else None}
        for n, (first, last) in enumerate(zip(firsts, lasts, strict=True))
    ]


@given(moves(), ledgers())
def test_the_segments_of_a_transfer_add_up_to_the_whole(career: list[dict[str, Any]], ledger: list[Credit]) -> None:
    own = [replace(one, amount=abs(one.amount)) for one in ledger if one.rep == "sanne"]
    moved: dict[str, Any] = {"sanne": {"memberships": career}, "ledger": own}
    whole = told(component(curve=LINEAR), transfers="whole", **moved)
    apart = told(component(curve=LINEAR), transfers="segments", **moved)
    assert exact(apart, "2026-11") == exact(whole, "2026-11")


@given(st.integers(1, 29), st.sampled_from(["1", "0.5", "0.8"]), ledgers())
def test_prorating_incentive_and_target_leaves_the_rate_unchanged(first: int, fte: str, ledger: list[Credit]) -> None:
    sold = [replace(one, at=datetime(2026, 11, 30, 12, tzinfo=UTC), amount=abs(one.amount)) for one in ledger]
    part = {"team": "noord", "from": f"2026-11-{first:02d}", "fte": fte}
    both = {"prorate": ["days", "fte"], "prorate_what": ["incentive", "target"]}
    prorated = told(component(curve=LINEAR), sanne={"memberships": [part]}, ledger=sold, **both)
    whole = told(component(curve=LINEAR), ledger=sold)
    assert exact(prorated, "2026-11") == exact(whole, "2026-11")


@settings(max_examples=25)
@given(ledgers(), st.sampled_from(["to_date", "whole"]))
def test_the_payments_of_a_year_to_date_sum_to_the_years_payout(ledger: list[Credit], against: str) -> None:
    curve = {"kind": "marginal", "tiers": [{"from": "0", "rate": "1"}, {"from": "1", "rate": "1.5"}], "cap": "none"}
    wanted = [*TARGETS, {"rep": "sanne", "period": "2026", "amount": "120000"}]
    monthly = told(component(curve=curve, accumulate="year", against=against), targets=wanted, ledger=ledger)
    yearly = told(component(curve=curve), targets=wanted, ledger=ledger, period="year", target_incentive="12000")
    assert sum(exact(monthly, month) for month in MONTHS) == exact(yearly, "2026")
    assert sum(cents(monthly, month) for month in MONTHS) == cents(yearly, "2026")


@settings(max_examples=25)
@given(ledgers())
def test_running_over_a_year_in_slices_is_the_year_to_date(ledger: list[Credit]) -> None:
    sold = [replace(one, amount=abs(one.amount), subject=f"deal:{one.seq}") for one in ledger]
    running = component(rate="1", resets="year", curve={**WINS, "tiers": TIERS, "deal_cap": "none"}, **SLICED)
    to_date = component(rate="1", accumulate="year", curve={**WINS, "tiers": TIERS})
    for month in MONTHS:
        assert exact(told(running, ledger=sold), month) == exact(told(to_date, ledger=sold), month)


@settings(max_examples=25)
@given(ledgers(), st.integers(0, 9))
def test_reversing_a_deal_restores_the_earlier_figures(ledger: list[Credit], n: int) -> None:
    once = [replace(one, subject=f"deal:{one.seq}", rep="sanne", team="noord") for one in ledger]
    one = line(99, 500_000, at=datetime(2026, 1 + n, 10, 12, tzinfo=UTC), subject="deal:late")
    back = [*once, one, replace(one, seq=100, amount=-one.amount)]
    parts = [
        component("year", weight="0.5", curve=LINEAR, accumulate="year", against="to_date"),
        component("own", weight="0.5", curve=LINEAR),
        component("running", rate="1", resets="year", curve={**WINS, "kind": "whole", "boundary": "upper",
                  "tiers": TIERS, "deal_cap": "none"}, **RUNNING),
        component("held", **HELD),
    ]  # fmt: skip
    for month in MONTHS[n : n + 2]:
        before, after = (told(*parts, ledger=lines).statement(month).lines for lines in (once, back))
        assert [each.unrounded for each in before] == [each.unrounded for each in after]


@settings(max_examples=25)
@given(ledgers(["revenue", "paid"]), st.sampled_from(["at_once", "as_it_comes"]))
def test_what_waits_and_what_comes_free_add_up_to_what_was_earned(ledger: list[Credit], release: str) -> None:
    own = [replace(one, amount=abs(one.amount)) for one in ledger if one.rep == "sanne"]
    all_paid = [
        line(1000 + n, 10**9, at=datetime(2027, 3, 1, 12, tzinfo=UTC), metric="paid", subject=f"deal:D-{n}")
        for n in range(1, 5)
    ]
    holdback: dict[str, Any] = {"holdback": {"share": "0.3", "until": "paid", "release": release}}
    held = told(component(rate="0.05", **holdback), ledger=[*own, *all_paid])
    free = told(component(rate="0.05"), ledger=own)
    until = [*MONTHS, "2027-01", "2027-02", "2027-03"]
    assert sum(exact(held, month) for month in until) == sum(exact(free, month) for month in until)
    assert sum(cents(held, month) for month in until) == sum(cents(free, month) for month in until)


@settings(max_examples=25)
@given(ledgers(), st.sets(st.integers(1, 28), min_size=2, max_size=2))
def test_a_mentor_changes_no_other_line(ledger: list[Credit], pair: set[int]) -> None:
    first, last = sorted(pair)
    mentor = {"rep": "sanne", "from": f"2026-11-{first:02d}", "to": f"2026-11-{last:02d}"}
    parts = (
        component("own", weight="0.5", curve=LINEAR),
        component("team", "team", weight="0.5", curve=LINEAR),
        component("mentor", "mentees", mentees={"share": "0.1"}, rate="0.05"),
    )

    def lines(mentors: Sequence[Mapping[str, str]], rep: str) -> dict[str, Fraction]:
        bram = {"id": "bram", "name": "Bram", "memberships": [{"team": "noord", "from": "2026-01-01"}]}
        targets = [*TARGETS, {"rep": "bram", "period": "2026-11", "amount": "10000"}]
        story = told(*parts, ledger=ledger, others=[{**bram, "mentors": mentors}], targets=targets)
        return {one.component.id: one.unrounded for one in story.statement("2026-11", rep).lines}

    for rep in ("sanne", "bram"):
        guided, alone = lines([mentor], rep), lines([], rep)
        assert {**guided, "mentor": alone["mentor"]} == alone
        assert rep == "sanne" or guided == alone


@given(days, st.integers(0, 400), st.sets(days, max_size=8))
def test_working_days_are_counted_as_by_hand(first: date, length: int, holidays: set[date]) -> None:
    each = [first + timedelta(days=n) for n in range(length)]
    by_hand = sum(day.weekday() < 5 and day not in holidays for day in each)
    assert working_days(first, first + timedelta(days=length), frozenset(holidays)) == by_hand


@settings(max_examples=15, deadline=None)
@given(ledgers(["revenue", "paid"], 20), st.sampled_from(["2026-02", "2026-11"]))
def test_the_books_and_the_ledger_in_memory_give_the_same_results(ledger: list[Credit], period: str) -> None:
    curve = {**WINS, "tiers": TIERS, "deal_cap": "none"}
    bram = {"id": "bram", "name": "Bram", "memberships": [{"team": "noord", "from": "2026-01-01"}]}
    career = [{"team": "noord", "from": "2026-01-01", "to": "2026-02-11"}, {"team": "zuid", "from": "2026-02-11"}]
    everything = told(
        component("a", rate="1", resets="year", curve=curve, **SLICED),
        component("b", rate="0.05", accumulate="quarter"),
        component("c", "mentees", mentees={"share": "0.1"}, rate="0.05"),
        component("d", **HELD),
        transfers="segments",
        sanne={"memberships": career},
        others=[{**bram, "mentors": [{"rep": "sanne", "from": "2026-02-05"}]}],
    )
    when = periods.parse(period)
    with TemporaryDirectory() as folder:
        books = Books.open(f"sqlite:///{Path(folder) / 'commission.db'}")
        books.migrate()
        books.apply(by_partition(ledger), NOW)
        with books.page() as page:
            for rep in (None, everything.league.roster.reps["sanne"]):
                kept = gather(page, everything.league, when, rep)
                assert kept == gather(notebook(ledger), everything.league, when, rep)
        books.close()
