"""A team or the organisation as a group: who is in it, what it comes to, what its members attain."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from services.commission.domain.derivation import Source, Step, step
from services.commission.domain.payee import Measured, Payee, Unmeasured
from services.commission.domain.quantities import RATIO, TIMES, Quantity, of_metric
from services.commission.domain.segments import Segment, segments
from services.commission.domain.standing import standing
from shared.contracts.plan import Component, Plan
from shared.contracts.playbook import Metric
from shared.contracts.roster import Rep

ZERO = Fraction(0)
MOST_TOLD = 30
"""Of a larger group the members are counted in a derivation, not told one by one."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Member:
    """A rep of a group with their time in it, in the order of the roster; `place` is where they stand there."""

    rep: Rep
    parts: tuple[Segment, ...]
    place: int

    @property
    def fte_days(self) -> Fraction:
        """Calendar days in the group times FTE."""
        return sum((part.days * part.fte for part in self.parts), ZERO)


def once(payee: Payee, key: tuple[str, ...], work: Callable[[], T]) -> T:
    """Work something out once for these documents, this period and these results."""
    memo, named = payee.league.memo, (*key, payee.period.id)
    held: tuple[object, T] | None = memo.get(named)
    if held is None or held[0] is not payee.results:
        held = memo[named] = (payee.results, work())
    return held[1]


def members(payee: Payee, team: str | None, plan: Plan | None = None) -> Sequence[Member]:
    """Return who is in the team (None: the organisation) on some day of the period, under `plan` where one is given."""
    key = ("members", team or "", f"{plan.id if plan else ''}", str(id(plan)))
    return once(payee, key, lambda: tuple(_members(payee, team, plan)))


def _members(payee: Payee, team: str | None, plan: Plan | None) -> list[Member]:
    present = _by_team(payee) if team else {"": _everybody(payee)}
    found = []
    for member in present.get(team or "", ()):
        parts = tuple(part for part in member.parts if plan is None or part.plan is plan or part.plan == plan)
        if parts:
            found.append(replace(member, parts=parts))
    return found


def _everybody(payee: Payee) -> Sequence[Member]:
    def work() -> Sequence[Member]:
        reps = enumerate(payee.league.roster.reps.values())
        each = (Member(rep, segments(rep, payee.period, payee.league), place) for place, rep in reps)
        return tuple(member for member in each if member.parts)

    return once(payee, ("everybody",), work)


def _by_team(payee: Payee) -> Mapping[str, Sequence[Member]]:
    def work() -> Mapping[str, Sequence[Member]]:
        teams: dict[str, list[Member]] = {}
        for member in _everybody(payee):
            for team in dict.fromkeys(part.team for part in member.parts):
                own = tuple(part for part in member.parts if part.team == team)
                teams.setdefault(team, []).append(replace(member, parts=own))
        return teams

    return once(payee, ("by-team",), work)


def organisation_result(payee: Payee, metric: Metric) -> Measured:
    """Return the credits of all teams together."""
    sums = once(payee, ("organisation",), lambda: _summed(payee.results.teams))
    amount = of_metric(metric, sums.get(metric.id, 0))
    name = payee.league.roster.organisation.name
    said = step("team-result", amount, Source(metric.id, payee.listed), team=name, period=payee.period.id)
    return Measured((said,), amount, amount)


def _summed(teams: Mapping[tuple[str, str], int]) -> Mapping[str, int]:
    sums: dict[str, int] = {}
    for (_, metric), amount in teams.items():
        sums[metric] = sums.get(metric, 0) + amount
    return sums


Measure = Callable[[Payee], Measured | Unmeasured]


@dataclass(frozen=True, slots=True)
class _Mean:
    """The mean of members' attainments, the first of them by name, and who could not be measured (None: nobody)."""

    mean: Fraction
    count: int
    told: tuple[Step, ...]
    missing: Unmeasured | None


def mean_attainment(
    payee: Payee, component: Component, team: str | None, found: Measured, own: Measure
) -> Measured | Unmeasured:
    """Return the group's result with the mean of its members' own attainments, each measured by `own`."""
    key = ("mean", component.metric, team or "")
    of_all = once(
        payee, key, lambda: _mean([(each.rep.name, own(standing(payee, each.rep))) for each in members(payee, team)])
    )
    if of_all.missing:
        problem = replace(of_all.missing.problem, component=component.id)
        return replace(of_all.missing, problem=problem, amount=found.amount)
    count = Quantity(Fraction(of_all.count), TIMES)
    result = step("mean-attainment", Quantity(of_all.mean, RATIO), members=count)
    return replace(found, steps=(*found.steps, *of_all.told, result), attainment=of_all.mean)


def _mean(parts: Sequence[tuple[str, Measured | Unmeasured]]) -> _Mean:
    missing = next((part for _, part in parts if isinstance(part, Unmeasured)), None)
    each = [(name, part.attainment or ZERO) for name, part in parts if isinstance(part, Measured)]
    mean = sum((attainment for _, attainment in each), ZERO) / len(each) if each else ZERO
    told = (step("member-attainment", Quantity(one, RATIO), member=name) for name, one in each[:MOST_TOLD])
    return _Mean(mean, len(each), tuple(told), missing)
