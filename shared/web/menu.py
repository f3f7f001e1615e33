"""Where people can go: one table for every service, so that each page leads to all others.

A service adds its pages here; the word for a place is `frame.place.<key>` in `shared/web/locale`.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.auth import Caller


@dataclass(frozen=True, slots=True)
class Place:
    """One page that people open: its address, and the scopes of which one opens it.

    `bounded`: people who see only their own teams or numbers may open it too; `own`: it is about the rep who opens it;
    `led`: it is for those who lead a team, or see all of them.
    """

    key: str
    path: str
    scopes: frozenset[str]
    bounded: bool = False
    own: bool = False
    led: bool = False

    def opens_to(self, who: Caller) -> bool:
        """Tell whether this caller may open it."""
        fits = self.bounded or not who.bounded
        leads = not who.bounded or who.teams is not None
        return (
            fits and bool(self.scopes & who.scopes) and not (self.own and who.rep is None) and (leads or not self.led)
        )


PLACES = (
    Place("tv", "/tv", frozenset({"screen", "boards:read"}), bounded=True),
    Place("me", "/scoring/me", frozenset({"credits:read"}), bounded=True, own=True),
    Place("teams", "/scoring/teams", frozenset({"insight:read"}), bounded=True, led=True),
    Place("screens", "/leaderboard/screens", frozenset({"screens:write"}), bounded=True),
    Place("inbox", "/ingest/inbox", frozenset({"league:write", "operator"})),
    Place("parked", "/ingest/parked", frozenset({"league:write", "operator"})),
    Place("quality", "/ingest/quality", frozenset({"league:write", "operator"}), bounded=True),
    Place("playbook", "/scoring/playbook", frozenset({"credits:read", "league:read"}), bounded=True),
    Place("lines", "/scoring/credits", frozenset({"credits:read"}), bounded=True),
    Place("statements", "/commission/statements", frozenset({"payouts:read"})),
    Place("hr", "/commission/hr", frozenset({"payouts:read"})),
    Place("rehearsals", "/commission/rehearsals", frozenset({"runs:write"})),
    Place("accounts", "/ingest/accounts", frozenset({"accounts:write"})),
    Place("docs", "/ingest/docs", frozenset({"league:read", "league:write", "operator"})),
)


HOMES = {
    "seller": "/scoring/me",
    "manager": "/scoring/teams",
    "hr": "/commission/hr",
    "finance": "/commission/hr",
    "admin": "/ingest/accounts",
}
"""Where each role begins."""


def open_to(who: Caller | None) -> list[Place]:
    """Return the places that somebody may open."""
    return [place for place in PLACES if place.opens_to(who)] if who else []


def is_local(path: str) -> bool:
    """Tell whether an address is a path of this site: whoever wrote a link cannot send people elsewhere."""
    return path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()


def first_for(service: str, who: Caller | None) -> str:
    """Return where someone goes after signing in: where the role begins, else a page of the service, else any."""
    places = [place.path for place in open_to(who)]
    home = HOMES.get(who.role, "") if who else ""
    own = [path for path in places if path.startswith(f"/{service}/")]
    return next((path for path in (home, *own, *places) if path in places), f"/{service}/docs")
