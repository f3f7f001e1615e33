"""What the screens of one view show: read from the standings, built once per version, kept as bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from services.leaderboard.domain import celebrations
from services.leaderboard.domain.boards import Freshness
from services.leaderboard.domain.league import League
from services.leaderboard.domain.people import Profile, Profiles
from services.leaderboard.domain.screen import View, due, empty_slide, notice, shown_slide, snapshot
from services.leaderboard.domain.slides.asked import DUEL, GOAL, Slide
from services.leaderboard.domain.slides.feed import LATEST, win
from services.leaderboard.domain.slides.scene import NothingToShow, Scene
from services.leaderboard.live.looks import Look, Memory, Standings, show
from services.leaderboard.store import UNREACHABLE
from shared import logs

_OF_A_TEAM = (DUEL, GOAL)
"""The slides that are another for each screen's own team."""

log = logs.get(__name__)


@dataclass
class Round:
    """What the views of one version have in common: each slide is made once, and once for each team if it shows it.

    `versions`: what was asked for, and what the standings were when they were read.
    """

    versions: tuple[int, int]
    quarter: datetime
    league: League
    profiles: Profiles
    freshness: Freshness
    memory: Memory = field(default_factory=Memory)
    slides: dict[tuple[Slide, str | None], dict[str, Any]] = field(default_factory=dict)

    def shown(self, slide: Slide, look: Look) -> dict[str, Any]:
        """Return a slide as it is drawn, for the look's team."""
        name = slide, look.scene.team if slide.type in _OF_A_TEAM else None
        if name not in self.slides:
            self.slides[name] = _shown(slide, look)
        return self.slides[name]


class States:
    """Read the state of a view from the standings."""

    def __init__(self, standings: Standings, profiles: Callable[[], Profiles] = dict) -> None:
        """Read from `standings`, and who may be named from `profiles`; nothing is read yet."""
        self._standings, self._profiles = standings, profiles
        self._known: Profiles | None = None
        self._round: Round | None = None

    def build(self, view: View, now: datetime, version: int | None = None) -> tuple[int, bytes]:
        """Return the version and the state as JSON; raises one of the store's UNREACHABLE.

        What was read for another view of this `version` is not read again; None: it is unknown.
        """
        common = self._same_round(version, now)
        scene = Scene(common.league, now, view.team, common.profiles)
        slides, look = due(view, scene), Look(self._standings, scene, common.memory)
        version, freshness = common.versions[1], common.freshness
        if nothing := notice(slides, common.league):
            return version, orjson.dumps(snapshot(scene, version, freshness, nothing=nothing))
        people = any(slide.people for slide in slides)
        latest = [win(won, scene, worth, people=people) for won, worth in look.wins()[:LATEST]]
        shown = [common.shown(slide, look) for slide in slides]
        return version, orjson.dumps(snapshot(scene, version, freshness, slides=shown, latest=latest))

    def forget(self) -> None:
        """Read everything anew for the next state: something changed that the standings do not hold."""
        self._round = None

    def _same_round(self, version: int | None, now: datetime) -> Round:
        """Return what was read for the views of this version and quarter of an hour.

        The version is read first: a change that comes while the rest is read leads to one more state, never to
        an old one under a new number.
        """
        quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
        known = self._round
        wanted = self._standings.version() if version is None else version
        if known is not None and wanted in known.versions and known.quarter == quarter:
            return known
        found, league = self._standings.version(), self._standings.documents()
        profiles, freshness = self._may_be_named(league), self._standings.freshness()
        self._round = made = Round((wanted, found), quarter, league, profiles, freshness)
        return made

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
