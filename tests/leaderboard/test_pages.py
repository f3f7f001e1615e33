"""Who may see the TV, how a screen signs in, and what its answers carry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.leaderboard.live import stop_all
from services.leaderboard.pages import app_version, texts
from services.leaderboard.settings import Settings
from services.leaderboard.store import Standings
from services.leaderboard.web import create_app
from shared.auth import mint
from shared.settings import WebSettings
from tests.engines import free_port
from tests.leaderboard.sample import NOW, apply, league, line, put, target

STATE = "/leaderboard/v1/screens/self/state"
STREAM = "/leaderboard/v1/screens/self/stream"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}

Office = Callable[..., FlaskClient]


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    path = tmp_path / "tokens.json"
    mint(path, "nobody", [])
    return path


@pytest.fixture
def office(standings: Standings, fresh_redis_url: str, tmp_path: Path, tokens: Path) -> Iterator[Office]:
    """Return how to open the web process of a league in which zuid leads; `url`, `tv_access` and more can be set."""
    put(standings, league(target("100", team="noord"), target("50", team="zuid")))
    apply(standings, [line(1, "anna", 2500), line(2, "daan", 5000)])

    def make(url: str = fresh_redis_url, **settings: Any) -> FlaskClient:
        web = WebSettings(tmp_path, tokens, rate_limit=0)
        return create_app(
            Settings(url, web, f"sqlite:///{tmp_path}/screens.db", **settings), clock=lambda: NOW
        ).test_client()

    yield make
    stop_all()


@pytest.fixture
def screen(tokens: Path) -> str:
    return mint(tokens, "tv", ["screen"])


def json(answer: TestResponse) -> Any:
    return answer.json


def sign_in(client: FlaskClient, token: str, **options: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}", **SAME_SITE}
    return client.post("/tv/enter", headers=headers, **options)


def test_without_a_screen_link_the_page_says_how_to_get_one(office: Office) -> None:
    answer = office().get("/tv?lang=en")
    assert answer.status_code == 401
    assert texts("en")["closed.text"] in answer.text
    assert 'id="screen"' not in answer.text


@pytest.mark.parametrize("path", [STATE, STREAM])
def test_without_a_screen_link_nothing_of_the_standings_is_shown(office: Office, path: str) -> None:
    answer = office().get(path, headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert "Location" not in answer.headers


def test_a_screen_signs_in_once_and_then_sees_the_standings(office: Office, screen: str) -> None:
    client = office()
    answer = sign_in(client, screen)
    assert (answer.status_code, answer.data) == (204, b"")
    assert 'id="screen"' in client.get("/tv").text
    race = next(slide for slide in json(client.get(STATE))["slides"] if slide["type"] == "teams")
    assert [team["id"] for team in race["teams"]] == ["zuid", "noord"]


@pytest.mark.parametrize(("base_url", "secure"), [("http://tv.local", False), ("https://tv.example", True)])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    office: Office, screen: str, base_url: str, secure: bool
) -> None:
    answer = sign_in(office(), screen, base_url=base_url)
    (cookie,) = SimpleCookie(answer.headers["Set-Cookie"]).values()
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    assert bool(cookie["secure"]) == secure


def test_only_a_screens_own_token_makes_a_screen(office: Office, tokens: Path) -> None:
    client = office()
    assert sign_in(client, mint(tokens, "crm", ["activities:write"])).status_code == 403
    assert sign_in(client, "samenspel_made-up").status_code == 401
    assert client.post("/tv/enter").status_code == 401
    assert client.get("/tv").status_code == 401


def test_a_revoked_screen_is_out_at_its_next_request(office: Office, screen: str, tokens: Path) -> None:
    client = office()
    sign_in(client, screen)
    tokens.write_text("[]")
    assert client.get("/tv").status_code == 401
    assert client.get(STATE).status_code == 401


def test_whoever_may_read_boards_may_watch_them(office: Office, tokens: Path) -> None:
    manager = {"Authorization": f"Bearer {mint(tokens, 'manager', ['boards:read'])}"}
    assert office().get(STATE, headers=manager).status_code == 200


def test_an_open_tv_needs_no_link(office: Office) -> None:
    client = office(tv_access="open")
    assert client.get("/tv").status_code == 200
    assert json(client.get(STATE))["v"] > 0


def test_the_page_of_the_link_never_holds_the_token(office: Office, screen: str) -> None:
    answer = office().get("/tv/enter?lang=en")
    assert answer.status_code == 200
    assert screen not in answer.text
    assert texts("en")["enter.busy"] in answer.text


def test_the_language_is_the_one_asked_for_else_the_organisations(office: Office) -> None:
    client = office(tv_access="open")
    assert '<html lang="nl">' in client.get("/tv").text
    assert '<html lang="en">' in client.get("/tv?lang=en").text
    assert '<html lang="nl">' in client.get("/tv?lang=xx").text


def test_the_page_comes_also_while_the_standings_are_away(office: Office) -> None:
    client = office(f"redis://127.0.0.1:{free_port()}/0", tv_access="open")
    assert client.get("/tv").status_code == 200
    for path in (STATE, STREAM):
        assert client.get(path).status_code == 503


def test_a_state_that_did_not_change_is_not_sent_again(office: Office, standings: Standings) -> None:
    client = office(tv_access="open")
    first = client.get(STATE)
    again = client.get(STATE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    apply(standings, [line(3, "anna", 1)])
    assert json(client.get(STATE, headers={"If-None-Match": first.headers["ETag"]}))["v"] == json(first)["v"] + 1


@pytest.mark.parametrize("wrong", ["by=luck", "period=", "metric=", "colour=red"])
def test_an_address_that_cannot_be_meant_is_refused_with_what_is_expected(office: Office, wrong: str) -> None:
    answer = office(tv_access="open").get(f"{STATE}?{wrong}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in json(answer)["errors"]] == [f"query/{wrong.partition('=')[0]}"]


def test_the_stream_passes_proxies_and_begins_with_sign_of_life_and_state(office: Office) -> None:
    client = office(tv_access="open")
    answer = client.get(STREAM, buffered=False)
    assert answer.content_type == "text/event-stream"
    assert (answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == ("no-store", "no")
    chunks = cast("Iterator[bytes]", iter(answer.response))
    assert b"event: hb\n" in next(chunks)
    head, _, data = next(chunks).partition(b"data: ")
    state = orjson.loads(data)
    assert head.startswith(b"event: snapshot\nid: %d-" % state["v"])
    answer.close()


def test_a_closed_stream_makes_room_for_the_next(office: Office) -> None:
    client = office(tv_access="open", tv_streams=1)
    first = client.get(STREAM, buffered=False)
    refused = client.get(STREAM)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    first.close()
    second = client.get(STREAM, buffered=False)
    assert second.status_code == 200
    second.close()


def test_asking_for_the_head_of_a_stream_takes_no_place(office: Office) -> None:
    client = office(tv_access="open", tv_streams=1)
    for _ in range(3):
        assert client.head(STREAM).status_code == 200
    answer = client.get(STREAM, buffered=False)
    assert answer.status_code == 200
    answer.close()


def test_files_under_the_present_version_are_kept_for_ever(office: Office) -> None:
    client = office()
    named = client.get(f"/tv/static/{app_version()}/tv.css")
    assert (named.status_code, named.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    other = client.get("/tv/static/000000000000/tv.css")
    assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-store")
    assert client.get(f"/tv/static/{app_version()}/../pages.py").status_code == 404


def test_every_file_a_page_names_is_there(office: Office) -> None:
    client = office(tv_access="open")
    for page in ("/tv", "/tv/enter"):
        addresses = re.findall(rf'"(/tv/static/{app_version()}/[^"]+)"', client.get(page).text)
        assert addresses
        assert {client.get(address).status_code for address in addresses} == {200}


@pytest.mark.parametrize("page", ["/tv", "/tv?lang=en", "/tv/enter"])
def test_no_page_has_code_in_it(office: Office, page: str) -> None:
    answer = office(tv_access="open").get(page)
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<[^>]*\s(style|on\w+)=", answer.text)
    scripts = re.findall(r"<script([^>]*)>", answer.text)
    assert scripts
    assert all(' src="/tv/' in script or ' type="application/json"' in script for script in scripts)


def test_both_languages_say_the_same_things() -> None:
    nl, en = texts("nl"), texts("en")
    assert nl.keys() == en.keys()
    assert all(placeholders(nl[key]) == placeholders(en[key]) for key in nl)
    assert all(text.strip() for text in [*nl.values(), *en.values()])


def placeholders(text: str) -> list[str]:
    return sorted(part.partition("}")[0] for part in text.split("{")[1:])
