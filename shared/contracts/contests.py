"""Contests: a stretch of time with a winner, between teams or between reps, with rules and multipliers of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from shared.contracts.documents import ID, Exact, Part
from shared.contracts.labels import LabelSchema, label, positive
from shared.contracts.league import Problem
from shared.contracts.plan_fields import Ratio

TEAMS, REPS = "teams", "reps"
TOTAL, PER_FTE_DAY, OF_TARGET = "total", "per_fte_day", "percent_of_target"
MOST_IMPROVED, SHRUNK_MEAN = "most_improved", "shrunk_mean"
SCORINGS = (TOTAL, PER_FTE_DAY, OF_TARGET, MOST_IMPROVED, SHRUNK_MEAN)
SHARE_RANK, EARLIER = "share", "earlier"

ASK_SCORING = (
    "who is best? total (the sum), per_fte_day (÷ FTE-days of the roster at the start), percent_of_target, "
    "most_improved (per FTE-day against the own median of the last four such stretches) or "
    "shrunk_mean (per FTE-day, small teams drawn towards the mean of all)"
)
ASK_TIE = "what if two are equal? share (both have the rank, 1, 2, 2, 4) or earlier (who reached it first)"
ASK_SCOPE = "who compete? teams or reps"
ASK_PUBLISHED = "is it told now? published: true, or false to keep it hidden until a later version says true"


@dataclass(frozen=True, slots=True)
class Multiplier:
    """What these rules give counts `factor` times while the contest runs; no rules: all of them."""

    factor: Fraction
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contest:
    """A contest from `start` up to and without `end`, in `metric`, among `eligible` teams or reps (none: all).

    `targets` (usual units) are those that percent_of_target is of; `series` is shared by contests that come again.
    """

    id: str
    label: Mapping[str, str]
    start: datetime
    end: datetime
    metric: str
    scope: str
    eligible: tuple[str, ...]
    scoring: str
    tie: str
    multipliers: tuple[Multiplier, ...]
    targets: Mapping[str, Decimal]
    prize: Mapping[str, str] | None
    published: bool
    series: str | None = None

    def covers(self, at: datetime, rep: str, team: str) -> bool:
        """Tell whether something of this moment, rep and team is part of the contest."""
        return self.start <= at < self.end and self.admits(rep, team)

    def admits(self, rep: str, team: str) -> bool:
        """Tell whether a rep of a team takes part."""
        return not self.eligible or (team if self.scope == TEAMS else rep) in self.eligible

    def factor(self, rule: str) -> Fraction:
        """Return how often a rule's credit counts: the product of the multipliers that name it."""
        found = Fraction(1)
        for each in self.multipliers:
            found *= each.factor if not each.rules or rule in each.rules else 1
        return found


class _Instant(fields.Field[datetime]):
    """An instant with its zone; YAML may already have read it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        try:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError as error:
            raise ValidationError(f"{value!r} is no moment: write 2026-11-27T14:00:00+01:00") from error
        if at.tzinfo is None:
            raise ValidationError(f"{value!r} has no zone: write 2026-11-27T14:00:00+01:00")
        return at


class _Multiplier(Part):
    factor = Ratio(required=True, validate=positive)
    rules = fields.List(fields.String(validate=ID), load_default=list)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Multiplier:
        return Multiplier(data["factor"], tuple(data["rules"]))


def _asked(question: str, choices: Sequence[str]) -> fields.String:
    return fields.String(
        required=True, validate=validate.OneOf(choices, error=question), error_messages={"required": question}
    )


class ContestSchema(Part):
    """A contest as it is written."""

    id = fields.String(required=True, validate=ID)
    label = label()
    start = _Instant(required=True, data_key="from")
    end = _Instant(required=True, data_key="to")
    metric = fields.String(required=True, validate=ID)
    scope = _asked(ASK_SCOPE, (TEAMS, REPS))
    eligible = fields.List(fields.String(validate=ID), load_default=list)
    scoring = _asked(ASK_SCORING, SCORINGS)
    tie = _asked(ASK_TIE, (SHARE_RANK, EARLIER))
    multipliers = fields.List(fields.Nested(_Multiplier), load_default=list)
    targets = fields.Dict(keys=fields.String(validate=ID), values=Exact(validate=positive), load_default=dict)
    prize = fields.Nested(LabelSchema, load_default=None)
    series = fields.String(load_default=None, validate=ID)
    published = fields.Boolean(required=True, error_messages={"required": ASK_PUBLISHED})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Contest:
        """Build the dataclass."""
        return Contest(**{**data, "eligible": tuple(data["eligible"]), "multipliers": tuple(data["multipliers"])})


def contest_problems(contests: Sequence[Contest], metrics: set[str], rules: set[str]) -> Iterator[Problem]:
    """Yield what does not fit together in the contests."""
    for i, contest in enumerate(contests):
        where = f"/contests/{i}"
        if contest.end <= contest.start:
            yield Problem(f"{where}/to", "is not after `from`")
        if contest.metric not in metrics:
            yield Problem(f"{where}/metric", f"{contest.metric!r} is no metric of this playbook")
        if contest.id == "mentor":
            yield Problem(f"{where}/id", "'mentor' names what a mentor gets on top: choose another id")
        if (contest.scoring == OF_TARGET) != bool(contest.targets):
            yield Problem(f"{where}/targets", "percent_of_target needs targets by team or rep, and nothing else does")
        for j, each in enumerate(contest.multipliers):
            for name in each.rules:
                if name not in rules:
                    yield Problem(f"{where}/multipliers/{j}/rules", f"{name!r} is no rule of this playbook")


def frozen_problems(
    before: Mapping[str, Any], after: Mapping[str, Any], now: datetime, start: date
) -> Iterator[Problem]:
    """Yield what a new playbook body would change of contests that run: their rules are frozen while they do.

    Both bodies have been read without problems; `start` is the day from which the new one holds.
    """
    kept = {contest["id"]: contest for contest in after.get("contests") or ()}
    places = {contest["id"]: i for i, contest in enumerate(after.get("contests") or ())}
    for contest in before.get("contests") or ():
        read: Contest = ContestSchema().load(contest)
        if not read.start <= now < read.end or start > read.end.date():
            continue
        name = read.id
        if _part_of(before, contest) != _part_of(after, kept.get(name)):
            pointer = f"/contests/{places[name]}" if name in places else "/contests"
            yield Problem(pointer, f"{name} runs until {read.end.isoformat()}: change it, and its rules, after that")


def _part_of(body: Mapping[str, Any], contest: Mapping[str, Any] | None) -> Any:
    """Return everything that decides a contest: itself without its texts, and the rules that give its metric."""
    if contest is None:
        return None
    own = {name: value for name, value in contest.items() if name not in ("label", "prize", "published")}
    deciding = [rule for rule in body.get("rules") or () if contest["metric"] in (rule.get("credit") or {})]
    return repr((own, [{k: v for k, v in rule.items() if k not in ("text", "example")} for rule in deciding]))
