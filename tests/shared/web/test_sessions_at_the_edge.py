from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Blueprint as PlainBlueprint
from flask import Flask
from flask.testing import FlaskClient

from shared.auth import ROLES, Caller
from shared.sessions import LASTS, Session, Sessions, sign
from shared.web import COOKIE, caller, public, requires
from shared.web.access import session_cookie
from shared.web.menu import Place

MakeApp = Callable[..., Flask]

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY = "k" * 32
HTML = {"Accept": "text/html"}
SANNE = Caller("sanne@voorbeeld.example", ROLES["seller"], "seller", rep="sanne", account="17")
HR = Caller("hr@voorbeeld.example", ROLES["hr"], "hr", account="18")


def pages() -> PlainBlueprint:
    blueprint = PlainBlueprint("people", __name__, url_prefix="/ingest")

    @blueprint.get("/mine")
    @requires("credits:read", bounded=True)
    def mine() -> str:
        return f"{caller().name} {caller().rep}"

    @blueprint.get("/all")
    @requires("credits:read")
    def everybody() -> str:
        return caller().name

    @blueprint.post("/mine")
    @requires("objections:write", "runs:write", bounded=True)
    def change() -> str:
        return "changed"

    @blueprint.get("/open")
    @public("shows who comes")
    def anybody() -> str:
        return "open"

    return blueprint


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(blueprints=[pages()], sessions=Sessions([KEY]), clock=lambda: NOW)


def signed_in(app: Flask, who: Caller, key: str = KEY) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(session_cookie(secure=False), sign(Session(who, NOW + LASTS), key))
    return client


def test_a_session_names_the_caller_in_every_service(app: Flask) -> None:
    assert signed_in(app, SANNE).get("/ingest/mine").text == "sanne@voorbeeld.example sanne"
    assert signed_in(app, HR).get("/ingest/all").text == "hr@voorbeeld.example"


def test_who_sees_only_the_own_numbers_is_refused_where_a_route_does_not_keep_to_them(app: Flask) -> None:
    answer = signed_in(app, SANNE).get("/ingest/all")
    assert answer.status_code == 403
    assert "your own team or numbers" in answer.text


def test_a_change_by_session_needs_the_browsers_word_that_our_own_page_sent_it(app: Flask) -> None:
    client = signed_in(app, SANNE)
    assert client.post("/ingest/mine").status_code == 401
    assert client.post("/ingest/mine", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 401
    assert client.post("/ingest/mine", headers={"Sec-Fetch-Site": "same-origin"}).text == "changed"


def test_a_page_whose_session_is_over_is_sent_to_renew_it_and_comes_back(app: Flask) -> None:
    answer = app.test_client().get("/ingest/mine?period=2026-11&metric=revenue", headers=HTML)
    assert answer.status_code == 303
    way = urlsplit(answer.headers["Location"])
    assert (way.netloc, way.path) == ("", "/ingest/sign-in/renew")
    assert parse_qs(way.query) == {"next": ["/ingest/mine?period=2026-11&metric=revenue"]}


@pytest.mark.parametrize(
    "headers",
    [{"Accept": "application/json"}, {**HTML, "Sec-Fetch-Dest": "empty"}, {**HTML, "Authorization": "Bearer x"}],
)
def test_a_program_is_told_that_it_is_nobody(app: Flask, headers: dict[str, str]) -> None:
    assert app.test_client().get("/ingest/mine", headers=headers).status_code == 401


def test_a_session_that_is_not_believed_is_not_renewed_again_and_again(app: Flask) -> None:
    answer = signed_in(app, SANNE, "o" * 32).get("/ingest/mine", headers=HTML)
    assert answer.status_code == 401
    assert "/ingest/sign-in?next=/ingest/mine" in answer.text


def test_without_a_key_there_are_no_accounts_and_a_page_asks_for_a_token(make_app: MakeApp) -> None:
    app = make_app(blueprints=[pages()])
    answer = signed_in(app, SANNE).get("/ingest/mine", headers=HTML)
    assert answer.status_code == 401
    assert "/ingest/enter?next=/ingest/mine" in answer.text


def test_over_https_only_a_cookie_that_no_other_host_can_set_is_believed(app: Flask) -> None:
    client = app.test_client()
    signed = sign(Session(SANNE, NOW + LASTS), KEY)
    client.set_cookie("samenspel_session", signed)
    assert client.get("/ingest/mine", base_url="https://localhost").status_code == 401
    client.set_cookie("__Host-samenspel_session", signed, secure=True)
    assert client.get("/ingest/mine", base_url="https://localhost").status_code == 200


def test_a_session_goes_before_the_token_of_the_same_browser(
    app: Flask, headers: Callable[..., dict[str, str]]
) -> None:
    client = signed_in(app, SANNE)
    client.set_cookie(COOKIE, headers("credits:read")["Authorization"].removeprefix("Bearer "))
    assert client.get("/ingest/mine").text.startswith("sanne")


def test_a_service_that_knows_more_may_end_a_session_before_its_time(make_app: MakeApp) -> None:
    sessions = Sessions([KEY], lambda session: session.caller.account != "17")
    app = make_app(blueprints=[pages()], sessions=sessions, clock=lambda: NOW)
    assert signed_in(app, SANNE).get("/ingest/mine").status_code == 401
    assert signed_in(app, HR).get("/ingest/mine").status_code == 200


def test_pages_about_oneself_are_shown_to_reps_and_pages_about_all_not_to_those_who_see_part() -> None:
    own = Place("me", "/scoring/me", frozenset({"credits:read"}), bounded=True, own=True)
    whole = Place("hr", "/commission/hr", frozenset({"statements:read"}))
    assert (own.opens_to(SANNE), own.opens_to(HR)) == (True, False)
    assert (whole.opens_to(SANNE), whole.opens_to(HR)) == (False, True)
