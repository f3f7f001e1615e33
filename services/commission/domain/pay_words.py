"""What a component of a plan pays, in words: by what, over which curve, under which conditions."""
# ruff: noqa: RUF001  the multiplication sign is meant: the sentences are for people

from collections.abc import Iterator, Mapping
from fractions import Fraction

from services.commission.domain.league import League
from services.commission.domain.quantities import RATIO, TIMES, Quantity, show
from shared.contracts.plan import (
    AMOUNT,
    ATTAINMENT,
    CARRIED,
    DEAL,
    MONEY,
    ORIGINAL_RATE,
    RUNNING,
    Component,
    Curve,
    Gate,
    Limit,
    Modifier,
    Plan,
)
from shared.contracts.playbook import Metric
from shared.money import exponent

AT_LEAST: Mapping[str, str] = {"nl": "ten minste", "en": "at least"}
NO_MORE_THAN: Mapping[str, str] = {"nl": "ten hoogste", "en": "at most"}

PAY_WORDS: Mapping[str, Mapping[str, str]] = {
    "individual": {"nl": "het eigen resultaat", "en": "the own result"},
    "team": {"nl": "het resultaat van het team", "en": "the team's result"},
    "organisation": {"nl": "het resultaat van de organisatie", "en": "the organisation's result"},
    "mentees": {"nl": "het resultaat van wie wordt begeleid", "en": "the mentees' result"},
    "individual-target": {"nl": "het eigen doel", "en": "the own target"},
    "team-target": {"nl": "het doel van het team", "en": "the team's target"},
    "organisation-target": {"nl": "het doel van de organisatie", "en": "the organisation's target"},
    "weight": {
        "nl": "{paid} daarvan hangt af van {result} in {metric}{against}.",
        "en": "{paid} of it depends on {result} in {metric}{against}.",
    },
    "amount": {
        "nl": "{paid} bij 100 %, naar {result} in {metric}{against}.",
        "en": "{paid} at 100%, by {result} in {metric}{against}.",
    },
    "rate": {"nl": "{paid} per eenheid {metric}: {result}.", "en": "{paid} a unit of {metric}: {result}."},
    "money": {"nl": "Naar {result} in {metric}{against}.", "en": "By {result} in {metric}{against}."},
    "factor": {
        "nl": "Een factor naar {result} in {metric}{against}.",
        "en": "A factor by {result} in {metric}{against}.",
    },
    "pool": {
        "nl": "Dat is een pot, verdeeld {how}; centen over gaan naar de grootste rest.",
        "en": "That is a pool, shared {how}; left-over cents by largest remainder.",
    },
    "equal": {"nl": "in gelijke delen", "en": "in equal parts"},
    "fte_days": {"nl": "naar dagen × fte", "en": "by days × FTE"},
    "role_weight": {"nl": "naar gewicht", "en": "by weight"},
    "contribution": {"nl": "naar bijdrage", "en": "by contribution"},
    "linear": {"nl": "Recht evenredig.", "en": "In direct proportion."},
    "marginal": {
        "nl": "Elk deel vanaf zijn grens telt zoveel keer: {tiers}.",
        "en": "Each slice from its boundary on counts so many times: {tiers}.",
    },
    "marginal-money": {
        "nl": "Elk deel vanaf zijn grens betaalt per eenheid: {tiers}.",
        "en": "Each slice from its boundary on pays a unit: {tiers}.",
    },
    "excess": {
        "nl": "Alleen wat boven de grens ligt, telt zoveel keer: {tiers}.",
        "en": "Only what lies above the boundary counts, so many times: {tiers}.",
    },
    "excess-money": {
        "nl": "Alleen wat boven de grens ligt, betaalt per eenheid: {tiers}.",
        "en": "Only what lies above the boundary pays, a unit: {tiers}.",
    },
    "whole": {
        "nl": "De bereikte schijf geldt voor alles: {tiers}.",
        "en": "The tier reached holds for everything: {tiers}.",
    },
    "whole-money": {
        "nl": "De bereikte schijf geldt per eenheid voor alles: {tiers}.",
        "en": "The tier reached holds for everything, a unit: {tiers}.",
    },
    "interpolated": {"nl": "Rechtlijnig tussen: {points}.", "en": "Along straight lines between: {points}."},
    "steps": {"nl": "In treden: {points}.", "en": "In steps: {points}."},
    "columns": {
        "nl": "Welke kolom geldt, hangt af van {result} in {metric}.",
        "en": "Which column holds depends on {result} in {metric}.",
    },
    "column": {"nl": "Vanaf {start}: ", "en": "From {start}: "},
    "flat": {"nl": "Daarboven niet meer.", "en": "No more beyond."},
    "slope": {"nl": "Daarboven op dezelfde helling verder.", "en": "On along the same slope beyond."},
    "upper": {"nl": "Precies op de grens telt als bereikt.", "en": "Exactly on the boundary counts as reached."},
    "lower": {"nl": "Precies op de grens is nog niet bereikt.", "en": "Exactly on the boundary is not yet reached."},
    "from_zero": {
        "nl": "Onder {at} niets, daarboven over alles.",
        "en": "Nothing below {at}; from there on for everything.",
    },
    "from_threshold": {
        "nl": "Alleen over wat boven {at} ligt.",
        "en": "Only for what lies above {at}.",
    },
    "from_value": {
        "nl": "Onder {at} niets; daar {pays}, en verder over wat erboven ligt.",
        "en": "Nothing below {at}; {pays} there, and on for what lies above it.",
    },
    "deal": {"nl": "Elke deal telt op zichzelf.", "en": "Each deal counts by itself."},
    "running": {
        "nl": "Deals tellen na elkaar, naar het lopende totaal.",
        "en": "Deals count one after the other, by the running total.",
    },
    "original_rate": {
        "nl": "Wat na de afsluiting van een deal afgaat, kost wat die deal betaalde; de andere houden hun tarief.",
        "en": "What a deal loses after the close takes back what that deal paid; the others keep their rate.",
    },
    "deal-pays": {"nl": "Een deal betaalt ten hoogste {most}.", "en": "One deal pays at most {most}."},
    "deal-counts": {"nl": "Van een deal telt ten hoogste {most}.", "en": "Of one deal at most {most} counts."},
    "floor": {"nl": "Ten minste {floor}.", "en": "At least {floor}."},
    "cap": {"nl": "Ten hoogste {cap}.", "en": "At most {cap}."},
    "cap-carried": {
        "nl": "Ten hoogste {cap}; wat daarboven ligt, blijft staan voor later.",
        "en": "At most {cap}; what is above it is kept for later.",
    },
    "no-cap": {"nl": "Zonder maximum.", "en": "Without a cap."},
    "gate-nothing": {
        "nl": "Alleen als {what} {least} is.",
        "en": "Only if {what} is {least}.",
    },
    "gate-at_most": {
        "nl": "Als {what} niet {least} is, ten hoogste {value} keer het bedrag bij 100 %.",
        "en": "If {what} is not {least}, at most {value} times what 100% pays.",
    },
    "gate-times": {
        "nl": "Als {what} niet {least} is, {value} keer het bedrag.",
        "en": "If {what} is not {least}, {value} times the amount.",
    },
    "modifier-multiply": {
        "nl": "{name} vermenigvuldigt {which} naar {result} in {metric}.",
        "en": "{name} multiplies {which} by {result} in {metric}.",
    },
    "modifier-add": {
        "nl": "{name} verhoogt {which} naar {result} in {metric}.",
        "en": "{name} raises {which} by {result} in {metric}.",
    },
    "everything": {"nl": "alles", "en": "everything"},
}


