"""Plans: what they say, and every question that an incomplete or contradictory one must answer."""

from __future__ import annotations

import re
from contextlib import suppress
from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.league import BadDocument
from shared.contracts.plan import Curve, Limit, Point, Tier
from shared.contracts.plans import parse_plans

EXAMPLE = orjson.loads((Path(__file__).parent / "examples" / "plans.json").read_bytes())
PLAN = EXAMPLE["plans"][0]
LINEAR = {"kind": "linear", "cap": "none"}
ROUNDING = {"of": "line", "mode": "half_up"}
LEAVING = {
    "leavers": {"unpaid": "paid", "reversals_after": "recovered"},
    "late": {"adjust_within": "12 months", "then": "refused"},
}
OWN, TEAM, DEALS = (f"/plans/0/components/{i}" for i in range(3))
GONE = object()


@pytest.fixture
def body() -> Any:
    return deepcopy(EXAMPLE)


def problems(body: Any) -> dict[str, str]:
    with pytest.raises(BadDocument) as caught:
        parse_plans(body, strict=True)
    return {problem.pointer: problem.message for problem in caught.value.problems}


def changed(body: Any, pointer: str, value: Any) -> Any:
    *path, last = [int(step) if step.isdigit() else step for step in pointer.split("/")[1:]]
    part = body
    for step in path:
        part = part[step]
    if value is GONE:
        del part[last]
    else:
        part[last] = value
    return body


def test_a_plan_says_who_is_paid_for_what(body: Any) -> None:
    [plan] = parse_plans(body, strict=True).plans
    own, team, deals = plan.components
    assert (plan.incentive_of("sanne"), plan.incentive_of("bram")) == (120000, 100000)
    assert own.curve == Curve("linear", "attainment", Limit(Fraction(2), money=False))
    tiers = (Tier(Fraction(0), Fraction(1)), Tier(Fraction(1), Fraction(3, 2)))
    assert team.curve == Curve("marginal", "attainment", Limit(Fraction(3, 2), money=False), tiers)
    assert (own.weight, own.rate, deals.weight, deals.rate) == (Fraction(1, 2), None, None, Fraction(25))


def test_a_bare_rate_is_the_rate_times_the_amount(body: Any) -> None:
    assert parse_plans(body).plans[0].components[2].curve == Curve("linear", "amount", None)


def test_points_are_read_in_their_order(body: Any) -> None:
    points = [{"at": "0", "pays": "0"}, {"at": "1", "pays": "1"}]
    changed(body, f"{OWN}/curve", {"kind": "interpolated", "points": points, "beyond": "slope", "cap": "none"})
    read = (Point(Fraction(0), Fraction(0)), Point(Fraction(1), Fraction(1)))
    assert parse_plans(body).plans[0].components[0].curve == Curve(
        "interpolated", "attainment", None, (), read, "slope"
    )


def test_the_plan_that_names_a_rep_goes_before_that_of_the_team(body: Any) -> None:
    body["plans"].append({**PLAN, "id": "sanne-alleen", "who": {"reps": ["sanne"]}})
    plans = parse_plans(body, strict=True)
    assert [plan and plan.id for plan in (plans.of("sanne", "noord"), plans.of("bram", "noord"))] == [
        "sanne-alleen",
        "verkoop-2026",
    ]
    assert plans.of("bram", "oost") is None


@pytest.mark.parametrize("third", ["1/3", "2/6"])
def test_weights_of_a_third_sum_to_exactly_one(body: Any, third: str) -> None:
    parts = [
        {"id": f"c{i}", "scope": "individual", "metric": "revenue", "weight": third, "curve": LINEAR} for i in "abc"
    ]
    changed(body, "/plans/0/components", parts)
    assert sum(part.weight or 0 for part in parse_plans(body).plans[0].components) == 1


