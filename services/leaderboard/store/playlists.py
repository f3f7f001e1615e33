"""Playlists and messages in SQL."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from services.leaderboard.domain.playlists import Message, Playlist
from services.leaderboard.store.tables import messages, playlists, screens
from shared.errors import NotFound, Outdated
from shared.sql import reading, writing


class UnknownPlaylist(NotFound):
    """There is no such playlist."""


class UnknownMessage(NotFound):
    """There is no such message."""


class PlaylistChanged(Outdated):
    """Somebody else has changed this playlist in the meantime: look again."""


@dataclass(frozen=True, slots=True)
class Programme:
    """Everything that screens are put together from, at one moment."""

    playlists: dict[str, Playlist]
    messages: list[Message]


class Playlists:
    """The playlists and messages of one database. Safe for several threads."""

    def __init__(self, engine: Engine) -> None:
        """Know the database; connect on first use."""
        self._engine = engine

    def all(self) -> list[Playlist]:
        """Return every playlist, by name."""
        with reading(self._engine) as conn:
            found = _playlists(conn)
        return sorted(found.values(), key=lambda playlist: (playlist.name.casefold(), playlist.id))

    def one(self, name: str) -> Playlist:
        """Return a playlist; raises UnknownPlaylist."""
        with reading(self._engine) as conn:
            found = _playlists(conn, [name]).get(name)
        if found is None:
            raise UnknownPlaylist
        return found

    def programme(self, today: date) -> Programme:
        """Return playlists, and the messages that are not over."""
        with reading(self._engine) as conn:
            return Programme(_playlists(conn), _messages(conn, messages.c.until >= today))

    def add(self, playlist: Playlist, by: str, now: datetime) -> Playlist:
        """Add a playlist under an id of its own."""
        made = replace(playlist, id=f"pl-{secrets.token_hex(4)}", version=1)
        with writing(self._engine) as conn:
            conn.execute(playlists.insert(), _row(made, by, now))
        return made

    def change(self, playlist: Playlist, by: str, now: datetime) -> Playlist:
        """Write a playlist over the version that it was made from; raises UnknownPlaylist, PlaylistChanged."""
        made = replace(playlist, version=playlist.version + 1)
        seen = playlists.c.id == playlist.id, playlists.c.version == playlist.version
        with writing(self._engine) as conn:
            if not conn.execute(playlists.update().where(*seen), _row(made, by, now)).rowcount:
                raise PlaylistChanged if _playlists(conn, [playlist.id]) else UnknownPlaylist
        return made

    def remove(self, name: str) -> None:
        """Remove a playlist; screens that play it play the usual one. Raises UnknownPlaylist."""
        with writing(self._engine) as conn:
            conn.execute(screens.update().where(screens.c.playlist == name), {"playlist": None})
            if not conn.execute(playlists.delete().where(playlists.c.id == name)).rowcount:
                raise UnknownPlaylist

    def messages(self, since: date) -> list[Message]:
        """Return the messages that were not over on a day, those that begin first before."""
        with reading(self._engine) as conn:
            return _messages(conn, messages.c.until >= since)

    def message(self, name: str) -> Message:
        """Return a message; raises UnknownMessage."""
        with reading(self._engine) as conn:
            found = _messages(conn, messages.c.id == name)
        if not found:
            raise UnknownMessage
        return found[0]

    def write(self, message: Message, by: str, now: datetime) -> Message:
        """Keep a message under an id of its own."""
        made = replace(message, id=f"msg-{secrets.token_hex(4)}")
        plain = {name: getattr(made, name) for name in ("id", "start", "until", "team", "seconds")}
        row = {**plain, "nl": made.text["nl"], "en": made.text["en"], "written_at": now, "written_by": by}
        with writing(self._engine) as conn:
            conn.execute(messages.insert(), row)
        return made

    def unwrite(self, name: str) -> None:
        """Remove a message; raises UnknownMessage."""
        with writing(self._engine) as conn:
            if not conn.execute(messages.delete().where(messages.c.id == name)).rowcount:
                raise UnknownMessage


def _playlists(conn: Connection, ids: Collection[str] | None = None) -> dict[str, Playlist]:
    wanted = [] if ids is None else [playlists.c.id.in_(list(ids))]
    return {row.id: _playlist(row) for row in conn.execute(sa.select(playlists).where(*wanted))}


def _messages(conn: Connection, where: Any) -> list[Message]:
    rows = conn.execute(
        sa.select(messages).where(where).order_by(messages.c.start, messages.c.written_at, messages.c.id)
    )
    return [Message(row.id, {"nl": row.nl, "en": row.en}, row.start, row.until, row.team, row.seconds) for row in rows]


def _playlist(row: Any) -> Playlist:
    return Playlist(row.id, row.name, tuple(orjson.loads(row.slides)), row.team, row.version)


def _row(playlist: Playlist, by: str, now: datetime) -> dict[str, Any]:
    plain = {name: getattr(playlist, name) for name in ("id", "name", "team", "version")}
    slides = orjson.dumps([dict(slide) for slide in playlist.slides]).decode()
    return {**plain, "slides": slides, "changed_by": by, "changed_at": now}
