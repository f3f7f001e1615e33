"""The plans document: its schema, and the questions that a plan must answer.

Nothing that decides money is left to a silent default: a plan that leaves a choice open where it matters is
refused with the question.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from marshmallow import fields, post_load, validate, validates_schema

from shared.contracts.documents import ID, Exact, Part, load
from shared.contracts.league import PLANS
from shared.contracts.plan import (
    ADD,
    AMOUNT,
    ATTAINMENT,
    CURVES,
    DAYS,
    FLAT,
    FTE,
    LINEAR,
    PERIODS,
    SCOPES,
    SLOPE,
    SUM_OVER_TARGET,
    Component,
    Curve,
    Plan,
    Plans,
    Point,
    Tier,
)
from shared.contracts.plan_checks import (
    ASK_BEYOND,
    ASK_COMBINE,
    ASK_KIND,
    ASK_OVER,
    ASK_PRORATE,
    ASK_SCOPE,
    ASK_TEAM_ATTAINMENT,
    component_problems,
    curve_problems,
    overlaps,
    plan_problems,
)
from shared.contracts.plan_fields import NONE, OrNone, Ratio, asked, refuse
from shared.money import to_minor


class _Tier(Part):
    start = Ratio(data_key="from", **asked("where does the tier begin?"))
    end = Ratio(load_default=None, data_key="to")
    rate = Ratio(**asked("what does a unit inside the tier count?"))


class _Point(Part):
    at = Ratio(**asked("at which result does the point stand?"))
    pays = Ratio(**asked("what is paid there?"))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Point:
        """Build the dataclass."""
        return Point(**data)


class _Curve(Part):
    kind = fields.String(validate=validate.OneOf(CURVES, error=ASK_KIND), **asked(ASK_KIND))
    over = fields.String(load_default=None, validate=validate.OneOf((ATTAINMENT, AMOUNT), error=ASK_OVER))
    tiers = fields.List(fields.Nested(_Tier), load_default=list)
    points = fields.List(fields.Nested(_Point), load_default=list)
    beyond = fields.String(load_default=None, validate=validate.OneOf((FLAT, SLOPE), error=ASK_BEYOND))
    cap = OrNone(load_default=None)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold the parts of the curve against its kind."""
        refuse(curve_problems(data))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Curve:
        """Build the dataclass; the axis is settled by the component when it was not said."""
        return Curve(
            kind=data["kind"],
            over=data["over"] or "",
            cap=None if data["cap"] == NONE else data["cap"],
            tiers=tuple(Tier(tier["start"], tier["rate"]) for tier in data["tiers"]),
            points=tuple(data["points"]),
            beyond=data["beyond"],
        )


class _Component(Part):
    id = fields.String(required=True, validate=ID)
    label = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    scope = fields.String(validate=validate.OneOf(SCOPES, error=ASK_SCOPE), **asked(ASK_SCOPE))
    metric = fields.String(validate=ID, **asked("which metric counts?"))
    weight = Ratio(load_default=None)
    rate = Ratio(load_default=None)
    curve = fields.Nested(_Curve, load_default=None)

    @validates_schema(skip_on_field_errors=False)
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold the curve against what the component is paid by."""
        refuse(component_problems(data))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Component:
        """Build the dataclass; a bare rate is the rate times the amount, without a cap."""
        curve = data.pop("curve") or Curve(LINEAR, AMOUNT, None)
        return Component(**data, curve=replace(curve, over=curve.over or ATTAINMENT))


class _Who(Part):
    teams = fields.List(fields.String(validate=ID), load_default=list)
    reps = fields.List(fields.String(validate=ID), load_default=list)


class _Plan(Part):
    id = fields.String(required=True, validate=ID)
    label = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    who = fields.Nested(_Who, **asked("who is in the plan? write who: {teams: [...], reps: [...]}"))
    period = fields.String(validate=validate.OneOf(PERIODS), **asked(f"for which period? {', '.join(PERIODS)}"))
    currency = fields.String(
        validate=validate.Predicate("isalpha", error="is no ISO 4217 currency: EUR"), **asked("in which currency?")
    )
    target_incentive = Exact(load_default=None, at_least=Decimal(0))
    incentives = fields.Dict(keys=fields.String(validate=ID), values=Exact(at_least=Decimal(0)), load_default=dict)
    prorate = fields.List(fields.String(validate=validate.OneOf((DAYS, FTE), error=ASK_PRORATE)), load_default=None)
    combine = fields.String(load_default=None, validate=validate.OneOf((ADD,), error=ASK_COMBINE))
    team_attainment = fields.String(
        load_default=None, validate=validate.OneOf((SUM_OVER_TARGET,), error=ASK_TEAM_ATTAINMENT)
    )
    components = fields.List(
        fields.Nested(_Component), validate=validate.Length(1, error="has no component: what is paid?"),
        **asked("what is paid? write components"),
    )  # fmt: skip

    @validates_schema(skip_on_field_errors=False)
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold the parts of the plan against one another."""
        refuse(plan_problems(data))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Plan:
        """Build the dataclass, money in minor units."""
        who, currency, incentive = data.pop("who"), data["currency"], data.pop("target_incentive")
        incentives = {rep: to_minor(amount, currency) for rep, amount in data.pop("incentives").items()}
        return Plan(
            **{**data, "components": tuple(data["components"]), "prorate": frozenset(data["prorate"] or ())},
            teams=tuple(who["teams"]),
            reps=tuple(who["reps"]),
            target_incentive=None if incentive is None else to_minor(incentive, currency),
            incentives=incentives,
        )


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
