"""A plan: who is paid for what; components with weights or rates, each with a curve over its result.

The body's schema, with the questions that a plan must answer, stands in `plans`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

INDIVIDUAL, TEAM = "individual", "team"
LINEAR, MARGINAL, WHOLE, INTERPOLATED = "linear", "marginal", "whole", "interpolated"
ATTAINMENT, AMOUNT = "attainment", "amount"
FLAT, SLOPE = "flat", "slope"
DAYS, FTE = "days", "fte"
ADD = "add"
SUM_OVER_TARGET = "sum_over_target"

SCOPES = (INDIVIDUAL, TEAM)
CURVES = (LINEAR, MARGINAL, WHOLE, INTERPOLATED)
PERIODS = ("week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class Tier:
    """From `start` (included) up to and without the next tier's start, a unit counts `rate` times."""

    start: Fraction
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Point:
    """At the result `at` the curve pays `pays`; between two points it runs straight."""

    at: Fraction
    pays: Fraction


@dataclass(frozen=True, slots=True)
class Curve:
    """How a result turns into pay.

    `over` names the axis: attainment (1 is 100 %) or the metric's amount in usual units (euros, deals).
    `kind`: linear pays the result itself; marginal pays each tier's rate on the slice inside it; whole pays
    the reached tier's rate on everything; interpolated runs straight between points, `beyond` the last one
    flat or on along the last slope. `cap` is the most it pays, None: no limit; over attainment as a multiple of
    what linear pays at 100 %, over amount in the plan's currency (usual units).
    """

    kind: str
    over: str
    cap: Fraction | None
    tiers: tuple[Tier, ...] = ()
    points: tuple[Point, ...] = ()
    beyond: str | None = None


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a plan, paid by `weight` (its share of the target incentive) or by `rate`, never both.

    `rate` is money of the plan's currency for one usual unit of the metric: 0.05 a euro, 25.00 a deal.
    """

    id: str
    label: Mapping[str, str]
    scope: str
    metric: str
    weight: Fraction | None
    rate: Fraction | None
    curve: Curve


@dataclass(frozen=True, slots=True)
class Plan:
    """Who (`teams`, `reps`) is paid for what, in each `period` of the named kind.

    Money is in minor units of `currency`; `incentives` holds the target incentive of reps with one of their own.
    `prorate` names what shrinks the target incentive: days (the part of the period that the rep is in the
    plan), fte (the part of a full week). It is empty when nothing does.
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

    def incentive_of(self, rep: str) -> int:
        """Return the rep's target incentive in minor units: their own, else the plan's."""
        return self.incentives.get(rep, self.target_incentive or 0)


@dataclass(frozen=True)
class Plans:
    """All plans of one document, with their look-up."""

    plans: tuple[Plan, ...]

    @cached_property
    def _by_rep(self) -> Mapping[str, Plan]:
        return {rep: plan for plan in self.plans for rep in plan.reps}

    @cached_property
    def _by_team(self) -> Mapping[str, Plan]:
        return {team: plan for plan in self.plans for team in plan.teams}

    def of(self, rep: str, team: str) -> Plan | None:
        """Return the plan of a rep while in `team`; a plan that names the rep goes before the team's."""
        return self._by_rep.get(rep) or self._by_team.get(team)
