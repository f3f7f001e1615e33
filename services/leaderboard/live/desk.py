"""The desk: what people decide about screens, playlists and themselves is kept, and the screens are told."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from services.leaderboard.domain import told
from services.leaderboard.domain.league import League
from services.leaderboard.domain.palette import color, letter
from services.leaderboard.domain.people import Profile
from services.leaderboard.domain.playlists import Message, Playlist, slides_of, told_to
from services.leaderboard.domain.screens import Screen, Setup, settings, trial_celebration
from services.leaderboard.domain.slides.asked import View
from services.leaderboard.domain.told import Told
from services.leaderboard.live.seats import Seat
from services.leaderboard.store.pairings import Pairings
from services.leaderboard.store.playlists import Playlists, Programme
from services.leaderboard.store.profiles import Profiles
from services.leaderboard.store.screens import Screens

USUAL_LANGUAGE = "nl"
ANYBODYS = ""
"""A screen that nobody set up, as all are where the TV is open: it shows the usual slides."""
IDENTIFY, NEXT, RELOAD, CELEBRATE, MUTE, UNMUTE = "identify", "next", "reload", "celebrate", "mute", "unmute"
ORDERS = (IDENTIFY, NEXT, RELOAD, CELEBRATE, MUTE, UNMUTE)
"""What a screen can be told from afar."""


class Teller(Protocol):
    """How every web process hears of something."""

    def tell(self, told: Told) -> None:
        """Tell something to every process that follows."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that people decide. `transient` is what `news` raises while nobody can be told."""

    screens: Screens
    pairings: Pairings
    playlists: Playlists
    profiles: Profiles
    league: Callable[[], League]
    news: Teller
    transient: tuple[type[Exception], ...]
    clock: Callable[[], datetime]

    def seats(self, ids: Collection[str]) -> dict[str, Seat]:
        """Return what each of these screens shows and how it is set up; revoked ones are left out."""
        league = self.league()
        programme = self.playlists.programme(self.clock().astimezone(league.zone).date())
        seats = {}
        for name, screen in self.screens.some(ids).items():
            team, playlist = screen.setup.team, programme.playlists.get(screen.setup.playlist or "")
            seats[name] = _seat(playlist, programme, team, settings(screen, language_of(league)))
        if ANYBODYS in ids:
            seats[ANYBODYS] = _seat(None, programme, None, {})
        return seats

    def usual(self) -> View:
        """Return what is shown on a screen that nobody set up: the usual slides and the messages for everybody."""
        programme = self.playlists.programme(self.clock().astimezone(self.league().zone).date())
        return _seat(None, programme, None, {}).view

    def pair(self, code: str, setup: Setup, by: str) -> Screen:
        """Pair the screen that shows `code`; raises UnknownCode, TooManyWrongCodes."""
        return self.screens.one(self.pairings.confirm(code, setup, by, self.clock()))

    def set_up(self, screen: str, setup: Setup) -> Screen:
        """Set a screen up anew; raises UnknownScreen."""
        changed = self.screens.change(screen, setup)
        self._announce(screen)
        return changed

    def order(self, screen: str, order: str) -> Screen:
        """Tell a screen something, one of ORDERS; raises UnknownScreen, or one of `transient`."""
        found = self.screens.one(screen)
        if order in (MUTE, UNMUTE):
            return self.set_up(screen, replace(found.setup, sound=order == UNMUTE))
        data = self._trial(found) if order == CELEBRATE else {}
        self.news.tell(Told(order, data, screen))
        return found

    def revoke(self, screen: str, by: str) -> None:
        """Let a screen show nothing any more; raises UnknownScreen."""
        self.screens.revoke(screen, by, self.clock())
        with suppress(*self.transient):  # its stream ends by itself, and it is refused when it comes back
            self.news.tell(Told(told.REVOKED, {}, screen))

    def save(self, playlist: Playlist, by: str) -> Playlist:
        """Keep a playlist: a new one where it has no id; raises UnknownPlaylist, PlaylistChanged."""
        keep = self.playlists.change if playlist.id else self.playlists.add
        kept = keep(playlist, by, self.clock())
        self._announce()
        return kept

    def drop(self, playlist: str) -> None:
        """Remove a playlist; raises UnknownPlaylist."""
        self.playlists.remove(playlist)
        self._announce()

    def write(self, message: Message, by: str) -> Message:
        """Let screens show a message."""
        kept = self.playlists.write(message, by, self.clock())
        self._announce()
        return kept

    def unwrite(self, message: str) -> None:
        """Take a message back; raises UnknownMessage."""
        self.playlists.unwrite(message)
        self._announce()

    def decide(self, rep: str, profile: Profile) -> None:
        """Keep what a seller decided about the own person."""
        self.profiles.decide(rep, profile, self.clock())
        self._announce()

    def hide(self, rep: str, by: str | None) -> None:
        """Keep somebody off every TV, or (`by` None) leave it to that person again."""
        self.profiles.hide(rep, by, self.clock())
        self._announce()

    def _announce(self, screen: str | None = None) -> None:
        with suppress(*self.transient):  # whoever cannot be told now looks everything up when the connection is back
            self.news.tell(Told(told.SCREEN, {}, screen))

    def _trial(self, screen: Screen) -> dict[str, Any]:
        return trial_celebration(self._look(screen.setup.team), self.clock(), secrets.token_hex(4))

    def _look(self, team: str | None) -> Mapping[str, Any] | None:
        teams = roster.teams if (roster := self.league().roster) else {}
        name = team if team in teams else next(iter(teams), None)
        if name is None:
            return None
        place = list(teams).index(name)
        return {"id": name, "name": teams[name].name, "letter": letter(place), "color": color(place)}


def _seat(playlist: Playlist | None, programme: Programme, team: str | None, told: Mapping[str, Any]) -> Seat:
    messages = told_to(team, programme.messages)
    return Seat(View((*slides_of(playlist), *messages), team), told, messages)


def language_of(league: League) -> str:
    """Return the organisation's language."""
    return league.roster.organisation.language if league.roster else USUAL_LANGUAGE
