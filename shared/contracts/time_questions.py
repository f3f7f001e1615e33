"""What a plan must answer about time, people and currencies, and what contradicts itself there."""

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from shared.contracts.plan import (
    ATTAINMENT,
    DAYS,
    DEAL,
    INDIVIDUAL,
    MENTEES,
    MULTIPLY,
    PERIOD,
    QUARTER,
    RUNNING,
    TEAM,
    YEAR,
    Component,
)
from shared.contracts.plan_fields import Found
from shared.contracts.timing import SEGMENTS, WORKING, ExchangeRate
from shared.money import exponent

ORGANISATION = "organisation"
EXACT = "exact"
INSIDE: Mapping[str, Sequence[str]] = {QUARTER: ("month",), YEAR: ("month", "quarter")}
"""Which payment periods fit into a quarter and into a year."""

ASK_WHAT = "what shrinks with the time in the plan? prorate_what: [incentive], [target] or [incentive, target]"
ASK_DAYS = "which days are counted? days: calendar, or working (Monday to Friday without the holidays)"
ASK_HOLIDAYS = "which days are no working days? holidays: organisation (those of the roster), or a list of days"
ASK_LEAVE = (
    "does leave count as time in the plan? leave: counts, shrinks (absences make the period shorter), "
    "or {shrinks: [unpaid, …]} for some kinds"
)
ASK_FACTOR = (
    "how exact is the factor? factor: exact (a fraction), or the number of decimals it is rounded to, halves up"
)
ASK_TRANSFERS = (
    "how is a transfer between teams in mid-period paid? transfers: whole (one result against one target), or "
    "segments (the result in each team against its own part of the target)"
)
ASK_UNPAID = "what happens to what a leaver has earned and was not paid yet? unpaid: paid or forfeited"
ASK_REVERSALS = "what happens to a reversal after somebody left? reversals_after: recovered or written_off"
ASK_LEAVERS = f"what holds for leavers? leavers: {{unpaid: …, reversals_after: …}}; {ASK_UNPAID}; {ASK_REVERSALS}"
ASK_WITHIN = 'how long after a period is what comes late still adjusted? adjust_within: "12 months"'
ASK_THEN = "what happens to what comes later still? then: refused or adjusted (all the same)"
ASK_LATE = f"what holds for late data? late: {{adjust_within: …, then: …}}; {ASK_WITHIN}; {ASK_THEN}"
ASK_SHARES = 'which part of the target has a newcomer in each month? share_of_target: ["0.5", "0.75"]; later: all of it'
ASK_SINCE = "since when is somebody a newcomer? from: start (of work) or team (start in the team)"
ASK_MONTHS = (
    "how are the months counted? months: calendar (that of the start is the first) or service (from the day of the "
    "start to the same day of the next month)"
)
ASK_RAMPED = "what does 100 % of a ramped target pay? incentive: full or ramped (the same part of it)"
ASK_TEAM_TARGET = "does the team's target go down with a newcomer's? team_target: lowered or kept"
ASK_GUARANTEED = 'how much is guaranteed? amount: "500.00"'
ASK_UNTIL = "how long does the guarantee hold? until: 2027-01-01 (not included), or none for no end"
ASK_GUARANTEE_PRORATED = "does the guarantee shrink with the time in the plan, and where it ends? prorated: yes or no"
ASK_EXCHANGE_AT = (
    "which of several rates of a pair holds? exchange_at: period_end (the latest at the period's end) or event (the "
    "latest on each deal's day)"
)
ASK_HELD = 'which part waits? share: "0.3"'
ASK_HELD_UNTIL = "for which metric's credits of the deal does it wait? until: paid-revenue"
ASK_RELEASE = "how does it come free? release: at_once (when any has come) or as_it_comes (in proportion)"
ASK_MENTEES = 'which part of the mentees\' credits counts? mentees: {share: "0.1"}'
ASK_AGAINST = (
    "what is the result to date held against? against: to_date (targets and incentive of the periods so far) or "
    "whole (those of the whole quarter or year)"
)
ASK_RESETS = "when does the running total begin again? resets: period, quarter or year"


def time_problems(plan: Mapping[str, Any]) -> Found:
    """Yield what is wrong or open about time, people and currencies in a plan, as far as it could be read."""
    yield from _proration_problems(plan)
    yield from _exchange_problems(plan.get("exchange", ()), plan.get("exchange_at"))
    yield from _guarantee_problems(plan)
    components = [one for one in plan.get("components", ()) if isinstance(one, Component)]
    for i, component in enumerate(components):
        for name, stretch in (("accumulate", component.accumulate), ("resets", component.resets)):
            if stretch in INSIDE and plan.get("period") not in (None, *INSIDE[stretch]):
                fitting = " or ".join(INSIDE[stretch])
                yield ["components", i, name], f"needs payment periods inside it: period: {fitting}"
    yield from _combination_problems(plan, components)
    if _divides(plan) and plan.get("transfers", PERIOD) is None and any(map(_matters, components)):
        yield ["transfers"], ASK_TRANSFERS


