"""The playbook: pipelines with stages, metrics with units, and the rules that give credits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import cel
from marshmallow import ValidationError, fields, post_load, validate

from shared.contracts.activity import DEAL
from shared.contracts.documents import ID, Exact, Part, load, twice
from shared.contracts.league import PLAYBOOK, BadDocument, Problem
from shared.money import exponent, is_currency, round_half_up

ACTIVITY, ENTERED, WON, LOST = "activity", "entered", "won", "lost"
"""What can set a rule off: work done, a deal in a stage for the first time, a deal won, a deal lost."""

DEAL_AMOUNT = "deal.amount"

Label = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """What is counted. `unit` is a currency code or a word; the smallest unit is 10^-`decimals` of it."""

    id: str
    unit: str
    decimals: int
    label: Label

    @property
    def is_money(self) -> bool:
        """Tell whether the metric counts money."""
        return is_currency(self.unit)

    def smallest(self, amount: Decimal | Fraction) -> int:
        """Turn an amount in usual units into whole smallest units, halves away from zero."""
        return round_half_up(Fraction(amount) * 10**self.decimals)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a pipeline; `closes` (won, lost) says that a deal in it is no longer open."""

    id: str
    label: Label
    closes: str | None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """An ordered list of stages."""

    id: str
    label: Label
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """What sets a rule off: `kind` is one of ACTIVITY, ENTERED, WON, LOST; `name` the activity type or stage."""

    kind: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """How much of a metric: `fixed` usual units, else `give` for every `each` of the deal's amount.

    `each` is in the organisation's currency; the rate is exact, the line is rounded once.
    """

    metric: str
    fixed: Decimal | None = None
    each: Decimal = Decimal(1)
    give: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Rule:
    """Give `grants` when `trigger` happens and `when` (a CEL condition, None: always) holds."""

    id: str
    trigger: Trigger
    when: str | None
    grants: tuple[Grant, ...]
    text: Label


@dataclass(frozen=True, slots=True)
class Playbook:
    """The sales process as data. `rates` is the price of one unit of a currency in the organisation's."""

    pipelines: Mapping[str, Pipeline]
    activities: Mapping[str, Label]
    metrics: Mapping[str, Metric]
    rates: Mapping[str, Decimal]
    rules: tuple[Rule, ...]

    def closes(self, pipeline: str | None, stage: str) -> str | None:
        """Return the status that a stage implies: won, lost or open; None when no pipeline knows the stage.

        Without a pipeline the stage counts when every pipeline that has it agrees.
        """
        own = self.pipelines.get(pipeline) if pipeline else None
        known = [own] if own else self.pipelines.values()
        said = {s.closes or "open" for p in known for s in p.stages if s.id == stage}
        return said.pop() if len(said) == 1 else None


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


class _Rate(Part):
    per = fields.String(required=True, validate=validate.Equal(DEAL_AMOUNT))
    each = Exact(load_default=Decimal(1), at_least=Decimal(0))
    give = Exact(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Grant:
        if not data["each"]:
            raise ValidationError({"each": ["must be more than 0"]})
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


def _compiles(condition: str) -> None:
    try:
        cel.compile(condition)
    except ValueError as error:
        raise ValidationError(f"is no CEL condition: {error}") from error


class _Rule(Part):
    id = fields.String(required=True, validate=ID)
    on = fields.Nested(_Trigger, required=True)
    when = fields.String(load_default=None, allow_none=True, validate=[validate.Length(1, 2000), _compiles])
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
        values=Exact(at_least=Decimal(0)),
        load_default=dict,
    )
    rules = fields.List(fields.Nested(_Rule), required=True)


def parse_playbook(body: Mapping[str, Any], *, strict: bool = False) -> Playbook:
    """Read a playbook document's body; BadDocument names every problem."""
    parts = load(PLAYBOOK, PlaybookSchema(), _with_on(body), strict=strict)
    problems = list(_cross_checks(parts))
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
        yield from _grant_checks(f"/rules/{i}", rule, {m.id for m in parts["metrics"]})


def _rule_checks(pointer: str, rule: Rule, activities: set[str], stages: set[str]) -> Iterator[Problem]:
    match rule.trigger:
        case Trigger("activity", name) if name not in activities:
            yield Problem(f"{pointer}/on/activity", _unknown(name, "activity", activities))
        case Trigger("entered", name) if name not in stages:
            yield Problem(f"{pointer}/on/stage", _unknown(name, "stage", stages))


def _grant_checks(pointer: str, rule: Rule, metrics: set[str]) -> Iterator[Problem]:
    for grant in rule.grants:
        if grant.metric not in metrics:
            yield Problem(f"{pointer}/credit/{grant.metric}", _unknown(grant.metric, "metric", metrics))
        if grant.fixed is None and rule.trigger.kind == ACTIVITY:
            yield Problem(f"{pointer}/credit/{grant.metric}", "work done has no deal.amount: give a number")


def _unknown(name: str | None, what: str, known: set[str]) -> str:
    return f"{name!r} is no {what} of this playbook; known are: {', '.join(sorted(known)) or 'none'}"
