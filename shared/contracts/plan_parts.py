"""The schema of a plan's smaller parts: pools, gates, modifiers, limits, rounding and rewards."""

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from shared.contracts.curve import AMOUNT, ATTAINMENT, CARRIED, LOST, MONEY, TIERED
from shared.contracts.documents import ID, Exact, Part
from shared.contracts.plan import (
    ADD,
    AT_MOST,
    BY_ID,
    BY_ROSTER,
    HALF_EVEN,
    HALF_UP,
    INDIVIDUAL,
    LARGEST_REMAINDER,
    LINE,
    MULTIPLY,
    NOTHING,
    ORGANISATION,
    PAYOUT,
    ROLE_WEIGHT,
    SHARED_BY,
    TEAM,
    TIMES,
    Gate,
    Modifier,
    Rounding,
)
from shared.contracts.plan_curves import CurveSchema
from shared.contracts.plan_fields import Found, Measured, Ratio, asked, braced, refuse
from shared.contracts.plan_questions import (
    ASK_APPLIES,
    ASK_COST,
    ASK_EXCESS,
    ASK_GATE,
    ASK_GATE_LEVEL,
    ASK_GATE_OVER,
    ASK_HOW,
    ASK_KIND,
    ASK_LIMIT,
    ASK_LOCATION,
    ASK_OTHERWISE,
    ASK_OVER,
    ASK_PENNIES,
    ASK_PRORATED,
    ASK_REWARD_KIND,
    ASK_REWARD_LEVEL,
    ASK_ROUNDING,
    ASK_SCOPE,
    ASK_SHARED_BY,
    ASK_TAX,
    ASK_TIES,
    ASK_WHO_JOINS,
)
from shared.contracts.reward import ALL_MEMBERS, ELSEWHERE, KINDS, MEMBERS_AT_END, TAXES, WORKPLACE

MEASURABLE = (INDIVIDUAL, TEAM, ORGANISATION)
"""Whose result gates, modifiers and rewards may look at."""


def labels() -> fields.Dict:
    """Return the field of a name by language."""
    return fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


def one_of(choices: tuple[str, ...], question: str) -> fields.String:
    """Return the field of a choice that must be made."""
    # marshmallow formats this message as well: see `asked`
    return fields.String(validate=validate.OneOf(choices, error=braced(question)), **asked(question))


class PoolSchema(Part):
    """The money of a group, and how it is shared."""

    rate = Ratio(load_default=None)
    amount = Exact(load_default=None, at_least=Decimal(0))
    shared_by = one_of(SHARED_BY, ASK_SHARED_BY)
    weights = fields.Dict(keys=fields.String(validate=ID), values=Ratio(), load_default=dict)
    pennies = one_of((LARGEST_REMAINDER,), ASK_PENNIES)
    ties = one_of((BY_ID, BY_ROSTER), ASK_TIES)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Ask for the weights where they decide, and only there."""
        refuse(self._problems(data))

    @staticmethod
    def _problems(data: dict[str, Any]) -> Found:
        weights = data["weights"]
        if data["shared_by"] != ROLE_WEIGHT:
            if weights:
                yield ["weights"], f"{data['shared_by']} has no weights: is role_weight meant?"
        elif not any(weights.values()):
            yield ["weights"], "which weights? write weights: {rep: 1.5}; who is not named has no part"


class _Otherwise(fields.Field[Any]):
    """The word nothing, or {at_most: "1"}, or {times: "0.5"}."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if value == NOTHING:
            return NOTHING, Ratio().deserialize("0")
        if not isinstance(value, dict):
            raise ValidationError(ASK_OTHERWISE)
        return Measured((AT_MOST, TIMES), ASK_OTHERWISE).deserialize(value)


