"""What the screens of one view show: read from the standings, built once per version, kept as bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from services.leaderboard.domain import celebrations
from services.leaderboard.domain.league import League
from services.leaderboard.domain.people import Profile, Profiles
from services.leaderboard.domain.screen import View, due, empty_slide, notice, shown_slide, snapshot
from services.leaderboard.domain.slides.asked import Slide
from services.leaderboard.domain.slides.feed import LATEST, win
from services.leaderboard.domain.slides.scene import NothingToShow, Scene
from services.leaderboard.live.looks import Look, Standings, show
from services.leaderboard.store import UNREACHABLE
from shared import logs

log = logs.get(__name__)


class States:
    """Read the state of a view from the standings."""

    def __init__(self, standings: Standings, profiles: Callable[[], Profiles] = dict) -> None:
        """Read from `standings`, and who may be named from `profiles`; nothing is read yet."""
        self._standings, self._profiles = standings, profiles
        self._known: Profiles | None = None

    def build(self, view: View, now: datetime) -> tuple[int, bytes]:
        """Return the version and the state as JSON; raises one of the store's UNREACHABLE.

        The version is read first: a change that comes while the rest is read leads to one more state, never to
        an old one under a new number.
        """
        version, league = self._standings.version(), self._standings.documents()
        scene = Scene(league, now, view.team, self._may_be_named(league))
        slides, look = due(view, scene), Look(self._standings, scene)
        freshness = self._standings.freshness()
        if nothing := notice(slides, league):
            return version, orjson.dumps(snapshot(scene, version, freshness, nothing=nothing))
        people = any(slide.people for slide in slides)
        latest = [win(won, scene, worth, people=people) for won, worth in look.wins()[:LATEST]]
        shown = [_shown(slide, look) for slide in slides]
        return version, orjson.dumps(snapshot(scene, version, freshness, slides=shown, latest=latest))

    def celebration(self, told: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Return a celebration as it is drawn, from what the screens are told; one that is drawn already stays so."""
        if "expires_at" in told:
            return dict(told)
        league = self._standings.documents()
        scene = Scene(league, now, profiles=self._may_be_named(league))
        return celebrations.shown(celebrations.from_wire(told), scene)

    def _may_be_named(self, league: League) -> Profiles:
        """Return what people decided; while that cannot be read, what is known of it; before that nobody is named."""
        try:
            self._known = self._profiles()
        except Exception:  # where profiles are kept may be away while the standings are there
            log.exception("profiles_unreachable")
        if self._known is not None:
            return self._known
        return dict.fromkeys(league.roster.reps if league.roster else (), Profile(hidden=True))

    def language(self) -> str | None:
        """Return the organisation's language; None as long as there is no roster."""
        roster = self._standings.documents().roster
        return roster.organisation.language if roster else None


def _shown(slide: Slide, look: Look) -> dict[str, Any]:
    try:
        return shown_slide(slide, show(slide, look))
    except NothingToShow as why:
        return empty_slide(slide, why)
    except UNREACHABLE:
        raise
    except Exception:  # a mistake in one slide must not darken the others; the player passes over it
        log.exception("slide_failed", type=slide.type)
        return empty_slide(slide, NothingToShow("failed"))
