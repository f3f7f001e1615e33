"""Teams against teams: a race of all, and a duel of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from services.leaderboard.domain.boards import ATTAINMENT, TOTAL, Row
from services.leaderboard.domain.slides.asked import Slide
from services.leaderboard.domain.slides.scene import (
    Asked,
    NothingToShow,
    Scene,
    metric_shown,
    percent,
    period_shown,
)
from shared.money import round_half_up

TEAMS_SHOWN = 8
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """What the boards say: rows of the period, what each team got today, its wins today."""

    rows: Sequence[Row] = ()
    today: Mapping[str, int] = field(default_factory=dict)
    wins_today: Mapping[str, int] = field(default_factory=dict)

    def row(self, team: str) -> Row | None:
        """Return a team's row."""
        return next((row for row in self.rows if row.id == team), None)


def race(asked: Asked, scene: Scene, standing: Standing) -> dict[str, Any]:
    """Return the best teams, and what all have together."""
    return {
        **_frame(asked, scene),
        "teams": teams(asked, scene, standing)[:TEAMS_SHOWN],
        "teams_total": len(standing.rows),
        "shared_goal": shared_goal(standing.rows),
    }


def duel(slide: Slide, asked: Asked, scene: Scene, standing: Standing) -> dict[str, Any]:
    """Return two teams beside each other, and who leads by how much; raises NothingToShow."""
    pair = [row for team in opponents(slide, scene, standing.rows) if (row := standing.row(team))]
    drawn = {team["id"]: team for team in teams(asked, scene, standing)}
    return {
        **_frame(asked, scene),
        "teams": [drawn[row.id] for row in pair],
        "teams_total": len(standing.rows),
        "shared_goal": shared_goal(pair),
        "lead": _lead(pair, asked.by),
    }


def opponents(slide: Slide, scene: Scene, rows: Sequence[Row]) -> list[str]:
    """Return the two teams of a duel: those asked for, else the screen's own and its next rival, else the first two."""
    ranked = [row.id for row in rows]
    asked = [team for each in slide.teams if (team := scene.own_team(each))]
    own = [scene.team] if scene.team in ranked else []
    found = list(dict.fromkeys([*asked, *(() if asked else own)]))
    if len(found) == 1:
        found += _rival(found[0], ranked)
    found = found or ranked[:_PAIR]
    if len(found) < _PAIR or not set(found[:_PAIR]) <= set(ranked):
        raise NothingToShow("no_teams")
    return sorted(found[:_PAIR], key=lambda team: team != scene.team)


def _rival(team: str, ranked: Sequence[str]) -> Sequence[str]:
    """Return who stands just above a team; below, for the first."""
    place = ranked.index(team) if team in ranked else 0
    return ranked[place - 1 : place] if place else ranked[1:_PAIR]


def _lead(pair: Sequence[Row], by: str) -> dict[str, Any] | None:
    one, other = (_measured(row, by) for row in pair)
    if one is None or other is None:
        return None
    leader = None if one == other else pair[0].id if one > other else pair[1].id
    difference = abs(one - other)
    return {"team": leader, "difference": percent(difference) if by == ATTAINMENT else round_half_up(difference)}


def _measured(row: Row, by: str) -> Fraction | None:
    found = row.value(by)
    return None if found is None else Fraction(found)


def _frame(asked: Asked, scene: Scene) -> dict[str, Any]:
    return {"metric": metric_shown(asked.metric), "by": asked.by, "period": period_shown(asked, scene.league)}


def teams(asked: Asked, scene: Scene, standing: Standing) -> list[dict[str, Any]]:
    """Return the teams, best first, each with its progress, its rank when the day began and its gain today."""
    if not standing.rows:
        raise NothingToShow("no_teams")
    before = ranks_at_day_start(asked, scene, standing)
    return [
        {
            **scene.mark(row.id),
            "rank": row.rank,
            "prev_rank": before.get(row.id),
            **progress(row, asked),
            "today": gained_today([row.id], asked, standing),
        }
        for row in standing.rows
    ]


def ranks_at_day_start(asked: Asked, scene: Scene, standing: Standing) -> dict[str, int]:
    """Return each team's rank without what it got today; empty when the period is over or began today.

    Ties share a rank (1, 2, 2, 4). What was taken back today from an earlier day counts as never given.
    """
    divisors = scene.league.denominators(asked.board)
    start = {row.id: row.amount - standing.today.get(row.id, 0) for row in standing.rows}
    if not asked.is_running or not any(start.values()):
        return {}
    other = Fraction(1) if asked.by == TOTAL else None
    values = {team: amount / by for team, amount in start.items() if (by := divisors.get(team, other))}
    return {team: 1 + sum(better > value for better in values.values()) for team, value in values.items()}


def shared_goal(rows: Sequence[Row]) -> dict[str, Any] | None:
    """Return what the teams have together of their targets together; None unless each has a target."""
    targets = [row.target for row in rows if row.target]
    if len(targets) < max(len(rows), 1):
        return None
    amount, goal = sum(row.amount for row in rows), sum(targets)
    return {"amount": amount, "goal": goal, "percent": percent(Fraction(amount, goal))}


def progress(row: Row, asked: Asked) -> dict[str, Any]:
    """Return how far a team is: per FTE, of its target, and against what may be expected by now."""
    return {
        "amount": row.amount,
        "per_fte": None if row.per_fte is None else round_half_up(Fraction(row.per_fte)),
        "goal": row.target,
        "percent": None if row.attainment is None else percent(Fraction(row.attainment)),
        "pace": asked.workdays.pace(row.amount, row.target),
    }


def gained_today(members: Sequence[str], asked: Asked, standing: Standing) -> dict[str, int] | None:
    """Return what these teams got today together, and their wins; None when today is not in the period."""
    if not asked.is_running:
        return None
    return {
        "amount": sum(standing.today.get(team, 0) for team in members),
        "wins": sum(standing.wins_today.get(team, 0) for team in members),
    }
