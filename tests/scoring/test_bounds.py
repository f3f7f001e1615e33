"""Who sees whose lines: a seller the own ones, a manager those of the own teams; lists leave the others out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.scoring.handlers import Scorer
from services.scoring.settings import Settings
from services.scoring.store import PACKAGE, Ledger, Reader
from services.scoring.web import create_app
from shared.auth import ROLES, Caller, mint
from shared.sessions import Session, sign
from shared.settings import WebSettings
from shared.sql import migrate, open_engine
from shared.web.access import SESSION
from tests.scoring.office import PLAYBOOK, ROSTER, WON, call, deal, document
from tests.scoring.test_language import HOUR

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
KEY = "only-for-the-tests-of-bounds-" * 2
TEXT = {"nl": "Gebeld", "en": "Called"}
BOOK = {**PLAYBOOK, "contests": [HOUR], "rules": [{**rule, "text": TEXT} for rule in PLAYBOOK["rules"]]}
SANNE, BRAM = "sanne", "bram"
PEOPLE = {
    SANNE: Caller("Sanne", ROLES["seller"], "seller", SANNE, None, "a1"),
    BRAM: Caller("Bram", ROLES["seller"], "seller", BRAM, None, "a2"),
    "noord": Caller("Marieke", ROLES["manager"], "manager", None, frozenset({"noord"}), "a3"),
    "zuid": Caller("Karel", ROLES["manager"], "manager", None, frozenset({"zuid"}), "a4"),
    "all": Caller("Els", ROLES["manager"], "manager", None, None, "a5"),
}


class Ledgers:
    """The web process of a ledger in which Sanne (noord) and Bram (zuid) worked, and handed a deal over."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'scoring.db'}"
        self.engine = open_engine(url)
        migrate(self.engine, PACKAGE)
        scorer = Scorer(Ledger(self.engine), lambda _: None, lambda: NOW)
        scorer.put_document(document("roster", ROSTER))
        scorer.put_document(document("playbook", BOOK))
        scorer.score([*WON, call("s", "03-02 10"), call("b", "03-02 10", "bram")])
        scorer.score([deal("x1", "03-05 09", "D-2", stage="demo", owner=SANNE)])
        scorer.score([deal("x2", "03-06 09", "D-2", owner=BRAM)])  # what Sanne had of it is taken back
        scorer.score([deal("x3", "03-07 09", "D-2", stage="won", amount="500.00", currency="EUR")])
        while scorer.refresh_some() or scorer.restate_some():
            pass
        mint(folder / "tokens.json", "nobody", [])
        web = WebSettings(folder, folder / "tokens.json", rate_limit=0, session_keys=(KEY,))
        self.client = create_app(Settings(url, web), lambda: NOW).test_client()
        self.reader = Reader(self.engine)

    def ask(self, who: str, path: str, *, post: Any = None, status: int = 200) -> Any:
        session = sign(Session(PEOPLE[who], NOW + timedelta(minutes=30)), KEY)
        self.client.set_cookie(SESSION, session)
        sent = {"method": "GET"} if post is None else {"method": "POST", "json": post}
        answer = self.client.open(f"/scoring/v1/{path}", headers={"Sec-Fetch-Site": "same-origin"}, **sent)
        assert answer.status_code == status, (who, path, answer.text)
        return answer.json

    def line(self, subject: str) -> str:
        return self.reader.subject(subject)[1][0].id


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledgers]:
    made = Ledgers(tmp_path_factory.mktemp("bounds"))
    yield made
    made.engine.dispose()


def owners(found: dict[str, Any]) -> set[tuple[str, str]]:
    return {(line["rep"], line["team"]) for line in found["credits"]}


def test_a_list_of_lines_leaves_others_out(ledgers: Ledgers) -> None:
    path = "credits?period=2026-03"
    assert owners(ledgers.ask("all", path)) == {(SANNE, "noord"), (BRAM, "zuid")}
    for who in (SANNE, "noord"):
        assert owners(ledgers.ask(who, path)) == {(SANNE, "noord")}
    for who in (BRAM, "zuid"):
        assert owners(ledgers.ask(who, path)) == {(BRAM, "zuid")}


def test_sums_are_of_what_the_caller_may_see(ledgers: Ledgers) -> None:
    path = "totals?period=2026-03&metric=points&by=rep"
    whole = {each["id"]: each["amount"] for each in ledgers.ask("all", path)["totals"]}
    for who in (SANNE, BRAM):
        found = ledgers.ask(who, path)
        assert {each["id"]: each["amount"] for each in found["totals"]} == {who: whole[who]}
        assert found["total"] == whole[who]


