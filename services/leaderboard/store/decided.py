"""What people decided, in SQL: the database as a whole."""

from __future__ import annotations

from sqlalchemy import Engine

from services.leaderboard.store.pairings import Pairings
from services.leaderboard.store.playlists import Playlists
from services.leaderboard.store.profiles import Profiles
from services.leaderboard.store.screens import Screens
from services.leaderboard.store.tables import PACKAGE
from shared import sql


class Decided:
    """Screens, pairings, playlists and profiles of one database. Safe for several threads."""

    def __init__(self, engine: Engine) -> None:
        """Know the database; connect on first use."""
        self.engine = engine
        self.screens, self.pairings = Screens(engine), Pairings(engine)
        self.playlists, self.profiles = Playlists(engine), Profiles(engine)

    @classmethod
    def open(cls, url: str) -> Decided:
        """Return the database at a URL, brought to the newest form."""
        engine = sql.open_engine(url)
        sql.migrate(engine, PACKAGE)
        return cls(engine)

    def ping(self) -> None:
        """Raise StoreUnavailable when the database does not answer."""
        sql.ping(self.engine)
