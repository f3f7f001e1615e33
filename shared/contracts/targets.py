"""Targets: the expected result of a rep or a team for a metric in a period."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from marshmallow import fields, post_load

from shared.contracts.documents import ID, Exact, Part, PeriodField, load
from shared.contracts.league import TARGETS, BadDocument, Problem
from shared.periods import Period


@dataclass(frozen=True, slots=True)
class Target:
    """`amount` is in the metric's usual unit (euros, points), for exactly one rep or team."""

    metric: str
    period: Period
    amount: Decimal
    rep: str | None
    team: str | None


@dataclass(frozen=True)
class Targets:
    """All targets, with their look-up."""

    targets: tuple[Target, ...]

    @cached_property
    def _by_owner(self) -> Mapping[tuple[str | None, str | None, str, str], Decimal]:
        return {(t.rep, t.team, t.metric, t.period.id): t.amount for t in self.targets}

    def of_rep(self, rep: str, metric: str, period: Period) -> Decimal | None:
        """Return the rep's target; None when none was set for exactly this period."""
        return self._by_owner.get((rep, None, metric, period.id))

    def of_team(self, team: str, metric: str, period: Period) -> Decimal | None:
        """Return the team's target; None when none was set for exactly this period."""
        return self._by_owner.get((None, team, metric, period.id))


class _Target(Part):
    metric = fields.String(required=True, validate=ID)
    period = PeriodField(required=True)
    amount = Exact(required=True, at_least=Decimal(0))
    rep = fields.String(load_default=None, validate=ID)
    team = fields.String(load_default=None, validate=ID)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Target:
        return Target(**data)


class TargetsSchema(Part):
    """The body of a targets document."""

    targets = fields.List(fields.Nested(_Target), required=True)


def parse_targets(body: Mapping[str, Any], *, strict: bool = False) -> Targets:
    """Read a targets document's body; BadDocument names every problem."""
    targets = load(TARGETS, TargetsSchema(), body, strict=strict)["targets"]
    problems = list(_cross_checks(targets))
    if problems:
        raise BadDocument(TARGETS, problems)
    return Targets(tuple(targets))


def _cross_checks(targets: list[Target]) -> Iterator[Problem]:
    seen: set[tuple[str | None, str | None, str, str]] = set()
    for i, target in enumerate(targets):
        if (target.rep is None) == (target.team is None):
            yield Problem(f"/targets/{i}", "names a rep or a team, exactly one of the two")
        key = (target.rep, target.team, target.metric, target.period.id)
        if key in seen:
            yield Problem(f"/targets/{i}", "stands here twice: one target per owner, metric, period")
        seen.add(key)
