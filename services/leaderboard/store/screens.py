"""The screens of the office in SQL: who they are, how they are set up, what they were last heard to do."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from services.leaderboard.domain.hours import span, spans
from services.leaderboard.domain.screens import Beat, Screen, Setup
from services.leaderboard.store.tables import beats, screens
from shared.errors import NotFound
from shared.sql import reading, upsert, writing

_JOINED = sa.select(screens, *(beats.c[name].label(f"beat_{name}") for name in beats.c.keys() if name != "screen"))  # noqa: SIM118  columns are no dict
_FOUND = _JOINED.select_from(screens.outerjoin(beats, beats.c.screen == screens.c.id))


class UnknownScreen(NotFound):
    """There is no such screen, or it was revoked."""


class Screens:
    """The screens of one database. Safe for several threads."""

    def __init__(self, engine: Engine) -> None:
        """Know the database; connect on first use."""
        self._engine = engine

    def all(self) -> list[Screen]:
        """Return every screen that was not revoked, by name."""
        with reading(self._engine) as conn:
            rows = conn.execute(_FOUND.where(screens.c.revoked_at.is_(None))).all()
        return sorted(map(_screen, rows), key=lambda screen: (screen.setup.name.casefold(), screen.id))

    def some(self, ids: Collection[str]) -> dict[str, Screen]:
        """Return the screens of `ids` that were not revoked."""
        with reading(self._engine) as conn:
            rows = conn.execute(_FOUND.where(screens.c.id.in_(list(ids)), screens.c.revoked_at.is_(None))).all()
        return {row.id: _screen(row) for row in rows}

    def one(self, name: str) -> Screen:
        """Return a screen; raises UnknownScreen."""
        found = self.some([name]).get(name)
        if found is None:
            raise UnknownScreen
        return found

    def presenting(self, secret: str) -> tuple[str, bool] | None:
        """Return the id of the screen that holds this secret and whether it was revoked; None: nobody holds it."""
        query = sa.select(screens.c.id, screens.c.revoked_at).where(screens.c.secret == digest(secret))
        with reading(self._engine) as conn:
            row = conn.execute(query).one_or_none()
        return None if row is None else (row.id, row.revoked_at is not None)

    def change(self, name: str, setup: Setup) -> Screen:
        """Set a screen up anew; raises UnknownScreen."""
        with writing(self._engine) as conn:
            _update(conn, name, _columns(setup))
        return self.one(name)

    def revoke(self, name: str, by: str, now: datetime) -> None:
        """Let a screen show nothing any more; raises UnknownScreen."""
        with writing(self._engine) as conn:
            _update(conn, name, {"revoked_at": now, "revoked_by": by})
            conn.execute(beats.delete().where(beats.c.screen == name))

    def heard(self, name: str, beat: Beat) -> None:
        """Remember what a screen says of itself."""
        row = {name: getattr(beat, name) for name in ("at", "slide", "app", "viewport", "uptime")}
        with writing(self._engine) as conn:
            errors = orjson.dumps(beat.errors).decode()
            upsert(conn, beats, [{"screen": name, **row, "errors": errors}], ["screen"])


def insert(conn: Connection, setup: Setup, by: str, now: datetime) -> str:
    """Add a screen that nobody can show yet, and return its id: `give_secret` lets it in."""
    name = f"scr-{secrets.token_hex(6)}"
    row = {"id": name, "secret": digest(secrets.token_urlsafe(32)), "paired_at": now, "paired_by": by}
    conn.execute(screens.insert(), {**row, **_columns(setup)})
    return name


def give_secret(conn: Connection, name: str) -> str:
    """Return a new secret of a screen; only its hash is kept, and the one before is worth nothing."""
    secret = secrets.token_urlsafe(32)
    conn.execute(screens.update().where(screens.c.id == name), {"secret": digest(secret)})
    return secret


def is_heard(conn: Connection, name: str) -> bool:
    """Tell whether a screen has given a sign of life."""
    return conn.execute(sa.select(beats.c.at).where(beats.c.screen == name)).first() is not None


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _update(conn: Connection, name: str, values: Mapping[str, Any]) -> None:
    known = (screens.c.id == name, screens.c.revoked_at.is_(None))
    if not conn.execute(screens.update().where(*known), dict(values)).rowcount:
        raise UnknownScreen


def _columns(setup: Setup) -> dict[str, Any]:
    plain = ("name", "playlist", "team", "language", "theme", "distance", "inches", "motion", "sound", "volume")
    written = {"quiet": ",".join(map(str, setup.quiet)), "hours": str(setup.hours) if setup.hours else None}
    return {**{name: getattr(setup, name) for name in plain}, **written}


def _screen(row: Any) -> Screen:
    plain = ("name", "playlist", "team", "language", "theme", "distance", "inches", "motion", "sound", "volume")
    setup = Setup(
        **{name: getattr(row, name) for name in plain},
        quiet=spans(row.quiet),
        hours=span(row.hours) if row.hours else None,
    )
    beat = None
    if row.beat_at is not None:
        errors = tuple(orjson.loads(row.beat_errors))
        beat = Beat(row.beat_at, row.beat_slide, row.beat_app, row.beat_viewport, row.beat_uptime, errors)
    return Screen(row.id, setup, row.paired_at, row.paired_by, beat)
