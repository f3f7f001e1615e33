"""Whose place an account sees: a seller the own one, with colleagues around it who need not have a name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.leaderboard.domain.boards import Board
from services.leaderboard.domain.league import League
from services.leaderboard.settings import Settings
from services.leaderboard.store import Standings
from services.leaderboard.web import create_app
from services.leaderboard.web.seen import NEAR, NotYourBoard, Sight
from shared.auth import ROLES, Caller, mint
from shared.contracts.roster import parse_roster
from shared.sessions import Session, sign
from shared.settings import WebSettings
from shared.web.access import SESSION
from tests.leaderboard.sample import NOW, apply, league, line, member, put, roster

KEY = "only-for-the-tests-of-bounds-" * 2
PEOPLE = {
    "anna": Caller("Anna", ROLES["seller"], "seller", "anna", None, "a1"),
    "daan": Caller("Daan", ROLES["seller"], "seller", "daan", None, "a2"),
    "cem": Caller("Cem", ROLES["seller"], "seller", "cem", None, "a3"),
    "noord": Caller("Marieke", ROLES["manager"], "manager", None, frozenset({"noord"}), "a4"),
    "all": Caller("Els", ROLES["manager"], "manager", None, None, "a5"),
}


class Boards:
    """Boards asked by people with an account."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def ask(self, who: str, path: str, *, put: Any = None, status: int = 200) -> Any:
        self.client.set_cookie(SESSION, sign(Session(PEOPLE[who], NOW + timedelta(minutes=30)), KEY))
        sent = {"method": "GET"} if put is None else {"method": "PUT", "json": put}
        answer = self.client.open(f"/leaderboard/v1/{path}", headers={"Sec-Fetch-Site": "same-origin"}, **sent)
        assert answer.status_code == status, (who, path, answer.text)
        return answer.json

    def names(self, who: str, path: str) -> list[tuple[str, str, int]]:
        return [(row["id"], row["name"], row["amount"]) for row in self.ask(who, path)["rows"]]


@pytest.fixture
def boards(standings: Standings, fresh_redis_url: str, tmp_path: Path) -> Iterator[Boards]:
    """Boards of noord with anna, cem and bas, and of zuid with daan."""
    put(standings, league())
    apply(standings, [line(1, "anna", 5000), line(2, "daan", 4000), line(3, "cem", 2500)])
    mint(tmp_path / "tokens.json", "nobody", [])
    web = WebSettings(tmp_path, tmp_path / "tokens.json", rate_limit=0, session_keys=(KEY,))
    app = create_app(Settings(fresh_redis_url, web, f"sqlite:///{tmp_path}/screens.db"), clock=lambda: NOW)
    with app.test_client() as client:
        yield Boards(client)


MONTH = "boards/revenue/2093-11"


def test_teams_are_for_everybody(boards: Boards) -> None:
    for who in PEOPLE:
        assert [row["id"] for row in boards.ask(who, f"{MONTH}/teams")["rows"]][:2] == ["noord", "zuid"]
        boards.ask(who, f"{MONTH}/teams/around/zuid")
        boards.ask(who, "boards")


def test_a_board_of_people_is_for_who_leads_them(boards: Boards) -> None:
    for who in ("noord", "all"):
        assert ("anna", "Anna", 5000) in boards.names(who, f"{MONTH}/team:noord")
    boards.ask("all", f"{MONTH}/reps")
    for who, scope in (("anna", "reps"), ("anna", "team:noord"), ("noord", "reps"), ("noord", "team:zuid")):
        boards.ask(who, f"{MONTH}/{scope}", status=403)


def test_a_seller_sees_the_own_place_and_how_far_it_is_to_the_next(boards: Boards) -> None:
    found = boards.ask("cem", f"{MONTH}/team:noord/around/cem?by=total")
    assert [(row["id"], row["name"], row["amount"], row["rank"]) for row in found["rows"]] == [
        ("", "", 5000, 1), ("cem", "Cem", 2500, 2), ("", "", 0, 3)
    ]  # fmt: skip
    assert (found["above"]["name"], found["above"]["distance"]) == ("", 2500)
    assert {found["rows"][0][name] for name in ("fte", "target", "per_fte", "attainment")} == {None}
    assert found["rows"][0]["why"] == found["above"]["why"] == ""
    assert found["rows"][1]["why"].startswith("/scoring/v1/credits?rep=cem")


def test_who_is_shown_on_the_tv_has_a_name_for_colleagues_at_once(boards: Boards) -> None:
    boards.ask("anna", "profile", put={"on_tv": True, "nickname": "Annie"})
    assert boards.names("cem", f"{MONTH}/team:noord/around/cem")[0] == ("", "Annie", 5000)
    boards.ask("anna", "profile", put={"on_tv": False})
    assert boards.names("cem", f"{MONTH}/team:noord/around/cem")[0] == ("", "", 5000)


def test_the_place_of_somebody_else_is_not_told(boards: Boards) -> None:
    for who, path in (
        ("anna", "team:noord/around/cem"), ("anna", "reps/around/daan"), ("anna", "team:zuid/around/anna"),
        ("noord", "team:zuid/around/daan"), ("noord", "reps/around/daan"),
    ):  # fmt: skip
        boards.ask(who, f"{MONTH}/{path}", status=403)
    for who, path in (("anna", "reps/around/anna"), ("noord", "reps/around/cem"), ("noord", "team:noord/around/cem")):
        boards.ask(who, f"{MONTH}/{path}")


def test_who_led_somebody_before_sees_no_present_place() -> None:
    moved = {**member("cem", "zuid"), "memberships": [
        {"team": "noord", "from": "2090-01-01", "to": "2093-11-01"}, {"team": "zuid", "from": "2093-11-01"}
    ]}  # fmt: skip
    sight = Sight(PEOPLE["noord"], League(1, roster=parse_roster(roster([moved]))), dict)
    sight.check_member(Board("revenue", "2093-10", "reps"), "cem")
    with pytest.raises(NotYourBoard):
        sight.check_member(Board("revenue", "2093-11", "reps"), "cem")


def test_nobody_reads_a_whole_board_by_asking_around_themselves(boards: Boards) -> None:
    assert len(boards.ask("daan", f"{MONTH}/reps/around/daan?n=200")["rows"]) <= 1 + 2 * NEAR
