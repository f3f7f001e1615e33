"""Limits of a rule: how often it counts, for how much, and at most how much in all.

They hold whichever partition an event came through and in whatever order events arrived: the events of a window count
in the order in which they happened.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from marshmallow import fields, post_load, validate

from shared.contracts.documents import ID, Exact, Part
from shared.contracts.league import Problem
from shared.contracts.plan_fields import Ratio

REP, TEAM = "rep", "team"
WITHIN: Mapping[str, int] = {"day": 0, "week": 1, "month": 2, "quarter": 3, "year": 4}
"""The periods of limits, from the shortest to the longest."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` (usual units) of `metric` for each rep or team (`per`) in each period of the kind `every`.

    `rules` share the cap; of a rule's own cap it is that rule alone. `id` is unique in the playbook.
    """

    id: str
    metric: str
    most: Decimal
    per: str
    every: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Once:
    """Only the first event of a rep with the same value of `field` (data.counterparty, deal.id) in a period counts."""

    field: str
    every: str


@dataclass(frozen=True, slots=True)
class Step:
    """From the `start`-th event of a rep in a period on (1, 2, …), each counts for `share` of its credit."""

    start: int
    share: Fraction


@dataclass(frozen=True, slots=True)
class Steps:
    """Diminishing (or growing) worth: the steps of each period of the kind `every`."""

    every: str
    steps: tuple[Step, ...]

    def share(self, number: int) -> Fraction:
        """Return what the `number`-th event of a period counts for."""
        return next(step.share for step in reversed(self.steps) if step.start <= number)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one rule, in the order in which they apply: once, steps, caps."""

    once: tuple[Once, ...] = ()
    steps: Steps | None = None
    caps: tuple[Cap, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything is limited."""
        return bool(self.once or self.steps or self.caps)

    @property
    def periods(self) -> frozenset[str]:
        """The kinds of period that the limits speak of."""
        kinds = [*(once.every for once in self.once), *(cap.every for cap in self.caps)]
        return frozenset([*kinds, self.steps.every] if self.steps else kinds)


NO_LIMITS = Limits()

_every = fields.String(
    required=True, validate=validate.OneOf(tuple(WITHIN)), metadata={"description": "the period the limit holds in"}
)


class CapSchema(Part):
    """A cap as it is written in a rule."""

    most = Exact(required=True, at_least=Decimal(0))
    of = fields.String(required=True, validate=ID)
    per = fields.String(load_default=REP, validate=validate.OneOf((REP, TEAM)))
    every = _every

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Cap:
        """Build the dataclass; its rule gives it a name."""
        return Cap(
            data.get("id", ""), data["of"], data["most"], data["per"], data["every"], tuple(data.get("rules", ()))
        )


class SharedCapSchema(CapSchema):
    """A cap that several rules share."""

    id = fields.String(required=True, validate=ID)
    rules = fields.List(fields.String(validate=ID), required=True, validate=validate.Length(1))


class _Once(Part):
    field = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^(data\.[A-Za-z_]\w*|deal\.id)$(?!\n)", error="names no field: write data.counterparty or deal.id"
        ),
    )
    every = _every

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Once:
        return Once(**data)


class _Step(Part):
    start = fields.Integer(required=True, strict=True, data_key="from", validate=validate.Range(1, 10_000))
    share = Ratio(required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Step:
        return Step(**data)


class _Steps(Part):
    every = _every
    steps = fields.List(fields.Nested(_Step), required=True, validate=validate.Length(1))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Steps:
        return Steps(data["every"], tuple(data["steps"]))


class LimitsSchema(Part):
    """The limits of a rule as they are written."""

    once = fields.List(fields.Nested(_Once), load_default=list)
    steps = fields.Nested(_Steps, load_default=None)
    caps = fields.List(fields.Nested(CapSchema), load_default=list)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Limits:
        """Build the dataclass."""
        return Limits(tuple(data["once"]), data["steps"], tuple(data["caps"]))


def limit_problems(pointer: str, limits: Limits) -> Iterator[Problem]:
    """Yield what contradicts itself in a rule's limits."""
    if limits.steps:
        yield from _step_problems(f"{pointer}/steps/steps", limits.steps.steps)


def _step_problems(pointer: str, steps: Sequence[Step]) -> Iterator[Problem]:
    if steps[0].start != 1:
        yield Problem(f"{pointer}/0/from", "the first step begins at 1: what do the events before it count?")
    for i, (step, after) in enumerate(pairwise(steps), 1):
        if after.start <= step.start:
            yield Problem(f"{pointer}/{i}/from", "is not beyond the step before: steps ascend")


def groups(limited: Iterable[str], caps: Iterable[Cap]) -> dict[str, str]:
    """Return the group of each rule with limits, by the first name in it: rules that share a cap stand together.

    They do so through other rules as well: what a and b share and b and c share, a and c have to count together.
    """
    shared = [cap.rules for cap in caps]
    names = {rule: rule for rule in (*limited, *(rule for rules in shared for rule in rules))}
    for rules in shared:
        together = {names[rule] for rule in rules}
        names = {rule: min(together) if name in together else name for rule, name in names.items()}
    return names


def mixed_periods(kinds: frozenset[str]) -> bool:
    """Tell whether no period holds all these kinds: weeks do not fit into months, quarters or years."""
    return "week" in kinds and bool(kinds & {"month", "quarter", "year"})
