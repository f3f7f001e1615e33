"""How a rule of the playbook is written."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from shared.contracts.documents import ID, Exact, Part
from shared.contracts.labels import LabelSchema, label, positive
from shared.contracts.limits import NO_LIMITS, LimitsSchema
from shared.contracts.plan_fields import Ratio
from shared.contracts.rules import (
    ACTIVITY,
    AMENDED,
    DEAL_AMOUNT,
    ENTERED,
    LOST,
    OWNER,
    WON,
    Grant,
    Rule,
    Share,
    Trigger,
)


class _Trigger(Part):
    activity = fields.String(validate=ID)
    deal = fields.String(validate=validate.OneOf((ENTERED, WON, LOST, AMENDED)))
    stage = fields.String(validate=ID)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Trigger:
        match data:
            case {"activity": name, **rest} if not rest:
                return Trigger(ACTIVITY, name)
            case {"deal": "entered", "stage": stage, **rest} if not rest:
                return Trigger(ENTERED, stage)
            case {"deal": ("won" | "lost" | "amended") as kind, **rest} if not rest:
                return Trigger(kind)
        raise ValidationError(
            "write {activity: call}, {deal: entered, stage: demo}, {deal: won}, {deal: lost} or {deal: amended}"
        )


class _Rate(Part):
    per = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^(deal\.amount|data\.[A-Za-z_]\w*)$(?!\n)",
            error="is nothing to count: write deal.amount or data.duration_s",
        ),
    )
    each = Exact(load_default=Decimal(1), validate=positive)
    give = Exact(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Grant:
        return Grant("", None, data["each"], data["give"], data["per"])


class _Amount(fields.Field[Grant]):
    """A number, `deal.amount`, or {per: deal.amount, each: "100", give: 1}."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Grant:
        if value == DEAL_AMOUNT:
            return Grant("")
        if isinstance(value, Mapping):
            grant: Grant = _Rate().load(value)
            return grant
        return Grant("", Exact().deserialize(value))


class _Share(Part):
    role = fields.String(
        load_default=OWNER,
        validate=validate.Regexp(r"^[A-Za-z_]\w*$(?!\n)", error="is no role: owner, or the name of a field of data"),
    )
    share = Ratio(required=True, validate=positive)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Share:
        return Share(**data)


class RuleSchema(Part):
    """A rule as it is written."""

    id = fields.String(required=True, validate=ID)
    on = fields.Nested(_Trigger, required=True)
    when = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 2000))
    credit = fields.Dict(keys=fields.String(validate=ID), values=_Amount(), required=True, validate=validate.Length(1))
    text = label()
    example = fields.Nested(LabelSchema, load_default=None)
    to = fields.List(fields.Nested(_Share), load_default=list)
    mentor = Ratio(load_default=None, validate=positive)
    limits = fields.Nested(LimitsSchema, load_default=NO_LIMITS)
    during = fields.String(load_default=None, validate=ID)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Rule:
        """Build the dataclass."""
        grants = tuple(replace(grant, metric=metric) for metric, grant in data["credit"].items())
        name, limits = data["id"], data["limits"]
        own = tuple(replace(cap, id=f"{name}#{i}", rules=(name,)) for i, cap in enumerate(limits.caps, 1))
        return Rule(
            *(name, data["on"], data["when"], grants, data["text"], tuple(data["to"]), data["mentor"]),
            *(replace(limits, caps=own), data["example"], data["during"]),
        )