class GateSchema(Part):
    """A condition on another component or measure."""

    component = fields.String(load_default=None, validate=ID)
    metric = fields.String(load_default=None, validate=ID)
    scope = fields.String(load_default=None, validate=validate.OneOf(MEASURABLE, error=ASK_SCOPE))
    over = one_of((ATTAINMENT, AMOUNT), ASK_GATE_OVER)
    at_least = Ratio(load_default=None)
    no_more_than = Ratio(load_default=None)
    otherwise = _Otherwise(**asked(ASK_OTHERWISE))

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Ask on what the gate stands."""
        if (data["component"] is None) == (data["metric"] is None):
            refuse(iter([([], ASK_GATE)]))
        if (data["at_least"] is None) == (data["no_more_than"] is None):
            refuse(iter([(["at_least"], ASK_GATE_LEVEL)]))
        if (data["metric"] is None) != (data["scope"] is None):
            refuse(iter([(["scope"], ASK_SCOPE if data["metric"] else "a component has its own scope: leave it out")]))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Gate:
        """Build the dataclass."""
        otherwise, value = data.pop("otherwise")
        return Gate(**data, otherwise=otherwise, value=value)


class _AppliesTo(fields.Field[Any]):
    """The word all, or a list of component ids."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if value == "all":
            return None
        if not isinstance(value, list) or not value:
            raise ValidationError(ASK_APPLIES)
        return tuple(fields.List(fields.String(validate=ID)).deserialize(value) or ())


class ModifierSchema(Part):
    """What changes the pay of components."""

    id = fields.String(required=True, validate=ID)
    label = labels()
    scope = one_of(MEASURABLE, ASK_SCOPE)
    metric = fields.String(validate=ID, **asked("which metric changes it?"))
    curve = fields.Nested(CurveSchema, **asked(ASK_KIND))
    applies_to = _AppliesTo(**asked(ASK_APPLIES))
    how = one_of((MULTIPLY, ADD), ASK_HOW)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse curves that make no factor."""
        refuse(self._problems(data["curve"]))

    @staticmethod
    def _problems(curve: Any) -> Found:
        if curve.over is None:
            yield ["curve", "over"], ASK_OVER
        if curve.columns is not None:
            yield ["curve", "columns"], "a modifier has one factor: write another modifier for the other measure"
        if curve.kind in TIERED or curve.rates == MONEY:
            yield ["curve", "kind"], "a modifier is a factor: write linear, interpolated or steps, without rates: money"

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Modifier:
        """Build the dataclass."""
        return Modifier(**{**data, "curve": data["curve"].settle(over=data["curve"].over, money=False)})


class RoundingSchema(Part):
    """What is rounded, and how."""

    of = one_of((LINE, PAYOUT), ASK_ROUNDING)
    mode = one_of((HALF_UP, HALF_EVEN), ASK_ROUNDING)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Rounding:
        """Build the dataclass."""
        return Rounding(**data)


class LimitSchema(Part):
    """The most or the least that a plan pays; the plan turns its amount into minor units."""

    amount = Exact(load_default=None, at_least=Decimal(0))
    multiple = Ratio(load_default=None)
    prorated = fields.Boolean(**asked(ASK_PRORATED))

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Ask for one amount."""
        if (data["amount"] is None) == (data["multiple"] is None):
            refuse(iter([([], ASK_LIMIT)]))


class CapSchema(LimitSchema):
    """The most that a plan pays."""

    excess = one_of((LOST, CARRIED), ASK_EXCESS)


class RewardSchema(Part):
    """A non-monetary reward; the plan turns its cost into minor units."""

    id = fields.String(required=True, validate=ID)
    label = labels()
    kind = one_of(KINDS, ASK_REWARD_KIND)
    scope = one_of(MEASURABLE, ASK_SCOPE)
    metric = fields.String(validate=ID, **asked("which metric counts?"))
    over = one_of((ATTAINMENT, AMOUNT), ASK_REWARD_LEVEL)
    at_least = Ratio(**asked(ASK_REWARD_LEVEL))
    cost = Exact(at_least=Decimal(0), **asked(ASK_COST))
    location = one_of((WORKPLACE, ELSEWHERE), ASK_LOCATION)
    tax = one_of(TAXES, ASK_TAX)
    approved_by = fields.String(validate=validate.Length(1, 100), **asked("who approved it? write approved_by"))
    who = fields.String(load_default=None, validate=validate.OneOf((ALL_MEMBERS, MEMBERS_AT_END), error=ASK_WHO_JOINS))

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Ask who takes part where there is a choice."""
        if data["at_least"] == 0:
            refuse(iter([(["at_least"], ASK_REWARD_LEVEL)]))
        if data["scope"] != INDIVIDUAL and data["who"] is None:
            refuse(iter([(["who"], ASK_WHO_JOINS)]))
