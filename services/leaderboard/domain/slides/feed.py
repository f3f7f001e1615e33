"""What happened lately: deals won, and moments such as badges and personal bests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.leaderboard.domain.boards import REPS, Board, Moment, Win
from services.leaderboard.domain.league import Prize
from services.leaderboard.domain.slides.asked import Slide
from services.leaderboard.domain.slides.scene import NothingToShow, Scene, metric_shown
from shared.contracts.rhythm import Best, Milestone, Streak
from shared.contracts.times import to_text

LATEST, WINS_SHOWN, MOMENTS_SHOWN = 4, 6, 6

_KINDS: Mapping[type[Prize], str] = {Streak: "streak", Best: "best", Milestone: "milestone"}


def win(won: Win, scene: Scene, worth: int | None, *, people: bool) -> dict[str, Any]:
    """Return a deal won: its team, what it is worth, and the person where the person may be named."""
    return {
        "id": won.credit,
        "at": to_text(won.at),
        "team": scene.mark(won.team),
        **scene.named(won.rep, people=people),
        "amount": worth,
        "metric": None if worth is None else metric_shown(scene.main_metric()),
    }


def wins(slide: Slide, scene: Scene, won: Sequence[tuple[Win, int | None]], today: int) -> dict[str, Any]:
    """Return the last deals won, with what each is worth."""
    if not won:
        raise NothingToShow("nothing_yet")
    return {"wins": [win(each, scene, worth, people=slide.people) for each, worth in won], "today": today}


def record(moment: Moment, scene: Scene) -> tuple[Board, str] | None:
    """Return the standing that a personal best is: the person's on the board of its period; None for anything else."""
    prize, _, period = _prize(moment, scene)
    return (Board(prize.metric, period, REPS), moment.rep) if isinstance(prize, Best) else None


def known_moments(moments: Sequence[Moment], scene: Scene) -> list[Moment]:
    """Return the moments that the league has words for, as many as are shown."""
    return [moment for moment in moments if _prize(moment, scene)[0]][:MOMENTS_SHOWN]


def moments(
    slide: Slide, scene: Scene, happened: Sequence[Moment], records: Mapping[tuple[Board, str], int]
) -> dict[str, Any]:
    """Return the last moments; `records` are the amounts of the standings that personal bests are."""
    if not happened:
        raise NothingToShow("nothing_yet")
    return {"moments": [_moment(slide, scene, each, records) for each in happened]}


def _moment(slide: Slide, scene: Scene, moment: Moment, records: Mapping[tuple[Board, str], int]) -> dict[str, Any]:
    prize, kind, reached = _prize(moment, scene)
    named = scene.named(moment.rep, people=slide.people)
    metric = scene.league.metrics[prize.metric] if prize else None
    badge = prize.badge if isinstance(prize, Milestone) else None
    best = record(moment, scene)
    value: int | None = None
    if best and named["rep"]:
        value = records.get(best)
    elif isinstance(prize, Streak):
        value = int(reached)
    elif isinstance(prize, Milestone) and metric:
        value = metric.smallest(Decimal(reached))
    return {
        "id": moment.credit,
        "day": moment.at.astimezone(scene.league.zone).date().isoformat(),
        "kind": kind,
        "label": dict(prize.text) if prize else None,
        "picture": badge.picture if badge else None,
        "badge": dict(badge.label) if badge else None,
        "team": scene.mark(moment.team),
        **named,
        "reached": value,
        "metric": metric_shown(metric) if metric else None,
    }


def _prize(moment: Moment, scene: Scene) -> tuple[Prize | None, str, str]:
    """Return the prize of a moment, its kind, and what was reached."""
    name, _, reached = moment.rule.partition("~")
    prize = scene.league.prizes.get(name)
    return prize, _KINDS.get(type(prize), "first") if prize else "", reached
