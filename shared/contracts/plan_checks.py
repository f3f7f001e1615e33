"""What a plan must answer, and what contradicts itself in one: questions and problems as data."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from shared.contracts.plan import (
    AMOUNT,
    INTERPOLATED,
    LINEAR,
    MARGINAL,
    TEAM,
    WHOLE,
    Curve,
    Point,
)
from shared.contracts.plan_fields import Found
from shared.money import exponent, is_currency

ASK_KIND = (
    "how does the result turn into pay? linear, marginal (each tier's rate on its own slice), "
    "whole (the reached tier's rate on everything) or interpolated (straight between points)"
)
ASK_SCOPE = "whose result counts? individual or team"
ASK_CAP = 'is there a most that this pays? write cap: "2.0" (a multiple of 100 %; over amount: money), or cap: none'
ASK_OVER = "what does the curve run over? attainment (result ÷ target) or amount"
ASK_BEYOND = "what does it pay beyond the last point? flat (the same) or slope (on along the last line)"
ASK_BASIS = (
    "what is paid? write weight (share of the target incentive) or rate (money per unit), exactly one of the two"
)
ASK_PRORATE = (
    "what shrinks the target incentive? prorate: [days] (part of the period in the plan), [fte] (part-time), "
    "[days, fte], or [] for neither"
)
ASK_COMBINE = "how do the components come together? write combine: add"
ASK_TEAM_ATTAINMENT = (
    "how is the team's attainment made? write team_attainment: sum_over_target (team credits ÷ team target)"
)
ASK_INCENTIVE = 'how much is paid at 100 %? write target_incentive: "1000.00"'

UNREADABLE = object()
"""Stands for a part that has a problem of its own already."""


def curve_problems(curve: Mapping[str, Any]) -> Found:
    """Yield what is wrong or open in a curve, as it was read."""
    kind, tiers, points = curve["kind"], curve["tiers"], curve["points"]
    if kind in (MARGINAL, WHOLE):
        yield from _tier_problems(tiers)
    elif tiers:
        yield ["tiers"], f"{kind} has no tiers: are they meant as marginal or as whole?"
    if curve["cap"] is None:
        yield ["cap"], ASK_CAP
    if kind == INTERPOLATED:
        yield from _point_problems(points)
        if curve["beyond"] is None:
            yield ["beyond"], ASK_BEYOND
    elif points:
        yield ["points"], f"{kind} has no points: is interpolated meant?"
    if kind != INTERPOLATED and curve["beyond"] is not None:
        yield ["beyond"], f"{kind} has no last point: leave beyond out"


def _tier_problems(tiers: Sequence[Mapping[str, Any]]) -> Found:
    if not tiers:
        yield ["tiers"], 'which tiers? write tiers: [{from: "0", rate: "1"}, …]'
        return
    if tiers[0]["start"] != 0:
        yield ["tiers", 0, "from"], "the first tier begins at 0: what is paid below it? (rate 0 for nothing)"
    for i, (tier, after) in enumerate(pairwise(tiers)):
        if after["start"] <= tier["start"]:
            yield ["tiers", i + 1, "from"], "is not above the tier before: tiers ascend"
        elif tier["end"] not in (None, after["start"]):
            yield ["tiers", i, "to"], "is not where the next tier begins: which rate holds in between?"
    if tiers[-1]["end"] is not None:
        yield ["tiers", len(tiers) - 1, "to"], "the last tier is open-ended: leave to out, and use cap for a limit"


def _point_problems(points: Sequence[Point]) -> Found:
    if len(points) < 2:
        yield ["points"], 'which points? write at least two, such as {at: "0", pays: "0"} and {at: "1", pays: "1"}'
        return
    if points[0].at != 0:
        yield ["points", 0, "at"], "the first point stands at 0: what is paid there?"
    for i, (point, after) in enumerate(pairwise(points)):
        if after.at <= point.at:
            yield ["points", i + 1, "at"], "is not beyond the point before: points ascend"


def component_problems(component: Mapping[str, Any]) -> Found:
    """Yield what is wrong or open in a component, as far as its parts could be read."""
    if not {"weight", "rate"} <= component.keys():
        return
    weight, rate, curve = component["weight"], component["rate"], component.get("curve", UNREADABLE)
    if (weight is None) == (rate is None):
        yield [], ASK_BASIS
    elif weight is not None:
        yield from _weighted_problems(weight, curve)
    elif isinstance(curve, Curve) and not curve.over:
        yield ["curve", "over"], ASK_OVER


def _weighted_problems(weight: Fraction, curve: object) -> Found:
    if weight == 0:
        yield ["weight"], "is 0: what does the component pay? leave it out when nothing"
    if curve is None:
        yield ["curve"], ASK_KIND
    if not isinstance(curve, Curve):
        return
    if curve.over == AMOUNT:
        yield ["curve", "over"], "a weight pays by attainment: write over: attainment, or pay by rate"
    if curve.kind == LINEAR and curve.cap is not None and curve.cap < 1:
        yield ["curve", "cap"], "is below 1: is the target incentive not paid at 100 %?"


def plan_problems(plan: Mapping[str, Any]) -> Found:
    """Yield what is wrong or open between the parts of a plan, as far as they could be read."""
    components = plan.get("components", ())
    scopes, weights = ([_part(component, name) for component in components] for name in ("scope", "weight"))
    weighted = any(weight is not None for weight in weights)
    if plan.get("who") == {"teams": [], "reps": []}:
        yield ["who"], "names nobody: which teams or reps are in the plan?"
    yield from _twice(("components",), [_part(component, "id") for component in components])
    yield from _incentive_problems(plan, weights)
    yield from _money_problems(plan)
    if len(components) > 1 and plan.get("combine", UNREADABLE) is None:
        yield ["combine"], ASK_COMBINE
    if TEAM in scopes and plan.get("team_attainment", UNREADABLE) is None:
        yield ["team_attainment"], ASK_TEAM_ATTAINMENT
    if plan.get("prorate", UNREADABLE) is None and (TEAM in scopes or weighted):
        yield ["prorate"], ASK_PRORATE


def _incentive_problems(plan: Mapping[str, Any], weights: Sequence[Any]) -> Found:
    if UNREADABLE in weights:
        return
    shares, incentive = [weight for weight in weights if weight is not None], plan.get("target_incentive", UNREADABLE)
    if shares and sum(shares) != 1:
        yield ["components"], f"weights sum to {sum(shares)}, not to 1: how is the target incentive shared out?"
    if shares and incentive is None:
        yield ["target_incentive"], ASK_INCENTIVE
    if weights and not shares and (incentive is not None or plan.get("incentives")):
        yield ["target_incentive"], "is used by no component: which of them has a weight?"


def _money_problems(plan: Mapping[str, Any]) -> Found:
    currency = plan.get("currency", "EUR")
    if not is_currency(currency):
        yield ["currency"], "is no ISO 4217 currency: EUR"
        return
    own = plan.get("incentives", {})
    amounts = [(["target_incentive"], plan.get("target_incentive")), *((["incentives", rep], own[rep]) for rep in own)]
    for path, amount in amounts:
        if amount is not None and amount != round(amount, exponent(currency)):
            yield path, f"has more than {exponent(currency)} decimals of {currency}"


def overlaps(plans: Sequence[Any]) -> Found:
    """Yield every rep and team that two plans would pay, and every id that stands twice."""
    yield from _twice(("plans",), [_part(plan, "id") for plan in plans])
    for named in ("teams", "reps"):
        owners: dict[str, str] = {}
        for i, plan in enumerate(plans):
            for name in getattr(plan, named, ()):
                owner = owners.setdefault(name, plan.id)
                if owner != plan.id:
                    yield ["plans", i, "who", named], f"{name} is in {owner} as well: which of the two pays?"


def _part(part: Any, name: str) -> Any:
    """Return an attribute of what was built, or of the mapping that could not be built for another reason."""
    return part.get(name, UNREADABLE) if isinstance(part, Mapping) else getattr(part, name)


def _twice(path: Sequence[str | int], ids: Sequence[Any]) -> Found:
    for i, name in enumerate(ids):
        if name in ids[:i] and name is not UNREADABLE:
            yield [*path, i, "id"], f"{name!r} stands here twice: give each its own id"
