"""Who may call what: every route of every service against every role, as a page of the documentation.

python -m tests.e2e.access     # writes docs/access.md
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from services.commission.handlers.bounds import only_own
from services.commission.settings import Settings as Commission
from services.commission.web import create_app as commission
from services.ingest.settings import Settings as Ingest
from services.ingest.web import create_app as ingest
from services.leaderboard.settings import Settings as Leaderboard
from services.leaderboard.web import create_app as leaderboard
from services.scoring.settings import Settings as Scoring
from services.scoring.web import create_app as scoring
from shared.auth import ROLES, Caller, mint
from shared.errors import Forbidden
from shared.settings import WebSettings
from shared.web.access import Access, admit, rules

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
KEY = "no session is ever signed with this one"
EVERYBODY, OWN, NOBODY = "yes", "own", "no"

WHO: Mapping[str, Caller] = {
    "seller": Caller("s", ROLES["seller"], "seller", "sanne", None, "1"),
    "leader": Caller("l", ROLES["manager"], "manager", None, frozenset({"noord"}), "2"),
    "manager": Caller("m", ROLES["manager"], "manager", None, None, "3"),
    "hr": Caller("h", ROLES["hr"], "hr", None, None, "4"),
    "finance": Caller("f", ROLES["finance"], "finance", None, None, "5"),
    "admin": Caller("a", ROLES["admin"], "admin", None, None, "6"),
}
"""One of each kind: a leader is a manager of some teams."""

OPENING = """# Who may call what

Every route of every service, and what each role of an account gets of it. This page is written from the routes
themselves: `python -m tests.e2e.access` writes it anew, and a test fails while it is not what they say.

| word | means |
|---|---|
| yes | answered, about everybody |
| own | answered, and kept to the own person and the own teams: lists leave others out, who asks for others gets 403 |
| no | refused with 403 |

A *leader* is a manager whose account names teams; a *manager* is one for all teams. The last column are the scopes of
which one opens the route; a token has no role, sees everybody, and opens what its scopes say. Beyond this table:

- **Pay** is for the payee and for who holds `payouts:read`; leading a team, or all of them, opens nobody's statement.
  Plans are read by those they are for, by who leads them, and by who runs payroll.
- **Boards** of teams are for everybody. On a board of people a seller sees three rows each way, and colleagues by name
  only where the TV shows them.
- **Deciding** an objection is for another than who opened it, and approving a run for another than who made it.
- **A screen** has an identity of its own, and none of these roles.
"""


@dataclass(frozen=True)
class Row:
    """What one method of one route asks of its callers."""

    method: str
    path: str
    access: Access

    @property
    def scopes(self) -> str:
        """Name the scopes of which one opens it."""
        people = frozenset[str]().union(*ROLES.values())
        return "any that a person has" if people <= self.access.scopes else " ".join(sorted(self.access.scopes))

    def cell(self, role: str) -> str:
        """Say what a role gets."""
        who = WHO[role]
        try:
            admit(self.access, who)
        except Forbidden:
            return NOBODY
        pay = self.access.bounded and self.path.startswith("/commission/") and only_own(who)
        return OWN if who.bounded or pay else EVERYBODY


def apps(folder: Path) -> dict[str, Flask]:
    """Return every service's application, on empty databases."""
    mint(folder / "tokens.json", "nobody", [])
    web = WebSettings(folder, folder / "tokens.json", rate_limit=0, session_keys=(KEY,))
    made: dict[str, Callable[[str], Flask]] = {
        "ingest": lambda url: ingest(Ingest(url, web)),
        "scoring": lambda url: scoring(Scoring(url, web)),
        "leaderboard": lambda url: leaderboard(Leaderboard("redis://127.0.0.1:1/0", web, url)),
        "commission": lambda url: commission(Commission(url, web)),
    }
    return {name: make(f"sqlite:///{folder / name}.db") for name, make in made.items()}


def rows(app: Flask) -> Iterator[Row]:
    """Yield every route of an application by path; HEAD is like GET."""
    found = rules(app, kit=frozenset({"static"}))
    paths = {(rule.endpoint, method): rule.rule for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    every = [Row(method, paths[endpoint, method], rule.access) for (endpoint, method), rule in found.items()]
    yield from sorted((row for row in every if row.method != "HEAD"), key=lambda row: (row.path, row.method))


def written(services: Mapping[str, Flask]) -> str:
    """Write the page."""
    parts = [OPENING]
    for name, app in services.items():
        parts.append(f"\n## {name}\n\n| route | {' | '.join(WHO)} | scopes |\n|---|{'---|' * len(WHO)}---|\n")
        parts += [
            f"| `{row.method} {row.path}` | {' | '.join(map(row.cell, WHO))} | {row.scopes} |\n"
            for row in rows(app)
            if not row.access.public
        ]
        parts.append("\nFor everybody, signed in or not:\n\n| route | because |\n|---|---|\n")
        parts += [f"| `{row.method} {row.path}` | {row.access.public} |\n" for row in rows(app) if row.access.public]
    return "".join(parts)


def main() -> None:
    """Write the page anew."""
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(written(apps(Path(folder))), "utf-8")


if __name__ == "__main__":
    main()