def pay_in_words(component: Component, plan: Plan, league: League, language: str) -> Iterator[str]:
    """Yield what a component pays, in sentences."""
    metric = league.metrics.get(component.metric)
    by, paid = _basis(component, plan, language)
    against = f" ÷ {_say(f'{component.scope}-target', language)}" if component.curve.over == ATTAINMENT else ""
    yield _say(by, language, paid=paid, **_whose(component, metric, language), against=against)
    yield from table_in_words(component.curve, plan, league, metric, language)
    if component.pool is not None:
        yield _say("pool", language, how=_say(component.pool.shared_by, language))
    if component.accumulate in (DEAL, RUNNING):
        yield _say(component.accumulate, language)
    if component.reversals == ORIGINAL_RATE:
        yield _say(ORIGINAL_RATE, language)
    yield from (_gate(gate, plan, league, language) for gate in component.gates)


def modifier_in_words(modifier: Modifier, plan: Plan, league: League, language: str) -> Iterator[str]:
    """Yield what a modifier does, in sentences."""
    metric = league.metrics.get(modifier.metric)
    names = {component.id: component.label.get(language, component.id) for component in plan.components}
    which = ", ".join(names[each] for each in modifier.applies_to or ()) or _say("everything", language)
    name = modifier.label.get(language, modifier.id)
    yield _say(f"modifier-{modifier.how}", language, name=name, which=which, **_whose(modifier, metric, language))
    yield from curve_in_words(modifier.curve, plan, metric, language)


def _say(name: str, language: str, /, **said: str) -> str:
    return PAY_WORDS[name][language].format(**said)


