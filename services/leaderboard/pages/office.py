"""What of the office's screens, playlists and messages a caller may see and change: pages and interface go by it."""

from __future__ import annotations

from typing import Any

from services.leaderboard.domain.playlists import Message, Playlist
from services.leaderboard.domain.screens import Screen, Setup
from services.leaderboard.live.desk import Desk
from services.leaderboard.pages.bounds import by, is_ours, keep_inside, known


def ours(desk: Desk) -> list[Screen]:
    """Return the screens that the caller may look after."""
    return [screen for screen in desk.screens.all() if is_ours(screen.setup.team)]


def of_ours(desk: Desk, screen: str) -> Screen:
    """Return a screen; raises UnknownScreen, and Forbidden when the caller may not look after it."""
    found = desk.screens.one(screen)
    keep_inside(found.setup.team)
    return found


def sound_setup(desk: Desk, setup: Setup) -> Setup:
    """Return a set-up that the caller may give a screen; raises InvalidInput, Forbidden."""
    roster = desk.league().roster
    known("team", setup.team, roster.teams if roster else (), "team")
    known("playlist", setup.playlist, [playlist.id for playlist in playable(desk)], "playlist")
    keep_inside(setup.team)
    return setup


def shown(desk: Desk, screen: Screen, app: str) -> dict[str, Any]:
    """Return a screen as callers get it."""
    setup, beat = screen.setup, screen.beat
    plain = ("name", "playlist", "team", "language", "theme", "inches", "scale", "motion", "sound", "volume")
    return {
        "id": screen.id,
        **{name: getattr(setup, name) for name in plain},
        "distance": f"{setup.distance / 100:g}",
        "quiet": list(map(str, setup.quiet)),
        "hours": str(setup.hours) if setup.hours else None,
        "state": screen.state(desk.clock(), desk.league().zone),
        "paired_at": screen.paired_at,
        "paired_by": screen.paired_by,
        "beat": beat
        and {
            **{name: getattr(beat, name) for name in ("at", "slide", "app", "viewport", "errors")},
            "uptime_s": beat.uptime,
            "current": beat.app in ("", app),
        },
    }


def playable(desk: Desk) -> list[Playlist]:
    """Return the playlists that the caller's screens can play."""
    return [playlist for playlist in desk.playlists.all() if playlist.team is None or is_ours(playlist.team)]


def one_of(desk: Desk, playlist: str) -> Playlist:
    """Return a playlist that the caller's screens can play; raises UnknownPlaylist, Forbidden."""
    found = desk.playlists.one(playlist)
    if found.team:
        keep_inside(found.team)
    return found


def keep(desk: Desk, given: dict[str, Any], playlist: str) -> Playlist:
    """Keep a playlist (a new one without an id); raises InvalidInput, Forbidden and what the desk raises."""
    _known_team(desk, given["team"])
    keep_inside(given["team"])
    made = Playlist(playlist, given["name"], tuple(given["slides"]), given["team"], given["version"])
    return desk.save(made, by())


def current(desk: Desk) -> list[Message]:
    """Return the messages that are not over and that the caller's screens show."""
    today = desk.clock().astimezone(desk.league().zone).date()
    return [message for message in desk.playlists.messages(today) if message.team is None or is_ours(message.team)]


def leave(desk: Desk, given: dict[str, Any]) -> Message:
    """Let screens show a message; raises InvalidInput, Forbidden."""
    _known_team(desk, given["team"])
    keep_inside(given["team"])
    return desk.write(Message("", **given), by())


def _known_team(desk: Desk, team: str | None) -> None:
    roster = desk.league().roster
    known("team", team, roster.teams if roster else (), "team")
