"""Refused plans: every question that a plan may leave open, and every contradiction, each with its exact words.

A row changes a sound plan in one place (JSON pointer below the plan; GONE removes): where it is refused, and how.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from shared.contracts import plan_questions as ask
from shared.contracts.league import BadDocument
from shared.contracts.plans import parse_plans
from tests.contracts.sound_plan import PLAN, POINTS, STEPS, TIERS

GONE = object()
OWN, ALONE, RUNNING, POOL, MBO, AT = (f"/components/{i}" for i in range(6))
MODIFIER, REWARD = "/modifiers/0", "/rewards/0"
NAMED = {name: text for name, text in vars(ask).items() if name.startswith("ASK_")}

COLUMNS = {"scope": "team", "metric": "margin", "over": "amount", "from": ["0", "1"], "boundary": "upper"}
OPEN: list[tuple[str, Any, str, str]] = [
    ("/combine", GONE, "/combine", ask.ASK_COMBINE),
    ("/combine", "max", "/combine", ask.ASK_COMBINE),
    ("/team_attainment", GONE, "/team_attainment", ask.ASK_TEAM_ATTAINMENT),
    ("/team_attainment", "mean", "/team_attainment", ask.ASK_TEAM_ATTAINMENT),
    ("/target_incentive", GONE, "/target_incentive", ask.ASK_INCENTIVE),
    ("/prorate", GONE, "/prorate", ask.ASK_PRORATE),
    ("/rounding", GONE, "/rounding", ask.ASK_ROUNDING),
    ("/rounding/of", GONE, "/rounding/of", ask.ASK_ROUNDING),
    ("/rounding/mode", "down", "/rounding/mode", ask.ASK_ROUNDING),
    ("/cap/amount", GONE, "/cap", ask.ASK_LIMIT),
    ("/cap/multiple", "2", "/cap", ask.ASK_LIMIT),
    ("/cap/excess", GONE, "/cap/excess", ask.ASK_EXCESS),
    ("/cap/prorated", GONE, "/cap/prorated", ask.ASK_PRORATED),
    ("/floor/prorated", GONE, "/floor/prorated", ask.ASK_PRORATED),
    # what is paid
    (f"{OWN}/scope", GONE, f"{OWN}/scope", ask.ASK_SCOPE),
    (f"{OWN}/scope", "region", f"{OWN}/scope", ask.ASK_SCOPE),
    (f"{OWN}/weight", GONE, OWN, ask.ASK_BASIS),
    (f"{OWN}/rate", "0.05", OWN, ask.ASK_BASIS),
    (f"{MBO}/rate", "0.05", MBO, ask.ASK_BASIS),
    (f"{ALONE}/rate", "0.05", ALONE, ask.ASK_BASIS),
    (f"{OWN}/curve", GONE, f"{OWN}/curve", ask.ASK_KIND),
    (f"{MBO}/curve", GONE, f"{MBO}/curve", ask.ASK_KIND),
    # curves
    (f"{OWN}/curve/kind", "cumulative", f"{OWN}/curve/kind", ask.ASK_KIND),
    (f"{OWN}/curve/cap", GONE, f"{OWN}/curve/cap", ask.ASK_CAP),
    (f"{OWN}/curve/cap", {"euros": "5"}, f"{OWN}/curve/cap", ask.ASK_CAP),
    (f"{OWN}/curve/excess", GONE, f"{OWN}/curve/excess", ask.ASK_EXCESS),
    (f"{ALONE}/curve/over", GONE, f"{ALONE}/curve/over", ask.ASK_OVER),
    (f"{MBO}/curve/over", GONE, f"{MBO}/curve/over", ask.ASK_OVER),
    (f"{MODIFIER}/curve/over", GONE, f"{MODIFIER}/curve/over", ask.ASK_OVER),
    (f"{MBO}/curve/boundary", GONE, f"{MBO}/curve/boundary", ask.ASK_BOUNDARY),
    (f"{RUNNING}/curve/boundary", GONE, f"{RUNNING}/curve/boundary", ask.ASK_BOUNDARY),
    (f"{AT}/curve/boundary", GONE, f"{AT}/curve/boundary", ask.ASK_BOUNDARY),
    (f"{AT}/curve/threshold/then", GONE, f"{AT}/curve/threshold/then", ask.ASK_THEN),
    (f"{AT}/curve/threshold/pays", GONE, f"{AT}/curve/threshold/pays", ask.ASK_VALUE),
    (f"{ALONE}/curve/tiers", GONE, f"{ALONE}/curve/tiers", ask.ASK_TIERS),
    (f"{MBO}/curve/steps", GONE, f"{MBO}/curve/steps", ask.ASK_STEPS),
    (
        f"{OWN}/curve",
        {"kind": "interpolated", "points": POINTS[:1], "beyond": "flat", "cap": "none"},
        f"{OWN}/curve/points",
        ask.ASK_POINTS,
    ),
    (f"{OWN}/curve", {"kind": "interpolated", "points": POINTS, "cap": "none"}, f"{OWN}/curve/beyond", ask.ASK_BEYOND),
    (
        f"{AT}/curve",
        {"kind": "marginal", "over": "amount", "tiers": TIERS, "cap": "none"},
        f"{AT}/curve/rates",
        ask.ASK_RATES,
    ),
    (f"{ALONE}/curve/columns", {"scope": "team"}, f"{ALONE}/curve/columns/metric", ask.ASK_COLUMNS),
    (f"{ALONE}/curve/columns", {**COLUMNS, "from": ["1", "0"]}, f"{ALONE}/curve/columns/from", ask.ASK_STARTS),
    # deals
    (f"{AT}/accumulate", GONE, f"{AT}/accumulate", ask.ASK_ACCUMULATE),
    (f"{ALONE}/accumulate", "always", f"{ALONE}/accumulate", ask.ASK_ACCUMULATE),
    (f"{ALONE}/curve/deal_cap", GONE, f"{ALONE}/curve/deal_cap", ask.ASK_DEAL_CAP),
    (f"{ALONE}/curve/deal_cap", "500", f"{ALONE}/curve/deal_cap", ask.ASK_DEAL_CAP),
    (f"{ALONE}/splits", GONE, f"{ALONE}/splits", ask.ASK_SPLITS),
    (f"{ALONE}/reversals", GONE, f"{ALONE}/reversals", ask.ASK_REVERSALS),
    (f"{RUNNING}/order", GONE, f"{RUNNING}/order", ask.ASK_ORDER),
    (f"{RUNNING}/tier_of", GONE, f"{RUNNING}/tier_of", ask.ASK_TIER_OF),
    # pools
    (f"{POOL}/pool/rate", GONE, f"{POOL}/pool", ask.ASK_POOL),
    (f"{POOL}/pool/shared_by", GONE, f"{POOL}/pool/shared_by", ask.ASK_SHARED_BY),
    (f"{POOL}/pool/pennies", GONE, f"{POOL}/pool/pennies", ask.ASK_PENNIES),
    (f"{POOL}/pool/ties", GONE, f"{POOL}/pool/ties", ask.ASK_TIES),
    # gates, modifiers, rewards
    (f"{OWN}/gate/0/component", GONE, f"{OWN}/gate/0", ask.ASK_GATE),
    (f"{OWN}/gate/0/over", GONE, f"{OWN}/gate/0/over", ask.ASK_GATE_OVER),
    (f"{OWN}/gate/0/at_least", GONE, f"{OWN}/gate/0/at_least", ask.ASK_GATE_LEVEL),
    (f"{OWN}/gate/0/otherwise", GONE, f"{OWN}/gate/0/otherwise", ask.ASK_OTHERWISE),
    (f"{OWN}/gate/0/otherwise", {"half": "1"}, f"{OWN}/gate/0/otherwise", ask.ASK_OTHERWISE),
    (f"{MODIFIER}/applies_to", GONE, f"{MODIFIER}/applies_to", ask.ASK_APPLIES),
    (f"{MODIFIER}/applies_to", [], f"{MODIFIER}/applies_to", ask.ASK_APPLIES),
    (f"{MODIFIER}/how", GONE, f"{MODIFIER}/how", ask.ASK_HOW),
    (f"{REWARD}/kind", GONE, f"{REWARD}/kind", ask.ASK_REWARD_KIND),
    (f"{REWARD}/over", GONE, f"{REWARD}/over", ask.ASK_REWARD_LEVEL),
    (f"{REWARD}/at_least", "0", f"{REWARD}/at_least", ask.ASK_REWARD_LEVEL),
    (f"{REWARD}/cost", GONE, f"{REWARD}/cost", ask.ASK_COST),
    (f"{REWARD}/location", GONE, f"{REWARD}/location", ask.ASK_LOCATION),
    (f"{REWARD}/tax", GONE, f"{REWARD}/tax", ask.ASK_TAX),
    (f"{REWARD}/approved_by", GONE, f"{REWARD}/approved_by", "who approved it? write approved_by"),
    (f"{REWARD}/who", GONE, f"{REWARD}/who", ask.ASK_WHO_JOINS),
]
WRONG: list[tuple[str, Any, str, str]] = [
    (f"{OWN}/weight", "0.5", "/components", "weights sum to 1/2, not to 1: how is the target incentive shared out?"),
    (f"{OWN}/curve/cap", "0.9", f"{OWN}/curve/cap", "is below 1: is the target incentive not paid at 100 %?"),
    (f"{OWN}/curve/cap", "none", f"{OWN}/curve/excess", "nothing is above a cap that is not there: leave excess out"),
    (
        f"{OWN}/curve/boundary",
        "upper",
        f"{OWN}/curve/boundary",
        "linear does not jump, so that both sides pay the same: leave boundary out",
    ),
    (
        f"{OWN}/curve/over",
        "amount",
        f"{OWN}/curve/over",
        "a weight pays by attainment: write over: attainment, or pay by rate",
    ),
    (f"{OWN}/curve/steps", [{"at": "1", "pays": "1"}], f"{OWN}/curve/steps", "linear has no steps: write kind: steps"),
    (
        f"{OWN}/accumulate",
        "deal",
        f"{OWN}/accumulate",
        "a deal is paid by its units: write rate, or a curve with rates: money",
    ),
    (f"{OWN}/order", "time", f"{OWN}/order", "matters only for accumulate: running, leave it out"),
    (f"{OWN}/splits", "base", f"{OWN}/splits", "matters only for accumulate: deal, leave it out"),
    (
        f"{OWN}/reversals",
        "original_rate",
        f"{OWN}/reversals",
        "a total has no rate of each deal: write accumulate: running or deal, or reversals: rerate",
    ),
    (
        f"{OWN}/curve/deal_cap",
        {"pays": "5"},
        f"{OWN}/curve/deal_cap",
        "a total has no deals: write accumulate: deal or running",
    ),
    (f"{OWN}/gate/0/component", "other", f"{OWN}/gate/0/component", "'other' is no component of this plan"),
    (f"{OWN}/gate/0/component", "own", f"{OWN}/gate/0/component", "is the component itself: is a threshold meant?"),
    (f"{OWN}/gate/0/over", "attainment", f"{OWN}/gate/0/over", "alone has no target: write over: amount"),
    (
        f"{ALONE}/curve/over",
        "attainment",
        f"{ALONE}/curve/over",
        "a deal alone attains no target: write over: amount, or accumulate: running",
    ),
    (f"{ALONE}/scope", "team", f"{ALONE}/scope", "deals are paid one by one to the rep: write individual"),
    (
        f"{ALONE}/curve",
        {"kind": "linear", "over": "amount", "rates": "money", "cap": "none"},
        f"{ALONE}/curve/rates",
        "linear has no rates of its own: write rate beside the curve",
    ),
    (
        f"{ALONE}/curve/floor",
        {"multiple": "2"},
        f"{ALONE}/curve/floor",
        "there is no 100 % that this could be a multiple of: write {amount: …}",
    ),
    (
        f"{ALONE}/curve/tiers/0/from",
        "1",
        f"{ALONE}/curve/tiers/0/from",
        "the first tier begins at 0: what is paid below it? (rate 0 for nothing)",
    ),
    (
        f"{ALONE}/curve/kind",
        "excess",
        f"{ALONE}/curve/tiers/0/from",
        "is 0: above what does excess pay? (or write marginal)",
    ),
    (
        f"{ALONE}/gate",
        [{"component": "own", "over": "amount", "at_least": "1", "otherwise": {"at_most": "1"}}],
        f"{ALONE}/gate/0/otherwise",
        "there is no 100 % of a rate over an amount: write nothing or times",
    ),
    (f"{POOL}/scope", "individual", f"{POOL}/scope", "a pool is of a group: write team or organisation"),
    (f"{POOL}/pool/weights", {"ann": "1"}, f"{POOL}/pool/weights", "equal has no weights: is role_weight meant?"),
    (
        f"{POOL}/pool/shared_by",
        "role_weight",
        f"{POOL}/pool/weights",
        "which weights? write weights: {rep: 1.5}; who is not named has no part",
    ),
    (
        f"{MBO}/curve/threshold",
        {"at": "1", "then": "from_zero"},
        f"{MBO}/curve/threshold",
        "steps begins where its first part begins: leave the threshold out",
    ),
    (
        f"{MBO}/curve/steps",
        [{"at": "1", "pays": "1"}, {"at": "1", "pays": "2"}],
        f"{MBO}/curve/steps/1/at",
        "is not beyond the one before: steps ascend",
    ),
    (f"{AT}/curve/threshold/then", "from_zero", f"{AT}/curve/threshold/pays", "belongs to then: from_value only"),
    (
        f"{AT}/curve",
        STEPS,
        f"{AT}/curve/kind",
        "a step pays an amount, no rate: write whole, or rates: money and leave rate out",
    ),
    (f"{MODIFIER}/applies_to", ["other"], f"{MODIFIER}/applies_to", "'other' is no component of this plan"),
    (
        f"{MODIFIER}/curve",
        {"kind": "marginal", "over": "amount", "tiers": TIERS, "cap": "none"},
        f"{MODIFIER}/curve/kind",
        "a modifier is a factor: write linear, interpolated or steps, without rates: money",
    ),
    (f"{OWN}/id", "alone", f"{ALONE}/id", "'alone' stands here twice: give each its own id"),
    (f"{ALONE}/curve/columns", COLUMNS, f"{ALONE}/curve/tiers/0/rate", "has 1 numbers for 2 columns: one for each"),
    (
        f"{ALONE}/curve/tiers/0/rate",
        ["1", "2"],
        f"{ALONE}/curve/tiers/0/rate",
        "has 2 numbers for 1 columns: one for each",
    ),
    (f"{OWN}/curve/columns", COLUMNS, f"{OWN}/curve/columns", "linear has no cells: write tiers, points or steps"),
    ("/cap/amount", "1.001", "/cap/amount", "has more than 2 decimals of EUR"),
    (f"{REWARD}/cost", "1.001", f"{REWARD}/cost", "has more than 2 decimals of EUR"),
    (f"{MBO}/amount", "1.001", f"{MBO}/amount", "has more than 2 decimals of EUR"),
    ("/combine", "multiply", f"{OWN}/weight", ask.ASK_SECTION),
    (
        f"{OWN}/section",
        "business",
        f"{OWN}/section",
        "belongs to combine: multiply and a weight: its share of that factor",
    ),
]


def changed(pointer: str, value: Any) -> dict[str, Any]:
    plan = deepcopy(PLAN)
    *path, last = [int(step) if step.isdigit() else step for step in pointer.split("/")[1:]]
    part: Any = plan
    for step in path:
        part = part[step]
    if value is GONE:
        del part[last]
    else:
        part[last] = value
    return plan


def problems(plan: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(BadDocument) as caught:
        parse_plans({"plans": [plan]}, strict=True)
    return {problem.pointer.removeprefix("/plans/0"): problem.message for problem in caught.value.problems}


def test_the_plan_that_the_rows_change_is_sound() -> None:
    assert len(parse_plans({"plans": [PLAN]}, strict=True).plans[0].components) == 6


@pytest.mark.parametrize(("pointer", "value", "where", "said"), OPEN)
def test_what_a_plan_leaves_open_is_asked(pointer: str, value: Any, where: str, said: str) -> None:
    assert problems(changed(pointer, value)).get(where) == said.rstrip(".")


@pytest.mark.parametrize(("pointer", "value", "where", "said"), WRONG)
def test_what_contradicts_itself_is_told(pointer: str, value: Any, where: str, said: str) -> None:
    assert problems(changed(pointer, value)).get(where) == said


def test_a_rate_cannot_run_over_a_mean_of_attainments() -> None:
    plan = changed("/team_attainment", "mean_of_members")
    plan["components"][3]["curve"] = {"kind": "linear", "over": "attainment", "cap": "none"}
    assert problems(plan)["/components/3/curve/over"].startswith("a mean of attainments is no amount")


def test_a_plan_without_factors_multiplies_nothing() -> None:
    plan = changed("/combine", "multiply")
    del plan["components"][0]
    assert problems(plan)["/combine"] == "nothing is multiplied: which component has no weight, amount or rate?"


def test_every_question_is_asked_by_some_row() -> None:
    assert {name for name, text in NAMED.items() if text not in {row[3] for row in (*OPEN, *WRONG)}} == set()
