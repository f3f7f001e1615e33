"""Laws of plans: shares that add up, curves that do not jump, order that does not matter where the plan says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.commission.domain.curves import evaluate, rate_at, scaled
from services.commission.handlers.trying import Trial, tried
from shared.contracts.curve import Curve, Point, Threshold, Tier
from tests.commission.test_cases import USUAL

ratios = st.fractions(0, 5, max_denominator=60)
rates = st.fractions(0, 4, max_denominator=20)
cents = st.integers(0, 10**7)
sides = st.sampled_from(["upper", "lower"])


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    starts = sorted(draw(st.sets(st.fractions(Fraction(1, 60), 4, max_denominator=60), max_size=4)))
    return tuple(Tier(start, draw(rates)) for start in (Fraction(0), *starts))


def money(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def office(components: Sequence[Mapping[str, Any]], reps: Mapping[str, Any], **plan: Any) -> Trial:
    said = {**USUAL, "combine": "add", "team_attainment": "sum_over_target", "prorate": [], **plan}
    return tried(
        {"plans": [{**said, "components": list(components)}]},
        {"period": "2026-11", "metrics": {"revenue": "EUR"}, "reps": reps},
    )


def paid(done: Trial) -> dict[str, int]:
    return {one.rep.id: one.totals.get("EUR", 0) for one in done.statements}


def total(done: Trial) -> int:
    return sum([*paid(done).values()])


# curves


@given(tiers(), ratios, ratios)
def test_what_lies_above_a_threshold_is_what_the_whole_pays_less_what_lies_below_it(
    bands: tuple[Tier, ...], at: Fraction, result: Fraction
) -> None:
    plain = Curve("marginal", "attainment", None, bands)
    above = Curve("marginal", "attainment", None, bands, threshold=Threshold(at, "from_threshold"))
    expected = evaluate(plain, max(result, at)).pays - evaluate(plain, at).pays
    assert evaluate(above, result).pays == expected


@given(tiers(), ratios, ratios, sides)
def test_from_zero_pays_all_or_nothing(bands: tuple[Tier, ...], at: Fraction, result: Fraction, side: str) -> None:
    plain = Curve("marginal", "attainment", None, bands)
    gated = Curve("marginal", "attainment", None, bands, boundary=side, threshold=Threshold(at, "from_zero"))
    reached = result > at or (result == at and side == "upper")
    assert evaluate(gated, result).pays == (evaluate(plain, result).pays if reached else 0)


@given(tiers(), ratios)
def test_excess_is_marginal_with_nothing_below_its_first_tier(bands: tuple[Tier, ...], result: Fraction) -> None:
    own = tuple(Tier(tier.start + 1, tier.rate) for tier in bands)
    excess, marginal = (Curve(kind, "attainment", None, given) for kind, given in (
        ("excess", own), ("marginal", (Tier(Fraction(0), Fraction(0)), *own)),
    ))  # fmt: skip
    assert evaluate(excess, result).pays == evaluate(marginal, result).pays


@given(tiers(), ratios, sides)
def test_the_sides_of_a_boundary_differ_on_the_boundary_only(
    bands: tuple[Tier, ...], result: Fraction, side: str
) -> None:
    here, there = (Curve("whole", "attainment", None, bands, boundary=each) for each in (side, "upper"))
    on_it = result in {tier.start for tier in bands[1:]}
    assert on_it or evaluate(here, result).pays == evaluate(there, result).pays
    assert rate_at(here, result) * result == evaluate(here, result).pays


@given(tiers(), ratios, st.fractions(1, 1000, max_denominator=7))
def test_a_curve_in_amounts_pays_what_it_pays_over_attainment(
    bands: tuple[Tier, ...], attainment: Fraction, target: Fraction
) -> None:
    for kind in ("marginal", "whole"):
        curve = Curve(kind, "attainment", None, bands)
        assert evaluate(scaled(curve, target), attainment * target).pays == evaluate(curve, attainment).pays * target


@given(st.lists(ratios, min_size=1, max_size=5, unique=True), ratios, sides)
def test_steps_never_pay_less_for_more_when_they_rise(at: list[Fraction], result: Fraction, side: str) -> None:
    points = tuple(Point(one, Fraction(i + 1)) for i, one in enumerate(sorted(at)))
    curve = Curve("steps", "attainment", None, points=points, boundary=side)
    assert evaluate(curve, result).pays <= evaluate(curve, result + Fraction(1, 7)).pays


# whole plans

COMPONENT = {"scope": "individual", "metric": "revenue"}
LINEAR = {"kind": "linear", "cap": "none"}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), cents, st.sampled_from(["half_up", "half_even"]))
def test_a_payout_rounded_once_is_shared_by_its_lines_to_the_cent(parts: list[int], own: int, mode: str) -> None:
    weights = [f"{part}/{sum(parts)}" for part in parts]
    components = [{**COMPONENT, "id": f"c{i}", "weight": one, "curve": LINEAR} for i, one in enumerate(weights)]
    reps = {"ann": {"targets": {"revenue": "30000"}, "results": {"revenue": money(own)}}}
    whole = [{**COMPONENT, "id": "one", "weight": "1", "curve": LINEAR}]
    plan = {"target_incentive": "1000", "rounding": {"of": "payout", "mode": mode}}
    assert total(office(components, reps, **plan)) == total(office(whole, reps, **plan))


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdef"), cents, min_size=1),
    st.sampled_from(["equal", "fte_days", "role_weight", "contribution"]),
    st.sampled_from(["by_id", "by_roster"]),
)
def test_a_pool_is_shared_to_the_cent(sold: dict[str, int], shared_by: str, ties: str) -> None:
    weights = {"weights": {rep: str(1 + i % 3) for i, rep in enumerate(sold)}} if shared_by == "role_weight" else {}
    pool = {"rate": "0.013", "shared_by": shared_by, "pennies": "largest_remainder", "ties": ties, **weights}
    reps = {rep: {"results": {"revenue": money(amount)}, "fte": "0.8"} for rep, amount in sold.items()}
    done = office([{"id": "pool", "scope": "team", "metric": "revenue", "pool": pool}], reps)
    expected = Fraction(sum(sold.values()) * 13, 1000)
    if shared_by != "contribution" or any(sold.values()):
        assert total(done) == int(expected + Fraction(1, 2))


TIERED = {"kind": "marginal", "over": "amount", "rates": "money", "cap": "none",
          "tiers": [{"from": "0", "rate": "0.05"}, {"from": "10000", "rate": "0.08"}]}  # fmt: skip
RUNNING = {**COMPONENT, "id": "own", "accumulate": "running", "resets": "period", "reversals": "rerate"}
deals = st.lists(st.integers(1, 2_000_000), min_size=1, max_size=7)


def sold(amounts: Sequence[int], days: Sequence[int] | None = None) -> dict[str, Any]:
    on = days or range(1, len(amounts) + 1)
    each = [
        {"deal": f"d{i}", "metric": "revenue", "amount": money(amount), "on": f"2026-11-{day:02d}"}
        for i, (amount, day) in enumerate(zip(amounts, on, strict=False))
    ]
    return {"ann": {"deals": each}}


@settings(max_examples=30, deadline=None)
@given(deals, st.sampled_from(["time", "largest_first", "smallest_first"]))
def test_deals_split_across_tiers_pay_what_their_total_pays_in_any_order(amounts: list[int], order: str) -> None:
    curve = {**TIERED, "deal_cap": "none"}
    running = office([{**RUNNING, "order": order, "curve": curve}], sold(amounts))
    period = office([{**COMPONENT, "id": "own", "accumulate": "period", "curve": TIERED}], sold(amounts))
    assert paid(running) == paid(period)


@settings(max_examples=30, deadline=None)
@given(deals, st.randoms(), st.sampled_from(["deal", "largest_first"]))
def test_the_days_of_deals_do_not_matter_where_the_plan_says_so(amounts: list[int], random: Any, how: str) -> None:
    curve = {**TIERED, "kind": "whole", "boundary": "upper", "deal_cap": "none"}
    alone = {**COMPONENT, "id": "own", "accumulate": "deal", "splits": "base", "reversals": "rerate", "curve": curve}
    by_size = {**RUNNING, "order": how, "tier_of": "after", "curve": curve}
    component = alone if how == "deal" else by_size
    days = random.sample(range(1, 29), len(amounts))
    assert paid(office([component], sold(amounts))) == paid(office([component], sold(amounts, days)))


@settings(max_examples=30, deadline=None)
@given(deals, cents)
def test_a_deal_taken_back_restores_the_earlier_figure(amounts: list[int], more: int) -> None:
    curve = {**TIERED, "kind": "whole", "boundary": "upper", "deal_cap": "none"}
    component = {**RUNNING, "order": "time", "tier_of": "after", "curve": curve}
    taken_back = sold(amounts)
    day = {"metric": "revenue", "on": "2026-11-09", "deal": "x"}
    taken_back["ann"]["deals"] += [{**day, "amount": money(more)}, {**day, "amount": f"-{money(more)}"}]
    assert paid(office([component], taken_back)) == paid(office([component], sold(amounts)))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_the_parts_of_a_split_commission_add_up_to_that_of_the_whole_deal(one: int, other: int) -> None:
    curve = {**TIERED, "kind": "whole", "boundary": "upper", "deal_cap": "none"}
    alone = {
        **COMPONENT,
        "id": "own",
        "accumulate": "deal",
        "splits": "commission",
        "reversals": "rerate",
        "curve": curve,
    }
    deal = {"deal": "x", "metric": "revenue"}
    parts = {"ann": {"deals": [{**deal, "amount": money(one)}]}, "bob": {"deals": [{**deal, "amount": money(other)}]}}
    done = office([alone], parts)
    whole = office([alone], {"ann": {"deals": [{**deal, "amount": money(one + other)}]}})
    unrounded = [
        sum(line.unrounded for each in each_done.statements for line in each.lines) for each_done in (done, whole)
    ]
    assert unrounded[0] == unrounded[1]


@settings(max_examples=30, deadline=None)
@given(cents, cents, st.sampled_from(["lost", "carried"]))
def test_what_a_plan_pays_lies_between_its_floor_and_its_cap(own: int, most: int, excess: str) -> None:
    component = {**COMPONENT, "id": "own", "rate": "1"}
    limits = {
        "cap": {"amount": money(most), "excess": excess, "prorated": "no"},
        "floor": {"amount": "0.50", "prorated": "no"},
    }
    done = office([component], {"ann": {"results": {"revenue": money(own)}}}, **limits)
    assert total(done) == min(max(own, 50), most)
    carried = sum(line.carried for one in done.statements for line in one.lines)
    assert carried == (max(max(own, 50) - most, 0) if excess == "carried" else 0)
