"""One web process for four services, and its start page."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from deploy.onemachine import Dispatcher
from deploy.startpage import create_start_page


def says(name: str) -> WSGIApplication:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [f"{name} {environ['SCRIPT_NAME']}{environ['PATH_INFO']}".encode()]

    return application


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/ingest/v1/activities", "ingest /ingest/v1/activities"),
        ("/tv", "screens /tv"),
        ("/tv/enter", "screens /tv/enter"),
        ("/", "start /"),
        ("/ingestion", "start /ingestion"),
    ],
)
def test_the_first_part_of_the_path_says_whose_request_it_is(path: str, expected: str) -> None:
    app = Dispatcher({"ingest": says("ingest"), "tv": says("screens")}, says("start"))
    assert Client(app).get(path, base_url="http://localhost").text == expected


@pytest.fixture
def page() -> FlaskClient:
    return create_start_page().test_client()


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "fr", "nl"),
        ("?lang=en", "nl", "en"),
        ("?lang=xx", "en", "en"),
    ],
)
def test_the_start_page_speaks_the_readers_language(page: FlaskClient, query: str, header: str, language: str) -> None:
    answer = page.get(f"/{query}", headers={"Accept-Language": header})
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["Vary"] == "Accept-Language"


def test_the_start_page_leads_to_everything(page: FlaskClient) -> None:
    for language, query in (("nl", ""), ("en", "?lang=en")):
        text = page.get(f"/?lang={language}").text
        for path in (f"/tv{query}", "/ingest/docs", "/scoring/docs", "/leaderboard/docs", "/commission/docs"):
            assert f'href="{path}"' in text


def test_the_start_page_keeps_to_its_own_security_policy(page: FlaskClient) -> None:
    answer = page.get("/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert page.get("/start/start.css").mimetype == "text/css"
    assert page.get("/start/icon.svg").mimetype == "image/svg+xml"
    assert page.get("/favicon.ico").status_code == 200


def test_what_is_not_there_is_said_in_both_languages(page: FlaskClient) -> None:
    answer = page.get("/nothing")
    assert answer.status_code == 404
    assert "Hier is niets" in answer.text
    assert "There is nothing here" in answer.text
