"""A goal: of one team, or of all together, and what it still asks."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import Any

from services.leaderboard.domain.boards import Row
from services.leaderboard.domain.slides.asked import Slide
from services.leaderboard.domain.slides.race import Standing, gained_today
from services.leaderboard.domain.slides.scene import (
    Asked,
    NothingToShow,
    Scene,
    metric_shown,
    percent,
    period_shown,
)
from shared.money import round_half_up


def goal(slide: Slide, asked: Asked, scene: Scene, standing: Standing) -> dict[str, Any]:
    """Return how far a team is, or all are; raises NothingToShow without a target."""
    team = scene.own_team(slide.team)
    rows = [row for row in standing.rows if team in (None, row.id)]
    target = sum(row.target or 0 for row in rows) if team else _together(asked, scene, rows)
    if not target:
        raise NothingToShow("no_target")
    amount, days = sum(row.amount for row in rows), asked.workdays
    left = days.total - days.over
    return {
        "metric": metric_shown(asked.metric),
        "period": period_shown(asked, scene.league),
        "team": scene.mark(team) if team else None,
        "amount": amount,
        "goal": target,
        "percent": percent(Fraction(amount, target)),
        "pace": days.pace(amount, target),
        "expected": None if days.expected is None else round_half_up(target * days.expected),
        "today": gained_today([row.id for row in rows], asked, standing),
        "workdays_left": left,
        "needed_per_workday": ceil(Fraction(target - amount, left)) if left and amount < target else None,
        "teams": [] if team else [_part(row, scene) for row in rows],
    }


def _together(asked: Asked, scene: Scene, rows: Sequence[Row]) -> int:
    """Return the organisation's target, else the sum of the teams' when each has one; 0: there is none."""
    targets = scene.league.targets
    own = targets.of_organisation(asked.metric.id, asked.period) if targets else None
    if own is not None:
        return round_half_up(Fraction(own) * 10**asked.metric.decimals)
    return sum(row.target or 0 for row in rows) if all(row.target for row in rows) else 0


def _part(row: Row, scene: Scene) -> dict[str, Any]:
    done = None if row.attainment is None else percent(Fraction(row.attainment))
    return {**scene.mark(row.id), "amount": row.amount, "goal": row.target, "percent": done}
