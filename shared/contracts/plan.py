"""A plan: who is paid for what; components, each with what it pays at 100 % or a unit, and a curve over its result.

The body's schema stands in `plans`, the questions that a plan must answer in `plan_questions`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from shared.contracts.curve import (
    AMOUNT,
    ATTAINMENT,
    CARRIED,
    CURVES,
    EXCESS,
    FLAT,
    FROM_THRESHOLD,
    FROM_VALUE,
    FROM_ZERO,
    INTERPOLATED,
    LINEAR,
    LOST,
    LOWER,
    MARGINAL,
    MONEY,
    MULTIPLE,
    SLOPE,
    STEPS,
    UPPER,
    WHOLE,
    Curve,
    DealCap,
    Limit,
    Point,
    Threshold,
    Tier,
)
from shared.contracts.draw import Draw
from shared.contracts.reward import Reward
from shared.contracts.timing import TO_DATE, Holdback, Timing

INDIVIDUAL, TEAM, ORGANISATION, MENTEES = "individual", "team", "organisation", "mentees"
PERIOD, DEAL, RUNNING, QUARTER, YEAR = "period", "deal", "running", "quarter", "year"
DAYS, FTE = "days", "fte"
ADD, MULTIPLY = "add", "multiply"
SUM_OVER_TARGET, MEAN_OF_MEMBERS = "sum_over_target", "mean_of_members"
EQUAL, FTE_DAYS, ROLE_WEIGHT, CONTRIBUTION = "equal", "fte_days", "role_weight", "contribution"
TIME, LARGEST_FIRST, SMALLEST_FIRST = "time", "largest_first", "smallest_first"
BEFORE, AFTER = "before", "after"
BASE, COMMISSION = "base", "commission"
RERATE, ORIGINAL_RATE = "rerate", "original_rate"
NOTHING, AT_MOST, TIMES = "nothing", "at_most", "times"
LINE, PAYOUT = "line", "payout"
HALF_UP, HALF_EVEN = "half_up", "half_even"
BY_ID, BY_ROSTER = "by_id", "by_roster"
LARGEST_REMAINDER = "largest_remainder"

SCOPES = (INDIVIDUAL, TEAM, ORGANISATION, MENTEES)
GROUPS = (TEAM, ORGANISATION)
ACCUMULATES = (PERIOD, DEAL, RUNNING, QUARTER, YEAR)
PERIODS = ("week", "month", "quarter", "year")
SHARED_BY = (EQUAL, FTE_DAYS, ROLE_WEIGHT, CONTRIBUTION)
ORDERS = (TIME, LARGEST_FIRST, SMALLEST_FIRST)


@dataclass(frozen=True, slots=True)
class Pool:
    """A group's money, shared among its members in whole cents.

    `shared_by`: equal parts, days times FTE in the group, `weights` (of each rep; who is not named has none),
    or each member's own credits of the metric. Left-over cents go to the largest remainders; of equal ones
    to the first by rep id (by_id) or by place on the roster (by_roster).
    """

    shared_by: str
    ties: str
    weights: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition: another `component` of the plan, or a `metric` of a `scope`, reaches `at_least`, or `no_more_than`.

    `over` says in what: attainment (1 is 100 %) or the metric's amount. When it is not reached the component pays
    nothing, at most `value` times what it pays at 100 % (at_most), or `value` times its pay (times).
    """

    component: str | None
    metric: str | None
    scope: str | None
    over: str
    at_least: Fraction | None
    otherwise: str
    value: Fraction = Fraction(0)
    no_more_than: Fraction | None = None

    @property
    def level(self) -> Fraction:
        """The level, from above or from below."""
        return (self.at_least if self.no_more_than is None else self.no_more_than) or Fraction(0)

    def met(self, reached: Fraction) -> bool:
        """Tell whether what was reached opens the gate; the level itself does."""
        return reached >= self.level if self.no_more_than is None else reached <= self.level


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a plan.

    Paid by exactly one of: `weight` (its share of the target incentive), `amount` (minor units, at 100 %), `rate`
    (money of the plan's currency for one usual unit of the metric: 0.05 a euro, 25.00 a deal), or the curve's own
    rates in money. With none of them it is a factor of a plan that multiplies; in a `section` its weight is its share
    of that factor. With a `pool` that pay is the group's, and is shared.
    `accumulate` is what the curve runs over: the period, each deal alone (deal), each deal at the tier that
    the running total reached (running, in `order`; the total before the deal or after it: `tier_of`), or the
    quarter or year to date. `splits`: of a shared deal each rep's part goes through the curve (base), or the
    whole deal does and its commission is divided (commission). `reversals`: what is taken back counts like any
    amount (rerate), or takes back what that deal paid (original_rate).
    A quarter or year is held `against` the targets and incentive to date, or against the whole of them; a running
    total begins again (`resets`) each period, quarter or year. `holdback` is the part that waits; `mentees` the part
    of the mentees' credits that counts for their mentor.
    """

    id: str
    label: Mapping[str, str]
    scope: str
    metric: str
    weight: Fraction | None
    rate: Fraction | None
    curve: Curve
    amount: int | None = None
    pool: Pool | None = None
    accumulate: str = PERIOD
    order: str = TIME
    tier_of: str = AFTER
    splits: str = BASE
    reversals: str = RERATE
    gates: tuple[Gate, ...] = ()
    section: str | None = None
    against: str = TO_DATE
    resets: str = PERIOD
    holdback: Holdback | None = None
    mentees: Fraction | None = None

    @property
    def by_unit(self) -> bool:
        """Tell whether each unit of the result is paid for: by a rate, or by tiers in money."""
        return self.rate is not None or (self.curve.rates == MONEY and bool(self.curve.tiers))

    @property
    def factor(self) -> bool:
        """Tell whether it pays nothing by itself and is multiplied with the other factors of the plan."""
        paid = self.weight is not None and self.section is None
        return not paid and self.amount is None and self.rate is None and self.curve.rates != MONEY


@dataclass(frozen=True, slots=True)
class Modifier:
    """What its curve pays multiplies the lines it `applies_to` (ids; None: all).

    `how`: multiply takes the product of such modifiers; add adds the sum of them to 1 (a curve that pays 0.1
    gives 10 % more).
    """

    id: str
    label: Mapping[str, str]
    scope: str
    metric: str
    curve: Curve
    applies_to: tuple[str, ...] | None
    how: str


@dataclass(frozen=True, slots=True)
class Rounding:
    """What is rounded to the smallest unit of the currency, each `line` or the `payout`, and by which `mode`."""

    of: str
    mode: str


@dataclass(frozen=True, slots=True)
class PlanLimit:
    """The most or the least that a plan pays in a period: `amount` (minor units), or a `multiple` of the incentive.

    `prorated`: it shrinks with the part of the period in the plan. `excess`: what becomes of what is above a cap.
    """

    amount: int | None
    multiple: Fraction | None
    prorated: bool
    excess: str = LOST


@dataclass(frozen=True, slots=True)
class Plan:
    """Who (`teams`, `reps`) is paid for what, in each `period` of the named kind.

    Money is in minor units of `currency`; `incentives` holds the target incentive of reps with one of their own.
    `prorate` names what shrinks the target incentive: days (the part of the period that the rep is in the
    plan), fte (the part of a full week). It is empty when nothing does.
    `combine`: add sums the components; multiply takes the target incentive times all its factors, and adds the rest.
    """

    id: str
    label: Mapping[str, str]
    teams: tuple[str, ...]
    reps: tuple[str, ...]
    period: str
    currency: str
    target_incentive: int | None
    incentives: Mapping[str, int]
    prorate: frozenset[str]
    combine: str
    team_attainment: str | None
    components: tuple[Component, ...]
    rounding: Rounding = Rounding(LINE, HALF_UP)
    modifiers: tuple[Modifier, ...] = ()
    cap: PlanLimit | None = None
    floor: PlanLimit | None = None
    rewards: tuple[Reward, ...] = ()
    time: Timing = field(default_factory=Timing)
    draw: Draw | None = None

    def incentive_of(self, rep: str) -> int:
        """Return the rep's target incentive in minor units: their own, else the plan's."""
        return self.incentives.get(rep, self.target_incentive or 0)


@dataclass(frozen=True)
class Plans:
    """All plans of one document, with their look-up."""

    plans: tuple[Plan, ...]

    @cached_property
    def _by_rep(self) -> Mapping[str, list[Plan]]:
        return _by_name((rep, plan) for plan in self.plans for rep in plan.reps)

    @cached_property
    def _by_team(self) -> Mapping[str, list[Plan]]:
        return _by_name((team, plan) for plan in self.plans for team in plan.teams)

    def of(self, rep: str, team: str, period: str | None = None) -> Plan | None:
        """Return the plan of a rep while in `team`, that pays by this kind of `period` where there is one.

        A plan that names the rep goes before the team's.
        """
        found = [*self._by_rep.get(rep, ()), *self._by_team.get(team, ())]
        return next((plan for plan in found if plan.period == period), next(iter(found), None))


def _by_name(named: Iterable[tuple[str, Plan]]) -> Mapping[str, list[Plan]]:
    found: dict[str, list[Plan]] = {}
    for name, plan in named:
        found.setdefault(name, []).append(plan)
    return found


__all__ = [
    "AMOUNT",
    "ATTAINMENT",
    "CARRIED",
    "CURVES",
    "EXCESS",
    "FLAT",
    "FROM_THRESHOLD",
    "FROM_VALUE",
    "FROM_ZERO",
    "INTERPOLATED",
    "LINEAR",
    "LOST",
    "LOWER",
    "MARGINAL",
    "MONEY",
    "MULTIPLE",
    "SLOPE",
    "STEPS",
    "UPPER",
    "WHOLE",
    "Component",
    "Curve",
    "DealCap",
    "Gate",
    "Limit",
    "Modifier",
    "Plan",
    "PlanLimit",
    "Plans",
    "Point",
    "Pool",
    "Reward",
    "Rounding",
    "Threshold",
    "Tier",
]
