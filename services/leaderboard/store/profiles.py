"""What sellers decided about themselves, in SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from services.leaderboard.domain.people import NOTHING_SAID, Profile
from services.leaderboard.store.tables import profiles
from shared.sql import reading, upsert, writing


class Profiles:
    """The profiles of one database. Safe for several threads."""

    def __init__(self, engine: Engine) -> None:
        """Know the database; connect on first use."""
        self._engine = engine

    def all(self) -> dict[str, Profile]:
        """Return every profile by rep; those who decided nothing are left out."""
        with reading(self._engine) as conn:
            return {row.rep: _profile(row) for row in conn.execute(sa.select(profiles))}

    def one(self, rep: str) -> Profile:
        """Return a rep's profile."""
        return self.all().get(rep, NOTHING_SAID)

    def decide(self, rep: str, profile: Profile, now: datetime) -> None:
        """Keep what a rep decided; whether somebody else hides them stays as it is."""
        said = {name: getattr(profile, name) for name in ("on_tv", "nickname", "avatar", "celebrate")}
        with writing(self._engine) as conn:
            upsert(conn, profiles, [{"rep": rep, **said, "changed_at": now}], ["rep"])

    def hide(self, rep: str, by: str | None, now: datetime) -> None:
        """Keep a rep off every TV, or (`by` None) leave it to the rep again; what the rep decided stays as it is."""
        row = {"rep": rep, "celebrate": NOTHING_SAID.celebrate, "hidden_by": by, "changed_at": now}
        with writing(self._engine) as conn:
            upsert(conn, profiles, [row], ["rep"], ["hidden_by", "changed_at"])

    def forget(self, rep: str) -> bool:
        """Remove everything about a rep; returns whether there was anything."""
        with writing(self._engine) as conn:
            return bool(conn.execute(profiles.delete().where(profiles.c.rep == rep)).rowcount)


def _profile(row: Any) -> Profile:
    return Profile(row.on_tv, row.nickname, row.avatar, row.celebrate, row.hidden_by is not None)
