"""The playbook document: how its body is read, with every problem named at once."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from shared.contracts.activity import DEAL
from shared.contracts.documents import ID, Exact, Part, load, twice
from shared.contracts.league import PLAYBOOK, BadDocument, Problem
from shared.contracts.rules import (
    ACTIVITY,
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


class _Label(Part):
    nl = fields.String(required=True, validate=validate.Length(1, 200))
    en = fields.String(required=True, validate=validate.Length(1, 200))


_label = partial(fields.Nested, _Label, required=True)


class _Stage(Part):
    id = fields.String(required=True, validate=ID)
    label = _label()
    closes = fields.String(load_default=None, allow_none=True, validate=validate.OneOf((WON, LOST)))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Stage:
        return Stage(**data)


class _Pipeline(Part):
    id = fields.String(required=True, validate=ID)
    label = _label()
    stages = fields.List(fields.Nested(_Stage), required=True, validate=validate.Length(1))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Pipeline:
        return Pipeline(data["id"], data["label"], tuple(data["stages"]))


class _Activity(Part):
    id = fields.String(required=True, validate=ID)
    label = _label()


class _Metric(Part):
    id = fields.String(required=True, validate=ID)
    unit = fields.String(required=True, validate=validate.Length(1, 20))
    decimals = fields.Integer(strict=True, validate=validate.Range(0, 6))
    label = _label()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Metric:
        own = exponent(data["unit"]) if is_currency(data["unit"]) else 0
        if is_currency(data["unit"]) and data.get("decimals", own) != own:
            raise ValidationError({"decimals": [f"{data['unit']} has {own}: leave it out"]})
        return Metric(data["id"], data["unit"], data.get("decimals", own), data["label"])


class _Trigger(Part):
    activity = fields.String(validate=ID)
    deal = fields.String(validate=validate.OneOf((ENTERED, WON, LOST)))
    stage = fields.String(validate=ID)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Trigger:
        match data:
            case {"activity": name, **rest} if not rest:
                return Trigger(ACTIVITY, name)
            case {"deal": "entered", "stage": stage, **rest} if not rest:
                return Trigger(ENTERED, stage)
            case {"deal": ("won" | "lost") as kind, **rest} if not rest:
                return Trigger(kind)
        raise ValidationError("write {activity: call}, {deal: entered, stage: demo}, {deal: won} or {deal: lost}")


def _positive(number: Decimal) -> None:
    if number <= 0:
        raise ValidationError("must be more than 0")


class _Rate(Part):
    per = fields.String(required=True, validate=validate.Equal(DEAL_AMOUNT))
    each = Exact(load_default=Decimal(1), validate=_positive)
    give = Exact(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Grant:
        return Grant("", None, data["each"], data["give"])


class _Amount(fields.Field[Grant]):
    """A number, `deal.amount`, or {per: deal.amount, each: "100", give: 1}."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Grant:
        if value == DEAL_AMOUNT:
            return Grant("")
        if isinstance(value, Mapping):
            grant: Grant = _Rate().load(value)
            return grant
        return Grant("", Exact().deserialize(value))


class _Rule(Part):
    id = fields.String(required=True, validate=ID)
    on = fields.Nested(_Trigger, required=True)
    when = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 2000))
    credit = fields.Dict(keys=fields.String(validate=ID), values=_Amount(), required=True, validate=validate.Length(1))
    text = _label()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Rule:
        grants = tuple(Grant(metric, g.fixed, g.each, g.give) for metric, g in data["credit"].items())
        return Rule(data["id"], data["on"], data["when"], grants, data["text"])


class PlaybookSchema(Part):
    """The body of a playbook document."""

    pipelines = fields.List(fields.Nested(_Pipeline), load_default=list)
    activities = fields.List(fields.Nested(_Activity), load_default=list)
    metrics = fields.List(fields.Nested(_Metric), required=True, validate=validate.Length(1))
    rates = fields.Dict(
        keys=fields.String(validate=validate.Regexp("^[A-Z]{3}$", error="is no ISO 4217 currency: USD")),
        values=Exact(validate=_positive),
        load_default=dict,
    )
    rules = fields.List(fields.Nested(_Rule), required=True)


def parse_playbook(body: Mapping[str, Any], *, strict: bool = False) -> Playbook:
    """Read a playbook document's body; BadDocument names every problem."""
    parts = load(PLAYBOOK, PlaybookSchema(), _with_on(body), strict=strict)
    problems = [*_cross_checks(parts), *(_condition_checks(parts["rules"]) if strict else ())]
    if problems:
        raise BadDocument(PLAYBOOK, problems)
    return Playbook(
        pipelines={p.id: p for p in parts["pipelines"]},
        activities={a["id"]: a["label"] for a in parts["activities"]},
        metrics={m.id: m for m in parts["metrics"]},
        rates=parts["rates"],
        rules=tuple(parts["rules"]),
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


def _cross_checks(parts: Mapping[str, Any]) -> Iterator[Problem]:
    activities = [activity["id"] for activity in parts["activities"]]
    for name, ids in (
        ("pipelines", [p.id for p in parts["pipelines"]]),
        ("activities", activities),
        ("metrics", [m.id for m in parts["metrics"]]),
        ("rules", [r.id for r in parts["rules"]]),
    ):
        yield from twice(f"/{name}", ids)
    for i, pipeline in enumerate(parts["pipelines"]):
        yield from twice(f"/pipelines/{i}/stages", [stage.id for stage in pipeline.stages])
    if DEAL in activities:
        yield Problem(f"/activities/{activities.index(DEAL)}/id", f"{DEAL!r} is the type that changes a deal")
    stages = {stage.id for pipeline in parts["pipelines"] for stage in pipeline.stages}
    for i, rule in enumerate(parts["rules"]):
        yield from _rule_checks(f"/rules/{i}", rule, set(activities), stages)
        yield from _grant_checks(f"/rules/{i}", rule, {m.id: m for m in parts["metrics"]})


def _rule_checks(pointer: str, rule: Rule, activities: set[str], stages: set[str]) -> Iterator[Problem]:
    match rule.trigger:
        case Trigger("activity", name) if name not in activities:
            yield Problem(f"{pointer}/on/activity", _unknown(name, "activity", activities))
        case Trigger("entered", name) if name not in stages:
            yield Problem(f"{pointer}/on/stage", _unknown(name, "stage", stages))


def _grant_checks(pointer: str, rule: Rule, metrics: Mapping[str, Metric]) -> Iterator[Problem]:
    for grant in rule.grants:
        where, metric = f"{pointer}/credit/{grant.metric}", metrics.get(grant.metric)
        if metric is None:
            yield Problem(where, _unknown(grant.metric, "metric", set(metrics)))
        elif grant.fixed is not None and grant.fixed.scaleb(metric.decimals) % 1:
            yield Problem(where, f"{grant.fixed} is finer than {metric.id} counts: it has {metric.decimals} decimals")
        if grant.fixed is None and rule.trigger.kind == ACTIVITY:
            yield Problem(where, "work done has no deal.amount: give a number")


def _condition_checks(rules: Sequence[Rule]) -> Iterator[Problem]:
    """Check conditions where a document comes in; on the bus, a newer sender's may say more than is known here."""
    from shared.contracts.conditions import problems_of  # noqa: PLC0415  only the front door needs the compiler

    for i, rule in enumerate(rules):
        if rule.when:
            yield from (Problem(f"/rules/{i}/when", what) for what in problems_of(rule.when))


def _unknown(name: str | None, what: str, known: set[str]) -> str:
    return f"{name!r} is no {what} of this playbook; known are: {', '.join(sorted(known)) or 'none'}"
