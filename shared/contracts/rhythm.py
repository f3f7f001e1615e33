"""Rhythm, what a rep's days make together: streaks, firsts, personal bests, milestones with badges, levels.

All of it looks at what stands in the ledger day by day, in the organisation's time zone; what it gives is never looked
at itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from marshmallow import fields, post_load, validate

from shared.contracts.documents import ID, Exact, Part
from shared.contracts.labels import LabelSchema, label, positive
from shared.contracts.league import Problem

REP, TEAM, ORGANISATION = "rep", "team", "organisation"
Label = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Streak:
    """So many working days in a row (`length`) with `at_least` of a metric; `again`: at each multiple of the length.

    Working days are Monday to Friday without the organisation's holidays. Days of leave, holidays and weekends are
    neutral: they neither break a streak nor count in it.
    """

    id: str
    metric: str
    at_least: Decimal
    length: int
    again: bool
    credit: Mapping[str, Decimal]
    text: Label


@dataclass(frozen=True, slots=True)
class First:
    """Who was the first with something of a metric in each period of the kind `every`, among those of `scope`."""

    id: str
    metric: str
    every: str
    scope: str
    credit: Mapping[str, Decimal]
    text: Label


@dataclass(frozen=True, slots=True)
class Best:
    """More of a metric in a period than in any before, after at least `after` periods with something."""

    id: str
    metric: str
    every: str
    after: int
    credit: Mapping[str, Decimal]
    text: Label


@dataclass(frozen=True, slots=True)
class Badge:
    """What is won for good: `picture` is a name that the screens have a drawing for."""

    picture: str
    label: Label


@dataclass(frozen=True, slots=True)
class Milestone:
    """A total of a metric, over all time, that is reached for the first time: each of `at`."""

    id: str
    metric: str
    at: tuple[Decimal, ...]
    credit: Mapping[str, Decimal]
    text: Label
    badge: Badge | None


@dataclass(frozen=True, slots=True)
class Level:
    """From a total of `start` on, a rep is on this level."""

    start: Decimal
    label: Label


@dataclass(frozen=True, slots=True)
class Levels:
    """The ladder of levels over a metric's total."""

    metric: str
    steps: tuple[Level, ...]

    def of(self, total: Decimal) -> int:
        """Return the place of the level that a total is on, from 0."""
        return max((i for i, step in enumerate(self.steps) if step.start <= total), default=0)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Everything of a playbook that looks at days."""

    streaks: tuple[Streak, ...] = ()
    firsts: tuple[First, ...] = ()
    bests: tuple[Best, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    levels: Levels | None = None

    def __bool__(self) -> bool:
        """Tell whether anything gives credits."""
        return bool(self.streaks or self.firsts or self.bests or self.milestones)

    @property
    def prizes(self) -> tuple[Streak | First | Best | Milestone, ...]:
        """Everything that gives credits."""
        return (*self.streaks, *self.firsts, *self.bests, *self.milestones)

    def texts(self) -> Iterator[tuple[str, Label]]:
        """Yield the text of each prize, by its id."""
        for each in self.prizes:
            yield each.id, each.text


NO_RHYTHM = Rhythm()


class _Prize(Part):
    id = fields.String(required=True, validate=ID)
    metric = fields.String(required=True, validate=ID)
    credit = fields.Dict(
        keys=fields.String(validate=ID), values=Exact(validate=positive), required=True, validate=validate.Length(1)
    )
    text = label()


class _Streak(_Prize):
    at_least = Exact(required=True, validate=positive)
    length = fields.Integer(required=True, strict=True, validate=validate.Range(2, 366))
    again = fields.Boolean(load_default=False)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Streak:
        return Streak(**data)


class _First(_Prize):
    every = fields.String(required=True, validate=validate.OneOf(("day", "week", "month")))
    scope = fields.String(required=True, validate=validate.OneOf((REP, TEAM, ORGANISATION)))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> First:
        return First(**data)


class _Best(_Prize):
    every = fields.String(required=True, validate=validate.OneOf(("day", "week", "month", "quarter")))
    after = fields.Integer(required=True, strict=True, validate=validate.Range(1, 1000))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Best:
        return Best(**data)


class _Badge(Part):
    picture = fields.String(required=True, validate=ID)
    label = label()

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Badge:
        return Badge(**data)


class _Milestone(_Prize):
    at = fields.List(Exact(validate=positive), required=True, validate=validate.Length(1))
    badge = fields.Nested(_Badge, load_default=None)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Milestone:
        return Milestone(**{**data, "at": tuple(data["at"])})


class _Level(Part):
    start = Exact(required=True, data_key="from", at_least=Decimal(0))
    label = fields.Nested(LabelSchema, required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Level:
        return Level(**data)


class _Levels(Part):
    metric = fields.String(required=True, validate=ID)
    steps = fields.List(fields.Nested(_Level), required=True, validate=validate.Length(1))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Levels:
        return Levels(data["metric"], tuple(data["steps"]))


class RhythmSchema(Part):
    """What a playbook says of rhythm."""

    streaks = fields.List(fields.Nested(_Streak), load_default=list)
    firsts = fields.List(fields.Nested(_First), load_default=list)
    bests = fields.List(fields.Nested(_Best), load_default=list)
    milestones = fields.List(fields.Nested(_Milestone), load_default=list)
    levels = fields.Nested(_Levels, load_default=None)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Rhythm:
        """Build the dataclass."""
        parts = {name: tuple(data[name]) for name in ("streaks", "firsts", "bests", "milestones")}
        return Rhythm(**parts, levels=data["levels"])


def rhythm_problems(rhythm: Rhythm, metrics: Mapping[str, int], rules: Sequence[str]) -> Iterator[Problem]:
    """Yield what does not fit; `metrics` are the decimals of each metric, `rules` the ids that are taken."""
    taken = list(rules)
    for kind in ("streaks", "firsts", "bests", "milestones"):
        for i, prize in enumerate(getattr(rhythm, kind)):
            where = f"/rhythm/{kind}/{i}"
            if prize.id in taken:
                yield Problem(f"{where}/id", f"{prize.id!r} is the id of something else: give each its own")
            taken.append(prize.id)
            yield from _metric_problems(where, prize, metrics)
    for i, milestone in enumerate(rhythm.milestones):
        if any(after <= before for before, after in pairwise(milestone.at)):
            yield Problem(f"/rhythm/milestones/{i}/at", "is not in rising order")
    if rhythm.levels:
        yield from _level_problems(rhythm.levels, metrics)


def _metric_problems(
    where: str, prize: Streak | First | Best | Milestone, metrics: Mapping[str, int]
) -> Iterator[Problem]:
    known = ", ".join(sorted(metrics)) or "none"
    if prize.metric not in metrics:
        yield Problem(f"{where}/metric", f"{prize.metric!r} is no metric of this playbook; known are: {known}")
    for name, amount in prize.credit.items():
        if name not in metrics:
            yield Problem(f"{where}/credit/{name}", f"{name!r} is no metric of this playbook; known are: {known}")
        elif amount.scaleb(metrics[name]) % 1:
            yield Problem(f"{where}/credit/{name}", f"{amount} is finer than {name} counts")


def _level_problems(levels: Levels, metrics: Mapping[str, int]) -> Iterator[Problem]:
    if levels.metric not in metrics:
        yield Problem("/rhythm/levels/metric", f"{levels.metric!r} is no metric of this playbook")
    if levels.steps[0].start != 0:
        yield Problem("/rhythm/levels/steps/0/from", "the first level begins at 0: where is a newcomer?")
    for i, (step, after) in enumerate(pairwise(levels.steps), 1):
        if after.start <= step.start:
            yield Problem(f"/rhythm/levels/steps/{i}/from", "is not above the level before: levels ascend")
