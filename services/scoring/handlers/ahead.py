"""What lies ahead of a period: the forecast with its past, coverage, the chart, a suggestion of goals."""

from dataclasses import dataclass

from services.scoring.domain.insight.accuracy import Check, accuracy, lessons, look_back
from services.scoring.domain.insight.clock import span_of
from services.scoring.domain.insight.forecast import SHOWN_FROM, Moment, Outlook, outlook, told, whole
from services.scoring.domain.insight.goals import earlier
from services.scoring.domain.insight.series import Chart
from services.scoring.domain.insight.shapes import Accuracy, Clock, Coverage, Forecast, Goal, Point, Suggestion
from services.scoring.domain.insight.suggestion import Room, Was, suggest
from services.scoring.handlers.looks import Record
from shared.periods import Period, of_day

LOOKED_BACK = {"week": 8, "month": 6, "quarter": 4, "year": 2}
"""How many periods forecasts are looked back on."""

EARLIER = 8
"""How many earlier periods show how a period fills."""

SUGGESTED_FROM = 13
"""How many earlier periods a suggestion may look at."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What lies ahead of a team in a period."""

    outlook: Outlook | None
    forecast: Forecast
    accuracy: Accuracy | None
    coverage: Coverage


def checks_of(record: Record, period: Period) -> list[Check]:
    """Return how forecasts of the periods before this one turned out."""
    count = LOOKED_BACK.get(period.kind, 0)
    spans = record.scene.spans(earlier(period, count + EARLIER))
    return look_back(record.case, spans, last=count) if count else []


def ahead_of(record: Record, period: Period, goal: Goal, checks: list[Check]) -> Ahead:
    """Return what lies ahead, with what the past teaches."""
    clock = goal.clock
    seen = _outlook(record, period, clock, checks)
    lacking = _lacking(clock, seen)
    rate = round(goal.amount / clock.elapsed) if clock.elapsed else None
    forecast = told(seen, lacking, rate, goal.goal)
    return Ahead(seen if not lacking else None, forecast, accuracy(checks), _coverage(record, goal, seen))


def _outlook(record: Record, period: Period, clock: Clock, checks: list[Check]) -> Outlook | None:
    if not clock.elapsed or clock.elapsed >= 1:
        return None
    scene = record.scene
    moment = Moment(span_of(period), scene.today.toordinal() + 1, clock.elapsed)
    return outlook(record.case, moment, scene.spans(earlier(period, EARLIER)), lessons(checks))


def _lacking(clock: Clock, seen: Outlook | None) -> tuple[str, ...]:
    if clock.elapsed is None:
        return ("workdays",)
    if clock.elapsed >= 1:
        return ("over",)
    early = ("early",) if clock.elapsed < SHOWN_FROM else ()
    return early if seen or not clock.elapsed else (*early, "history")


def _coverage(record: Record, goal: Goal, seen: Outlook | None) -> Coverage:
    """Return the open deals against what is still needed; a deal without an amount counts as none."""
    deals = record.flow.open() if record.scene.earns else []
    known = [deal.value for deal in deals if deal.value is not None]
    weighted = None if seen is None or seen.of_open is None else round(seen.of_open)
    ratio = sum(known) / goal.needed if goal.needed and known else None
    return Coverage(sum(known), len(deals), len(deals) - len(known), weighted, goal.needed, ratio)


def chart_of(record: Record, period: Period, goal: Goal, seen: Outlook | None) -> tuple[Point, ...]:
    """Return the days of a period."""
    spans = span_of(period), span_of(period.previous())
    today, elapsed = record.scene.today.toordinal(), goal.clock.elapsed
    return Chart(record.sums, record.scene.work, *spans, today, elapsed, goal.goal, seen).points()


def suggestion_of(record: Record, team: str, period: Period, goal: Goal) -> Suggestion:
    """Return goals for the next period; for this one while it has none."""
    scene = record.scene
    aim = period if goal.goal is None else period.next()
    begin = record.sums.days[0] if record.sums.days else 0
    past = [each for each in earlier(period, SUGGESTED_FROM) if whole(span_of(each), begin, span_of(each).last)]
    was = [
        Was(each.id, record.between(each), scene.clock(each).days_total, scene.fte(team, each.first)) for each in past
    ]
    year_ago = aim.first.replace(year=aim.first.year - 1, day=min(aim.first.day, 28))
    room = Room(aim.id, scene.clock(aim).days_total, scene.fte(team, aim.first), of_day(year_ago, aim.kind).id)
    return suggest(was, room)
