"""The ledger over HTTP: pages of lines, explanations, subjects, totals."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.scoring.handlers import Scorer
from services.scoring.settings import Settings
from services.scoring.store import PACKAGE, Ledger
from services.scoring.web import create_app
from shared.auth import mint
from shared.settings import WebSettings
from shared.sql import migrate, open_engine
from tests.scoring.office import DOCUMENTS, ROSTER, WON, call, deal, document

FACTS = (
    *WON,
    *[call(f"c{n}", f"03-{n + 1:02d} 10", rep="bram") for n in range(9)],
    deal("more", "03-10 09", amount="2500.50"),
    deal("poor", "03-10 09", "D-2", stage="won", owner="sanne", amount="10", currency="SEK"),
)


class Web:
    """The web process of a database, asked with a token."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.engine = open_engine(database_url)
        migrate(self.engine, PACKAGE)
        self.scorer = Scorer(Ledger(self.engine), lambda _: None, lambda: datetime(2026, 12, 31, tzinfo=UTC))
        tokens = folder / "tokens.json"
        self.token = mint(tokens, "reader", ["credits:read"])
        self.stranger = mint(tokens, "stranger", ["boards:read"])
        web = WebSettings(folder, tokens, rate_limit=0)
        self.client: FlaskClient = create_app(Settings(database_url, web)).test_client()

    def get(self, path: str, status: int = 200, token: str | None = None) -> Any:
        answer = self.client.get(path, headers={"Authorization": f"Bearer {token or self.token}"})
        assert answer.status_code == status, answer.text
        return answer.json

    def put(self) -> None:
        for each in DOCUMENTS:
            self.scorer.put_document(each)


@pytest.fixture
def empty(tmp_path: Path, database_url: str) -> Iterator[Web]:
    made = Web(tmp_path, database_url)
    yield made
    made.engine.dispose()


@pytest.fixture
def web(empty: Web) -> Web:
    empty.put()
    for fact in FACTS:
        empty.scorer.score([fact])
    return empty


def test_lines_come_latest_first_with_their_sums_unit_and_period(web: Web) -> None:
    body = web.get("/scoring/v1/credits?rep=sanne&metric=revenue&period=2026-03")
    assert [line["amount"] for line in body["credits"]] == [150_050, 100_000]
    assert body["totals"] == [{"metric": "revenue", "amount": 250_050, "unit": "EUR", "decimals": 2}]
    assert body["period"] == {
        "id": "2026-03",
        "start": "2026-02-28T23:00:00Z",
        "end": "2026-03-31T22:00:00Z",
        "zone": "Europe/Amsterdam",
    }
    assert body["next"] is None
    assert {line["reason"] for line in body["credits"]} == {"earned", "revalued"}


def test_a_page_leads_to_the_next_until_all_lines_were_seen(web: Web) -> None:
    path, seen = "/scoring/v1/credits?rep=bram&metric=points&period=2026-Q1&limit=4", []
    while path:
        body = web.get(path)
        assert body["totals"] == [{"metric": "points", "amount": 45, "unit": "points", "decimals": 0}]
        seen += [line["id"] for line in body["credits"]]
        path = body["next"]
    assert len(seen) == len(set(seen)) == 9


def test_a_team_has_the_lines_of_its_members(web: Web) -> None:
    zuid = web.get("/scoring/v1/credits?team=zuid&period=2026-03")
    assert {line["rep"] for line in zuid["credits"]} == {"bram"}
    assert web.get("/scoring/v1/credits?team=zuid&period=2026-02")["credits"] == []


def test_every_line_leads_to_its_explanation_down_to_the_payload(web: Web) -> None:
    for line in web.get("/scoring/v1/credits?period=2026")["credits"]:
        told = web.get(line["why"])
        assert told["payload"] == f"/ingest/v1/inbox/{told['activity']['inbox']}"
        assert told["rule"]["text"] == {"nl": "…", "en": "…"}
        assert told["inputs"]
        assert told["lines"][-1]["running"] >= told["lines"][0]["running"] > 0
        assert told["sentence"]["nl"] != told["sentence"]["en"]


