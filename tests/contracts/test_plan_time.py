"""What a plan says about time, people and currencies, and every question about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from shared.contracts.league import BadDocument
from shared.contracts.plans import parse_plans
from shared.contracts.timing import Exchange, ExchangeRate, Guarantee, Holdback, Late, Leavers, Proration, Ramp
from tests.commission.office import LINEAR, component, plan

CAPPED = {"kind": "linear", "cap": "2", "excess": "lost"}
RAMP = {
    "share_of_target": ["0.5", "3/4"],
    "from": "start",
    "months": "calendar",
    "incentive": "full",
    "team_target": "kept",
}
RATE = {"from": "USD", "to": "EUR", "rate": "0.92", "on": "2026-01-02", "source": "ECB"}
RUNNING = {"accumulate": "running", "order": "time", "reversals": "rerate"}
HOLDBACK = {"share": "0.3", "until": "paid", "release": "at_once"}
TIERS = {
    "kind": "marginal",
    "over": "amount",
    "rates": "multiple",
    "tiers": [{"from": "0", "rate": "1"}],
    "cap": "none",
}
GONE = object()


def parsed(*components: Mapping[str, Any], **more: Any) -> Any:
    said = {name: value for name, value in plan(*components, **more).items() if value is not GONE}
    return parse_plans({"plans": [said]}, strict=True).plans[0]


def problems(*components: Mapping[str, Any], **more: Any) -> dict[str, str]:
    with pytest.raises(BadDocument) as refused:
        parsed(*(components or [component()]), **more)
    return {problem.pointer.removeprefix("/plans/0/"): problem.message for problem in refused.value.problems}


def test_everything_about_time_is_read() -> None:
    read = parsed(
        component(curve=CAPPED, holdback=HOLDBACK, mentees={"share": "0.1"}),
        prorate_what=["incentive", "target"],
        days="working",
        holidays=["2026-12-25"],
        leave={"shrinks": ["unpaid"]},
        factor=4,
        transfers="segments",
        ramp=RAMP,
        guarantee={"amount": "500.50", "until": "2027-01-01", "prorated": "yes"},
        exchange=[RATE],
    )
    time = read.time
    assert time.proration == Proration(
        frozenset({"incentive", "target"}),
        "working",
        frozenset({date(2026, 12, 25)}),
        "shrinks",
        frozenset({"unpaid"}),
        4,
    )
    assert (time.transfers, time.ramp) == (
        "segments", Ramp((Fraction(1, 2), Fraction(3, 4)), "start", "calendar", "full", "kept")
    )  # fmt: skip
    assert (time.leavers, time.late) == (Leavers("paid", "recovered"), Late(12, "refused"))
    assert time.guarantee == Guarantee(50050, date(2027, 1, 1), prorated=True)
    assert time.exchange == Exchange((ExchangeRate("USD", "EUR", Fraction(23, 25), date(2026, 1, 2), "ECB"),), "fixed")
    assert (read.components[0].holdback, read.components[0].mentees) == (
        Holdback(Fraction(3, 10), "paid", "at_once"), Fraction(1, 10)
    )  # fmt: skip


@pytest.mark.parametrize("name", ["leavers", "late", "prorate_what", "days", "leave", "factor"])
def test_each_choice_that_matters_is_asked_for(name: str) -> None:
    assert problems(**{name: GONE}).keys() == {name}


def test_a_plan_that_prorates_nothing_is_asked_nothing_about_days() -> None:
    silent = dict.fromkeys(["prorate_what", "days", "leave", "factor", "transfers"], GONE)
    assert parsed(component(), prorate=[], **silent).time.proration.what == frozenset()


def test_transfers_are_asked_where_parts_are_paid_differently_from_the_whole() -> None:
    assert problems(component(curve=CAPPED), transfers=GONE).keys() == {"transfers"}
    assert parsed(component(curve=LINEAR), transfers=GONE).time.transfers == "whole"
    assert parsed(component(curve=CAPPED), transfers=GONE, who={"teams": ["noord"]}).time.transfers == "whole"


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({"days": "working"}, {"holidays": "which days are no working days"}),
        ({"days": "weekdays"}, {"days": "calendar, or working"}),
        ({"leave": {"shrinks": []}}, {"leave": "does leave count"}),
        ({"factor": 13}, {"factor": "how exact"}),
        ({"factor": True}, {"factor": "how exact"}),
        ({"prorate_what": ["pay"]}, {"prorate_what/0": "what shrinks"}),
        ({"leavers": {"unpaid": "paid"}}, {"leavers/reversals_after": "reversal after somebody left"}),
        ({"leavers": {"reversals_after": "recovered"}}, {"leavers/unpaid": "paid or forfeited"}),
        ({"late": {"then": "refused"}}, {"late/adjust_within": "how long after"}),
        ({"late": {"adjust_within": "a year", "then": "refused"}}, {"late/adjust_within": "is no length"}),
        ({"late": {"adjust_within": "1 month"}}, {"late/then": "later still"}),
        ({"ramp": {**RAMP, "share_of_target": []}}, {"ramp/share_of_target": "newcomer"}),
        ({"ramp": {**RAMP, "share_of_target": ["0"]}}, {"ramp/share_of_target/0": "no attainment"}),
        ({"guarantee": {"amount": "500.005", "until": "none", "prorated": "no"}}, {"guarantee/amount": "decimals"}),
        (
            {"guarantee": {"amount": "500", "until": "none", "prorated": "no", "first": "three"}},
            {"guarantee/first": "is no length"},
        ),
        ({"guarantee": {"amount": "500"}}, {"guarantee/until": "how long", "guarantee/prorated": "yes or no"}),
        ({"exchange": [{**RATE, "from": "usd"}]}, {"exchange/0/from": "ISO 4217"}),
        ({"exchange": [{**RATE, "to": "USD"}]}, {"exchange/0/to": "same currency"}),
        ({"exchange": [{**RATE, "rate": "0"}]}, {"exchange/0/rate": "is 0"}),
        ({"exchange": [RATE, {**RATE, "on": "2026-02-02"}]}, {"exchange_at": "USD to EUR has 2 rates"}),
        (
            {"exchange": [RATE, {**RATE, "rate": "0.9"}], "exchange_at": "event"},
            {"exchange/1/on": "has a rate already"},
        ),
    ],
)
def test_what_is_open_or_contradicts_itself_is_refused(more: dict[str, Any], asked: dict[str, str]) -> None:
    found = problems(**more)
    assert found.keys() == asked.keys()
    assert all(asked[pointer] in message for pointer, message in found.items())


@pytest.mark.parametrize("part", ["from", "months", "incentive", "team_target"])
def test_a_ramp_leaves_nothing_open(part: str) -> None:
    assert problems(ramp={name: value for name, value in RAMP.items() if name != part}).keys() == {f"ramp/{part}"}


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({"curve": LINEAR, "accumulate": "year"}, {"against": "held against"}),
        ({"rate": "1", "curve": TIERS, **RUNNING}, {"resets": "begin again"}),
        ({"holdback": {"share": "0.3", "until": "paid"}}, {"holdback/release": "come free"}),
        ({"holdback": {**HOLDBACK, "share": "1.5"}}, {"holdback/share": "between 0 and 1"}),
        ({"rate": "0.05", "accumulate": "quarter", "holdback": HOLDBACK}, {"holdback": "quarter to date"}),
        ({"scope": "organisation", "holdback": HOLDBACK}, {"holdback": "only an individual or a team"}),
        ({"scope": "mentees", "rate": "0.05"}, {"mentees": "which part"}),
        ({"scope": "team", "mentees": {"share": "0.1"}}, {"mentees": "never for a team"}),
        ({"scope": "mentees", "mentees": {"share": "0.1"}}, {"scope": "over amount"}),
    ],
)  # fmt: skip
def test_a_component_leaves_nothing_open(more: dict[str, Any], asked: dict[str, str]) -> None:
    found = {pointer.removeprefix("components/0/"): said for pointer, said in problems(component(**more)).items()}
    assert asked.keys() <= found.keys(), found
    assert all(asked[pointer] in found[pointer] for pointer in asked)


@pytest.mark.parametrize(("accumulate", "period"), [("year", "week"), ("quarter", "quarter"), ("year", "year")])
def test_what_adds_up_needs_shorter_payment_periods(accumulate: str, period: str) -> None:
    found = problems(component(rate="0.05", accumulate=accumulate), period=period)
    assert "needs payment periods inside it" in found["components/0/accumulate"]


def test_segments_cannot_be_multiplied() -> None:
    factors = [component(name, curve={**LINEAR, "over": "attainment"}) for name in ("a", "b")]
    bare = [{name: value for name, value in factor.items() if name != "weight"} for factor in factors]
    found = problems(*bare, combine="multiply", transfers="segments", target_incentive="1000")
    assert "cannot be multiplied" in found["transfers"]
