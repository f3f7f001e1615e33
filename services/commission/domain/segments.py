"""A rep's time in a period, cut where the team, the FTE or the plan changes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

from services.commission.domain.league import League
from shared.contracts.plan import Plan
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


def segments(rep: Rep, period: Period, league: League) -> tuple[Segment, ...]:
    """Return the rep's segments in the period, in order; days outside every team are in none."""
    return tuple(_merged(_cut(rep, period, league)))


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


def _cut(rep: Rep, period: Period, league: League) -> Iterator[Segment]:
    for first, last in pairwise(sorted(_boundaries(rep, period, league))):
        member = next((m for m in rep.memberships if m.covers(first)), None)
        if member:
            plan, version = league.plan_on(first, rep.id, member.team, period.kind)
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