def test_an_explanation_names_rule_condition_and_versions(web: Web) -> None:
    (line,) = web.get("/scoring/v1/credits?period=2026-03-01&metric=points")["credits"]
    told = web.get(line["why"])
    assert told["rule"] == {
        "id": "call",
        "playbook": 1,
        "text": {"nl": "…", "en": "…"},
        "when": "data.duration_s >= 60",
        "on": {"kind": "activity", "name": "call"},
    }
    assert (told["playbook"], told["roster"]) == (1, 1)
    assert told["activity"]["id"] == "crm:c0"
    assert told["activity"]["data"] == {"duration_s": 60}
    assert told["sentence"]["nl"] == "…: 5 … voor Bram (Zuid)."


def test_an_explanation_stays_as_it_was_when_the_roster_changes(web: Web) -> None:
    (line,) = web.get("/scoring/v1/credits?period=2026-03-01&metric=points")["credits"]
    before = web.get(line["why"])["sentence"]
    teams = [{"id": "noord", "name": "Noord"}, {"id": "zuid", "name": "Het Zuiden"}]
    web.scorer.put_document(document("roster", {**ROSTER, "teams": teams}, 2))
    assert web.get(line["why"])["sentence"] == before
    assert "Het Zuiden" in web.get("/scoring/v1/subjects/activity:crm:c0")["credits"][0]["sentence"]["nl"]


def test_a_subject_shows_its_history_and_what_is_missing(web: Web) -> None:
    deal_1 = web.get("/scoring/v1/subjects/deal:D-1")
    assert [fact["id"] for fact in deal_1["activities"]] == ["crm:new", "crm:demo", "crm:won", "crm:more"]
    assert (deal_1["deal"]["status"], deal_1["deal"]["amount"], deal_1["settled"]) == ("won", "2500.50", True)
    assert deal_1["missing"] == []
    deal_2 = web.get("/scoring/v1/subjects/deal:D-2")
    assert {(m["metric"], m["why"], m["detail"]) for m in deal_2["missing"]} == {
        ("revenue", "rate", "SEK"),
        ("points", "rate", "SEK"),
    }
    assert deal_2["missing"][0]["text"]["nl"] == "geen koers voor deze valuta"


def test_totals_are_the_sums_of_the_ledger(web: Web) -> None:
    by_team = web.get("/scoring/v1/totals?metric=points&period=2026-03")
    assert {each["id"]: each["amount"] for each in by_team["totals"]} == {"zuid": 45, "noord": 40}
    assert by_team["total"] == 85
    by_rep = web.get("/scoring/v1/totals?metric=points&period=2026-03&by=rep")
    assert [each["id"] for each in by_rep["totals"]] == ["bram", "sanne"]
    assert web.get(by_rep["totals"][0]["why"])["totals"][0]["amount"] == 45
    assert by_rep["progress"]["activities"] == len(FACTS)
    assert by_rep["progress"]["unpublished"] == 0
    assert sum(by_rep["mark"].values()) == by_rep["progress"]["lines"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/scoring/v1/credits/3-999999", 404, "is no line of the ledger"),
        ("/scoring/v1/credits/nonsense", 404, "write partition and number"),
        ("/scoring/v1/credits/9999999999999999999-99999999999999999999999", 404, "is no line"),
        ("/scoring/v1/credits/²-²", 404, "is no line"),
        ("/scoring/v1/subjects/deal:none", 404, "is not known"),
        ("/scoring/v1/subjects/nonsense", 404, "is not known"),
        ("/scoring/v1/credits", 422, "period"),
        ("/scoring/v1/credits?period=yesterday", 422, "is not a period"),
        ("/scoring/v1/credits?period=2026&limit=501", 422, "limit"),
        ("/scoring/v1/credits?period=2026&after=x", 422, "after"),
        ("/scoring/v1/credits?period=2026&nonsense=1", 422, "nonsense"),
        ("/scoring/v1/totals?metric=points&period=2026&by=deal", 422, "by"),
    ],
)
def test_what_cannot_be_answered_says_why(web: Web, path: str, status: int, said: str) -> None:
    problem = web.get(path, status)
    assert said in str(problem)
    assert problem["status"] == status


def test_without_a_roster_no_period_has_a_beginning(empty: Web) -> None:
    assert "roster" in empty.get("/scoring/v1/credits?period=2026", 404)["detail"]
    assert empty.get("/scoring/readyz")


def test_only_who_may_read_credits_does(web: Web) -> None:
    paths = ("credits?period=2026", "credits/1-1", "subjects/deal:D-1", "totals?metric=points&period=2026")
    for path in paths:
        assert web.client.get(f"/scoring/v1/{path}").status_code == 401
        web.get(f"/scoring/v1/{path}", 403, web.stranger)
