"""A plan in words that the people in it can read."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from services.commission.domain.draw_words import draw_in_words
from services.commission.domain.league import League
from services.commission.domain.pay_words import PAY_WORDS, modifier_in_words, pay_in_words
from services.commission.domain.quantities import RATIO, TIMES, Quantity, show
from services.commission.domain.time_words import component_in_words, time_in_words
from shared.contracts.plan import AMOUNT, CARRIED, PAYOUT, Plan, PlanLimit
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
    "floor": {"nl": "Het plan betaalt ten minste {limit}.", "en": "The plan pays at least {limit}."},
    "cap": {"nl": "Het plan betaalt ten hoogste {limit}.", "en": "The plan pays at most {limit}."},
    "cap-carried": {
        "nl": "Het plan betaalt ten hoogste {limit}; wat daarboven ligt, blijft staan voor later.",
        "en": "The plan pays at most {limit}; what is above it is kept for later.",
    },
    "multiple": {"nl": "{times} keer de doelbeloning", "en": "{times} times the target incentive"},
    "multiply": {
        "nl": "De doelbeloning wordt met alle factoren vermenigvuldigd.",
        "en": "The target incentive is multiplied by all factors.",
    },
    "reward": {
        "nl": "Beloning buiten het loon: {name}, bij {least} in {metric} ({result}).",
        "en": "A reward beside the pay: {name}, at {least} in {metric} ({result}).",
    },
    "payout": {"nl": "De uitbetaling wordt één keer afgerond.", "en": "The payout is rounded once."},
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
    for component in plan.components:
        said = (*pay_in_words(component, plan, league, language), *component_in_words(component, league, language))
        lines.append(" ".join(said))
    lines += [" ".join(modifier_in_words(modifier, plan, league, language)) for modifier in plan.modifiers]
    together = [say(plan.combine)] if len(plan.components) > 1 else []
    rounding = [say("payout")] if plan.rounding.of == PAYOUT else []
    more = [*_limits(plan, language), *rounding, *_rewards(plan, league, language)]
    return [*lines, *together, *more, *time_in_words(plan, language), *draw_in_words(plan, language)]


def _limits(plan: Plan, language: str) -> Iterator[str]:
    for name, limit in (("floor", plan.floor), ("cap", plan.cap)):
        if limit is not None:
            kept = "-carried" if limit.excess == CARRIED else ""
            yield WORDS[f"{name}{kept}"][language].format(limit=_limit(plan, limit, language))


def _limit(plan: Plan, limit: PlanLimit, language: str) -> str:
    if limit.multiple is None:
        return _money(plan, limit.amount or 0, language)
    return WORDS["multiple"][language].format(times=show(Quantity(limit.multiple, TIMES), language))


def _rewards(plan: Plan, league: League, language: str) -> Iterator[str]:
    for reward in plan.rewards:
        metric = league.metrics.get(reward.metric)
        unit, label = (metric.unit, metric.label) if metric and reward.over == AMOUNT else (RATIO, {})
        yield WORDS["reward"][language].format(
            name=reward.label.get(language, reward.id),
            least=show(Quantity(reward.at_least, unit, label), language),
            metric=metric.label.get(language, reward.metric) if metric else reward.metric,
            result=PAY_WORDS[reward.scope][language],
        )


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
