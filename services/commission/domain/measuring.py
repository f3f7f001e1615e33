"""How a component's result is measured: whose, over which time, in which currency, against which target."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from services.commission.domain.derivation import Source, step
from services.commission.domain.exchange import in_currency_of
from services.commission.domain.expected import Expected, organisation_target, own_target, team_target
from services.commission.domain.findings import MISSING_TARGET, UNKNOWN_METRIC, ZERO_TARGET, Finding, finding
from services.commission.domain.groups import mean_attainment, organisation_result
from services.commission.domain.payee import Deal, Measured, Payee, Unmeasured
from services.commission.domain.quantities import RATIO, Operand, Quantity, of_metric
from services.commission.domain.results import DealAmount, Span
from shared.contracts.plan import (
    AMOUNT,
    GROUPS,
    INDIVIDUAL,
    MEAN_OF_MEMBERS,
    MENTEES,
    ORGANISATION,
    Component,
    Plan,
)
from shared.contracts.playbook import Metric
from shared.money import is_currency

ZERO = Fraction(0)


def measure(payee: Payee, plan: Plan, component: Component, team: str | None) -> Measured | Unmeasured:
    """Measure the result of the rep (`team` None) or of the team, against its target where the curve needs one."""
    metric = payee.league.metrics.get(component.metric)
    if metric is None:
        return Unmeasured((), finding(UNKNOWN_METRIC, component.id, metric=component.metric))
    found = _result(payee, component, metric, team)
    if component.by_unit and is_currency(metric.unit) and metric.unit != plan.currency:
        exchanged = in_currency_of(payee, plan, component, found)
        if isinstance(exchanged, Finding):
            return Unmeasured(found.steps, exchanged, found.amount)
        found = exchanged
    if component.curve.over == AMOUNT:
        return found
    if component.scope in GROUPS and plan.team_attainment == MEAN_OF_MEMBERS:
        own = replace(component, scope=INDIVIDUAL, pool=None)
        return mean_attainment(payee, component, team, found, lambda member: measure(member, plan, own, None))
    return _against_target(payee, component, metric, team, found)


def _result(payee: Payee, component: Component, metric: Metric, team: str | None) -> Measured:
    if component.scope == ORGANISATION:
        return organisation_result(payee, metric)
    return _own_result(payee, component, metric) if team is None else _team_result(payee, metric, team)


def name_of(metric: Metric) -> Operand:
    """Return the metric's name by language; its id where it has none."""
    return metric.label or metric.id


def _team_result(payee: Payee, metric: Metric, team: str) -> Measured:
    amount = of_metric(metric, payee.results.teams.get((team, metric.id), 0))
    source = Source(metric.id, payee.listed, team=team)
    said = step("team-result", amount, source, team=payee.team_name(team), period=payee.period.id)
    return Measured((said,), amount, amount, _deals(metric, payee.results.team_deals.get((team, metric.id), ())))


def _own_result(payee: Payee, component: Component, metric: Metric) -> Measured:
    if component.scope == MENTEES:
        return _of_mentees(payee, component, metric, Measured((), of_metric(metric, 0), of_metric(metric, 0)))
    found = _own_credits(payee, component, metric)
    return found if component.mentees is None else _of_mentees(payee, component, metric, found)


def _own_credits(payee: Payee, component: Component, metric: Metric) -> Measured:
    amount = of_metric(metric, payee.results.reps.get((payee.rep.id, metric.id), 0))
    deals = _deals(metric, payee.results.deals.get((payee.rep.id, metric.id), ()))
    source = Source(metric.id, payee.listed, rep=payee.rep.id)
    said = step("own-result", amount, source, period=payee.period.id)
    if not payee.spans or not (payee.apart or component.by_unit):
        return Measured((said,), amount, amount, deals)
    counted = of_metric(metric, sum(payee.results.spans.get((span, metric.id), 0) for span in payee.spans))
    inside = tuple(deal for deal in deals if _within(payee, deal))
    if payee.apart:
        days = step("own-result-of-days", counted, source, **_days_of(payee.spans))
        return Measured((days,), counted, counted, inside)
    return Measured((said, step("own-result-in-plan", counted, source)), amount, counted, inside)


def _of_mentees(payee: Payee, component: Component, metric: Metric, own: Measured) -> Measured:
    """Add the mentor's share of the mentees' credits; theirs, and the team's sum, stay as they are."""
    share = component.mentees or ZERO
    added, steps = ZERO, list(own.steps)
    for span in payee.mentees:
        credited = of_metric(metric, payee.results.spans.get((span, metric.id), 0))
        part = replace(credited, value=credited.value * share)
        added += part.value
        known = payee.league.roster.reps.get(span.rep)
        about = {"mentee": known.name if known else span.rep, **_days_of([span])}
        source = Source(metric.id, payee.listed, rep=span.rep)
        steps.append(step("mentee", part, source, amount=credited, share=Quantity(share, RATIO), **about))
    amount, counted = (replace(one, value=one.value + added) for one in (own.amount, own.counted))
    steps.append(step("result-with-mentees", amount))
    return Measured(tuple(steps), amount, counted)


def _deals(metric: Metric, found: Iterable[DealAmount]) -> tuple[Deal, ...]:
    unit = 10**metric.decimals
    return tuple(
        Deal(
            one.deal,
            Fraction(one.amount, unit),
            Fraction(one.whole, unit),
            one.at,
            None if one.earned is None else Fraction(one.earned, unit),
        )
        for one in found
    )


def _within(payee: Payee, deal: Deal) -> bool:
    day = payee.day(deal.at)
    return any(span.first <= day < span.last for span in payee.spans)


def _days_of(spans: Sequence[Span]) -> dict[str, Operand]:
    return {"first": spans[0].first.isoformat(), "last": spans[-1].last.isoformat()}


def _against_target(
    payee: Payee, component: Component, metric: Metric, team: str | None, found: Measured
) -> Measured | Unmeasured:
    expected = _expected(payee, component, metric, team)
    if not expected.amount:
        code = MISSING_TARGET if expected.amount is None else ZERO_TARGET
        about: dict[str, Operand] = {"whose": expected.whose, "metric": name_of(metric), "period": expected.period}
        return Unmeasured((*found.steps, *expected.steps), finding(code, component.id, **about), found.amount)
    target = Quantity(expected.amount, metric.unit, metric.label)
    attainment = found.amount.value / target.value
    divided = step("attainment", Quantity(attainment, RATIO), amount=found.amount, target=target)
    return replace(found, steps=(*found.steps, *expected.steps, divided), target=target, attainment=attainment)


def _expected(payee: Payee, component: Component, metric: Metric, team: str | None) -> Expected:
    if component.scope == ORGANISATION:
        return organisation_target(payee, metric)
    return own_target(payee, metric) if team is None else team_target(payee, metric, team)


__all__ = ["Deal", "Measured", "Payee", "Unmeasured", "measure", "name_of"]
