"""Results of reps and teams from the books, and how a component's result and target are measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from services.commission.domain.derivation import Source, Step, step
from services.commission.domain.findings import (
    MISSING_TARGET,
    OTHER_CURRENCY,
    UNKNOWN_METRIC,
    ZERO_TARGET,
    Finding,
    finding,
)
from services.commission.domain.league import League
from services.commission.domain.quantities import RATIO, Operand, Quantity, of_metric
from shared.contracts.plan import AMOUNT, Component, Plan
from shared.contracts.playbook import Metric
from shared.contracts.roster import Rep
from shared.money import is_currency
from shared.periods import Period


@dataclass(frozen=True, slots=True)
class Span:
    """Days of one rep, from `first` up to and without `last`."""

    rep: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class DealAmount:
    """What one deal adds to somebody's result: its credits in the period summed, in smallest units.

    `deal` is the credits' subject, `at` the earliest moment that still holds something of it; `whole` is what the
    deal adds to everybody together, so that amount ÷ whole is a split share.
    """

    deal: str
    amount: int
    at: datetime
    whole: int


@dataclass(frozen=True, slots=True)
class Results:
    """Sums of credits in one period, in smallest units; what is absent is zero.

    `reps` by (rep, metric), `teams` by (team, metric): all credits that carry the team; `spans` by (span,
    metric): days of a rep that count by themselves. `deals` by (rep, metric) and `team_deals` by (team, metric)
    hold the same sums deal by deal, by moment and then by name, for the metrics that were asked for; a deal whose
    credits in the period sum to nothing is not among them.
    """

    reps: Mapping[tuple[str, str], int] = field(default_factory=dict)
    teams: Mapping[tuple[str, str], int] = field(default_factory=dict)
    spans: Mapping[tuple[Span, str], int] = field(default_factory=dict)
    deals: Mapping[tuple[str, str], tuple[DealAmount, ...]] = field(default_factory=dict)
    team_deals: Mapping[tuple[str, str], tuple[DealAmount, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Payee:
    """The rep, the period and everything that a payout of them is computed from.

    `spans` are the rep's days under the plan at hand; empty when that plan has the period to itself.
    """

    rep: Rep
    period: Period
    league: League
    results: Results
    spans: tuple[Span, ...] = ()

    def team_name(self, team: str) -> str:
        """Return the team's name, or its id when the roster has dropped it."""
        known = self.league.roster.teams.get(team)
        return known.name if known else team


@dataclass(frozen=True, slots=True)
class Measured:
    """A component's result.

    `amount` is that of the whole period, `counted` what a rate pays for (the days in the plan);
    `target` and `attainment` are there when the curve runs over attainment.
    """

    steps: tuple[Step, ...]
    amount: Quantity
    counted: Quantity
    target: Quantity | None = None
    attainment: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A component that cannot be computed, how far it came, and why."""

    steps: tuple[Step, ...]
    problem: Finding
    amount: Quantity | None = None


def measure(payee: Payee, plan: Plan, component: Component, team: str | None) -> Measured | Unmeasured:
    """Measure the result of the rep (`team` None) or of the team, against its target where the curve needs one."""
    metric = payee.league.metrics.get(component.metric)
    if metric is None:
        return Unmeasured((), finding(UNKNOWN_METRIC, component.id, metric=component.metric))
    found = _own_result(payee, component, metric) if team is None else _team_result(payee, metric, team)
    if component.rate is not None and is_currency(metric.unit) and metric.unit != plan.currency:
        problem = finding(
            OTHER_CURRENCY, component.id, metric=name_of(metric), unit=metric.unit, currency=plan.currency
        )
        return Unmeasured(found.steps, problem, found.amount)
    return found if component.curve.over == AMOUNT else _against_target(payee, component, metric, team, found)


def name_of(metric: Metric) -> Operand:
    """Return the metric's name by language; its id where it has none."""
    return metric.label or metric.id


def _team_result(payee: Payee, metric: Metric, team: str) -> Measured:
    amount = of_metric(metric, payee.results.teams.get((team, metric.id), 0))
    source = Source(metric.id, payee.period.id, team=team)
    said = step("team-result", amount, source, team=payee.team_name(team), period=payee.period.id)
    return Measured((said,), amount, amount)


def _own_result(payee: Payee, component: Component, metric: Metric) -> Measured:
    amount = of_metric(metric, payee.results.reps.get((payee.rep.id, metric.id), 0))
    source = Source(metric.id, payee.period.id, rep=payee.rep.id)
    said = step("own-result", amount, source, period=payee.period.id)
    if component.rate is None or not payee.spans:
        return Measured((said,), amount, amount)
    counted = of_metric(metric, sum(payee.results.spans.get((span, metric.id), 0) for span in payee.spans))
    return Measured((said, step("own-result-in-plan", counted, source)), amount, counted)


def _against_target(
    payee: Payee, component: Component, metric: Metric, team: str | None, found: Measured
) -> Measured | Unmeasured:
    owner, amount = _target(payee, metric, team)
    period = payee.period.id
    if not amount:
        code = MISSING_TARGET if amount is None else ZERO_TARGET
        problem = finding(code, component.id, whose=owner, metric=name_of(metric), period=period)
        return Unmeasured(found.steps, problem, found.amount)
    target = Quantity(Fraction(amount), metric.unit, metric.label)
    attainment = found.amount.value / target.value
    steps = (
        step("own-target" if team is None else "team-target", target, team=owner, period=period),
        step("attainment", Quantity(attainment, RATIO), amount=found.amount, target=target),
    )
    return replace(found, steps=(*found.steps, *steps), target=target, attainment=attainment)


def _target(payee: Payee, metric: Metric, team: str | None) -> tuple[str, Decimal | None]:
    """Return whose target it is, and the target for exactly this period in usual units."""
    targets = payee.league.targets
    if team is None:
        return payee.rep.name, targets.of_rep(payee.rep.id, metric.id, payee.period)
    return payee.team_name(team), targets.of_team(team, metric.id, payee.period)
