from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Blueprint, Flask, render_template
from flask.testing import FlaskClient

from shared.web import public


@pytest.fixture
def client(make_app: Callable[..., Flask]) -> FlaskClient:
    pages = Blueprint("pages", __name__, url_prefix="/ingest")
    pages.add_url_rule("/page", "page", public("an example")(lambda: render_template("page.html")))
    return make_app(blueprints=[pages]).test_client()


def named(client: FlaskClient) -> str:
    found = re.search('href="([^"]+)"', client.get("/ingest/page").text)
    assert found
    return found[1]


def test_a_static_file_is_kept_for_a_year_under_the_name_of_its_content(client: FlaskClient) -> None:
    url = named(client)
    assert re.fullmatch(r"/ingest/static/page\.css\?v=[0-9a-f]{12}", url)
    answer = client.get(url)
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000"])
def test_under_another_name_it_is_asked_about_again(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/ingest/static/page.css{query}")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    again = client.get("/ingest/static/page.css", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_file_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    answer = client.get("/ingest/static/nothing.css?v=1")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert client.get("/ingest/static/../templates/page.html").status_code == 404


def test_a_page_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/ingest/page")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert client.get("/ingest/page", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
