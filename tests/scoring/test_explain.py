"""The explanation of a line: what mattered, and why something was taken back."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.scoring.domain.explain import explanation
from services.scoring.handlers import Scorer, build_league
from services.scoring.pages.figures import show
from services.scoring.store import PACKAGE, Ledger, Reader
from shared.contracts.activity import Activity, DealChange
from shared.contracts.credit import Credit
from shared.contracts.league import LeagueDocument
from shared.sql import migrate, open_engine
from tests.scoring.office import DOCUMENTS, PLAYBOOK, ROSTER, WON, at, call, deal, document

SANNE, BRAM, NOOR = ROSTER["reps"]
STAYED = document("roster", {**ROSTER, "reps": [{**SANNE, "memberships": BRAM["memberships"]}, BRAM, NOOR]}, 2)


def _playbook(*rules: Any, start: date = date(2026, 1, 1)) -> LeagueDocument:
    return document("playbook", {**PLAYBOOK, "rules": list(rules)}, 2, start)


CALL, DEMO, WIN, LOST = PLAYBOOK["rules"]
CHEAPER = _playbook(CALL, DEMO, {**WIN, "credit": {"revenue": {"per": "deal.amount", "each": 2, "give": 1}}}, LOST)


class Office:
    """A ledger to which activities and documents come in turn."""

    def __init__(self, path: Any) -> None:
        engine = open_engine(f"sqlite:///{path / 'explain.db'}")
        migrate(engine, PACKAGE)
        self.reader = Reader(engine)
        self.scorer = Scorer(Ledger(engine), lambda _: None, lambda: datetime(2026, 12, 31, tzinfo=UTC))
        self.take(DOCUMENTS)
        self.close = engine.dispose

    def take(self, arriving: Sequence[Activity | LeagueDocument]) -> None:
        for each in arriving:
            if isinstance(each, LeagueDocument):
                self.scorer.put_document(each)
            else:
                self.scorer.score([each])
            while self.scorer.restate_some():
                pass

    def lines(self, subject: str = "deal:D-1", metric: str = "revenue") -> list[Credit]:
        return [line for line in self.reader.subject(subject)[1] if line.metric == metric]

    def explain(self, line: Credit) -> dict[str, Any]:
        versions = [v for v in self.reader.documents() if v.kind != "roster" or v.version <= line.roster]
        facts, lines = self.reader.subject(line.subject)
        league = build_league(0, versions)
        return explanation(line, self.reader.known_when(line), facts, lines, then=league, show=show)


@pytest.fixture
def office(tmp_path: Any) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


CHANGES: dict[str, tuple[Activity | LeagueDocument, str, str]] = {
    "reopened": (deal("x", "03-04 09", stage="demo"), "de deal is weer open", "the deal is open again"),
    "lost": (deal("x", "03-04 09", stage="lost"), "de deal is nu verloren", "the deal is now lost"),
    "deleted": (deal("x", "03-04 09", status="deleted"), "de deal is verwijderd", "the deal was deleted"),
    "moved to another": (deal("x", "03-04 09", owner="bram"), "de deal is nu van Bram", "the deal is now Bram's"),
    "without an owner": (deal("x", "03-04 09", owner=None), "geen verkoper meer", "no rep any more"),
    "re-valued": (deal("x", "03-04 09", amount="900.00"), "nu EUR 900.00", "is now EUR 900.00"),
    "without an amount": (deal("x", "03-04 09", amount=None), "geen bruikbaar bedrag", "no usable amount"),
    "in a currency without a rate": (deal("x", "03-04 09", currency="SEK"), "geen koers", "no rate"),
    "won earlier after all": (
        deal("x", "03-02 20", stage="won"),
        "het telt nu op 02-03-2026",
        "it now counts on 02-03",
    ),
    "another team after all": (STAYED, "zat toen in Zuid", "was in Zuid then"),
    "another playbook": (CHEAPER, "spelboek 2 geldt nu", "playbook 2 now holds"),
    "a rule that is gone": (_playbook(CALL, DEMO, LOST), "spelboek 2 geldt nu", "playbook 2 now holds"),
}


@pytest.mark.parametrize("name", CHANGES, ids=lambda name: name.replace(" ", "_"))
def test_what_is_taken_back_says_why(office: Office, name: str) -> None:
    change, dutch, english = CHANGES[name]
    office.take([*WON, change])
    first, second = office.lines()[:2]
    sentence = office.explain(second)["sentence"]
    assert dutch in sentence["nl"]
    assert english in sentence["en"]
    assert office.explain(first)["sentence"] == {
        "nl": "…: €\xa01.000,00 voor Sanne (Noord).",
        "en": "…: €1,000.00 for Sanne (Noord).",
    }


def test_a_correction_is_explained_by_what_was_known_when_it_was_written(office: Office) -> None:
    office.take([*WON, deal("lost", "03-04 09", stage="lost"), deal("gone", "03-05 09", status="deleted")])
    assert "nu verloren" in office.explain(office.lines()[1])["sentence"]["nl"]
    reversed_loss = office.lines(metric="lost")[1]
    assert "verwijderd" in office.explain(reversed_loss)["sentence"]["nl"]


def test_a_line_names_what_mattered_and_who_said_it(office: Office) -> None:
    usd = deal("usd", "03-02 12", currency="USD", amount="2000")
    office.take([*WON[:2], usd, WON[2], deal("more", "03-04 09", amount="3000")])
    first, second = office.lines()
    found = {each["name"]: each for each in office.explain(first)["inputs"]}
    assert list(found) == ["deal.status", "deal.owner", "deal.amount", "deal.currency", "rate USD", "team"]
    assert (found["deal.status"]["value"], found["deal.status"]["activity"]) == ("won", "crm:won")
    assert (found["deal.owner"]["value"], found["deal.owner"]["activity"]) == ("sanne", "crm:new")
    assert (found["deal.amount"]["value"], found["deal.amount"]["activity"]) == ("2000", "crm:usd")
    assert found["rate USD"] == {"name": "rate USD", "value": "0.5", "playbook": 1}
    assert found["team"] == {"name": "team", "value": "noord", "roster": 1}
    later = {each["name"]: each for each in office.explain(second)["inputs"]}
    assert (later["deal.amount"]["value"], later["deal.amount"]["payload"]) == ("3000", "/ingest/v1/inbox/1")


def test_a_call_names_the_data_that_its_condition_looked_at(office: Office) -> None:
    office.take([call("c", "03-02 10", duration_s=340, direction="outbound")])
    (line,) = office.lines("activity:crm:c", "points")
    assert office.explain(line)["inputs"] == [
        {"name": "data.duration_s", "value": 340, "activity": "crm:c", "payload": "/ingest/v1/inbox/1"},
        {"name": "team", "value": "noord", "roster": 1},
    ]


def test_a_call_about_a_deal_is_explained_by_the_call(office: Office) -> None:
    about = DealChange("D-1", {})
    tel = Activity("tel:1", "tel", "call", at("03-03 09"), "bram", 7, about, {"duration_s": 90})
    office.take([*WON, tel, deal("gone", "03-05 09", status="deleted")])
    (line,) = [each for each in office.lines(metric="points") if each.rule == "call"]
    assert office.explain(line)["inputs"][0]["activity"] == "tel:1"
    moved = document("roster", {**ROSTER, "reps": [SANNE, {**BRAM, "memberships": SANNE["memberships"]}, NOOR]}, 2)
    office.take([moved])
    back = [each for each in office.lines(metric="points") if each.rule == "call"]
    assert [each.reason for each in back] == ["earned", "reversed", "earned"]
    assert "zat toen in Noord" in office.explain(back[1])["sentence"]["nl"]


def test_the_lines_of_the_subject_add_up(office: Office) -> None:
    office.take([*WON, deal("re", "03-04 09", stage="demo"), deal("again", "04-05 09", stage="won")])
    running = office.explain(office.lines()[0])["lines"]
    assert [line["running"] for line in running] == [100_000, 0, 100_000]
    assert [line["reason"] for line in running] == ["earned", "reversed", "earned"]


def test_money_and_numbers_are_written_as_the_language_does() -> None:
    metrics = build_league(2, DOCUMENTS).editions[0].playbook.metrics
    assert show(metrics["revenue"], 123_450, "nl") == "€\xa01.234,50"
    assert show(metrics["revenue"], -123_450, "en") == "-€1,234.50"
    assert show(metrics["points"], 1_500, "nl") == "1.500 …"
