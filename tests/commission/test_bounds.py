"""Whose pay an account sees: a seller and a manager their own, who runs payroll everybody's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.commission.settings import Settings
from services.commission.store import Books
from services.commission.web import create_app
from shared.auth import ROLES, Caller, mint
from shared.sessions import Session, sign
from shared.settings import WebSettings
from shared.web.access import SESSION
from tests.commission.life import PLAIN, Life

NOW = datetime(2027, 2, 1, 9, tzinfo=UTC)
KEY = "only-for-the-tests-of-bounds-" * 2
PEOPLE = {
    "sanne": Caller("Sanne", ROLES["seller"], "seller", "sanne", None, "a1"),
    "bram": Caller("Bram", ROLES["seller"], "seller", "bram", None, "a2"),
    "noa": Caller("Noa", ROLES["seller"], "seller", "noa", None, "a7"),
    "noord": Caller("Marieke", ROLES["manager"], "manager", None, frozenset({"noord"}), "a3"),
    "all": Caller("Els", ROLES["manager"], "manager", None, None, "a4"),
    "hr": Caller("Hanna", ROLES["hr"], "hr", None, None, "a5"),
    "finance": Caller("Fred", ROLES["finance"], "finance", None, None, "a6"),
}
LINE = "sanne:earned:sales.v1/own"
STATEMENT = "v1/statements/sanne?period=2026-10"
OWN = (STATEMENT, "statements/sanne?period=2026-10", "statements/sanne.pdf?period=2026-10")


class Pay:
    """The web process of books in which Sanne has a calculated run."""

    def __init__(self, books: Books, folder: Path) -> None:
        life = Life(books, now=NOW)
        life.league({**PLAIN, "who": {"teams": ["noord"]}})
        life.earn(1000, "2026-10-05")
        life.earn(500, "2026-10-06", rep="bram", deal="deal:2")
        self.run = life.calculate("2026-10").id
        mint(folder / "tokens.json", "nobody", [])
        web = WebSettings(folder, folder / "tokens.json", rate_limit=0, session_keys=(KEY,))
        self.client = create_app(Settings(str(books.engine.url), web), clock=lambda: NOW).test_client()

    def ask(self, who: str, path: str, *, post: Any = None, status: int = 200) -> Any:
        self.client.set_cookie(SESSION, sign(Session(PEOPLE[who], NOW + timedelta(minutes=30)), KEY))
        sent = {"method": "GET"} if post is None else {"method": "POST", "json": post}
        answer = self.client.open(f"/commission/{path}", headers={"Sec-Fetch-Site": "same-origin"}, **sent)
        assert answer.status_code == status, (who, path, answer.text[:500])
        return answer.json if answer.is_json else answer


@pytest.fixture
def pay(sqlite_books: Books, tmp_path: Path) -> Pay:
    return Pay(sqlite_books, tmp_path)


def test_a_statement_is_for_its_payee_and_for_who_runs_payroll(pay: Pay) -> None:
    for path in (*OWN, f"v1/runs/{pay.run}/statements/sanne"):
        for who in ("sanne", "hr", "finance"):
            pay.ask(who, path)
        for who in ("bram", "noord", "all"):
            pay.ask(who, path, status=403)


def test_a_what_if_is_for_its_payee(pay: Pay) -> None:
    asked = {"period": "2026-10", "deals": [{"metric": "revenue", "amount": "100.00"}]}
    pay.ask("sanne", "v1/statements/sanne/what-if", post=asked)
    for who in ("bram", "noord", "all"):
        pay.ask(who, "v1/statements/sanne/what-if", post=asked, status=403)


def test_what_lists_everybody_is_for_who_runs_payroll(pay: Pay) -> None:
    for path in ("v1/payouts?period=2026-10", "statements?period=2026-10", "hr", "v1/totals?period=2026-10", "v1/runs"):
        pay.ask("hr", path)
        for who in ("sanne", "noord", "all"):
            pay.ask(who, path, status=403)


def test_plans_are_read_by_those_they_are_for(pay: Pay) -> None:
    def read(who: str) -> list[str]:
        return [plan["id"] for plan in pay.ask(who, "v1/plans?on=2026-10-05")["plans"]]

    assert [read(who) for who in ("sanne", "noord", "all", "hr")] == [["sales"]] * 4
    assert read("noa") == []


def test_a_dispute_stays_between_its_payee_and_who_runs_payroll(pay: Pay) -> None:
    order = {"run": pay.run, "line": LINE, "text": "one deal is missing"}
    for who in ("bram", "noord", "all"):
        pay.ask(who, "v1/disputes", post=order, status=403)
    number = pay.ask("sanne", "v1/disputes", post=order, status=201)["number"]
    again = {"state": "escalated", "text": "please look"}
    for who in ("sanne", "hr"):
        assert [one["number"] for one in pay.ask(who, "v1/disputes")["disputes"]] == [number]
        pay.ask(who, f"v1/disputes/{number}")
    for who in ("bram", "noord", "all"):
        assert pay.ask(who, "v1/disputes")["disputes"] == []
        pay.ask(who, "v1/disputes?rep=sanne", status=403)
        pay.ask(who, f"v1/disputes/{number}", status=403)
        pay.ask(who, f"v1/disputes/{number}/entries", post=again, status=403)
    pay.ask("sanne", f"v1/disputes/{number}/entries", post=again, status=201)
