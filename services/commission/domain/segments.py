"""A rep's time in a period, cut where the team, the FTE or the plan changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

from services.commission.domain.league import League
from shared.contracts.plan import DAYS, FTE, Plan
from shared.contracts.roster import Rep
from shared.periods import Period


@dataclass(frozen=True, slots=True)
class Segment:
    """From `first` up to and without `last` the rep is in `team` under `plan` (None: under no plan).

    `version` is that of the plans document; None when none was in force.
    """

    first: date
    last: date
    team: str
    fte: Fraction
    plan: Plan | None
    version: int | None

    @property
    def days(self) -> int:
        """Calendar days."""
        return (self.last - self.first).days


@dataclass(frozen=True, slots=True)
class Share:
    """The part of the target incentive that a segment stands for: its days ÷ `of` days, times `fte`."""

    segment: Segment
    of: int
    fte: Fraction

    @property
    def value(self) -> Fraction:
        """The share as an exact fraction."""
        return Fraction(self.segment.days, self.of) * self.fte


def segments(rep: Rep, period: Period, league: League) -> tuple[Segment, ...]:
    """Return the rep's segments in the period, in order; days outside every team are in none."""
    return tuple(_merged(_cut(rep, period, league)))


def shares(own: Iterable[Segment], plan: Plan, period: Period, member_days: int) -> tuple[Share, ...]:
    """Return what part of the target incentive each of the plan's segments stands for.

    With days in `prorate` the whole is the period, else the days the rep was in any team of the
    period (`member_days`): then a newcomer has the full incentive, and a transfer still divides it.
    """
    whole = (period.last - period.first).days if DAYS in plan.prorate else member_days
    return tuple(Share(part, whole, part.fte if FTE in plan.prorate else Fraction(1)) for part in own)


def by_plan(parts: Sequence[Segment]) -> list[tuple[Plan, list[Segment]]]:
    """Return the plans of the segments in their order, each with its own segments."""
    groups: list[tuple[Plan, list[Segment]]] = []
    for part in parts:
        if part.plan is None:
            continue
        own = next((segments for plan, segments in groups if plan == part.plan), None)
        if own is None:
            groups.append((part.plan, [part]))
        else:
            own.append(part)
    return groups


def by_team(own: Iterable[Share]) -> Mapping[str, tuple[Share, ...]]:
    """Return the shares of each team, in the order the rep was in them."""
    groups: dict[str, tuple[Share, ...]] = {}
    for share in own:
        groups[share.segment.team] = (*groups.get(share.segment.team, ()), share)
    return groups


def shared_between_plans(parts: Sequence[Segment]) -> bool:
    """Tell whether the rep was under more than one plan, or under none for a part of the time."""
    return any(part.plan != parts[0].plan for part in parts)


def _cut(rep: Rep, period: Period, league: League) -> Iterator[Segment]:
    for first, last in pairwise(sorted(_boundaries(rep, period, league))):
        member = next((m for m in rep.memberships if m.covers(first)), None)
        if member:
            plan, version = league.plan_on(first, rep.id, member.team)
            yield Segment(first, last, member.team, Fraction(member.fte), plan, version)


def _boundaries(rep: Rep, period: Period, league: League) -> set[date]:
    days = {plans.effective_from for plans in league.plans}
    for member in rep.memberships:
        days |= {member.start} if member.end is None else {member.start, member.end}
    return {period.first, period.last} | {day for day in days if period.first < day < period.last}


def _merged(parts: Iterable[Segment]) -> Iterator[Segment]:
    held: Segment | None = None
    for part in parts:
        if held and held.last == part.first and _same(held, part):
            held = replace(held, last=part.last)
            continue
        if held:
            yield held
        held = part
    if held:
        yield held


def _same(a: Segment, b: Segment) -> bool:
    return (a.team, a.fte, a.plan) == (b.team, b.fte, b.plan)