def _combination_problems(plan: Mapping[str, Any], components: Sequence[Component]) -> Found:
    """Yield what cannot be divided or added up: products and pools are of one payment period."""
    if plan.get("combine") == MULTIPLY and plan.get("transfers") == SEGMENTS:
        yield ["transfers"], "segments cannot be multiplied: write transfers: whole, or combine: add"
    for i, component in enumerate(components):
        whole = component.factor or component.pool is not None
        if whole and component.accumulate in INSIDE:
            what = "a pool" if component.pool else "a product"
            yield ["components", i, "accumulate"], f"{what} is of one payment period: write accumulate: period"


def _divides(plan: Mapping[str, Any]) -> bool:
    """Tell whether a rep may move from one team to another and stay in the plan."""
    who = plan.get("who") or {}
    return len(who.get("teams", ())) > 1 or bool(who.get("reps"))


def _matters(component: Component) -> bool:
    """Tell whether two parts of a result are paid differently from the whole."""
    return component.scope == INDIVIDUAL and not component.curve.plain and component.accumulate in (PERIOD, *INSIDE)


def _proration_problems(plan: Mapping[str, Any]) -> Found:
    prorate = plan.get("prorate") or ()
    asks = [("prorate_what", ASK_WHAT)] if prorate else []
    if DAYS in prorate:
        asks += [("days", ASK_DAYS), ("leave", ASK_LEAVE), ("factor", ASK_FACTOR)]
    if plan.get("days") == WORKING:
        asks.append(("holidays", ASK_HOLIDAYS))
    yield from (([name], question) for name, question in asks if plan.get(name, ()) is None)


def _exchange_problems(rates: Sequence[Any], at: str | None) -> Found:
    read = [(i, rate) for i, rate in enumerate(rates) if isinstance(rate, ExchangeRate)]
    pairs = sorted(read, key=lambda each: (each[1].source, each[1].target, each[1].on))
    for pair, found in groupby(pairs, key=lambda each: (each[1].source, each[1].target)):
        same = list(found)
        if len(same) > 1 and at is None:
            yield ["exchange_at"], f"{pair[0]} to {pair[1]} has {len(same)} rates: {ASK_EXCHANGE_AT}"
        yield from _same_day(same)


def _same_day(rates: Sequence[tuple[int, ExchangeRate]]) -> Found:
    for (_, before), (i, after) in pairwise(rates):
        if before.on == after.on:
            yield ["exchange", i, "on"], f"{after.on} has a rate already: which of the two holds?"


def _guarantee_problems(plan: Mapping[str, Any]) -> Found:
    amount, currency = (plan.get("guarantee") or {}).get("amount"), plan.get("currency", "EUR")
    if amount is not None and amount != round(amount, exponent(currency)):
        yield ["guarantee", "amount"], f"has more than {exponent(currency)} decimals of {currency}"


def component_time_problems(component: Mapping[str, Any]) -> Found:
    """Yield what is wrong or open about time and people in a component, as it was read."""
    scope, accumulate, curve = component.get("scope"), component.get("accumulate"), component.get("curve")
    yield from _mentees_problems(component)
    stretch = component.get("resets") if accumulate == RUNNING else accumulate
    if stretch in INSIDE and component.get("against", PERIOD) is None and _over(curve) == ATTAINMENT:
        yield ["against"], ASK_AGAINST
    if accumulate == RUNNING and component.get("resets", PERIOD) is None:
        yield ["resets"], ASK_RESETS
    if component.get("holdback") is None:
        return
    if stretch in INSIDE:
        yield ["holdback"], f"waits deal by deal in its period, and a {stretch} to date pays the rise of a total"
    if scope not in (INDIVIDUAL, TEAM) or component.get("pool"):
        yield ["holdback"], "waits for a deal's credits: only an individual or a team component without a pool has them"


def _mentees_problems(component: Mapping[str, Any]) -> Found:
    scope, share = component.get("scope"), component.get("mentees", PERIOD)
    if scope == MENTEES and share is None:
        yield ["mentees"], ASK_MENTEES
    if share not in (None, PERIOD) and scope not in (MENTEES, INDIVIDUAL):
        yield ["mentees"], "counts for the mentor alone, never for a team: write scope: mentees or individual"
    if share not in (None, PERIOD) and component.get("accumulate") in (DEAL, RUNNING):
        yield ["accumulate"], "mentees' credits count together: write accumulate: period, quarter or year"
    if scope == MENTEES and (component.get("weight") is not None or _over(component.get("curve")) == ATTAINMENT):
        yield ["scope"], "pays by a rate over amount: for attainment, write mentees beside an individual component"


def _over(curve: object) -> str:
    """Return the axis of a curve that could be read; one that was not said is attainment."""
    return (getattr(curve, "over", None) or ATTAINMENT) if hasattr(curve, "kind") else ""
