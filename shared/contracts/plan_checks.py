"""What contradicts itself or stays open between the parts of a plan: problems as data."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.contracts.curve import ATTAINMENT, MONEY, POINTED
from shared.contracts.plan import (
    DEAL,
    GROUPS,
    MEAN_OF_MEMBERS,
    MULTIPLY,
    NOTHING,
    RUNNING,
    TIMES,
    Component,
    Modifier,
)
from shared.contracts.plan_fields import UNREADABLE, Found, part, twice
from shared.contracts.plan_questions import (
    ASK_BASIS,
    ASK_COMBINE,
    ASK_INCENTIVE,
    ASK_PRORATE,
    ASK_ROUNDING,
    ASK_SECTION,
    ASK_TEAM_ATTAINMENT,
)
from shared.money import exponent, is_currency

NO_AMOUNT = (
    "a mean of attainments is no amount that a rate could run over: pay by weight or amount, or write "
    "team_attainment: sum_over_target"
)


def plan_problems(plan: Mapping[str, Any]) -> Found:
    """Yield what is wrong or open between the parts of a plan, as far as they could be read."""
    components = plan.get("components", ())
    if plan.get("who") == {"teams": [], "reps": []}:
        yield ["who"], "names nobody: which teams or reps are in the plan?"
    for name in ("components", "modifiers", "rewards"):
        yield from twice((name,), [part(each, "id") for each in plan.get(name, ())])
    yield from _basis_problems(plan, components)
    yield from _section_problems(components)
    yield from _incentive_problems(plan, components)
    yield from _money_problems(plan)
    yield from _gate_problems(components)
    yield from _modifier_problems(plan, components)
    if len(components) > 1 and plan.get("combine", UNREADABLE) is None:
        yield ["combine"], ASK_COMBINE
    if plan.get("rounding", UNREADABLE) is None:
        yield ["rounding"], ASK_ROUNDING
    yield from _time_problems(plan, components)


def _time_problems(plan: Mapping[str, Any], components: Sequence[Any]) -> Found:
    built = [component for component in components if isinstance(component, Component)]
    grouped = any(part(each, "scope") in GROUPS for each in components)
    yield from _mean_problems(plan, built)
    if any(_by_group_target(plan)) and plan.get("team_attainment", UNREADABLE) is None:
        yield ["team_attainment"], ASK_TEAM_ATTAINMENT
    if plan.get("prorate", UNREADABLE) is None and (grouped or any(_shrinks(each) for each in built)):
        yield ["prorate"], ASK_PRORATE


def _mean_problems(plan: Mapping[str, Any], built: Sequence[Component]) -> Found:
    """Yield the rates that would need the group's target, where its attainment is the mean of the members'."""
    if plan.get("team_attainment") == MEAN_OF_MEMBERS:
        for i, component in enumerate(plan["components"]):
            if component in built and component.scope in GROUPS and _by_target(component):
                yield ["components", i, "curve", "over"], NO_AMOUNT


def _by_target(component: Component) -> bool:
    return component.by_unit and component.curve.over == ATTAINMENT


def _by_group_target(plan: Mapping[str, Any]) -> Iterator[bool]:
    """Yield for each part of the plan whether it holds a group's result against a target."""
    for each in (*plan.get("components", ()), *plan.get("modifiers", ())):
        if isinstance(each, Component | Modifier):
            yield each.scope in GROUPS and each.curve.over == ATTAINMENT
        elif isinstance(each, Mapping):  # could not be built: its curve is what is missing
            yield each.get("scope") in GROUPS and each.get("rate") is None
        if isinstance(each, Component):
            yield from (gate.scope in GROUPS and gate.over == ATTAINMENT for gate in each.gates)
    for reward in plan.get("rewards", ()):
        yield reward.get("scope") in GROUPS and reward.get("over") == ATTAINMENT


def _shrinks(component: Component) -> bool:
    """Tell whether what the component pays at 100 % shrinks with the time in the plan."""
    by_time = component.curve.kind in POINTED or not component.by_unit
    return component.rate is None and by_time and component.accumulate not in (DEAL, RUNNING)


def _basis_problems(plan: Mapping[str, Any], components: Sequence[Any]) -> Found:
    combine = plan.get("combine", UNREADABLE)
    for i, component in enumerate(components):
        if not isinstance(component, Component):
            continue
        if component.section is not None and (combine != MULTIPLY or component.weight is None):
            yield ["components", i, "section"], "belongs to combine: multiply and a weight: its share of that factor"
        elif component.factor and combine != MULTIPLY:
            yield ["components", i], ASK_BASIS
        elif combine == MULTIPLY and component.weight is not None and component.section is None:
            yield ["components", i, "weight"], ASK_SECTION
    if combine == MULTIPLY and all(isinstance(each, Component) and not each.factor for each in components):
        yield ["combine"], "nothing is multiplied: which component has no weight, amount or rate?"


