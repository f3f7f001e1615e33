"""The top three, and who improved most: teams, or people who may be named; never who is last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from services.leaderboard.domain.boards import REPS, TEAMS, Row
from services.leaderboard.domain.people import person
from services.leaderboard.domain.slides.asked import Slide
from services.leaderboard.domain.slides.race import progress
from services.leaderboard.domain.slides.scene import (
    Asked,
    NothingToShow,
    Scene,
    metric_shown,
    percent,
    period_shown,
)
from shared.contracts.times import to_text
from shared.periods import Period, is_working_day, midnight

SHOWN = 3
COMPARED = ("day", "week", "month")
"""The kinds of period whose days are all kept long enough to be compared at the same point."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The period before, and until when it is compared with: the same working day of it, at the same time of day."""

    period: Period
    until: datetime


def scope(slide: Slide) -> str:
    """Return who is ranked."""
    return REPS if slide.people else TEAMS


def top(slide: Slide, asked: Asked, scene: Scene, rows: Sequence[Row], before: Mapping[str, int]) -> dict[str, Any]:
    """Return the best and the most improved; `before` is what they had at the same point of the period before."""
    shown = [row for row in rows if _may_be_shown(slide, scene, row.id)]
    best = [row for row in shown if row.rank is not None and row.amount > 0]
    gains = [row for row in shown if row.amount > before.get(row.id, 0) > 0]
    gains.sort(key=lambda row: (before[row.id] - row.amount, row.id))
    if not best:
        raise NothingToShow("nothing_yet")
    then = earlier(asked, scene)
    return {
        "metric": metric_shown(asked.metric),
        "by": asked.by,
        "period": period_shown(asked, scene.league),
        "people": slide.people,
        "best": [
            {"rank": rank, **_who(slide, scene, row.id), **_amounts(row, asked)}
            for rank, row in _first_three(best, [row.rank for row in best])
        ],
        "improved": [
            {"rank": rank, **_who(slide, scene, row.id), **_gain(row, before[row.id])}
            for rank, row in _first_three(gains, [row.amount - before[row.id] for row in gains])
        ],
        "compared": _compared(asked, scene, then) if then else None,
    }


def earlier(asked: Asked, scene: Scene) -> Earlier | None:
    """Return what a period is compared with; None where it is not: quarters, years, and what is still to come."""
    if asked.period.kind not in COMPARED or asked.period.first > asked.today.first:
        return None
    zone, holidays = scene.league.zone, asked.holidays
    before = asked.period.previous()
    while before.kind == "day" and not is_working_day(before.first, holidays):
        before = before.previous()
    if not asked.is_running:
        return Earlier(before, before.end(zone))
    days = [day for day in before.days() if is_working_day(day, holidays)]
    if asked.workdays.over >= len(days):
        return Earlier(before, before.end(zone))
    same_day = days[asked.workdays.over]
    into = scene.now - midnight(asked.today.first, zone)
    into = min(into, timedelta(days=1)) if is_working_day(asked.today.first, holidays) else timedelta(0)
    return Earlier(before, min(midnight(same_day, zone) + into, before.end(zone)))


def _may_be_shown(slide: Slide, scene: Scene, member: str) -> bool:
    return not slide.people or person(member, scene.league.roster, scene.profiles) is not None


def _first_three(rows: Sequence[Row], values: Sequence[int | None]) -> list[tuple[int, Row]]:
    """Return the first three with their ranks among those who are shown; equals share one."""
    return [(1 + values.index(value), row) for row, value in list(zip(rows, values, strict=True))[:SHOWN]]


def _who(slide: Slide, scene: Scene, member: str) -> dict[str, Any]:
    team = scene.team_of(member) if slide.people else member
    return {"team": scene.mark(team) if team else None, **scene.named(member, people=slide.people)}


def _amounts(row: Row, asked: Asked) -> dict[str, Any]:
    done = progress(row, asked)
    return {name: done[name] for name in ("amount", "per_fte", "percent")}


def _gain(row: Row, before: int) -> dict[str, Any]:
    gain = row.amount - before
    return {"amount": row.amount, "before": before, "gain": gain, "percent": percent(Fraction(gain, before))}


def _compared(asked: Asked, scene: Scene, then: Earlier) -> dict[str, Any]:
    until = scene.now if asked.is_running else asked.period.end(scene.league.zone)
    return {"until": to_text(until), "before": {"id": then.period.id, "until": to_text(then.until)}}
