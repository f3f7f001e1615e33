"""HTTP: playlists and messages."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.leaderboard.domain.playlists import Message, Playlist
from services.leaderboard.live.desk import Desk
from services.leaderboard.pages.bounds import keep_inside
from services.leaderboard.pages.office import current, keep, leave, one_of, playable
from services.leaderboard.schemas.playlists import (
    MessageIn,
    MessageOut,
    MessagesOut,
    PlaylistIn,
    PlaylistOut,
    PlaylistsOut,
)
from shared.web import Blueprint, limit_body, requires


def playlists(desk: Desk) -> Blueprint:
    """Return the routes under /leaderboard/v1/playlists."""
    blueprint = Blueprint("playlists", __name__, url_prefix="/leaderboard/v1/playlists", description="Playlists.")

    @blueprint.get("")
    @requires("screens:write", bounded=True)
    @blueprint.response(200, PlaylistsOut)
    def everyone() -> dict[str, Any]:
        """List the playlists that your screens can play: everybody's, and your teams'."""
        return {"playlists": playable(desk)}

    @blueprint.post("")
    @requires("screens:write", bounded=True)
    @blueprint.arguments(PlaylistIn)
    @blueprint.response(201, PlaylistOut)
    def add(given: dict[str, Any]) -> Playlist:
        """Make a playlist."""
        return keep(desk, given, "")

    @blueprint.get("/<playlist>")
    @requires("screens:write", bounded=True)
    @blueprint.response(200, PlaylistOut)
    def one(playlist: str) -> Playlist:
        """Show one playlist."""
        return one_of(desk, playlist)

    @blueprint.put("/<playlist>")
    @requires("screens:write", bounded=True)
    @blueprint.arguments(PlaylistIn)
    @blueprint.response(200, PlaylistOut)
    @blueprint.alt_response(412, description="Somebody else has changed it in the meantime")
    def change(given: dict[str, Any], playlist: str) -> Playlist:
        """Change a playlist; the screens that play it follow at once."""
        keep_inside(desk.playlists.one(playlist).team)
        return keep(desk, given, playlist)

    @blueprint.delete("/<playlist>")
    @requires("screens:write", bounded=True)
    @blueprint.response(204)
    def remove(playlist: str) -> Response:
        """Remove a playlist; screens that play it play the usual one."""
        keep_inside(desk.playlists.one(playlist).team)
        desk.drop(playlist)
        return Response(status=204)

    return blueprint


def messages(desk: Desk) -> Blueprint:
    """Return the routes under /leaderboard/v1/messages."""
    blueprint = Blueprint("messages", __name__, url_prefix="/leaderboard/v1/messages", description="Messages.")

    @blueprint.get("")
    @requires("screens:write", bounded=True)
    @blueprint.response(200, MessagesOut)
    def everyone() -> dict[str, Any]:
        """List the messages that are not over and that your screens show."""
        return {"messages": current(desk)}

    @blueprint.post("")
    @requires("screens:write", bounded=True)
    @limit_body(4000)
    @blueprint.arguments(MessageIn)
    @blueprint.response(201, MessageOut)
    def write(given: dict[str, Any]) -> Message:
        """Let screens show a message."""
        return leave(desk, given)

    @blueprint.delete("/<message>")
    @requires("screens:write", bounded=True)
    @blueprint.response(204)
    def unwrite(message: str) -> Response:
        """Take a message back."""
        keep_inside(desk.playlists.message(message).team)
        desk.unwrite(message)
        return Response(status=204)

    return blueprint
