"""The statement of one payee in one period: lines, exceptions and totals."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from services.commission.domain.assigning import Assignment
from services.commission.domain.components import Line
from services.commission.domain.findings import (
    CHANGED_IN_PERIOD,
    MENTOR_TWICE,
    NO_PLAN,
    NOT_A_MEMBER,
    OTHER_PERIOD,
    Finding,
    finding,
)
from services.commission.domain.guarantee import guarantee_lines
from services.commission.domain.league import League
from services.commission.domain.leaving import after_leaving
from services.commission.domain.payee import Payee
from services.commission.domain.payout import lines_of
from services.commission.domain.releasing import released_lines
from services.commission.domain.results import Results
from services.commission.domain.rewards import Progress, rewards_of
from services.commission.domain.segments import Segment, by_plan, segments
from services.commission.domain.standing import standing
from shared.contracts.plan import Plan
from shared.contracts.roster import Rep
from shared.periods import Period


@dataclass(frozen=True, slots=True)
class Statement:
    """What one rep earned in one period, by one line for each component (and team); rewards are not among them."""

    rep: Rep
    period: Period
    segments: tuple[Segment, ...]
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    rewards: tuple[Progress, ...] = ()

    @property
    def totals(self) -> Mapping[str, int]:
        """The payout in minor units by currency: the lines added up."""
        sums: dict[str, int] = {}
        for line in self.lines:
            sums[line.plan.currency] = sums.get(line.plan.currency, 0) + line.amount
        return sums


def statement(rep: Rep, period: Period, league: League, results: Results) -> Statement:
    """Compute the statement of `rep`; nothing that cannot be paid is passed over in silence."""
    parts = segments(rep, period, league)
    payee = Payee(rep, period, league, results)
    earned = (line for plan, own in by_plan(parts) for line in _lines(payee, plan, own, parts))
    lines = tuple(after_leaving(line, rep, period) for line in chain(earned, released_lines(payee)))
    found = (*_time_findings(payee, parts, lines), *(one for line in lines for one in line.findings))
    paying = [(plan, own) for plan, own in by_plan(parts) if plan.period == period.kind]
    rewards = tuple(one for plan, own in paying for one in rewards_of(standing(payee, rep), plan, own))
    return Statement(rep, period, parts, lines, found, rewards)


def statements(period: Period, league: League, results: Results) -> tuple[Statement, ...]:
    """Compute the statements of everybody who was in a team in the period or earned in it."""
    return tuple(statement(rep, period, league, results) for rep in payees(period, league, results))


def payees(period: Period, league: League, results: Results) -> list[Rep]:
    """Return who has a statement in the period: whoever was in a team, earned a credit, or has waited for pay."""
    earned = {rep for rep, _ in results.reps}
    return [
        rep
        for _, rep in sorted(league.roster.reps.items())
        if rep.id in earned
        or any(member.touches(period.first, period.last) for member in rep.memberships)
        or (results.origins and any(released_lines(Payee(rep, period, league, results))))
    ]


def _lines(payee: Payee, plan: Plan, own: Sequence[Segment], parts: Sequence[Segment]) -> Iterator[Line]:
    if plan.period != payee.period.kind:
        return
    assignment = Assignment(payee, plan, own[0].version or 0, own, parts)
    jobs = [job for component in plan.components for job in assignment.jobs(component)]
    lines = lines_of(jobs, assignment.share)
    yield from (*lines, *guarantee_lines(assignment, lines))


def _time_findings(payee: Payee, parts: Sequence[Segment], lines: Sequence[Line]) -> Iterator[Finding]:
    period = payee.period
    if not parts and not lines:
        yield finding(NOT_A_MEMBER, period=period.id)
    for part in parts:
        if part.plan is None:
            first, last = part.first.isoformat(), part.last.isoformat()
            yield finding(NO_PLAN, first=first, last=last, team=payee.team_name(part.team))
    for plan, _ in by_plan(parts):
        if plan.period != period.kind:
            yield finding(OTHER_PERIOD, plan=plan.label or plan.id, paid_by=plan.period)
        for component in plan.components:
            if component.mentees is not None and component.metric in payee.league.mentored:
                yield finding(MENTOR_TWICE, component.id, metric=component.metric)
    if parts and (len(parts) > 1 or (parts[0].first, parts[-1].last) != (period.first, period.last)):
        yield finding(CHANGED_IN_PERIOD, period=period.id)
