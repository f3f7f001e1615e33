"""Boards over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marshmallow import Schema
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from services.leaderboard.schemas import Around, Catalogue, Standing
from services.leaderboard.settings import Settings
from services.leaderboard.store import Standings
from services.leaderboard.web import create_app
from shared.auth import mint
from shared.settings import WebSettings
from tests.engines import free_port
from tests.leaderboard.sample import AT, NOW, apply, league, line, put, target


class Caller:
    """Call the boards with a token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client, self.token = client, token

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        """Return the JSON of an answer with this status."""
        response = self.client.get(
            f"/leaderboard/v1/boards{path}", headers={"Authorization": f"Bearer {self.token}", **headers}
        )
        assert response.status_code == status, response.text
        return response.json if response.data else response


def client_of(url: str, folder: Path) -> tuple[FlaskClient, Path]:
    tokens = folder / "tokens.json"
    mint(tokens, "nobody", [])
    app = create_app(
        Settings(url, WebSettings(folder, tokens, rate_limit=0), f"sqlite:///{folder}/screens.db"), clock=lambda: NOW
    )
    return app.test_client(), tokens


@pytest.fixture
def call(standings: Standings, fresh_redis_url: str, tmp_path: Path) -> Iterator[Caller]:
    """Return a caller of boards on which anna and daan tie at 50.00 and cem has 25.00."""
    put(standings, league(target("100", rep="anna"), target("500", team="noord")))
    apply(standings, [line(1, "anna", 5000), line(2, "daan", 5000), line(3, "cem", 2500, booked_at=AT)])
    client, tokens = client_of(fresh_redis_url, tmp_path)
    with client:
        yield Caller(client, mint(tokens, "manager", ["boards:read"]))


def test_a_board_says_what_it_is_a_board_of(call: Caller) -> None:
    answer = call.get("/revenue/2093-11/reps")
    label = {"nl": "revenue", "en": "revenue"}
    assert answer["metric"] == {"id": "revenue", "unit": "EUR", "decimals": 2, "label": label}
    assert (answer["scope"], answer["by"], answer["total"], answer["start"]) == ("reps", "total", 6, 0)
    assert answer["period"] == {
        "id": "2093-11",
        "kind": "month",
        "start": "2093-10-31T23:00:00Z",
        "end": "2093-11-30T23:00:00Z",
        "zone": "Europe/Amsterdam",
    }
    assert answer["as_of"] == "2093-11-24T12:00:00Z"
    assert answer["freshness"] == {"last_booked_at": "2093-11-24T09:00:00Z", "rebuilding": False}


def test_a_row_has_rank_name_amounts_and_a_link_to_its_lines(call: Caller) -> None:
    first, _, third = call.get("/revenue/2093-11/reps")["rows"][:3]
    assert first == {
        "rank": 1,
        "id": "anna",
        "name": "Anna",
        "amount": 5000,
        "fte": "1.0000",
        "per_fte": "5000.00",
        "target": 10000,
        "attainment": "0.5000",
        "why": "/scoring/v1/credits?rep=anna&period=2093-11&metric=revenue",
    }
    assert (third["rank"], third["target"], third["attainment"]) == (3, None, None)


def test_links_of_a_team_and_of_a_rep_in_a_team_lead_to_their_lines_only(call: Caller) -> None:
    team, inside = call.get("/revenue/2093-11/teams")["rows"][0], call.get("/revenue/2093-11/team:zuid")["rows"][0]
    assert team["name"] == "Team Noord"
    assert team["why"] == "/scoring/v1/credits?team=noord&period=2093-11&metric=revenue"
    assert inside["why"] == "/scoring/v1/credits?rep=daan&team=zuid&period=2093-11&metric=revenue"


def test_pages_and_measures_are_asked_for_in_the_query(call: Caller) -> None:
    answer = call.get("/revenue/2093-11/reps?by=per_fte&start=2&count=2")
    assert [(row["rank"], row["id"]) for row in answer["rows"]] == [(3, "cem"), (4, "bas")]


@pytest.mark.parametrize(
    ("named", "period"),
    [("today", "2093-11-24"), ("this-week", "2093-W48"), ("this-month", "2093-11"), ("this-quarter", "2093-Q4"),
     ("this-year", "2093"), ("this-day", "2093-11-24")],
)  # fmt: skip
def test_the_present_period_can_be_named(call: Caller, named: str, period: str) -> None:
    answer = call.get(f"/revenue/{named}/teams")
    assert answer["period"]["id"] == period
    assert answer["rows"][0]["amount"] == 7500


def test_around_a_member_has_its_neighbours_with_the_distance(call: Caller) -> None:
    answer = call.get("/revenue/2093-11/reps/around/cem?n=1")
    assert [row["id"] for row in answer["rows"]] == ["daan", "cem", "bas"]
    assert (answer["member"], answer["start"]) == ("cem", 1)
    assert (answer["above"]["id"], answer["above"]["rank"], answer["above"]["distance"]) == ("anna", 1, 2500)
    assert (answer["below"]["id"], answer["below"]["distance"]) == ("bas", 2500)
    assert call.get("/revenue/2093-11/reps/around/anna")["above"] is None