@pytest.mark.parametrize(("who", "asked"), [
    (SANNE, "rep=bram"), (SANNE, "team=zuid"), (SANNE, "team=noord"), ("noord", "team=zuid"), ("noord", "rep=bram"),
    ("noord", "rep=nobody"), (BRAM, "rep=sanne&team=zuid"),
])  # fmt: skip
def test_who_asks_for_others_is_refused(ledgers: Ledgers, who: str, asked: str) -> None:
    assert ledgers.ask(who, f"credits?period=2026-03&{asked}", status=403)["title"]


@pytest.mark.parametrize(("who", "asked"), [
    (SANNE, "rep=sanne"), (SANNE, "rep=sanne&team=noord"), ("noord", "team=noord"), ("noord", "rep=sanne"),
    ("zuid", "rep=sanne"), ("zuid", "team=zuid&rep=bram"),
])  # fmt: skip
def test_who_asks_for_the_own_people_is_answered(ledgers: Ledgers, who: str, asked: str) -> None:
    ledgers.ask(who, f"credits?period=2026-03&{asked}")


def test_somebody_who_moves_takes_no_old_lines_to_the_new_manager(ledgers: Ledgers) -> None:
    # Sanne is in zuid from July on: her manager there knows her, and sees nothing of March
    assert ledgers.ask("zuid", "credits?period=2026-03&rep=sanne")["credits"] == []


def test_a_line_of_somebody_else_is_not_explained(ledgers: Ledgers) -> None:
    line = f"credits/{ledgers.line('activity:crm:b')}"
    for who in (BRAM, "zuid", "all"):
        ledgers.ask(who, line)
    for who in (SANNE, "noord"):
        ledgers.ask(who, line, status=403)


def test_an_explanation_of_a_deal_that_changed_hands_shows_the_own_lines(ledgers: Ledgers) -> None:
    whole = ledgers.ask("all", "subjects/deal:D-2")
    assert {line["rep"] for line in whole["credits"]} == {SANNE, BRAM}
    mine = ledgers.ask(SANNE, "subjects/deal:D-2")
    assert {line["rep"] for line in mine["credits"]} == {SANNE}
    told = ledgers.ask(SANNE, f"credits/{mine['credits'][0]['id']}")
    assert {line["rep"] for line in told["lines"]} == {SANNE}
    assert told["lines"][-1]["running"] == sum(line["amount"] for line in told["lines"])
    ledgers.ask(BRAM, "subjects/deal:D-1", status=403)


def test_a_contest_of_people_shows_a_seller_only_the_own_place(ledgers: Ledgers) -> None:
    path = "contests/hour"
    everybody = {place["id"]: place["rank"] for place in ledgers.ask("all", path)["places"]}
    assert {SANNE, BRAM} <= everybody.keys()
    assert {p["id"]: p["rank"] for p in ledgers.ask(SANNE, path)["places"]} == {SANNE: everybody[SANNE]}


def test_a_contest_of_people_shows_a_leader_those_who_were_in_the_team_then(ledgers: Ledgers) -> None:
    for who, rep in (("noord", SANNE), ("zuid", BRAM)):  # Sanne goes to zuid later that year
        assert [place["id"] for place in ledgers.ask(who, "contests/hour")["places"]] == [rep]


def test_objections_stay_between_the_seller_and_the_managers_of_the_line(ledgers: Ledgers) -> None:
    line = ledgers.line("activity:crm:s")
    ledgers.ask(BRAM, "objections", post={"line": line, "text": "not mine"}, status=403)
    made = ledgers.ask(SANNE, "objections", post={"line": line, "text": "this was a demo"}, status=201)
    for who in (SANNE, "noord", "all"):
        assert [each["id"] for each in ledgers.ask(who, "objections")["objections"]] == [made["id"]]
        ledgers.ask(who, f"objections/{made['id']}")
        ledgers.ask(who, f"objections?line={line}")
    answer = {"kind": "answered", "text": "hm"}
    for who in (BRAM, "zuid"):
        assert ledgers.ask(who, "objections")["objections"] == []
        ledgers.ask(who, f"objections/{made['id']}", status=403)
        ledgers.ask(who, f"objections?line={line}", status=403)
        ledgers.ask(who, f"objections/{made['id']}/steps", post=answer, status=403)
    ledgers.ask(BRAM, "objections?rep=sanne", status=403)
    ledgers.ask("noord", f"objections/{made['id']}/steps", post={"kind": "declined", "text": "a call"}, status=201)


def test_what_shows_everybody_is_closed_to_them(ledgers: Ledgers) -> None:
    for path in ("progress",):
        ledgers.ask(SANNE, path, status=403)
        ledgers.ask("all", path)