@pytest.mark.parametrize(
    ("pointer", "value", "where", "said"),
    [
        # questions that an incomplete plan leaves open
        (f"{OWN}/curve/cap", GONE, f"{OWN}/curve/cap", "is there a most that this pays"),
        (f"{OWN}/curve/kind", GONE, f"{OWN}/curve/kind", "marginal .* whole"),
        (f"{OWN}/curve", GONE, f"{OWN}/curve", "how does the result turn into pay?"),
        (f"{OWN}/scope", GONE, f"{OWN}/scope", "whose result counts?"),
        (f"{OWN}/metric", GONE, f"{OWN}/metric", "which metric counts?"),
        (f"{OWN}/weight", GONE, OWN, "weight .* amount .* rate .* pool"),
        (f"{TEAM}/curve/tiers", GONE, f"{TEAM}/curve/tiers", "which tiers?"),
        (f"{TEAM}/curve/tiers/0/from", GONE, f"{TEAM}/curve/tiers/0/from", "where does the tier begin?"),
        (f"{TEAM}/curve/tiers/0/rate", GONE, f"{TEAM}/curve/tiers/0/rate", "what does a unit inside the tier count?"),
        (f"{DEALS}/curve", LINEAR, f"{DEALS}/curve/over", "attainment .* or amount"),
        ("/plans/0/combine", GONE, "/plans/0/combine", "how do the components come together?"),
        ("/plans/0/prorate", GONE, "/plans/0/prorate", "what shrinks the target incentive?"),
        ("/plans/0/team_attainment", GONE, "/plans/0/team_attainment", "how is the team's attainment made?"),
        ("/plans/0/target_incentive", GONE, "/plans/0/target_incentive", "how much is paid at 100 %?"),
        ("/plans/0/who", {"teams": []}, "/plans/0/who", "names nobody"),
        ("/plans/0/who", GONE, "/plans/0/who", "who is in the plan?"),
        ("/plans/0/period", GONE, "/plans/0/period", "for which period?"),
        ("/plans/0/currency", GONE, "/plans/0/currency", "in which currency?"),
        ("/plans/0/components", [], "/plans/0/components", "has no component"),
        # contradictions
        (f"{OWN}/weight", "0.6", "/plans/0/components", "sum to 11/10, not to 1"),
        (f"{OWN}/weight", "0.3333", "/plans/0/components", "not to 1"),
        (f"{OWN}/weight", "0", f"{OWN}/weight", "is 0"),
        (f"{OWN}/rate", "0.05", OWN, "exactly one of them"),
        (f"{OWN}/curve/over", "amount", f"{OWN}/curve/over", "a weight pays by attainment"),
        (f"{OWN}/curve/cap", "0.9", f"{OWN}/curve/cap", "is the target incentive not paid at 100 %?"),
        (f"{OWN}/curve/tiers", [{"from": "0", "rate": "1"}], f"{OWN}/curve/tiers", "as marginal or as whole"),
        (f"{OWN}/curve/points", [{"at": "0", "pays": "0"}], f"{OWN}/curve/points", "is interpolated meant"),
        (f"{OWN}/curve/beyond", "flat", f"{OWN}/curve/beyond", "has no last point"),
        (f"{OWN}/curve/kind", "cumulative", f"{OWN}/curve/kind", "marginal .* whole"),
        (f"{TEAM}/curve/tiers/0/from", "0.1", f"{TEAM}/curve/tiers/0/from", "what is paid below it?"),
        (f"{TEAM}/curve/tiers/1/from", "0", f"{TEAM}/curve/tiers/1/from", "tiers ascend"),
        (f"{TEAM}/curve/tiers/0/to", "0.9", f"{TEAM}/curve/tiers/0/to", "which rate holds in between?"),
        (f"{TEAM}/curve/tiers/1/to", "2", f"{TEAM}/curve/tiers/1/to", "the last tier is open-ended"),
        (f"{TEAM}/id", "eigen", f"{TEAM}/id", "stands here twice"),
        ("/plans/0/currency", "euro", "/plans/0/currency", "no ISO 4217"),
        ("/plans/0/target_incentive", "1000.005", "/plans/0/target_incentive", "more than 2 decimals of EUR"),
        ("/plans/0/incentives/sanne", "0.001", "/plans/0/incentives/sanne", "more than 2 decimals of EUR"),
        # values that cannot be read
        (f"{OWN}/weight", "half", f"{OWN}/weight", "is no number of 0 or more"),
        (f"{OWN}/weight", True, f"{OWN}/weight", "is no number of 0 or more"),
        (f"{OWN}/weight", "1/0", f"{OWN}/weight", "is no number of 0 or more"),
        (f"{OWN}/weight", "-0.5", f"{OWN}/weight", "is no number of 0 or more"),
        (f"{OWN}/weight", "1e999999", f"{OWN}/weight", "is no number of 0 or more"),
        (f"{OWN}/curve/cap", "nothing", f"{OWN}/curve/cap", "is no number of 0 or more"),
        ("/plans/0/combine", "max", "/plans/0/combine", "combine: add"),
        ("/plans/0/prorate", ["weeks"], "/plans/0/prorate/0", "what shrinks"),
        ("/plans/0/incentive", "1000", "/plans/0/incentive", "is not known here"),
    ],
)
def test_an_open_or_contradictory_plan_is_refused_with_the_question(
    body: Any, pointer: str, value: Any, where: str, said: str
) -> None:
    found = problems(changed(body, pointer, value))
    assert re.search(said, found.get(where, "")), found


