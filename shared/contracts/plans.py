"""The plans document: its schema, and the questions that a plan must answer.

Nothing that decides money is left to a silent default: a plan that leaves a choice open where it matters is
refused with the question.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import chain
from typing import Any

from marshmallow import fields, post_load, validate, validates_schema

from shared.contracts.documents import ID, Exact, Part, load
from shared.contracts.league import PLANS
from shared.contracts.plan import (
    ADD,
    DAYS,
    FTE,
    LOST,
    MEAN_OF_MEMBERS,
    MULTIPLY,
    PERIODS,
    SUM_OVER_TARGET,
    Component,
    Plan,
    PlanLimit,
    Plans,
    Reward,
)
from shared.contracts.plan_checks import overlaps, plan_problems
from shared.contracts.plan_components import ComponentSchema
from shared.contracts.plan_fields import asked, refuse
from shared.contracts.plan_money import DrawSchema, draw_of
from shared.contracts.plan_parts import CapSchema, LimitSchema, ModifierSchema, RewardSchema, RoundingSchema, labels
from shared.contracts.plan_questions import ASK_COMBINE, ASK_PRORATE, ASK_TEAM_ATTAINMENT
from shared.contracts.plan_time import TimeOfPlan, timing_of
from shared.contracts.time_questions import time_problems
from shared.money import to_minor


class _Who(Part):
    teams = fields.List(fields.String(validate=ID), load_default=list)
    reps = fields.List(fields.String(validate=ID), load_default=list)


class _Plan(TimeOfPlan):
    id = fields.String(required=True, validate=ID)
    label = labels()
    who = fields.Nested(_Who, **asked("who is in the plan? write who: {teams: [...], reps: [...]}"))
    period = fields.String(validate=validate.OneOf(PERIODS), **asked(f"for which period? {', '.join(PERIODS)}"))
    currency = fields.String(
        validate=validate.Predicate("isalpha", error="is no ISO 4217 currency: EUR"), **asked("in which currency?")
    )
    target_incentive = Exact(load_default=None, at_least=Decimal(0))
    incentives = fields.Dict(keys=fields.String(validate=ID), values=Exact(at_least=Decimal(0)), load_default=dict)
    prorate = fields.List(fields.String(validate=validate.OneOf((DAYS, FTE), error=ASK_PRORATE)), load_default=None)
    combine = fields.String(load_default=None, validate=validate.OneOf((ADD, MULTIPLY), error=ASK_COMBINE))
    team_attainment = fields.String(
        load_default=None, validate=validate.OneOf((SUM_OVER_TARGET, MEAN_OF_MEMBERS), error=ASK_TEAM_ATTAINMENT)
    )
    rounding = fields.Nested(RoundingSchema, load_default=None)
    components = fields.List(
        fields.Nested(ComponentSchema), validate=validate.Length(1, error="has no component: what is paid?"),
        **asked("what is paid? write components"),
    )  # fmt: skip
    modifiers = fields.List(fields.Nested(ModifierSchema), load_default=list)
    cap = fields.Nested(CapSchema, load_default=None)
    floor = fields.Nested(LimitSchema, load_default=None)
    draw = fields.Nested(DrawSchema, load_default=None)
    rewards = fields.List(fields.Nested(RewardSchema), load_default=list)

    @validates_schema(skip_on_field_errors=False)
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold the parts of the plan against one another."""
        refuse(chain(plan_problems(data), time_problems(data)))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Plan:
        """Build the dataclass, money in minor units."""
        who, currency, incentive = data.pop("who"), data["currency"], data.pop("target_incentive")
        time = timing_of(data)
        incentives = {rep: to_minor(amount, currency) for rep, amount in data.pop("incentives").items()}
        return Plan(
            **{**data, **_tuples(data, currency), "prorate": frozenset(data["prorate"] or ())},
            teams=tuple(who["teams"]),
            reps=tuple(who["reps"]),
            target_incentive=None if incentive is None else to_minor(incentive, currency),
            incentives=incentives,
            time=time,
        )


def _tuples(data: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """Return the parts that hold money, in minor units, and the lists as tuples."""
    return {
        "components": tuple(_component(component, currency) for component in data["components"]),
        "modifiers": tuple(data["modifiers"]),
        "rewards": tuple(_reward(reward, currency) for reward in data["rewards"]),
        "draw": draw_of(data["draw"], currency),
        "cap": data["cap"] and _limit(data["cap"], currency),
        "floor": data["floor"] and _limit(data["floor"], currency),
    }


def _component(component: Component, currency: str) -> Component:
    amount = component.amount
    return component if amount is None else replace(component, amount=to_minor(Decimal(amount), currency))


def _limit(limit: Mapping[str, Any], currency: str) -> PlanLimit:
    amount = limit["amount"]
    in_minor = None if amount is None else to_minor(amount, currency)
    return PlanLimit(in_minor, limit["multiple"], limit["prorated"], limit.get("excess", LOST))


def _reward(reward: Mapping[str, Any], currency: str) -> Reward:
    return Reward(**{**reward, "who": reward["who"] or "", "cost": to_minor(reward["cost"], currency)})


class PlansSchema(Part):
    """The body of a plans document."""

    plans = fields.List(fields.Nested(_Plan), required=True)

    @validates_schema(skip_on_field_errors=False)
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse two plans for the same rep or team."""
        refuse(overlaps(data.get("plans", ())))


def parse_plans(body: Mapping[str, Any], *, strict: bool = False) -> Plans:
    """Read a plans document's body; BadDocument names every problem and every open question at once."""
    return Plans(tuple(load(PLANS, PlansSchema(), body, strict=strict)["plans"]))
