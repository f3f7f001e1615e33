"""Pages: the TV, and those of the people who look after the office's screens."""

from collections.abc import Sequence

import flask

from services.leaderboard.live.desk import Desk
from services.leaderboard.pages.playlists import message_pages, playlist_pages
from services.leaderboard.pages.screens import screen_pages
from services.leaderboard.pages.tv import app_version, blueprints, texts

__all__ = ["app_version", "blueprints", "office", "texts"]


def office(desk: Desk, app: str) -> Sequence[flask.Blueprint]:
    """Return the pages of screens, playlists and messages; `app` names the version of the TV's pages."""
    return [screen_pages(desk, app), playlist_pages(desk), message_pages(desk)]
