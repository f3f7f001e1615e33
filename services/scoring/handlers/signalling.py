"""The signals about people, from what was read of their team."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from services.scoring.domain.insight.evidence import DONE, Past, Signal
from services.scoring.domain.insight.goals import earlier
from services.scoring.domain.insight.known import Sums
from services.scoring.domain.insight.people import past
from services.scoring.domain.insight.shapes import Clock
from services.scoring.domain.insight.signals import Seen, signals
from services.scoring.domain.insight.stages import WINDOW
from services.scoring.handlers.looks import Record, Work
from services.scoring.handlers.scene import Scene
from services.scoring.store.insight import Marked
from shared.periods import Period

PAST = 6
"""How many own earlier periods a person is held against."""

NOTHING = Sums({})


def signals_of(record: Record, work: Work, rep: str, period: Period, clock: Clock) -> tuple[Signal, ...]:
    """Return the signals about a member of the team whose record it is."""
    return tuple(_marked(each, work.marks) for each in signals(_seen(record, work, rep, period, clock)))


def _marked(signal: Signal, marks: Mapping[str, Marked]) -> Signal:
    mark = marks.get(signal.id)
    return replace(signal, state=DONE, done_by=mark.by, done_at=mark.at) if mark else signal


def _seen(record: Record, work: Work, rep: str, period: Period, clock: Clock) -> Seen:
    scene, flow = record.scene, record.flow
    sums = record.by_rep.get(rep, NOTHING)
    still, still_team = flow.still(rep)
    now, before = work.of(work.now, rep), work.of(work.before, rep)
    return Seen(
        rep=rep,
        period=period.id,
        today=scene.today,
        now=flow.cohorts(rep),
        own=flow.cohorts_before(rep),
        team=flow.cohorts_without(rep),
        still=still,
        still_team=still_team,
        work={kind: (now.get(kind, 0), before.get(kind, 0)) for kind in now.keys() | before.keys()},
        active=sum(work.of(work.lately, rep).values()),
        silent=_silent(scene, work, rep),
        amount=sums.between(period.first.toordinal(), period.last.toordinal()),
        past=[each.at_point for each in own_past(scene, sums, period, clock)],
        part=clock.elapsed or 0.0,
        since=period.first,
        window=scene.today - timedelta(days=WINDOW),
    )


def own_past(scene: Scene, sums: Sums, period: Period, clock: Clock) -> tuple[Past, ...]:
    """Return the earlier periods of somebody, at the same point and in the end."""
    begin = sums.days[0] if sums.days else date.max.toordinal()
    return past(sums, scene.work, scene.spans(earlier(period, PAST)), clock.elapsed, begin=begin)


def _silent(scene: Scene, work: Work, rep: str) -> int:
    """Count the working days since somebody's last activity, today left out, without days of leave."""
    last = work.last.get(rep)
    if last is None:
        return 0
    known = scene.roster.reps[rep].absences
    days = scene.work.within(scene.league.day(last).toordinal() + 1, scene.today.toordinal())
    return sum(not any(a.start.toordinal() <= day < a.end.toordinal() for a in known) for day in days)
