"""Everything about a team or a person in a period, put together from what was read."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from services.scoring.domain.insight.accuracy import Check
from services.scoring.domain.insight.clock import span_of
from services.scoring.domain.insight.evidence import Member, Mentor, Mix, OpenDeal, Signal
from services.scoring.domain.insight.goals import earlier
from services.scoring.domain.insight.mentors import mentors
from services.scoring.domain.insight.people import Flow, mix, past, stuck
from services.scoring.domain.insight.rates import rate
from services.scoring.domain.insight.shapes import Goal, RepInsight, TeamInsight
from services.scoring.domain.insight.stages import funnel
from services.scoring.handlers.ahead import ahead_of, chart_of, suggestion_of
from services.scoring.handlers.looks import Record, Work
from services.scoring.handlers.scene import Scene
from services.scoring.handlers.signalling import NOTHING, PAST, own_past, signals_of
from shared.periods import KINDS, Period

MOST_STUCK = 20
Signals = Mapping[str, Sequence[Signal]]


class Group(NamedTuple):
    """A team in a period: what was read of it, of its members and of their work."""

    team: str
    period: Period
    record: Record
    work: Work
    reps: Sequence[str]


def day_of(scene: Scene, period: Period) -> date:
    """Return the day that says who is in a team: today, as far as that is in the period."""
    return min(max(scene.today, period.first), date.fromordinal(period.last.toordinal() - 1))


def team_insight(group: Group, checks: list[Check]) -> TeamInsight:
    """Return everything about a team."""
    team, period, record, work, reps = group
    scene, flow = record.scene, record.flow
    goal = scene.goal(period, record.between(period), team=team)
    ahead = ahead_of(record, period, goal, checks)
    found = {rep: signals_of(record, work, rep, period, goal.clock) for rep in reps}
    spans = scene.spans(earlier(period, PAST))
    begin = record.sums.days[0] if record.sums.days else span_of(period).last
    return TeamInsight(
        team=team,
        metric=scene.metric.id,
        as_of=scene.now,
        goals=tuple(scene.goal(each, record.between(each), team=team) for each in map(scene.holding, KINDS)),
        goal=goal,
        forecast=ahead.forecast,
        accuracy=ahead.accuracy,
        coverage=ahead.coverage,
        series=chart_of(record, period, goal, ahead.outlook),
        suggestion=suggestion_of(record, team, period, goal),
        past=past(record.sums, scene.work, spans, goal.clock.elapsed, begin=begin),
        funnel=funnel(flow.cohorts(), flow.cohorts_before(), list(scene.order)),
        stuck=_stuck(flow, scene),
        mix=_mix(work, None),
        members=tuple(_member(group, rep, found, goal) for rep in reps),
        signals=tuple(each for rep in reps for each in found[rep]),
        mentors=_mentors(group),
    )


def _stuck(flow: Flow, scene: Scene, rep: str | None = None) -> tuple[OpenDeal, ...]:
    return tuple(stuck(flow.open(rep), flow.usual, flow.today, scene.zone)[:MOST_STUCK])


def _mix(work: Work, rep: str | None) -> tuple[Mix, ...]:
    return mix(work.of(work.now, rep), work.of(work.before, rep), work.of(work.now))


def _member(group: Group, rep: str, found: Signals, goal: Goal) -> Member:
    _, period, record, work, _ = group
    scene, sums, span = record.scene, record.by_rep.get(rep, NOTHING), span_of(period)
    amount = sums.between(span.first, span.last)
    own = scene.goal(period, amount, rep=rep)
    before = own_past(scene, sums, period, goal.clock)
    at = scene.roster.membership(rep, day_of(scene, period))
    return Member(
        rep=rep,
        fte=float(at.fte) if at else 0.0,
        amount=amount,
        goal=own.goal,
        share=own.share,
        before=before[-1].at_point if before and before[-1].period == period.previous().id else None,
        open_deals=len(record.flow.open(rep)),
        win=record.flow.win(rep),
        last_activity=work.last.get(rep),
        signals=len(found[rep]),
    )


def _mentors(group: Group) -> tuple[Mentor, ...]:
    """Return suggestions for the members who are at work."""
    record, flow = group.record, group.record.flow
    by_rep = {rep: flow.cohorts(rep) for rep in group.reps}
    rest = {rep: flow.cohorts_without(rep) for rep in group.reps}
    return mentors(by_rep, rest, record.scene.guided())


def rep_insight(rep: str, own: Record, period: Period, group: Group | None) -> RepInsight:
    """Return everything about a person; `group` is their team, `own` what they earned in any team."""
    scene = own.scene
    goal = scene.goal(period, own.between(period), rep=rep)
    nothing = rate(0, 0)
    flow = group.record.flow if group else own.flow
    base = flow.cohorts_without(rep) if group else {}
    return RepInsight(
        rep=rep,
        team=group.team if group else None,
        metric=scene.metric.id,
        as_of=scene.now,
        goals=tuple(scene.goal(each, own.between(each), rep=rep) for each in map(scene.holding, KINDS)),
        goal=goal,
        series=chart_of(own, period, goal, None),
        past=own_past(scene, own.sums, period, goal.clock),
        win=flow.win(rep),
        team_win=flow.win_without(rep) if group else nothing,
        funnel=funnel(flow.cohorts(rep), base, list(scene.order)),
        stuck=_stuck(flow, scene, rep),
        mix=_mix(group.work, rep) if group else (),
        signals=signals_of(group.record, group.work, rep, period, goal.clock) if group else (),
        mentors=tuple(each for each in _mentors(group) if each.rep == rep) if group else (),
    )