def _basis(component: Component, plan: Plan, language: str) -> tuple[str, str]:
    if component.weight is not None:
        return "weight", show(Quantity(component.weight, RATIO), language)
    if component.amount is not None:
        amount = Fraction(component.amount, 10 ** exponent(plan.currency))
        return "amount", show(Quantity(amount, plan.currency), language)
    if component.rate is not None:
        return "rate", show(Quantity(component.rate, plan.currency), language)
    return ("factor" if component.factor else "money"), ""


def _whose(part: Component | Modifier, metric: Metric | None, language: str) -> dict[str, str]:
    name = metric.label.get(language, part.metric) if metric else part.metric
    return {"result": _say(part.scope, language), "metric": name}


def curve_in_words(curve: Curve, plan: Plan, metric: Metric | None, language: str) -> Iterator[str]:
    """Yield a curve with its limits, in sentences."""
    yield from _shape(curve, plan, metric, language)
    yield from _limits(curve, plan, metric, language)


def table_in_words(curve: Curve, plan: Plan, league: League, metric: Metric | None, language: str) -> Iterator[str]:
    """Yield a table column by column, then its limits, in sentences."""
    columns = curve.columns
    if columns is None:
        yield from curve_in_words(curve, plan, metric, language)
        return
    other = league.metrics.get(columns.metric)
    unit, label = (other.unit, other.label) if other and columns.over == AMOUNT else (RATIO, {})
    name = other.label.get(language, columns.metric) if other else columns.metric
    yield _say("columns", language, result=_say(columns.scope, language), metric=name)
    for start, variant in zip(columns.starts, curve.variants, strict=True):
        yield _say("column", language, start=show(Quantity(start, unit, label), language)) + " ".join(
            _shape(variant, plan, metric, language)
        )
    yield from _limits(curve, plan, metric, language)


def _shape(curve: Curve, plan: Plan, metric: Metric | None, language: str) -> Iterator[str]:
    unit, label = (RATIO, {}) if curve.over == ATTAINMENT or metric is None else (metric.unit, metric.label)
    money = curve.rates == MONEY

    def on_axis(value: Fraction) -> str:
        return show(Quantity(value, unit, label), language)

    def paid(value: Fraction, other: str) -> str:
        return show(Quantity(value, plan.currency if money else other), language)

    tiers = ", ".join(f"{on_axis(tier.start)} × {paid(tier.rate, TIMES)}" for tier in curve.tiers)
    points = ", ".join(f"{on_axis(point.at)} → {paid(point.pays, RATIO)}" for point in curve.points)
    yield _say(f"{curve.kind}-money" if money and curve.tiers else curve.kind, language, tiers=tiers, points=points)
    if curve.beyond:
        yield _say(curve.beyond, language)
    threshold = curve.threshold
    if threshold is not None:
        yield _say(threshold.then, language, at=on_axis(threshold.at), pays=paid(threshold.pays, RATIO))
    if curve.kind in ("whole", "steps"):
        yield _say(curve.boundary, language)


def _limits(curve: Curve, plan: Plan, metric: Metric | None, language: str) -> Iterator[str]:
    if curve.deal_cap is not None:
        unit = metric.unit if curve.deal_cap.counts and metric else plan.currency
        most = show(Quantity(curve.deal_cap.value, unit, metric.label if metric else {}), language)
        yield _say("deal-counts" if curve.deal_cap.counts else "deal-pays", language, most=most)
    if curve.floor is not None:
        yield _say("floor", language, floor=_limit(curve.floor, plan, language))
    if curve.cap is None:
        yield _say("no-cap", language)
    else:
        name = "cap-carried" if curve.excess == CARRIED else "cap"
        yield _say(name, language, cap=_limit(curve.cap, plan, language))


def _limit(limit: Limit, plan: Plan, language: str) -> str:
    return show(Quantity(limit.value, plan.currency if limit.money else RATIO), language)


def _gate(gate: Gate, plan: Plan, league: League, language: str) -> str:
    other = next((each for each in plan.components if each.id == gate.component), None)
    metric = league.metrics.get(other.metric if other else gate.metric or "")
    unit, label = (metric.unit, metric.label) if metric and gate.over == AMOUNT else (RATIO, {})
    what = _gated(other, gate, metric, language)
    word = AT_LEAST if gate.no_more_than is None else NO_MORE_THAN
    least = f"{word[language]} {show(Quantity(gate.level, unit, label), language)}"
    value = show(Quantity(gate.value, TIMES), language)
    return _say(f"gate-{gate.otherwise}", language, what=what, least=least, value=value)


def _gated(other: Component | None, gate: Gate, metric: Metric | None, language: str) -> str:
    if other is not None:
        return other.label.get(language, other.id)
    name = metric.label.get(language, gate.metric or "") if metric else gate.metric or ""
    return f"{_say(gate.scope or 'individual', language)} ({name})"
