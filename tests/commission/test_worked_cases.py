"""Worked cases: each with its arithmetic in words, computed by hand and held against the statement to the cent.

Unless a case says otherwise: November 2026 (30 days), target incentive EUR 1,000, own target EUR 10,000, team
target EUR 50,000, Sanne in team Noord all month, prorated by days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest

from tests.commission.office import LINEAR, WHOLE_YEAR, Office, component, plan, targets

HALF: dict[str, Any] = {"weight": "0.5", "curve": LINEAR}
FIFTY_FIFTY = (component("own", **HALF), component("team", "team", **HALF))
CAPPED = {"kind": "linear", "cap": "2.0", "excess": "lost"}
TRANSFER = [{"team": "noord", "from": "2026-01-01", "to": "2026-11-11"}, {"team": "zuid", "from": "2026-11-11"}]


def marginal(*tiers: tuple[str, str], cap: str = "none", **more: str) -> dict[str, Any]:
    return {"kind": "marginal", "tiers": [{"from": a, "rate": b} for a, b in tiers], **limit(cap), **more}


def limit(cap: str) -> dict[str, str]:
    return {"cap": cap} if cap == "none" else {"cap": cap, "excess": "lost"}


def whole(*tiers: tuple[str, str], cap: str = "none", **more: str) -> dict[str, Any]:
    return {**marginal(*tiers, cap=cap, **more), "kind": "whole", "boundary": "upper"}


def points(*at: tuple[str, str], beyond: str = "flat", cap: str = "none", **more: str) -> dict[str, Any]:
    listed = [{"at": a, "pays": b} for a, b in at]
    return {"kind": "interpolated", "points": listed, "beyond": beyond, **limit(cap), **more}


ACCELERATED = marginal(("0", "1"), ("1", "1.5"), ("1.5", "2"))
CLIFF = whole(("0", "0"), ("0.8", "0.5"), ("1", "1"), ("1.2", "1.5"))
ODOO = points(("0", "0"), ("0.5", "0"), ("1", "1"))
MULTIPLE = {"rates": "multiple"}
GRADED_RATE = marginal(("0", "1"), ("20000", "1.6"), over="amount", **MULTIPLE)

WHOLE_RATE = whole(("0", "1"), ("20000", "1.6"), over="amount", **MULTIPLE)


@dataclass(frozen=True)
class Case:
    words: str
    components: Sequence[Mapping[str, Any]]
    pays: str
    own: str = "0"
    noord: str = "0"
    zuid: str = "0"
    deals: str = "0"
    lines: Sequence[int] | None = None
    plan: Mapping[str, Any] = field(default_factory=dict)
    memberships: Sequence[Mapping[str, Any]] = field(default_factory=lambda: WHOLE_YEAR)
    targets: Mapping[str, str] = field(default_factory=lambda: {"sanne": "10000", "noord": "50000", "zuid": "40000"})
    in_days: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    later: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def one(words: str, own: str, pays: str, curve: Mapping[str, Any], **more: Any) -> Case:
    """A single individual component of the whole target incentive."""
    return Case(words, [component(curve=curve)], pays, own=own, **more)


CASES = [
    # half on the seller, half on the team
    Case(
        "own 12,000 of 10,000 is 120 %, team 45,000 of 50,000 is 90 %: 500 x 1.2 + 500 x 0.9 = 600 + 450",
        FIFTY_FIFTY, "1050.00", own="12000", noord="45000", lines=[60000, 45000],
    ),
    Case("nobody sold: 500 x 0 + 500 x 0", FIFTY_FIFTY, "0.00", lines=[0, 0]),
    Case("both exactly at 100 %: the target incentive", FIFTY_FIFTY, "1000.00", own="10000", noord="50000"),
    Case(
        "weights of a third each: own 100 % twice and team 50 % give 333.33 + 333.33 + 166.67, each rounded once",
        [component("a", weight="1/3"), component("b", weight="1/3"), component("c", "team", weight="1/3")],
        "833.33", own="10000", noord="25000", lines=[33333, 33333, 16667],
    ),
    Case(
        "70/30: 700 x 0.5 + 300 x 1.1 = 350 + 330",
        [component("own", weight="0.7"), component("team", "team", weight="0.3")],
        "680.00", own="5000", noord="55000", lines=[35000, 33000],
    ),
    Case(
        "own incentive 1,200 instead of 1,000: 600 x 1.2 + 600 x 0.9 = 720 + 540",
        FIFTY_FIFTY, "1260.00", own="12000", noord="45000", plan={"incentives": {"sanne": "1200"}},
    ),
    # linear and its cap
    one("7,777.77 of 10,000: 1,000 x 0.777777 = 777.777, rounded to 777.78", "7777.77", "777.78", LINEAR),
    one("half a cent goes up: 0.05 of 10,000 is 0.000005 x 1,000 = 0.005", "0.05", "0.01", LINEAR),
    one("just below half a cent goes down: 0.04 of 10,000 is 0.004", "0.04", "0.00", LINEAR),
    one("250 % capped at 200 %: 1,000 x 2", "25000", "2000.00", {"kind": "linear", "cap": "2.0", "excess": "lost"}),
    one("exactly at the cap of 200 %: 1,000 x 2", "20000", "2000.00", CAPPED),
    one("a target of 30,000 makes 10,000 a third: 333.333… rounded to 333.33", "10000", "333.33", LINEAR,
        targets={"sanne": "30000"}),
    one("a result below zero counts as zero", "-500", "0.00", LINEAR),
    # marginal tiers: each rate on its own slice
    one("90 %: all of it in the first slice, 1,000 x 0.9", "9000", "900.00", ACCELERATED),
    one("exactly 100 %: the second slice is empty, 1,000 x 1", "10000", "1000.00", ACCELERATED),
    one("120 %: 1.0 x 1 + 0.2 x 1.5 = 1.3", "12000", "1300.00", ACCELERATED),
    one("180 %: 1.0 x 1 + 0.5 x 1.5 + 0.3 x 2 = 2.35", "18000", "2350.00", ACCELERATED),
    one("180 % capped at 150 %: 2.35 becomes 1.5", "18000", "1500.00",
        marginal(("0", "1"), ("1", "1.5"), ("1.5", "2"), cap="1.5")),
    one("excess only: nothing below 80 %, then 5 for 1: 90 % pays 0.1 x 5 = 0.5", "9000", "500.00",
        marginal(("0", "0"), ("0.8", "5"))),
    one("slower above 150 %: 1.5 x 1 + 0.5 x 0.5 = 1.75", "20000", "1750.00", marginal(("0", "1"), ("1.5", "0.5"))),
    # whole tiers: the reached rate on everything
    one("79.99 % is below the threshold: 0.7999 x 0", "7999", "0.00", CLIFF),
    one("exactly 80 % is in the tier from 80 %: 0.8 x 0.5 = 0.4", "8000", "400.00", CLIFF),
    one("99.99 %: 0.9999 x 0.5 = 0.49995, so 499.95", "9999", "499.95", CLIFF),
    one("100 %: 1 x 1, the jump", "10000", "1000.00", CLIFF),
    one("130 %: 1.3 x 1.5 = 1.95", "13000", "1950.00", CLIFF),
    # straight between points
    one("75 % lies halfway between 50 % (0) and 100 % (1): 0.5", "7500", "500.00", ODOO),
    one("beyond the last point flat: 140 % pays 1", "14000", "1000.00", ODOO),
    one("beyond the last point on the slope 2: 120 % pays 1 + 0.2 x 2 = 1.4", "12000", "1400.00",
        points(("0", "0"), ("0.5", "0"), ("1", "1"), beyond="slope")),
    one("a point that pays at zero: 25 % between 0 (0.2) and 1 (1) pays 0.2 + 0.25 x 0.8 = 0.4", "2500", "400.00",
        points(("0", "0.2"), ("1", "1"))),
    one("between 80 % (0.5) and 100 % (1): 90 % pays 0.5 + 0.1 x 2.5 = 0.75", "9000", "750.00",
        points(("0", "0"), ("0.8", "0.5"), ("1", "1"))),
    # a rate instead of a weight
    Case("5 % of 12,345.67 is 617.2835, rounded to 617.28", [component(rate="0.05")], "617.28", own="12345.67"),
    Case("25 a deal: 7 x 25", [component(metric="deals", rate="25.00")], "175.00", deals="7"),
    Case(
        "5 % up to 20,000 and 1.6 times that above: 20,000 + 10,000 x 1.6 = 36,000 x 0.05 = 1,800",
        [component(rate="0.05", accumulate="period", curve=GRADED_RATE)], "1800.00", own="30000",
    ),
    Case(
        "8 % on everything once 20,000 is reached: 30,000 x 1.6 x 0.05 = 2,400",
        [component(rate="0.05", accumulate="period", curve=WHOLE_RATE)],
        "2400.00", own="30000",
    ),
    Case(
        "10 % of 30,000 is 3,000, at most 2,500",
        [component(rate="0.1", accumulate="period", curve={**CAPPED, "over": "amount", "cap": "2500"})],
        "2500.00", own="30000",
    ),
    Case(
        "5 % with an accelerator over attainment: 12,000 is 120 %, (1 x 1 + 0.2 x 1.5) ÷ 1.2 on average, "
        "12,000 x 0.05 x 1.3 ÷ 1.2 = 650",
        [component(rate="0.05", accumulate="period", curve={**ACCELERATED, **MULTIPLE, "over": "attainment"})],
        "650.00", own="12000",
    ),
    Case("1 % of the team's 45,000", [component("team", "team", rate="0.01")], "450.00", noord="45000"),
    Case(
        "half the incentive on attainment and 25 a deal beside it: 1,000 x 0.9 + 4 x 25",
        [component("own"), component("deals", metric="deals", rate="25")], "1000.00",
        own="9000", deals="4", lines=[90000, 10000],
    ),
    # time: hired, part-time, transferred, plan changed
    Case(
        "hired on the 16th: 15 of 30 days, 1,000 x 0.5 x 0.8 (the target of 10,000 was set for her)",
        [component()], "400.00", own="8000", memberships=[{"team": "noord", "from": "2026-11-16"}],
    ),
    Case(
        "hired on the 16th and nothing prorates: 1,000 x 0.8",
        [component()], "800.00", own="8000", plan={"prorate": []},
        memberships=[{"team": "noord", "from": "2026-11-16"}],
    ),
    Case(
        "left after the 9th: 9 of 30 days, 1,000 x 0.3 x 1.0",
        [component()], "300.00", own="10000", memberships=[{"team": "noord", "from": "2026-01-01", "to": "2026-11-10"}],
    ),
    Case(
        "0.8 of a week and the plan does not prorate it: 1,000 x 1",
        [component()], "1000.00", own="10000", memberships=[{"team": "noord", "from": "2026-01-01", "fte": "0.8"}],
    ),
    Case(
        "0.8 of a week and the plan prorates by fte: 1,000 x 0.8 x 1",
        [component()], "800.00", own="10000", memberships=[{"team": "noord", "from": "2026-01-01", "fte": "0.8"}],
        plan={"prorate": ["days", "fte"]},
    ),
    Case(
        "fte from 1 to 0.5 on the 11th: (10 x 1 + 20 x 0.5) ÷ 30 = 2/3 of 1,000, 666.67",
        [component()], "666.67", own="10000", plan={"prorate": ["fte"]},
        memberships=[
            {"team": "noord", "from": "2026-01-01", "to": "2026-11-11"},
            {"team": "noord", "from": "2026-11-11", "fte": "0.5"},
        ],
    ),
    Case(
        "from Noord to Zuid on the 11th: own 500 x 1.2; Noord 90 % for 10 of 30 days, 500 x 1/3 x 0.9 = 150; "
        "Zuid 110 % for 20 of 30, 500 x 2/3 x 1.1 = 366.67",
        FIFTY_FIFTY, "1116.67", own="12000", noord="45000", zuid="44000", memberships=TRANSFER,
        lines=[60000, 15000, 36667],
    ),
    Case(
        "hired into Noord on the 21st, to Zuid on the 26th, nothing prorates: 5 of her 10 days each, "
        "500 + 500 x 0.5 x 0.9 + 500 x 0.5 x 1.1",
        FIFTY_FIFTY, "1000.00", own="10000", noord="45000", zuid="44000", plan={"prorate": []},
        memberships=[
            {"team": "noord", "from": "2026-11-21", "to": "2026-11-26"}, {"team": "zuid", "from": "2026-11-26"},
        ],
        lines=[50000, 22500, 27500],
    ),
    Case(
        "1 % of each team's result for the days in it: 45,000 x 0.01 x 1/3 + 44,000 x 0.01 x 2/3 = 150 + 293.33",
        [component("team", "team", rate="0.01")], "443.33", noord="45000", zuid="44000", memberships=TRANSFER,
        lines=[15000, 29333],
    ),
    Case(
        "a new plan from the 16th, 15 days each: 1,000 x 0.5 x 0.9 + 2,000 x 0.5 x 0.9",
        [component()], "1350.00", own="9000", later={"2026-11-16": [plan(component(), target_incentive="2000")]},
    ),
    Case(
        "5 % before the 16th and 10 % from then on, each on the sales of its own days: 4,000 x 0.05 + 6,000 x 0.1",
        [component(rate="0.05")], "800.00", own="10000", later={"2026-11-16": [plan(component(rate="0.1"))]},
        in_days={
            ("2026-11-01", "2026-11-16", "revenue"): "4000", ("2026-11-16", "2026-12-01", "revenue"): "6000",
        },
        lines=[20000, 60000],
    ),
    # what cannot be computed pays nothing, and the rest is paid
    Case(
        "no team target: the team half pays nothing, the own half 500 x 1.2",
        FIFTY_FIFTY, "600.00", own="12000", noord="45000", targets={"sanne": "10000"}, lines=[60000, 0],
    ),
    Case(
        "a target of zero has no percentage: the own half pays nothing, the team half 500 x 0.9",
        FIFTY_FIFTY, "450.00", own="12000", noord="45000", targets={"sanne": "0", "noord": "50000"}, lines=[0, 45000],
    ),
    Case(
        "dollars in a plan of euros without a rate pay nothing",
        [component(metric="dollars", rate="0.05")], "0.00", lines=[0],
    ),
]  # fmt: skip


def office(case: Case) -> Office:
    return Office(
        plans=[plan(*case.components, **case.plan)],
        targets=targets(**case.targets),
        own={"revenue": case.own, "deals": case.deals},
        teams={("noord", "revenue"): case.noord, ("zuid", "revenue"): case.zuid},
        in_days=case.in_days,
        memberships=case.memberships,
        later_plans=case.later,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.words)
def test_a_worked_case_is_paid_to_the_cent(case: Case) -> None:
    paid = office(case).statement()
    assert paid.totals["EUR"] == int(case.pays.replace(".", "")), [line.steps for line in paid.lines]
    if case.lines is not None:
        assert [line.amount for line in paid.lines] == case.lines


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.words)
def test_a_line_is_rounded_once_from_its_exact_value(case: Case) -> None:
    for line in office(case).statement().lines:
        assert abs(Fraction(line.amount, 100) - line.unrounded) <= Fraction(1, 200)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 25
    assert len({case.words for case in CASES}) == len(CASES)
