"""Targets: the expected result of a rep, a team or the organisation for a metric in a period."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from shared.contracts.documents import ID, Day, Exact, Part, PeriodField, load
from shared.contracts.league import TARGETS, BadDocument, Problem
from shared.periods import RANGE, Period, days


@dataclass(frozen=True, slots=True)
class Target:
    """`amount` is in the metric's usual unit (euros, points), for exactly one rep, team or the organisation.

    Its period is one of the calendar, or any days (kind RANGE): such a target is for the time in one team.
    """

    metric: str
    period: Period
    amount: Decimal
    rep: str | None
    team: str | None
    organisation: bool = False


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

    def of_organisation(self, metric: str, period: Period) -> Decimal | None:
        """Return the organisation's target; None when none was set for exactly this period."""
        return self._by_owner.get((None, None, metric, period.id))

    def inside(self, rep: str, metric: str, first: date, last: date) -> tuple[Target, ...]:
        """Return the rep's targets for days (kind RANGE) that lie from `first` up to and without `last`."""
        return tuple(
            t for t in self._ranges.get((rep, metric), ()) if first <= t.period.first and t.period.last <= last
        )

    @cached_property
    def _ranges(self) -> Mapping[tuple[str, str], tuple[Target, ...]]:
        found: dict[tuple[str, str], tuple[Target, ...]] = {}
        for target in self.targets:
            if target.rep and target.period.kind == RANGE:
                found[target.rep, target.metric] = (*found.get((target.rep, target.metric), ()), target)
        return found


class _Target(Part):
    metric = fields.String(required=True, validate=ID)
    period = PeriodField(load_default=None)
    start = Day(load_default=None, data_key="from")
    end = Day(load_default=None, data_key="to")
    amount = Exact(required=True, at_least=Decimal(0))
    rep = fields.String(load_default=None, validate=ID)
    team = fields.String(load_default=None, validate=ID)
    organisation = fields.Boolean(load_default=False)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Ask for a period, or for the days it is for."""
        start, end = data["start"], data["end"]
        if (data["period"] is None) == (start is None) or (start is None) != (end is None):
            raise ValidationError(
                "for which time? write period: 2026-11, or from: 2026-11-11 and to: 2026-12-01", "period"
            )
        if start and end <= start:
            raise ValidationError("is not after `from`: the last day is not included", "to")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Target:
        start, end = data.pop("start"), data.pop("end")
        return Target(**{**data, "period": data["period"] or days(start, end)})


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
        if (target.rep is not None) + (target.team is not None) + target.organisation != 1:
            yield Problem(f"/targets/{i}", "names a rep, a team or organisation: true, exactly one of them")
        key = (target.rep, target.team, target.metric, target.period.id)
        if key in seen:
            yield Problem(f"/targets/{i}", "stands here twice: one target per owner, metric, period")
        seen.add(key)
        if target.rep is None and target.period.kind == RANGE:
            yield Problem(
                f"/targets/{i}/{'organisation' if target.organisation else 'team'}",
                "has targets for periods only: days are for a rep who moves",
            )
