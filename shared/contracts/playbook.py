"""The playbook document: how its body is read, with every problem named at once."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from shared.contracts.contests import ContestSchema
from shared.contracts.documents import ID, Exact, Part, load
from shared.contracts.labels import label, positive
from shared.contracts.league import PLAYBOOK, BadDocument
from shared.contracts.limits import SharedCapSchema
from shared.contracts.playbook_checks import condition_checks, cross_checks
from shared.contracts.playbook_rules import RuleSchema
from shared.contracts.rhythm import NO_RHYTHM, RhythmSchema
from shared.contracts.rules import (
    ACTIVITY,
    AMENDED,
    DATA_TYPES,
    DEAL_AMOUNT,
    ENTERED,
    LOST,
    WON,
    Grant,
    Label,
    Metric,
    Pipeline,
    Playbook,
    Rule,
    Stage,
    Trigger,
)
from shared.money import exponent, is_currency

__all__ = [
    "ACTIVITY",
    "AMENDED",
    "DEAL_AMOUNT",
    "ENTERED",
    "LOST",
    "WON",
    "Grant",
    "Label",
    "Metric",
    "Pipeline",
    "Playbook",
    "Rule",
    "Stage",
    "Trigger",
    "parse_playbook",
]


class _Stage(Part):
    id = fields.String(required=True, validate=ID)
    label = label()
    closes = fields.String(load_default=None, allow_none=True, validate=validate.OneOf((WON, LOST)))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Stage:
        return Stage(**data)


class _Pipeline(Part):
    id = fields.String(required=True, validate=ID)
    label = label()
    stages = fields.List(fields.Nested(_Stage), required=True, validate=validate.Length(1))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Pipeline:
        return Pipeline(data["id"], data["label"], tuple(data["stages"]))


class _Activity(Part):
    id = fields.String(required=True, validate=ID)
    label = label()
    data = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[A-Za-z_]\w*$(?!\n)", error="is no name of a field")),
        values=fields.String(validate=validate.OneOf(DATA_TYPES)),
        load_default=None,
    )


class _Metric(Part):
    id = fields.String(required=True, validate=ID)
    unit = fields.String(required=True, validate=validate.Length(1, 20))
    decimals = fields.Integer(strict=True, validate=validate.Range(0, 6))
    label = label()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Metric:
        own = exponent(data["unit"]) if is_currency(data["unit"]) else 0
        if is_currency(data["unit"]) and data.get("decimals", own) != own:
            raise ValidationError({"decimals": [f"{data['unit']} has {own}: leave it out"]})
        return Metric(data["id"], data["unit"], data.get("decimals", own), data["label"])


class PlaybookSchema(Part):
    """The body of a playbook document."""

    pipelines = fields.List(fields.Nested(_Pipeline), load_default=list)
    activities = fields.List(fields.Nested(_Activity), load_default=list)
    metrics = fields.List(fields.Nested(_Metric), required=True, validate=validate.Length(1))
    rates = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[A-Z]{3}$(?!\n)", error="is no ISO 4217 currency: USD")),
        values=Exact(validate=positive),
        load_default=dict,
    )
    backdating_days = fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 3660))
    rules = fields.List(fields.Nested(RuleSchema), required=True)
    caps = fields.List(fields.Nested(SharedCapSchema), load_default=list)
    rhythm = fields.Nested(RhythmSchema, load_default=NO_RHYTHM)
    contests = fields.List(fields.Nested(ContestSchema), load_default=list)


def parse_playbook(body: Mapping[str, Any], *, strict: bool = False) -> Playbook:
    """Read a playbook document's body; BadDocument names every problem."""
    parts = load(PLAYBOOK, PlaybookSchema(), _with_on(body), strict=strict)
    problems = [*cross_checks(parts), *(condition_checks(parts) if strict else ())]
    if problems:
        raise BadDocument(PLAYBOOK, problems)
    return Playbook(
        pipelines={p.id: p for p in parts["pipelines"]},
        activities={a["id"]: a["label"] for a in parts["activities"]},
        data={a["id"]: a["data"] for a in parts["activities"] if a["data"] is not None},
        metrics={m.id: m for m in parts["metrics"]},
        rates=parts["rates"],
        rules=tuple(parts["rules"]),
        caps=tuple(parts["caps"]),
        rhythm=parts["rhythm"],
        contests=tuple(parts["contests"]),
    )


def _with_on(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give rules their key `on` back: YAML 1.1 reads it as true."""
    rules = body.get("rules")
    if not isinstance(rules, list):
        return body
    named = [
        {"on" if key in (True, "true") else key: value for key, value in rule.items()}
        if isinstance(rule, Mapping)
        else rule
        for rule in rules
    ]
    return {**body, "rules": named}
