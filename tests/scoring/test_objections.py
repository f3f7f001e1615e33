"""Objections to a line: opened, answered, decided by somebody else, corrected through the front door; never an edit."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.scoring.handlers import Scorer
from services.scoring.settings import Settings
from services.scoring.store import PACKAGE, Ledger
from services.scoring.web import create_app
from shared.auth import mint
from shared.contracts.activity import Activity
from shared.contracts.times import from_text
from shared.settings import WebSettings
from shared.sql import migrate, open_engine
from tests.scoring.office import DOCUMENTS, call

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
SCOPES = {
    "sanne": ("credits:read", "objections:write"),
    "els": ("credits:read", "corrections:write"),
    "robot": ("boards:read",),
    "ops": ("operator", "credits:read"),
}


class Office:
    """A ledger with one call of Sanne, and people with tokens."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.engine = open_engine(database_url)
        migrate(self.engine, PACKAGE)
        self.scorer = Scorer(Ledger(self.engine), lambda _: None, lambda: NOW)
        for document in DOCUMENTS:
            self.scorer.put_document(document)
        self.scorer.score([call("a", "03-02 10")])
        tokens = folder / "tokens.json"
        self.tokens = {name: mint(tokens, name, scopes) for name, scopes in SCOPES.items()}
        app = create_app(Settings(database_url, WebSettings(folder, tokens, rate_limit=0)), lambda: NOW)
        self.client = app.test_client()
        [self.line] = self.ask("sanne", "GET", "credits?period=2026")["credits"]

    def ask(self, who: str, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.client.open(
            f"/scoring/v1/{path}", method=method, json=body, headers={"Authorization": f"Bearer {self.tokens[who]}"}
        )
        assert answer.status_code == status, answer.text
        return answer.json

    def object(self) -> str:
        said = {"line": self.line["id"], "text": "this was a demo, not a call"}
        return str(self.ask("sanne", "POST", "objections", said, 201)["id"])

    def step(self, who: str, name: str, kind: str, status: int = 201, **more: Any) -> Any:
        return self.ask(who, "POST", f"objections/{name}/steps", {"kind": kind, "text": "because", **more}, status)

    def hand_in(self, body: dict[str, Any]) -> None:
        """Hand a correction in, as the front door would pass it on."""
        at = from_text(body["occurred_at"])
        self.scorer.score(
            [Activity(f"els:{body['id']}", "els", body["type"], at, body["owner"], 7, None, body["data"], "els")]
        )


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    made = Office(tmp_path, database_url)
    yield made
    made.engine.dispose()


def test_an_accepted_objection_tells_what_to_hand_in_and_closes_when_it_has_arrived(office: Office) -> None:
    name = office.object()
    assert office.step("sanne", name, "answered")["state"] == "answered"
    accepted = office.step("els", name, "accepted", amount="10")
    assert (accepted["state"], accepted["hand_in"]["post"]) == ("accepted", "/ingest/v1/activities")
    body = accepted["hand_in"]["body"]
    assert body["data"] == {
        "metric": "points", "amount": "10", "reason": "because", "line": office.line["id"], "objection": name,
    }  # fmt: skip
    for _ in range(2):
        office.hand_in(body)
    closed = office.ask("sanne", "GET", f"objections/{name}")
    assert closed["state"] == "closed"
    assert [(step["kind"], step["by"]) for step in closed["trail"]] == [
        ("opened", "sanne"), ("answered", "sanne"), ("accepted", "els"), ("corrected", "els"),
    ]  # fmt: skip
    lines = office.ask("sanne", "GET", "credits?period=2026-03-02&metric=points")
    assert lines["totals"][0]["amount"] == 15
    assert lines["credits"][-1] == office.line or office.line in lines["credits"]
    new = next(line for line in lines["credits"] if line["subject"] == f"activity:els:objection-{name}")
    told = office.ask("sanne", "GET", f"credits/{new['id']}")
    assert told["sentence"]["nl"] == "Correctie door els (because): 10 … voor Sanne (Noord)."
    assert (told["activity"]["data"]["reason"], told["activity"]["actor"]) == ("because", "els")


def test_an_objection_is_declined_with_a_reason_and_then_decided(office: Office) -> None:
    name = office.object()
    assert office.step("els", name, "declined")["state"] == "declined"
    assert "decided already" in str(office.step("els", name, "accepted", 409, amount="1"))
    assert office.step("sanne", name, "answered", 409)
    assert office.ask("els", "GET", f"objections?line={office.line['id']}")["objections"][0]["hand_in"] is None
    assert office.ask("els", "GET", "objections?rep=sanne&state=open")["objections"] == []


def test_who_opened_it_or_may_not_correct_does_not_decide(office: Office) -> None:
    name = office.object()
    office.step("sanne", name, "accepted", 403, amount="1")
    own = office.ask("els", "POST", "objections", {"line": office.line["id"], "text": "mine"}, 201)["id"]
    assert "somebody else" in str(office.step("els", own, "declined", 403))
    office.ask("robot", "POST", "objections", {"line": office.line["id"], "text": "x"}, 403)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "/amount"),
        ({"amount": "0.5"}, "/amount"),
        ({"amount": "0"}, "/amount"),
        ({"amount": "1", "metric": "glory"}, "/metric"),
    ],
)
def test_an_acceptance_says_by_how_much(office: Office, more: dict[str, str], field: str) -> None:
    assert office.step("els", office.object(), "accepted", 422, **more)["errors"][0]["pointer"] == field


def test_what_is_not_there_is_said(office: Office) -> None:
    office.ask("sanne", "POST", "objections", {"line": "9-9", "text": "x"}, 404)
    office.step("els", "none", "declined", 404)
    office.ask("els", "GET", "objections/none", status=404)


def test_a_playbook_is_rehearsed_over_http_and_nothing_is_kept(office: Office) -> None:
    body = {**DOCUMENTS[1].body, "rules": [{**DOCUMENTS[1].body["rules"][0], "credit": {"points": 9}}]}
    days = {"from": "2026-03-01", "to": "2026-04-01"}
    found = office.ask("ops", "POST", "rehearsals", {**days, "draft": body})
    assert [(row["team"], row["now"], row["draft"], row["difference"]) for row in found["teams"]] == [
        ("noord", 5, 9, 4)
    ]
    assert [(row["rep"], row["rule"], row["unit"]) for row in found["rep_rules"]] == [("sanne", "call", "points")]
    assert office.ask("ops", "POST", "rehearsals", days)["teams"][0]["difference"] == 0
    assert office.ask("ops", "GET", "credits?period=2026")["credits"] == [office.line]
    office.ask("ops", "POST", "rehearsals", {**days, "version": 8}, 404)
    office.ask("ops", "POST", "rehearsals", {**days, "version": 1, "draft": body}, 422)
    wrong = office.ask("ops", "POST", "rehearsals", {**days, "draft": {"metrics": [], "rules": []}}, 422)
    assert wrong["errors"][0]["pointer"] == "/draft/metrics"
    office.ask("sanne", "POST", "rehearsals", days, 403)
