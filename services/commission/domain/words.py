"""A plan in words that the people in it can read."""
# ruff: noqa: RUF001  the multiplication sign is meant: the sentences are for people

from collections.abc import Iterator, Mapping
from fractions import Fraction

from services.commission.domain.league import League
from services.commission.domain.quantities import RATIO, TIMES, Quantity, show
from services.commission.domain.time_words import component_in_words, time_in_words
from shared.contracts.plan import ATTAINMENT, TEAM, Component, Curve, Plan
from shared.contracts.playbook import Metric
from shared.money import exponent

WORDS: Mapping[str, Mapping[str, str]] = {
    "who": {"nl": "Voor {who}.", "en": "For {who}."},
    "week": {"nl": "Betaalt per week.", "en": "Pays by the week."},
    "month": {"nl": "Betaalt per maand.", "en": "Pays by the month."},
    "quarter": {"nl": "Betaalt per kwartaal.", "en": "Pays by the quarter."},
    "year": {"nl": "Betaalt per jaar.", "en": "Pays by the year."},
    "incentive": {
        "nl": "De doelbeloning is {amount} voor een heel tijdvak.",
        "en": "The target incentive is {amount} for a whole period.",
    },
    "own-incentive": {"nl": "Voor {rep} is zij {amount}.", "en": "For {rep} it is {amount}."},
    "own-weight": {
        "nl": "{weight} daarvan hangt af van het eigen resultaat in {metric} ÷ het eigen doel.",
        "en": "{weight} of it depends on the own result in {metric} ÷ the own target.",
    },
    "team-weight": {
        "nl": "{weight} daarvan hangt af van het resultaat van het team in {metric} ÷ het doel van het team.",
        "en": "{weight} of it depends on the team's result in {metric} ÷ the team's target.",
    },
    "own-rate": {"nl": "{rate} per eenheid eigen {metric}.", "en": "{rate} a unit of own {metric}."},
    "team-rate": {"nl": "{rate} per eenheid {metric} van het team.", "en": "{rate} a unit of the team's {metric}."},
    "linear": {"nl": "Recht evenredig.", "en": "In direct proportion."},
    "marginal": {
        "nl": "Elk deel vanaf zijn grens telt zoveel keer: {tiers}.",
        "en": "Each slice from its boundary on counts so many times: {tiers}.",
    },
    "whole": {
        "nl": "De bereikte schijf geldt voor alles: {tiers}.",
        "en": "The tier reached holds for everything: {tiers}.",
    },
    "interpolated": {"nl": "Rechtlijnig tussen: {points}.", "en": "Along straight lines between: {points}."},
    "flat": {"nl": "Daarboven niet meer.", "en": "No more beyond."},
    "slope": {"nl": "Daarboven op dezelfde helling verder.", "en": "On along the same slope beyond."},
    "cap": {"nl": "Ten hoogste {cap}.", "en": "At most {cap}."},
    "no-cap": {"nl": "Zonder maximum.", "en": "Without a cap."},
    "add": {"nl": "De onderdelen worden opgeteld.", "en": "The components are added up."},
}


def plan_in_words(plan: Plan, league: League, language: str) -> list[str]:
    """Return a plan as sentences in `language` (nl, en)."""

    def say(name: str, **said: str) -> str:
        return WORDS[name][language].format(**said)

    lines = [say("who", who=", ".join(_who(plan, league))), say(plan.period)]
    if plan.target_incentive is not None:
        lines.append(say("incentive", amount=_money(plan, plan.target_incentive, language)))
        for rep, amount in plan.incentives.items():
            lines.append(say("own-incentive", rep=_rep(rep, league), amount=_money(plan, amount, language)))
    lines += [" ".join(_component(component, plan, league, language)) for component in plan.components]
    together = [say("add")] if len(plan.components) > 1 else []
    return [*lines, *together, *time_in_words(plan, language)]


def _who(plan: Plan, league: League) -> Iterator[str]:
    for team in plan.teams:
        known = league.roster.teams.get(team)
        yield known.name if known else team
    for rep in plan.reps:
        yield _rep(rep, league)


def _rep(rep: str, league: League) -> str:
    known = league.roster.reps.get(rep)
    return known.name if known else rep


def _money(plan: Plan, minor: int, language: str) -> str:
    return show(Quantity(Fraction(minor, 10 ** exponent(plan.currency)), plan.currency), language)


def _component(component: Component, plan: Plan, league: League, language: str) -> Iterator[str]:
    metric = league.metrics.get(component.metric)
    name = metric.label.get(language, component.metric) if metric else component.metric
    scope = "team" if component.scope == TEAM else "own"
    if component.weight is not None:
        weight = show(Quantity(component.weight, RATIO), language)
        yield WORDS[f"{scope}-weight"][language].format(weight=weight, metric=name)
    elif component.rate is not None:
        rate = show(Quantity(component.rate, plan.currency), language)
        yield WORDS[f"{scope}-rate"][language].format(rate=rate, metric=name)
    yield from _curve(component.curve, plan, metric, language)
    yield from component_in_words(component, league, language)


def _curve(curve: Curve, plan: Plan, metric: Metric | None, language: str) -> Iterator[str]:
    unit, label = (RATIO, {}) if curve.over == ATTAINMENT or metric is None else (metric.unit, metric.label)

    def on_axis(value: Fraction) -> str:
        return show(Quantity(value, unit, label), language)

    tiers = ", ".join(f"{on_axis(tier.start)} × {show(Quantity(tier.rate, TIMES), language)}" for tier in curve.tiers)
    points = ", ".join(f"{on_axis(point.at)} → {on_axis(point.pays)}" for point in curve.points)
    yield WORDS[curve.kind][language].format(tiers=tiers, points=points)
    if curve.beyond:
        yield WORDS[curve.beyond][language]
    if curve.cap is None:
        yield WORDS["no-cap"][language]
    else:
        cap = Quantity(curve.cap.value, plan.currency if curve.cap.money else RATIO)
        yield WORDS["cap"][language].format(cap=show(cap, language))