def test_points_must_ascend_from_zero_and_say_what_comes_after(body: Any) -> None:
    points = [{"at": "0.5", "pays": "0"}, {"at": "0.5", "pays": "1"}]
    changed(body, f"{OWN}/curve", {"kind": "interpolated", "points": points, "cap": "none"})
    assert problems(body).keys() == {f"{OWN}/curve/points/0/at", f"{OWN}/curve/points/1/at", f"{OWN}/curve/beyond"}


def test_one_point_is_no_line(body: Any) -> None:
    changed(body, f"{OWN}/curve", {"kind": "interpolated", "points": [], "beyond": "flat", "cap": "none"})
    assert "at least two" in problems(body)[f"{OWN}/curve/points"]


def test_every_problem_of_every_plan_is_named_at_once(body: Any) -> None:
    changed(body, f"{OWN}/weight", "0.7")
    changed(body, f"{TEAM}/curve/cap", GONE)
    changed(body, "/plans/0/prorate", GONE)
    body["plans"].append({**PLAN, "id": "verkoop-2026", "combine": "sum", "who": {"teams": ["zuid", "oost"]}})
    assert problems(body).keys() == {
        "/plans/0/components",
        f"{TEAM}/curve/cap",
        "/plans/0/prorate",
        "/plans/1/id",
        "/plans/1/combine",
    }


def test_a_team_or_rep_is_in_one_plan_only(body: Any) -> None:
    body["plans"].append({**PLAN, "id": "tweede", "who": {"teams": ["zuid"], "reps": []}})
    assert problems(body) == {"/plans/1/who/teams": "zuid is in verkoop-2026 as well: which of the two pays?"}


def test_a_team_may_have_a_plan_by_the_month_and_one_by_the_year(body: Any) -> None:
    body["plans"].append({**PLAN, "id": "jaar", "period": "year"})
    plans = parse_plans(body, strict=True)
    chosen = [plans.of("bram", "noord", kind) for kind in ("month", "year", "quarter")]
    assert [plan and plan.id for plan in chosen] == ["verkoop-2026", "jaar", "verkoop-2026"]


def test_a_target_incentive_that_nothing_uses_is_a_question(body: Any) -> None:
    body["plans"][0]["components"] = [PLAN["components"][2]]
    assert "is used by no component" in problems(body)["/plans/0/target_incentive"]


def test_only_choices_that_matter_are_asked_for() -> None:
    deals = {"id": "deals", "scope": "individual", "metric": "deals", "rate": "25"}
    plan = {"id": "p", "who": {"teams": ["noord"]}, "period": "month", "currency": "EUR", "components": [deals],
            "rounding": ROUNDING, **LEAVING}  # fmt: skip
    [read] = parse_plans({"plans": [plan]}, strict=True).plans
    assert (read.target_incentive, read.prorate, read.team_attainment) == (None, frozenset(), None)


def test_money_follows_the_decimals_of_its_currency(body: Any) -> None:
    changed(body, "/plans/0/currency", "JPY")
    assert parse_plans(body).plans[0].target_incentive == 1000
    changed(body, "/plans/0/target_incentive", "1000.50")
    assert "more than 0 decimals of JPY" in problems(body)["/plans/0/target_incentive"]


names = st.sampled_from(["id", "who", "teams", "components", "curve", "tiers", "weight", "currency", "incentives"])
shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(shapes)
def test_whatever_is_sent_is_read_or_refused(anything: Any) -> None:
    for body in ({"plans": anything}, {"plans": [anything]}, {"plans": [{**PLAN, "components": [anything]}]}):
        with suppress(BadDocument):
            parse_plans(body, strict=True)
