"""An office whose months are paid: who looks after it, what goes wrong in it, and its web process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from services.commission.settings import Settings
from services.commission.web import create_app
from shared.auth import mint
from shared.settings import WebSettings
from tests.commission.life import Life
from tests.commission.office import LINEAR, component, document, plan, playbook_body, roster_body

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PEOPLE = {
    "boss": ("statements:read", "payouts:read", "runs:write", "runs:approve"),
    "hr": ("statements:read", "payouts:read", "payouts:export", "runs:write"),
    "finance": ("statements:read", "payouts:read", "runs:approve"),
    "manager": ("statements:read", "payouts:read", "disputes:write"),
    "seller": ("statements:read",),
}
HALF: dict[str, Any] = {"weight": "0.5"}
CAPPED = {"kind": "linear", "cap": "1.5", "excess": "lost"}


def member(rep: str, name: str, *teams: str) -> dict[str, Any]:
    """Return a rep of a team since 2026, or of two with a transfer in the middle of October."""
    first, *second = teams
    memberships: list[dict[str, str]] = [{"team": first, "from": "2026-01-01"}]
    if second:
        memberships = [{**memberships[0], "to": "2026-10-16"}, {"team": second[0], "from": "2026-10-16"}]
    return {"id": rep, "name": name, "memberships": memberships}


SELLERS = (
    member("amina", "Amina Hassan", "zuid"),
    member("bram", "Bram Mulder", "noord"),
    member("chidi", "Chidi Okafor", "noord"),
    member("femke", "Femke Postma", "zuid"),
    member("noor", "Noor van Dijk", "noord", "zuid"),
    member("ruben", '=HYPERLINK("https://evil.example";"Ruben")', "zuid"),
)
TARGETS = {"sanne": 20_000, "amina": 15_000, "bram": 18_000, "femke": 12_000, "noor": 14_000, "ruben": 10_000}
SOLD = {
    "sanne": 23_400,
    "amina": 14_150,
    "bram": 31_000,
    "chidi": 4_000,
    "femke": 9_875,
    "noor": 12_300,
    "ruben": 6_650,
}
OUTING = {
    "id": "uitje", "label": {"nl": "Teamuitje", "en": "Team outing"}, "kind": "outing", "scope": "team",
    "metric": "revenue", "over": "attainment", "at_least": "1.1", "cost": "75.00", "location": "elsewhere",
    "tax": "eindheffing", "approved_by": "boss", "who": "members_at_end",
}  # fmt: skip
DRAW = {"kind": "recoverable", "meaning": "top_up", "amount": "300.00"}


def sales(**more: Any) -> dict[str, Any]:
    """Return the plan: half own, half team, capped."""
    own = component("eigen", label={"nl": "Eigen omzet", "en": "Own revenue"}, curve=CAPPED, **HALF)
    team = component("team", "team", label={"nl": "Teamomzet", "en": "Team revenue"}, curve=LINEAR, **HALF)
    said = {"label": {"nl": "Verkoop 50/50", "en": "Sales 50/50"}, "rewards": [OUTING], **more}
    return plan(own, team, **said)


def payroll(layout: str = "nmbrs", *, without: str = "") -> dict[str, Any]:
    """Return a payroll document that employs everybody, but for `without`."""
    more = {"nmbrs": {"debtor": "1001"}, "loket": {"shift": "1"}, "afas": {"period_table": "5"}}.get(layout, {})
    employer = {
        "id": "verkoop", "name": "Verkoop BV", "layout": layout, "number": "12", "period_type": "month",
        "components": {"eigen": "5100", "team": "5101", "*": "5190"}, **more,
    }  # fmt: skip
    reps = [rep for rep in sorted(SOLD) if rep != without]
    employed = [
        {"rep": rep, "employer": "verkoop", "number": str(n), "from": "2026-01-01"} for n, rep in enumerate(reps, 101)
    ]
    return {"employers": [employer], "employments": employed}


@dataclass
class Office:
    """The books with people, months and money, and the tokens of everybody."""

    life: Life
    folder: Path
    tokens: Mapping[str, str]
    now: datetime = NOW

    @classmethod
    def open(cls, life: Life, folder: Path) -> Office:
        """Give everybody a token; the books stay empty."""
        tokens = {name: mint(folder / "tokens.json", name, scopes) for name, scopes in PEOPLE.items()}
        return cls(life, folder, tokens)

    def fill(self, **more: Any) -> Office:
        """Keep the documents, and sell in September and October."""
        targets = [
            {"rep": rep, "metric": "revenue", "period": month, "amount": str(amount)}
            for month in ("2026-08", "2026-09", "2026-10", "2026-11")
            for rep, amount in TARGETS.items()
        ] + [
            {"team": team, "metric": "revenue", "period": month, "amount": amount}
            for month in ("2026-08", "2026-09", "2026-10", "2026-11")
            for team, amount in (("noord", "60000"), ("zuid", "40000"))
        ]
        self.life.now = datetime(2026, 11, 2, 9, tzinfo=UTC)
        self.life.books.keep(
            [
                document("roster", roster_body(more=SELLERS)),
                document("playbook", playbook_body()),
                document("targets", {"targets": targets}),
                replace(document("plans", {"plans": [sales(**more)]}), author="boss"),
            ],
            self.life.now,
        )
        for month, part in (("2026-09", 9), ("2026-10", 10)):
            for number, (rep, sold) in enumerate(SOLD.items()):
                team = "noord" if rep in ("sanne", "bram", "chidi") else "zuid"
                self.life.earn(sold * part // 10, f"{month}-{number + 3:02d}", rep, team, deal=f"deal:{rep}-{month}")
        return self

    @cached_property
    def app(self) -> Flask:
        """Return the web process; where nothing else is said it is the 24th of November."""
        web = WebSettings(self.folder, self.folder / "tokens.json", rate_limit=0)
        return create_app(Settings(str(self.life.books.engine.url), web), clock=lambda: self.now)

    def token_of(self, name: str, scopes: Sequence[str]) -> str:
        """Return a new token for somebody."""
        return mint(self.folder / "tokens.json", name, scopes)

    def client(self, name: str) -> FlaskClient:
        """Return a client with somebody's token."""
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.tokens[name]}"
        return client
