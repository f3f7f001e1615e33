"""What statements of a period need of the ledger: whose results, over which times, in which detail."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from services.commission.domain.accumulation import windows_of
from services.commission.domain.assigning import Assignment
from services.commission.domain.jobs import Job
from services.commission.domain.league import League
from services.commission.domain.mentees import is_mentor
from services.commission.domain.payee import Payee
from services.commission.domain.results import Results, Span
from services.commission.domain.segments import Segment, by_plan, segments
from shared.contracts.plan import DEAL, MEAN_OF_MEMBERS, ORGANISATION, RUNNING, TEAM, Plan
from shared.contracts.roster import Rep
from shared.contracts.timing import EVENT
from shared.periods import Period


@dataclass
class Wanted:
    """Everything that the statements of some reps need of the ledger.

    `times` are the period and, beside it, the quarters and years to date that something adds up over; `spans` the
    days of reps that count by themselves, by the id of the time. `by_deal` are the metrics that are needed deal by
    deal, `by_team_deal` those that are of a team's result. With `everybody` the statement of one rep looks at results
    of others: of more than the `teams`.
    """

    period: Period
    times: dict[str, Period] = field(default_factory=dict)
    spans: dict[str, set[Span]] = field(default_factory=dict)
    teams: set[str] = field(default_factory=set)
    by_deal: set[str] = field(default_factory=set)
    by_team_deal: set[str] = field(default_factory=set)
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pay of the metrics `earned` waits for credits of the metrics `until`.

    It is that of `reps` (None: of everybody), or of `teams` beside them.
    """

    earned: Collection[str]
    until: Collection[str]
    reps: Collection[str] | None
    teams: Collection[str] | None


class _Unread(dict[str, Results]):
    """Results of any time, before anything was read."""

    def __missing__(self, _: str) -> Results:
        return Results()


def wanted(reps: Iterable[Rep], period: Period, league: League) -> Wanted:
    """Return what the statements of the reps need."""
    found = Wanted(period, {period.id: period})
    plans: set[int] = set()
    for rep in reps:
        parts = segments(rep, period, league)
        found.teams.update(part.team for part in parts)
        for plan, own in by_plan(parts):
            if plan.period == period.kind:
                if id(plan) not in plans:
                    plans.add(id(plan))
                    _add_plan(found, plan)
                if not _simple(rep, plan, period, league):
                    _add_jobs(found, Payee(rep, period, league, Results(others=_Unread())), plan, own, parts)
    return found


def waiting(league: League, kind: str, rep: Rep | None) -> Waiting | None:
    """Return what waits in the plans that pay by this kind of period (None: nothing), for everybody or one rep."""
    plans = (plan for version in league.plans for plan in version.plans.plans if plan.period == kind)
    held = [component for plan in plans for component in plan.components if component.holdback]
    if not held:
        return None
    until = sorted({component.holdback.until for component in held if component.holdback})
    of_teams = any(component.scope == TEAM for component in held)
    teams = sorted({member.team for member in rep.memberships}) if rep and of_teams else None
    return Waiting(sorted({component.metric for component in held}), until, [rep.id] if rep else None, teams)


def _add_plan(found: Wanted, plan: Plan) -> None:
    for component in plan.components:
        for window in windows_of(component, found.period) or ():
            if window:
                found.times[window.so_far.id] = window.so_far
        if component.accumulate in (DEAL, RUNNING) or component.holdback or plan.time.exchange.at == EVENT:
            (found.by_team_deal if component.scope == TEAM else found.by_deal).add(component.metric)
    found.everybody |= plan.team_attainment == MEAN_OF_MEMBERS or any(_looks_further(plan))


def _looks_further(plan: Plan) -> Iterator[bool]:
    """Yield for each part of a plan whether it needs results beyond the rep's own and the team's sums."""
    yield from (modifier.scope == ORGANISATION for modifier in plan.modifiers)
    yield from (reward.scope == ORGANISATION for reward in plan.rewards)
    for component in plan.components:
        yield component.scope == ORGANISATION or component.pool is not None
        yield from (gate.scope == ORGANISATION for gate in component.gates)
        yield component.curve.columns is not None and component.curve.columns.scope == ORGANISATION


def _simple(rep: Rep, plan: Plan, period: Period, league: League) -> bool:
    """Tell whether the rep's whole time counts together: one segment, and nobody to guide."""
    times = [window.so_far for one in plan.components for window in windows_of(one, period) or () if window]
    longest = max(times, key=lambda each: each.last.toordinal() - each.first.toordinal(), default=period)
    return len(segments(rep, longest, league)) <= 1 and not is_mentor(rep, league)


def _add_jobs(found: Wanted, payee: Payee, plan: Plan, own: Sequence[Segment], parts: Sequence[Segment]) -> None:
    assignment = Assignment(payee, plan, 0, own, parts)
    for component in plan.components:
        for job in assignment.jobs(component):
            for each in _with_earlier(job):
                spans = found.spans.setdefault(each.payee.period.id, set())
                spans.update(each.payee.spans, each.payee.mentees)
                if each.team:
                    found.teams.add(each.team)


def _with_earlier(job: Job) -> Iterator[Job]:
    yield job
    if job.before:
        yield job.before
