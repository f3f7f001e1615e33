"""What a screen shows: the slides of its playlist at one moment, as the JSON that is drawn (see `slides`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.leaderboard.domain.boards import Freshness
from services.leaderboard.domain.league import League
from services.leaderboard.domain.pace import quiet
from services.leaderboard.domain.slides.asked import DEFAULT, MAIN_PERIOD, Slide, View
from services.leaderboard.domain.slides.scene import NothingToShow, Scene
from shared.contracts.times import to_text

__all__ = ["MAIN_PERIOD", "View", "due", "empty_slide", "notice", "shown_slide", "snapshot"]


def due(view: View, scene: Scene) -> list[Slide]:
    """Return the slides that are shown today; a view without slides has the usual ones."""
    return [slide for slide in view.slides or DEFAULT if slide.is_due(scene.today.first)]


def notice(slides: Sequence[Slide], league: League) -> dict[str, str] | None:
    """Return why there is nothing to show at all; None: there is."""
    if league.roster is None or not league.metrics:
        return {"key": "no_league", "detail": ""}
    return None if slides else {"key": "no_slides", "detail": ""}


def shown_slide(slide: Slide, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a slide that has something to show."""
    return {"type": slide.type, "seconds": slide.seconds, "notice": None, **data}


def empty_slide(slide: Slide, why: NothingToShow) -> dict[str, Any]:
    """Return a slide that has nothing to show, with the reason."""
    return {"type": slide.type, "seconds": slide.seconds, "notice": {"key": why.key, "detail": why.detail}}


def snapshot(
    scene: Scene,
    version: int,
    freshness: Freshness,
    *,
    slides: Sequence[Mapping[str, Any]] = (),
    latest: Sequence[Mapping[str, Any]] = (),
    nothing: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return everything that a screen draws. Amounts are in the metric's smallest unit, instants in UTC."""
    return {
        "v": version,
        "now": to_text(scene.now),
        "organisation": _organisation(scene.league),
        "freshness": _freshness(freshness, scene),
        "notice": nothing,
        "slides": slides,
        "latest": latest,
    }


def _organisation(league: League) -> dict[str, str] | None:
    if league.roster is None:
        return None
    known = league.roster.organisation
    return {"name": known.name, "language": known.language, "zone": known.timezone}


def _freshness(freshness: Freshness, scene: Scene) -> dict[str, Any]:
    last = freshness.last_booked_at
    silence = quiet(last, scene.now, scene.league.zone, scene.league.holidays)
    return {
        "last_booked_at": to_text(last) if last else None,
        "quiet": dict(zip(("from", "until"), map(to_text, silence), strict=True)) if silence else None,
        "rebuilding": freshness.rebuilding,
    }
