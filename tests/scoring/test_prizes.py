"""What a line is made of that is no rule's own: prizes of days, what mentors and contests add on top."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.scoring.cli import cli
from services.scoring.settings import ConsumerSettings
from tests.scoring.office import deal, document
from tests.scoring.test_contests import HOUR
from tests.scoring.test_limits import MENTORED, call, call_rule, playbook
from tests.scoring.test_rhythm import BEST, FIRST, METRICS, MILE, STREAK
from tests.scoring.test_web import Web

TEXT = {"nl": "Gebeld", "en": "Called"}
HOUR_OF_MARCH = {
    **HOUR,
    "label": {"nl": "Belkwartier", "en": "Calling hour"},
    "from": "2026-03-04T09:00:00Z",
    "to": "2026-03-04T10:00:00Z",
    "multipliers": [{"factor": 3}],
}
RHYTHM = {
    "streaks": [{**STREAK, "text": {"nl": "Drie dagen op rij", "en": "Three days in a row"}}],
    "firsts": [{**FIRST, "text": {"nl": "Eerste van de dag", "en": "First of the day"}}],
    "bests": [{**BEST, "text": {"nl": "Record", "en": "Best"}}],
    "milestones": [{**MILE, "text": {"nl": "Mijlpaal", "en": "Milestone"}}],
}
BOOK = playbook(
    call_rule(credit={"calls": 1, "points": 5}, mentor="0.2", text=TEXT),
    metrics=METRICS,
    rhythm=RHYTHM,
    contests=[HOUR_OF_MARCH],
)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    made = Web(tmp_path, f"sqlite:///{tmp_path / 'prizes.db'}")
    for each in (document("roster", MENTORED), document("playbook", BOOK)):
        made.scorer.put_document(each)
    days = (("a", "03-02 09"), ("b", "03-03 09"), ("c", "03-04 09"), ("d", "03-04 11"))
    made.scorer.score([call(name, when, "bram") for name, when in days])
    _settle(made)
    yield made
    made.engine.dispose()


def _settle(made: Web) -> None:
    while made.scorer.refresh_some() or made.scorer.restate_some():
        pass


def lines(web: Web) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the explanation of every line of 4 March, by its rule and metric; the last one written."""
    found = web.get("/scoring/v1/credits?period=2026-03-04&limit=500")["credits"]
    told = [web.get(line["why"]) for line in reversed(found)]
    return {(one["rule"]["id"], one["metric"]): one for one in told}


def test_a_streak_says_which_days_it_is_made_of(web: Web) -> None:
    told = lines(web)["streak~3", "points"]
    assert told["sentence"]["en"] == "Three days in a row (3): 10 … for Bram (Zuid)."
    assert [(each["name"], each["value"]) for each in told["inputs"]] == [
        *[("calls 2026-03-02", 1), ("calls 2026-03-03", 1), ("calls 2026-03-04", 2)],
        ("team", "zuid"),
    ]
    [day] = [each for each in told["inputs"] if each["name"] == "calls 2026-03-04"]
    assert web.get(day["credits"])["totals"][0]["amount"] == 2
    assert (told["payload"], told["activity"]) == (None, None)


def test_a_best_says_what_it_went_beyond_and_a_milestone_how_it_was_reached(web: Web) -> None:
    told = lines(web)
    best = told["best~2026-03-04", "points"]["inputs"]
    assert [(each["name"], each["value"]) for each in best[:2]] == [("best calls before", 1), ("calls 2026-03-04", 2)]
    assert [each["value"] for each in told["mile~4", "points"]["inputs"]][:3] == [1, 1, 2]


def test_the_first_of_a_day_names_its_activity_and_payload(web: Web) -> None:
    told = lines(web)["first", "points"]
    assert told["activity"]["id"] == "crm:c"
    assert told["payload"] == "/ingest/v1/inbox/1"
    assert told["inputs"][0] == {"name": "first", "value": "crm:c", "payload": "/ingest/v1/inbox/1"}


def test_a_prize_that_is_taken_back_says_why(web: Web) -> None:
    web.scorer.score([call("early", "03-04 07", "sanne")])
    _settle(web)
    subject = web.get("/scoring/v1/subjects/first:first:2026-03-04:")
    assert [(line["rep"], line["amount"]) for line in subject["credits"]] == [("bram", 2), ("bram", -2), ("sanne", 2)]
    assert subject["settled"]
    taken = web.get(subject["credits"][1]["why"])["sentence"]
    assert (
        taken["en"]
        == "First of the day: 2 … taken back from Bram (Zuid), because another was first, or it counts no more."
    )


def test_the_subject_of_prizes_shows_its_lines_and_what_won_them(web: Web) -> None:
    subject = web.get("/scoring/v1/subjects/rhythm:bram")
    assert len(subject["credits"]) == len(subject["made_of"]) == 4
    assert all(each["inputs"] for each in subject["made_of"])
    assert subject["settled"]
    web.get("/scoring/v1/subjects/rhythm:nobody", 404)


def test_what_is_added_on_top_names_the_line_under_it(web: Web) -> None:
    told = lines(web)
    contest = told["call~hour", "points"]
    assert contest["sentence"]["nl"] == "Gebeld (Belkwartier): 10 … voor Bram (Zuid)."
    under, factor = contest["inputs"][:2]
    assert (under["name"], under["value"]) == ("on top of", 5)
    assert web.get(under["why"])["rule"]["id"] == "call"
    assert factor == {"name": "factor of hour", "value": "3", "playbook": 1}
    mentor = told["call~mentor", "points"]
    assert mentor["sentence"]["en"] == "Called (as mentor): 1 … for Sanne (Noord)."
    assert [each["name"] for each in mentor["inputs"]][:2] == ["on top of", "part of a mentor"]


def test_a_mentors_part_of_a_deal_that_changes_names_the_change_and_no_other_owner(tmp_path: Path) -> None:
    made = Web(tmp_path, f"sqlite:///{tmp_path / 'deals.db'}")
    rule = {"id": "won", "on": {"deal": "won"}, "credit": {"revenue": "deal.amount"}, "mentor": "0.1"}
    for each in (document("roster", MENTORED), document("playbook", playbook(rule))):
        made.scorer.put_document(each)
    said = {"stage": "won", "owner": "bram", "amount": "100", "currency": "EUR"}
    made.scorer.score([deal("w", "03-02 09", **said)])
    made.scorer.score([deal("more", "03-03 09", amount="200")])
    found = made.get("/scoring/v1/credits?period=2026-03&rep=sanne")["credits"]
    assert [line["amount"] for line in found] == [1000, 1000]
    assert "the value of the deal is now EUR 200" in made.get(found[0]["why"])["sentence"]["en"]
    made.engine.dispose()


def test_a_check_finds_prizes_that_do_not_add_up(web: Web) -> None:
    given = ConsumerSettings(database_url=str(web.engine.url), bus_url="", run_dir=Path(), log_level="INFO")
    assert CliRunner().invoke(cli, ["verify"], obj=given).exit_code == 0
    with web.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE days SET amount = 9 WHERE day = '2026-03-02'")
    found = CliRunner().invoke(cli, ["verify"], obj=given)
    assert found.exit_code == 1
    assert "rhythm:bram: its lines do not add up to what days earn" in found.output