def _section_problems(components: Sequence[Any]) -> Found:
    sums: dict[str, Any] = {}
    for component in components:
        if isinstance(component, Component) and component.section and component.weight is not None:
            sums[component.section] = sums.get(component.section, 0) + component.weight
    for section, weight in sums.items():
        if weight != 1:
            yield ["components"], f"weights of section {section} sum to {weight}, not to 1: how is its factor made?"


def _incentive_problems(plan: Mapping[str, Any], components: Sequence[Any]) -> Found:
    weights = [part(component, "weight") for component in components]
    if UNREADABLE in weights:
        return
    shares, incentive = [weight for weight in weights if weight is not None], plan.get("target_incentive", UNREADABLE)
    multiplied = plan.get("combine") == MULTIPLY
    limits = [plan.get(name) for name in ("cap", "floor")]
    used = bool(shares) or multiplied or any(limit.get("multiple") for limit in limits if isinstance(limit, Mapping))
    if shares and not multiplied and sum(shares) != 1:
        yield ["components"], f"weights sum to {sum(shares)}, not to 1: how is the target incentive shared out?"
    if used and incentive is None:
        yield ["target_incentive"], ASK_INCENTIVE
    if weights and not used and (incentive is not None or plan.get("incentives")):
        yield ["target_incentive"], "is used by no component: which of them has a weight?"


def _money_problems(plan: Mapping[str, Any]) -> Found:
    currency = plan.get("currency", "EUR")
    if not is_currency(currency):
        yield ["currency"], "is no ISO 4217 currency: EUR"
        return
    for path, amount in _amounts(plan):
        if amount is not None and amount != round(amount, exponent(currency)):
            yield path, f"has more than {exponent(currency)} decimals of {currency}"


def _amounts(plan: Mapping[str, Any]) -> Iterator[tuple[Sequence[str | int], Any]]:
    yield ["target_incentive"], plan.get("target_incentive")
    for rep, amount in plan.get("incentives", {}).items():
        yield ["incentives", rep], amount
    for name in ("cap", "floor"):
        yield [name, "amount"], (plan.get(name) or {}).get("amount")
    for i, reward in enumerate(plan.get("rewards", ())):
        yield ["rewards", i, "cost"], reward.get("cost")
    for i, component in enumerate(plan.get("components", ())):
        amount = part(component, "amount")
        if isinstance(component, Component) and amount is not None:
            where: list[str] = ["pool", "amount"] if component.pool else ["amount"]
            yield ["components", i, *where], amount


def _gate_problems(components: Sequence[Any]) -> Found:
    by_id = {part(component, "id"): component for component in components}
    for i, component in enumerate(components):
        if not isinstance(component, Component):
            continue
        for j, gate in enumerate(component.gates):
            where: list[str | int] = ["components", i, "gate", j]
            if gate.component is not None and gate.component not in by_id:
                yield [*where, "component"], f"{gate.component!r} is no component of this plan"
            elif gate.component == component.id:
                yield [*where, "component"], "is the component itself: is a threshold meant?"
            elif gate.component is not None and gate.over == ATTAINMENT:
                other = by_id[gate.component]
                if isinstance(other, Component) and other.curve.over != ATTAINMENT:
                    yield [*where, "over"], f"{gate.component} has no target: write over: amount"
            if gate.otherwise not in (NOTHING, TIMES) and _has_no_hundred(component):
                yield [*where, "otherwise"], "there is no 100 % of a rate over an amount: write nothing or times"


def _has_no_hundred(component: Component) -> bool:
    """Tell whether nothing says what the component pays at 100 %."""
    return component.curve.over != ATTAINMENT and (component.by_unit or component.curve.rates == MONEY)


def _modifier_problems(plan: Mapping[str, Any], components: Sequence[Any]) -> Found:
    ids = [part(component, "id") for component in components]
    for i, modifier in enumerate(plan.get("modifiers", ())):
        named = part(modifier, "applies_to")
        for name in named or () if named is not UNREADABLE and UNREADABLE not in ids else ():
            if name not in ids:
                yield ["modifiers", i, "applies_to"], f"{name!r} is no component of this plan"


def overlaps(plans: Sequence[Any]) -> Found:
    """Yield every rep and team that two plans would pay for the same kind of period, and every id that stands twice."""
    yield from twice(("plans",), [part(plan, "id") for plan in plans])
    for named in ("teams", "reps"):
        owners: dict[tuple[str, str], str] = {}
        for i, plan in enumerate(plans):
            for name in getattr(plan, named, ()):
                owner = owners.setdefault((name, plan.period), plan.id)
                if owner != plan.id:
                    yield ["plans", i, "who", named], f"{name} is in {owner} as well: which of the two pays?"