def test_an_unchanged_board_is_answered_with_304(call: Caller, standings: Standings) -> None:
    path = "/revenue/this-month/reps"
    tag = call.client.get(f"/leaderboard/v1/boards{path}", headers={"Authorization": f"Bearer {call.token}"}).headers[
        "ETag"
    ]
    call.get(path, 304, **{"If-None-Match": tag})
    apply(standings, [line(4, "anna", 1)])
    assert call.get(path, 200, **{"If-None-Match": tag})["rows"][0]["amount"] == 5001


def test_the_catalogue_says_which_boards_there_are(call: Caller) -> None:
    answer = call.get("")
    assert [metric["id"] for metric in answer["metrics"]] == ["points", "revenue", "deals"]
    assert answer["scopes"] == ["teams", "reps", "team:noord", "team:zuid", "team:oost"]
    assert answer["by"] == ["total", "per_fte", "attainment"]
    assert set(answer["periods"]["revenue"]) == {"2093-11-24", "2093-W48", "2093-11", "2093-Q4", "2093"}
    assert answer["periods"]["points"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/profit/2093-11/teams", 404, "unknown-metric"),
        ("/revenue/2093-11/team:west", 404, "unknown-scope"),
        ("/revenue/2093-11/everyone", 404, "unknown-scope"),
        ("/revenue/2093-11/reps/around/nobody", 404, "not-on-board"),
        ("/revenue/2093-01-01/teams", 404, "period-not-kept"),
        ("/revenue/november/teams", 422, "invalid-input"),
        ("/revenue/2093-13/teams", 422, "invalid-input"),
        ("/revenue/2093-11/teams?by=luck", 422, "invalid-input"),
        ("/revenue/2093-11/teams?count=0", 422, "invalid-input"),
        ("/revenue/2093-11/teams?count=501", 422, "invalid-input"),
        ("/revenue/2093-11/teams?start=-1", 422, "invalid-input"),
        ("/revenue/2093-11/teams?page=2", 422, "invalid-input"),
        ("/revenue/2093-11/reps/around/anna?n=-1", 422, "invalid-input"),
    ],
)
def test_a_wrong_question_is_answered_with_what_is_wrong(call: Caller, path: str, status: int, code: str) -> None:
    assert call.get(path, status)["code"] == code


def test_before_there_is_a_roster_there_is_no_board(fresh_redis_url: str, tmp_path: Path) -> None:
    client, tokens = client_of(fresh_redis_url, tmp_path)
    call = Caller(client, mint(tokens, "manager", ["boards:read"]))
    assert call.get("/revenue/2093-11/teams", 404)["code"] == "no-roster"
    assert call.get("")["metrics"] == []


@pytest.mark.parametrize("path", ["", "/revenue/2093-11/teams", "/revenue/2093-11/teams/around/noord"])
def test_boards_need_a_token_that_may_read_them(call: Caller, tmp_path: Path, path: str) -> None:
    assert Caller(call.client, "unknown").get(path, 401)["code"] == "unauthenticated"
    stranger = mint(tmp_path / "tokens.json", "stranger", ["screen"])
    assert Caller(call.client, stranger).get(path, 403)["code"] == "forbidden"


def test_a_rebuilding_board_says_so(call: Caller, standings: Standings) -> None:
    standings.wipe(NOW + timedelta(seconds=1))
    answer = call.get("/revenue/2093-11/teams")
    assert answer["freshness"] == {"last_booked_at": None, "rebuilding": True}
    assert [row["amount"] for row in answer["rows"]] == [0, 0]


def test_a_redis_that_is_away_is_a_503_that_says_to_come_back(tmp_path: Path) -> None:
    client, tokens = client_of(f"redis://127.0.0.1:{free_port()}/0", tmp_path)
    call = Caller(client, mint(tokens, "manager", ["boards:read"]))
    assert call.get("/revenue/2093-11/teams", 503)["code"] == "standings-unavailable"
    assert client.get("/leaderboard/readyz").status_code == 503
    assert client.get("/leaderboard/healthz").status_code == 200


def test_the_documentation_describes_every_board(call: Caller) -> None:
    paths: dict[str, Any] = orjson.loads(call.client.get("/leaderboard/openapi.json").data)["paths"]
    assert {path for path in paths if "boards" in path} == {
        "/leaderboard/v1/boards",
        "/leaderboard/v1/boards/{metric}/{period}/{scope}",
        "/leaderboard/v1/boards/{metric}/{period}/{scope}/around/{member}",
    }


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_what_is_answered_is_what_is_described(call: Caller, mode: GenerationMode) -> None:
    """Send what schemathesis makes of the description, right or wrong, and hold every answer against it."""
    schema = schemathesis.openapi.from_wsgi("/leaderboard/openapi.json", call.client.application)
    boards = schema.include(path_regex="^/leaderboard/v1/boards")
    operations = [found.ok() for found in boards.get_all_operations() if isinstance(found, Ok)]
    token = {"Authorization": f"Bearer {call.token}"}
    assert len(operations) == 3

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.one_of(*(operation.as_strategy(generation_mode=mode) for operation in operations)))
    def check(case: Any) -> None:
        case.call_and_validate(headers=token)

    check()


@pytest.mark.parametrize("path", ["/revenue/2093-11/reps", "/revenue/2093-11/reps?by=attainment", ""])
def test_a_board_has_the_described_shape(call: Caller, path: str) -> None:
    schema: Schema = Standing() if path else Catalogue()
    assert schema.validate(call.get(path)) == {}
    assert Around().validate(call.get("/revenue/2093-11/reps/around/cem")) == {}
