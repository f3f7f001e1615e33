"""Insight over HTTP: what it says of a small office on both engines, who may see whose, tags, marks, moves."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.scoring.handlers import Scorer
from services.scoring.settings import Settings
from services.scoring.store import PACKAGE, Ledger
from services.scoring.web import create_app
from shared.auth import ROLES, Caller, mint
from shared.contracts.activity import Activity
from shared.sessions import Session, sign
from shared.settings import WebSettings
from shared.sql import migrate, open_engine
from shared.web.access import SESSION
from tests.scoring.office import PLAYBOOK, ROSTER, call, deal, document

NOW = datetime(2026, 5, 20, 13, tzinfo=UTC)
KEY = "only-for-the-tests-of-insight-" * 2
PEOPLE = {
    "sanne": Caller("Sanne", ROLES["seller"], "seller", "sanne", None, "a1"),
    "bram": Caller("Bram", ROLES["seller"], "seller", "bram", None, "a2"),
    "noord": Caller("Marieke", ROLES["manager"], "manager", None, frozenset({"noord"}), "a3"),
    "all": Caller("Els", ROLES["manager"], "manager", None, None, "a5"),
}
TARGETS = {
    "targets": [
        {"team": "noord", "metric": "revenue", "period": "2026-05", "amount": "12000"},
        {"rep": "sanne", "metric": "revenue", "period": "2026-05", "amount": "9000"},
    ]
}


def facts() -> Iterator[Activity]:
    """Yield a call and a deal on most days of spring: one in four is lost, the last ones are open."""
    for n in range(90):
        day = date(2026, 2, 1) + timedelta(days=n + n // 6)
        moment = day.strftime("%m-%d 10")
        owner = "bram" if n % 5 == 0 else "sanne"
        yield call(f"c{n}", moment, owner)
        yield deal(f"n{n}", moment, f"D-{n}", stage="lead", owner=owner, amount=f"{300 + n}.00", currency="EUR")
        end = day + timedelta(days=1 + n % 7)
        if end < NOW.date():
            yield deal(f"d{n}", end.strftime("%m-%d 12"), f"D-{n}", stage="demo")
            yield deal(f"e{n}", end.strftime("%m-%d 15"), f"D-{n}", stage="lost" if n % 4 == 1 else "won")


class Office:
    """The web process of that office, asked by people who are signed in."""

    def __init__(self, folder: Path, url: str) -> None:
        self.engine = open_engine(url)
        migrate(self.engine, PACKAGE)
        self.scorer = Scorer(Ledger(self.engine), lambda _: None, lambda: NOW)
        for kind, body in (("roster", ROSTER), ("playbook", PLAYBOOK), ("targets", TARGETS)):
            self.scorer.put_document(document(kind, body))
        self.scorer.score(list(facts()))
        mint(folder / "tokens.json", "nobody", [])
        web = WebSettings(folder, folder / "tokens.json", rate_limit=0, session_keys=(KEY,))
        self.client = create_app(Settings(url, web), lambda: NOW).test_client()

    def ask(self, who: str, path: str, *, put: Any = None, tag: str = "", status: int = 200) -> Any:
        self.client.set_cookie(SESSION, sign(Session(PEOPLE[who], NOW + timedelta(minutes=30)), KEY))
        headers = {"If-None-Match": tag} if tag else {}
        method = "GET" if put is None else "PUT"
        origin = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        answer = self.client.open(f"/scoring/v1{path}", method=method, json=put, headers=headers | origin)
        assert answer.status_code == status, answer.text
        self.tag = answer.headers.get("ETag", "")
        return answer.json


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    made = Office(folder, f"sqlite:///{folder / 'scoring.db'}")
    yield made
    made.engine.dispose()


@pytest.fixture
def on_each(tmp_path: Path, database_url: str) -> Iterator[Office]:
    """Give the office on each engine."""
    made = Office(tmp_path, database_url)
    yield made
    made.engine.dispose()


def test_a_team_is_told_with_goal_forecast_people_and_work(on_each: Office) -> None:
    office = on_each
    said = office.ask("noord", "/teams/noord/insight")
    goal, forecast = said["goal"], said["forecast"]
    assert (said["metric"], goal["clock"]["period"]) == ("revenue", "2026-05")
    assert (goal["goal"], goal["source"]) == (1_200_000, "set")
    lines = office.ask("noord", "/totals?metric=revenue&period=2026-05")["totals"]
    assert goal["amount"] == next(each["amount"] for each in lines if each["id"] == "noord")
    assert [each["clock"]["kind"] for each in said["goals"]] == ["day", "week", "month", "quarter", "year"]
    assert [each["source"] for each in said["goals"]] == ["spread", "spread", "set", None, None]
    assert forecast["shown"]
    assert goal["amount"] <= forecast["low"] < forecast["mid"] < forecast["high"]
    assert said["accuracy"]["origins"] == 3 * said["accuracy"]["periods"]
    assert said["coverage"]["deals"] == sum(step["open"] for step in said["funnel"]) == 1
    (member,) = said["members"]
    assert (member["rep"], member["goal"], member["amount"]) == ("sanne", 900_000, goal["amount"])
    assert [(each["activity"], each["share_now"]) for each in said["mix"]] == [("call", 1.0)]
    assert [step["stage"] for step in said["funnel"]] == ["lead", "demo"]
    office.scorer.score([call("late", "05-20 11")])
    assert office.ask("noord", "/teams/noord/insight")["mix"][0]["now"] == said["mix"][0]["now"] + 1


def test_nobody_sees_the_insight_of_others(office: Office) -> None:
    assert [each["team"] for each in office.ask("noord", "/teams")["teams"]] == ["noord"]
    assert [each["team"] for each in office.ask("all", "/teams")["teams"]] == ["noord", "zuid"]
    assert office.ask("sanne", "/teams")["teams"] == []
    office.ask("noord", "/teams/zuid/insight", status=403)
    office.ask("sanne", "/teams/noord/insight", status=403)
    office.ask("noord", "/reps/sanne/insight")
    office.ask("noord", "/reps/bram/insight", status=403)
    office.ask("bram", "/reps/sanne/insight", status=403)
    office.ask("noord", "/teams/noord/moves?rep=sanne&to=zuid&day=2026-05-25", status=403)
    office.ask("noord", "/teams/noord/signals/abc", put={"done": True}, status=404)
    office.ask("noord", "/teams/zuid/signals/abc", put={"done": True}, status=403)
    assert office.ask("sanne", "/reps/sanne/insight")["team"] == "noord"


def test_the_same_state_is_not_sent_again_and_another_one_is(office: Office) -> None:
    office.ask("noord", "/teams/noord/insight")
    tag = office.tag
    office.ask("noord", "/teams/noord/insight", tag=tag, status=304)
    office.scorer.score([deal("x", "05-20 11", "D-new", stage="lead", owner="sanne")])
    again = office.ask("noord", "/teams/noord/insight", tag=tag)
    assert again["coverage"]["without_amount"] == 1


def test_a_move_shows_both_teams_and_changes_nothing(office: Office) -> None:
    before = office.ask("all", "/teams/noord/insight")["forecast"]["mid"]
    said = office.ask("all", "/teams/noord/moves?rep=sanne&to=zuid&day=2026-05-25")
    assert (said["source"], said["target"], said["source_before"]["forecast"]) == ("noord", "zuid", before)
    assert said["moves"] > 0
    assert said["source_after"]["forecast"] == before - said["moves"]
    assert said["target_after"]["forecast"] == said["target_before"]["forecast"] + said["moves"]
    assert (said["source_after"]["fte"], said["target_after"]["members"]) == (0.0, 2)
    assert office.ask("all", "/teams/noord/insight")["forecast"]["mid"] == before


def test_nobody_moves_to_the_own_team_or_out_of_one_that_is_not_the_present_one(office: Office) -> None:
    office.ask("all", "/teams/noord/moves?rep=sanne&to=noord&day=2026-05-25", status=404)
    said = office.ask("all", "/teams/noord/moves?rep=sanne&to=zuid&day=2026-07-25")  # in zuid by then anyway
    assert said["source"] == "noord"


def test_a_person_is_not_shown_beside_a_team_that_the_caller_does_not_lead(office: Office) -> None:
    assert office.ask("noord", "/reps/sanne/insight?period=2026-05")["team"] == "noord"
    office.ask("noord", "/reps/sanne/insight?period=2026-08", status=403)  # in zuid then
    assert office.ask("sanne", "/reps/sanne/insight?period=2026-08")["team"] == "zuid"


@pytest.mark.parametrize("period", ["0001", "0001-01-01", "1899-12", "3000", "9999-12-31", "9999-W52", "2026-13", "x"])
def test_a_period_that_nobody_can_mean_is_refused(office: Office, period: str) -> None:
    office.ask("noord", f"/teams/noord/insight?period={period}", status=422)


@pytest.mark.parametrize(
    "period", ["1900", "1900-01-01", "2019-W01", "2024-02-29", "2026-05-17", "2031-Q1", "2999-12-31"]
)
def test_a_period_without_figures_or_working_days_is_answered(office: Office, period: str) -> None:
    for path in ("/teams/noord/insight", "/reps/sanne/insight", "/teams"):
        assert office.ask("sanne" if "reps" in path else "noord", f"{path}?period={period}")


def test_a_signal_is_marked_for_the_manager_and_for_that_person(office: Office) -> None:
    quiet = [call(f"q{n}", f"{month:02d}-{day:02d} 11", "bram") for n, (month, day) in enumerate([(4, 28)] * 12)]
    office.scorer.score(quiet)
    path = "/teams/zuid/insight?period=2026-05&metric=points"
    signal = next(each for each in office.ask("all", path)["signals"] if each["kind"] == "quiet")
    assert (signal["rep"], signal["state"]) == ("bram", "new")
    office.ask("all", f"/teams/zuid/signals/{signal['id']}?period=2026-05&metric=points", put={"done": True})
    (seen,) = [
        each for each in office.ask("bram", "/reps/bram/insight?metric=points")["signals"] if each["kind"] == "quiet"
    ]
    assert (seen["id"], seen["state"], seen["done_by"]) == (signal["id"], "done", "Els")
    office.ask("all", f"/teams/zuid/signals/{signal['id']}?period=2026-05&metric=points", put={"done": False})
    assert {each["state"] for each in office.ask("all", path)["signals"]} == {"new"}


def test_what_was_taken_back_is_no_work_and_what_is_unknown_is_not_found(office: Office) -> None:
    before = office.ask("noord", "/teams/noord/insight")["mix"][0]["now"]
    back = Activity("crm:back", "crm", "retraction", NOW, None, 1, None, {"of": "crm:c88"})
    office.scorer.score([back])
    assert office.ask("noord", "/teams/noord/insight")["mix"][0]["now"] == before - 1
    office.ask("all", "/teams/west/insight", status=404)
    office.ask("all", "/reps/nobody/insight", status=404)
    office.ask("all", "/teams/noord/insight?metric=luck", status=404)
    office.ask("all", "/teams/noord/insight?period=soon", status=422)
