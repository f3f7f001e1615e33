"""The pages of teams and people: who may see which, what is asked of them, what signals say; without a browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.scoring.domain.insight.evidence import DAYS, OF_ALL, OWN, TEAM, Evidence, Signal
from services.scoring.domain.insight.signals import KINDS
from services.scoring.domain.league import League
from services.scoring.handlers.leagues import build_league
from services.scoring.pages.names import Names
from services.scoring.pages.signal_words import SignalWords
from services.scoring.settings import Settings
from services.scoring.web import create_app
from shared import yaml12
from shared.auth import ROLES, Caller, mint
from shared.contracts.league import LeagueDocument
from shared.sessions import LASTS, Session, sign
from shared.settings import WebSettings
from shared.web.access import session_cookie
from shared.web.figures import NONE
from shared.web.words import words
from tests.scoring.sellers import EXAMPLE, ledger

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
KEY = "k" * 43
LOCALE = Path(__file__).parents[2] / "services" / "scoring" / "locale"
UTRECHT = Caller("Marieke", ROLES["manager"], "manager", teams=frozenset({"utrecht"}), account="a-1")
TWO = Caller("Els", ROLES["manager"], "manager", teams=frozenset({"utrecht", "zwolle", "groningen"}), account="a-2")
ALL = Caller("Piet", ROLES["manager"], "manager", account="a-3")
SANNE = Caller("Sanne", ROLES["seller"], "seller", rep="sanne", account="a-4")
HR = Caller("Hanna", ROLES["hr"], "hr", account="a-5")


@dataclass
class Office:
    """The web process of an office that sold nothing yet."""

    client: FlaskClient

    def get(self, path: str, who: Caller, status: int = 200) -> str:
        """Return a page as somebody sees it."""
        return self._answer("GET", path, who, status)

    def post(self, path: str, who: Caller, status: int, **said: str) -> str:
        """Send a form as somebody."""
        return self._answer("POST", path, who, status, data=said, headers={"Sec-Fetch-Site": "same-origin"})

    def _answer(self, method: str, path: str, who: Caller, status: int, **more: Any) -> str:
        self.client.set_cookie(session_cookie(secure=False), sign(Session(who, NOW + LASTS), KEY))
        more["headers"] = {"Accept": "text/html", **more.get("headers", {})}
        answer = self.client.open(f"/scoring/{path}", method=method, **more)
        assert answer.status_code == status, answer.text
        return answer.headers["Location"] if status == 303 else answer.text


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("teams")
    url = f"sqlite:///{folder / 'scoring.db'}"
    ledger(url, NOW, sold=False)
    mint(folder / "tokens.json", "nobody", [])
    web = WebSettings(folder, folder / "tokens.json", rate_limit=0, session_keys=(KEY,))
    return Office(create_app(Settings(url, web), lambda: NOW).test_client())


def test_a_manager_of_one_team_is_led_to_it(office: Office) -> None:
    assert office.get("teams", UTRECHT, 303) == "/scoring/teams/utrecht"


def test_who_leads_several_teams_sees_those_and_no_other(office: Office) -> None:
    shown = office.get("teams", TWO)
    assert "Utrecht" in shown
    assert "Groningen" in shown
    assert "Rotterdam" not in shown


def test_who_leads_all_teams_sees_all(office: Office) -> None:
    assert "Rotterdam" in office.get("teams", ALL)


@pytest.mark.parametrize(
    "path",
    [
        "teams/groningen",
        "teams/groningen/reps/femke",
        "teams/groningen/move",
        "teams/utrecht/move?rep=daan&to=groningen",
    ],
)
def test_another_team_is_not_shown(office: Office, path: str) -> None:
    office.get(path, UTRECHT, 403)


def test_a_signal_of_another_team_cannot_be_marked(office: Office) -> None:
    office.post("teams/groningen/signals/abc", UTRECHT, 403, done="yes")
    office.post("teams/utrecht/signals/abc", UTRECHT, 404, done="yes")


@pytest.mark.parametrize("path", ["teams", "teams/utrecht", "teams/utrecht/reps/sanne", "teams/utrecht/reps/daan"])
def test_a_seller_opens_no_page_of_a_leader(office: Office, path: str) -> None:
    office.get(path, SANNE, 403)


def test_hr_has_no_business_with_forecasts(office: Office) -> None:
    office.get("teams", HR, 403)


@pytest.mark.parametrize(
    "path", ["teams/nowhere", "teams/utrecht/reps/nobody", "teams/utrecht/reps/femke", "teams?metric=x"]
)
def test_what_there_is_not_is_not_found(office: Office, path: str) -> None:
    office.get(path, ALL, 404)


def test_a_team_that_sold_nothing_says_what_is_missing(office: Office) -> None:
    shown = office.get("teams/utrecht?lang=en&period=2026-11", UTRECHT)
    for sentence in ("Too early", "No deals to follow yet", "Nothing stands out", "too little history", "as agreed"):
        assert sentence in shown


def test_an_address_that_cannot_be_used_says_so_and_shows_this_month(office: Office) -> None:
    shown = office.get("teams/utrecht?lang=en&period=x", UTRECHT)
    assert "cannot be used" in shown
    assert "November 2026" in shown


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2026-11-24", "Tuesday 24 November"),
        ("2026-W48", "week 48 of 2026"),
        ("2026-Q4", "quarter 4 of 2026"),
        ("2026", ">2026<"),
    ],
)
def test_every_kind_of_period_has_its_page(office: Office, period: str, said: str) -> None:
    assert said in office.get(f"teams/utrecht?lang=en&period={period}", UTRECHT)


def test_a_manager_of_one_team_is_told_that_a_move_needs_two(office: Office) -> None:
    assert "This needs two teams" in office.get("teams/utrecht/move?lang=en", UTRECHT)


def test_a_move_is_worked_out_for_who_leads_both_teams(office: Office) -> None:
    shown = office.get("teams/utrecht/move?lang=en&rep=daan&to=groningen&day=2026-12-01", TWO)
    assert "Daan from Utrecht to Groningen, from 1 Dec 2026" in shown
    assert "This is a calculation" in shown


def test_the_same_page_again_is_not_sent_again(office: Office) -> None:
    office.client.set_cookie(session_cookie(secure=False), sign(Session(UTRECHT, NOW + LASTS), KEY))
    first = office.client.get("/scoring/teams/utrecht")
    again = office.client.get("/scoring/teams/utrecht", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.fixture(scope="module")
def league() -> League:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    bodies = {kind: yaml12.load((EXAMPLE / f"{kind}.yaml").read_text("utf-8")) for kind in ("roster", "playbook")}
    return build_league(1, [LeagueDocument(kind, 1, start.date(), "els", start, body) for kind, body in bodies.items()])


def names(league: League, language: str) -> Names:
    assert league.roster is not None
    return Names(league, league.roster, words(language, LOCALE))


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_signal_has_its_sentence_its_rule_and_its_evidence(league: League, kind: str, language: str) -> None:
    says = SignalWords(names(league, language))
    signal = Signal("s", kind, KINDS[kind], "daan", "demo", Evidence(0.3, 0.5, 20, 6, 40, 20, OF_ALL, OWN), NOW.date())
    said = (says.sentence(signal), says.rule(signal), says.evidence(signal))
    assert not any("{" in text or "signal." in text or not text for text in said)


def test_evidence_says_how_many_it_rests_on(league: League) -> None:
    says = SignalWords(names(league, "nl"))
    low = Signal(
        "s",
        "conversion-low",
        "attention",
        "daan",
        "demo",
        Evidence(0.18, 0.31, 39, 7, 120, 37, OF_ALL, TEAM),
        date(2026, 11, 1),
    )
    assert says.evidence(low) == "18% (7 van 39); rest van het team 31% (37 van 120)"
    slow = Signal(
        "s",
        "sticks",
        "attention",
        "daan",
        "demo",
        Evidence(14.0, 8.5, 21, None, 60, None, DAYS, TEAM),
        date(2026, 11, 1),
    )
    assert says.evidence(slow) == "14,0 dagen (n = 21); rest van het team 8,5 dagen (n = 60)"


@pytest.mark.parametrize(
    ("amount", "nl", "en"),
    [
        (14_820_055, "€ 148.201", "€148,201"),
        (9_950, "€ 99,50", "€99.50"),
        (-1_234_500, "€ -12.345", "-€12,345"),
        (None, NONE, NONE),
    ],
)
def test_an_amount_for_a_quick_look_is_whole_euros(league: League, amount: int | None, nl: str, en: str) -> None:
    assert names(league, "nl").brief("revenue", amount).replace("\N{NO-BREAK SPACE}", " ") == nl
    assert names(league, "en").brief("revenue", amount) == en


def test_a_forecast_has_no_more_digits_than_it_knows(league: League) -> None:
    said = names(league, "en")
    assert said.between("revenue", 18_712_300, 20_930_000) == f"€187,000 {NONE} €209,000"
    assert said.around("revenue", 93_421) == "€934"
    assert said.change(110, 100) == "+10%"
    assert said.change(5, 0) == NONE
