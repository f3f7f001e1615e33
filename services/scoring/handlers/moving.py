"""What a move of somebody would do to the numbers of two teams; what was credited stays where it was earned."""

from dataclasses import replace
from datetime import date

from services.scoring.domain.insight.clock import span_of
from services.scoring.domain.insight.forecast import Moment, outlook
from services.scoring.domain.insight.goals import earlier
from services.scoring.domain.insight.shapes import TeamInsight, TeamNumbers, WhatIf
from services.scoring.handlers.ahead import EARLIER
from services.scoring.handlers.looks import Record
from services.scoring.handlers.scene import Scene
from shared.periods import Period


def moved(rep: str, own: Record, period: Period, day: date, teams: tuple[TeamInsight, TeamInsight]) -> WhatIf:
    """Return both teams' numbers before and after; `teams` is the one that is left, and the one that is joined."""
    scene, (source, target) = own.scene, teams
    member = scene.roster.membership(rep, scene.today)
    fte = float(member.fte) if member else 0.0
    before = _numbers(scene, source), _numbers(scene, target)
    moves = _moves(own, period, day, fte, before[0])
    deals = own.flow.open()
    opened = sum(deal.value or 0 for deal in deals)
    return WhatIf(
        rep=rep,
        day=day,
        source=source.team,
        target=target.team,
        source_before=before[0],
        source_after=_after(before[0], -1, -fte, -moves, -opened),
        target_before=before[1],
        target_after=_after(before[1], 1, fte, moves, opened),
        moves=moves,
        open_deals=len(deals),
    )


def _numbers(scene: Scene, team: TeamInsight) -> TeamNumbers:
    fte = scene.fte(team.team, scene.today)
    ends = team.forecast.mid if team.forecast.shown else team.goal.amount
    return TeamNumbers(
        fte=fte,
        members=len(team.members),
        amount=team.goal.amount,
        goal=team.goal.goal,
        share=team.goal.share,
        forecast=team.forecast.mid,
        open=team.coverage.open,
        per_fte=round(ends / fte) if fte and ends is not None else None,
    )


def _after(now: TeamNumbers, people: int, fte: float, moves: int, opened: int) -> TeamNumbers:
    whole = now.fte + fte
    forecast = None if now.forecast is None else now.forecast + moves
    ends = now.amount if forecast is None else forecast
    return replace(
        now,
        fte=whole,
        members=now.members + people,
        forecast=forecast,
        open=now.open + opened,
        per_fte=round(ends / whole) if whole > 0 else None,
    )


def _moves(own: Record, period: Period, day: date, fte: float, source: TeamNumbers) -> int:
    """Return what the person is expected to earn from the day until the period ends.

    By the person's own forecast; where too little is known of them, by their part of the team's FTE.
    """
    scene, span = own.scene, span_of(period)
    elapsed = scene.clock(period).elapsed
    after = scene.work.part(span, day.toordinal())
    if elapsed is None or after is None or elapsed >= 1:
        return 0
    moment = Moment(span, scene.today.toordinal() + 1, elapsed)
    seen = outlook(own.case, moment, scene.spans(earlier(period, EARLIER)))
    team = max((source.forecast or source.amount) - source.amount, 0)
    ahead = seen.mean if seen else team * fte / source.fte if source.fte else 0.0
    return round(ahead * min(max((1 - after) / (1 - elapsed), 0.0), 1.0))
