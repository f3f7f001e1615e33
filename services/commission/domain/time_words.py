"""What a plan says about time, people and currencies, in words."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from services.commission.domain.league import League
from services.commission.domain.quantities import RATIO, TIMES, Quantity, show
from shared.contracts.plan import ATTAINMENT, DAYS, FTE, PERIOD, Component, Plan
from shared.contracts.timing import (
    ADJUSTED,
    AS_IT_COMES,
    AT_ONCE,
    CALENDAR,
    COUNTS,
    EVENT,
    FIXED,
    FORFEITED,
    FULL,
    INCENTIVE,
    KEPT,
    LOWERED,
    PAID,
    PERIOD_END,
    RAMPED,
    RECOVERED,
    REFUSED,
    SEGMENTS,
    SHRINKS,
    TARGET,
    TO_DATE,
    WHOLE,
    WORKING,
    WRITTEN_OFF,
    Guarantee,
    Ramp,
)
from shared.money import exponent

Said = tuple[str, dict[str, str]]
"""The name of a sentence and what goes into it."""

TIME_WORDS: Mapping[str, Mapping[str, str]] = {
    "prorate-none": {
        "nl": "Deeltijd en later beginnen maken doel en beloning niet kleiner.",
        "en": "Part-time and a later start make neither the target nor the pay smaller.",
    },
    f"prorate-{INCENTIVE}": {
        "nl": "De beloning telt naar {by}.",
        "en": "The pay counts by {by}.",
    },
    f"prorate-{TARGET}": {"nl": "Het doel telt naar {by}.", "en": "The target counts by {by}."},
    f"prorate-{INCENTIVE}-{TARGET}": {
        "nl": "Beloning en doel tellen naar {by}.",
        "en": "Pay and target count by {by}.",
    },
    f"leave-{COUNTS}": {"nl": "Verlof telt als tijd in het plan.", "en": "Leave counts as time in the plan."},
    f"leave-{SHRINKS}": {"nl": "Verlof telt niet mee.", "en": "Leave does not count."},
    "leave-kinds": {"nl": "Verlof telt niet mee: {kinds}.", "en": "Leave does not count: {kinds}."},
    "factor": {
        "nl": "Het deel van het tijdvak wordt afgerond op {decimals} decimalen.",
        "en": "The part of the period is rounded to {decimals} decimals.",
    },
    f"transfers-{SEGMENTS}": {
        "nl": "Wie van team wisselt, wordt per team afgerekend tegen dat deel van het doel.",
        "en": "Who changes teams is paid for each team against its part of the target.",
    },
    f"transfers-{WHOLE}": {
        "nl": "Wie van team wisselt, houdt één eigen resultaat tegen één eigen doel.",
        "en": "Who changes teams keeps one own result against one own target.",
    },
    "ramp": {
        "nl": "Wie nieuw is, heeft per maand een deel van het doel: {shares}.",
        "en": "A newcomer has a part of the target in each month: {shares}.",
    },
    f"ramp-{FULL}": {"nl": "Dat betaalt bij 100 % volledig.", "en": "At 100% that pays in full."},
    f"ramp-{RAMPED}": {"nl": "De beloning telt voor hetzelfde deel.", "en": "The pay counts for the same part."},
    f"ramp-{LOWERED}": {"nl": "Het doel van het team daalt mee.", "en": "The team's target goes down with it."},
    f"ramp-{KEPT}": {"nl": "Het doel van het team blijft gelijk.", "en": "The team's target stays as it is."},
    f"unpaid-{PAID}": {
        "nl": "Wie vertrekt, krijgt uitbetaald wat is verdiend.",
        "en": "Who leaves is paid what was earned.",
    },
    f"unpaid-{FORFEITED}": {
        "nl": "Wat bij vertrek nog niet is betaald, vervalt.",
        "en": "What is not paid yet when somebody leaves is forfeited.",
    },
    f"reversals-{RECOVERED}": {
        "nl": "Wat daarna wordt teruggedraaid, wordt verrekend.",
        "en": "What is reversed afterwards is recovered.",
    },
    f"reversals-{WRITTEN_OFF}": {
        "nl": "Wat daarna wordt teruggedraaid, wordt afgeboekt.",
        "en": "What is reversed afterwards is written off.",
    },
    "guarantee": {
        "nl": "Gegarandeerd is {amount} per tijdvak.",
        "en": "Guaranteed is {amount} a period.",
    },
    "guarantee-until": {
        "nl": "Gegarandeerd is {amount} per tijdvak, tot {until}.",
        "en": "Guaranteed is {amount} a period, until {until}.",
    },
    "guarantee-first": {
        "nl": "Dat geldt voor de eerste {months} maanden in dienst.",
        "en": "That holds for the first {months} months of work.",
    },
    "exchange": {
        "nl": "{source} wordt omgerekend naar {target}: {rates}.",
        "en": "{source} is exchanged to {target}: {rates}.",
    },
    f"exchange-{PERIOD_END}": {
        "nl": "De laatste koers aan het eind van het tijdvak geldt.",
        "en": "The latest rate at the end of the period holds.",
    },
    f"exchange-{EVENT}": {"nl": "De koers van de dag van elke deal geldt.", "en": "Each deal's rate of its day holds."},
    f"late-{REFUSED}": {
        "nl": "Wat later dan {months} maanden na een tijdvak komt, telt niet meer.",
        "en": "What comes more than {months} months after a period does not count any more.",
    },
    f"late-{ADJUSTED}": {
        "nl": "Wat laat komt, wordt altijd gecorrigeerd.",
        "en": "What comes late is always adjusted.",
    },
    "to-date": {
        "nl": "Gerekend over het {stretch} tot nu toe; betaald wordt de stijging.",
        "en": "Reckoned over the {stretch} to date; what is paid is the rise.",
    },
    f"against-{WHOLE}": {"nl": "Tegen het hele doel daarvan.", "en": "Against the whole target of it."},
    f"against-{TO_DATE}": {"nl": "Tegen het doel tot nu toe.", "en": "Against the target to date."},
    f"holdback-{AT_ONCE}": {
        "nl": "{share} wacht tot de deal er is in {until}.",
        "en": "{share} waits until the deal is there in {until}.",
    },
    f"holdback-{AS_IT_COMES}": {
        "nl": "{share} wacht, en komt vrij naarmate de deal er is in {until}.",
        "en": "{share} waits, and comes free as the deal comes in in {until}.",
    },
    "mentees": {
        "nl": "{share} van wat de begeleide nieuwkomers doen, telt mee.",
        "en": "{share} of what the mentored newcomers do counts as well.",
    },
}

BY = {
    (DAYS, CALENDAR): {"nl": "kalenderdagen in het plan", "en": "calendar days in the plan"},
    (DAYS, WORKING): {"nl": "werkdagen in het plan", "en": "working days in the plan"},
    (FTE, ""): {"nl": "deeltijd", "en": "part-time"},
}
STRETCHES = {"quarter": {"nl": "kwartaal", "en": "quarter"}, "year": {"nl": "jaar", "en": "year"}}
AND = {"nl": " en ", "en": " and "}


def time_in_words(plan: Plan, language: str) -> list[str]:
    """Return what a plan says about time, people and currencies as sentences in `language` (nl, en)."""
    said = (*_proration(plan, language), *_people(plan, language), *_money(plan, language))
    return [TIME_WORDS[name][language].format(**about) for name, about in said]


def component_in_words(component: Component, league: League, language: str) -> Iterator[str]:
    """Yield what a component says about time and people."""
    for name, about in _component(component, league, language):
        yield TIME_WORDS[name][language].format(**about)


def _proration(plan: Plan, language: str) -> Iterator[Said]:
    rules = plan.time.proration
    what = "-".join(name for name in (INCENTIVE, TARGET) if name in rules.what)
    if not plan.prorate or not what:
        yield "prorate-none", {}
        return
    keys = [(DAYS, rules.days)] * (DAYS in plan.prorate) + [(FTE, "")] * (FTE in plan.prorate)
    yield f"prorate-{what}", {"by": AND[language].join(BY[key][language] for key in keys)}
    if DAYS in plan.prorate:
        kinds = ", ".join(sorted(rules.kinds))
        yield ("leave-kinds", {"kinds": kinds}) if kinds else (f"leave-{rules.leave}", {})
        if rules.decimals is not None:
            yield "factor", {"decimals": str(rules.decimals)}


def _people(plan: Plan, language: str) -> Iterator[Said]:
    time = plan.time
    if len(plan.teams) > 1 or plan.reps:
        yield f"transfers-{time.transfers}", {}
    if time.ramp:
        yield from _ramp(time.ramp, language)
    if time.leavers:
        yield f"unpaid-{time.leavers.unpaid}", {}
        yield f"reversals-{time.leavers.reversals}", {}


def _ramp(ramp: Ramp, language: str) -> Iterator[Said]:
    yield "ramp", {"shares": ", ".join(show(Quantity(share, RATIO), language) for share in ramp.shares)}
    yield f"ramp-{ramp.incentive}", {}
    yield f"ramp-{ramp.team_target}", {}


def _money(plan: Plan, language: str) -> Iterator[Said]:
    time = plan.time
    if time.guarantee:
        yield _guarantee(time.guarantee, plan, language)
        if time.guarantee.months:
            yield "guarantee-first", {"months": str(time.guarantee.months)}
    for source, target in dict.fromkeys((rate.source, rate.target) for rate in time.exchange.rates):
        of_pair = time.exchange.between(source, target)
        rates = (f"{show(Quantity(one.rate, TIMES), language)} ({one.on}, {one.said_by})" for one in of_pair)
        yield "exchange", {"source": source, "target": target, "rates": "; ".join(rates)}
    if time.exchange.rates and time.exchange.at != FIXED:
        yield f"exchange-{time.exchange.at}", {}
    if time.late:
        yield f"late-{time.late.then}", {"months": str(time.late.months)}


def _guarantee(guarantee: Guarantee, plan: Plan, language: str) -> Said:
    amount = show(Quantity(Fraction(guarantee.amount, 10 ** exponent(plan.currency)), plan.currency), language)
    if guarantee.until is None:
        return "guarantee", {"amount": amount}
    return "guarantee-until", {"amount": amount, "until": guarantee.until.isoformat()}


def _component(component: Component, league: League, language: str) -> Iterator[Said]:
    stretch = component.resets if component.resets != PERIOD else component.accumulate
    if stretch in STRETCHES:
        yield "to-date", {"stretch": STRETCHES[stretch][language]}
        if component.curve.over == ATTAINMENT:
            yield f"against-{component.against}", {}
    if component.holdback:
        until = league.metrics.get(component.holdback.until)
        name = until.label.get(language, until.id) if until else component.holdback.until
        share = show(Quantity(component.holdback.share, RATIO), language)
        yield f"holdback-{component.holdback.release}", {"share": share, "until": name}
    if component.mentees is not None:
        yield "mentees", {"share": show(Quantity(component.mentees, RATIO), language)}
