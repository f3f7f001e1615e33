from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from werkzeug.serving import make_server

from shared.web.problems import STATUS


@pytest.fixture
def spec(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/ingest/openapi.json")
    assert answer.content_type == "application/json"
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_the_description_tells_who_may_call_each_route(spec: dict[str, Any]) -> None:
    assert spec["openapi"] == "3.1.0"
    hand_in = spec["paths"]["/ingest/v1/activities"]["post"]
    assert hand_in["security"] == [{"token": ["activities:write"]}, {"cookie": ["activities:write"]}]
    assert {"401", "403", "422", "429"} <= set(hand_in["responses"])
    healthz = spec["paths"]["/ingest/healthz"]["get"]
    assert healthz["security"] == []
    assert healthz["x-public"]
    operations = [operation for item in spec["paths"].values() for operation in item.values()]
    assert all("security" in operation for operation in operations)


def test_errors_are_described_as_what_is_really_sent(spec: dict[str, Any]) -> None:
    described = spec["components"]["responses"]["UNPROCESSABLE_ENTITY"]["content"]
    assert list(described) == ["application/problem+json"]
    assert {"type", "title", "status", "code", "errors"} <= set(spec["components"]["schemas"]["Problem"]["properties"])


def test_the_page_shows_every_operation_and_every_kind_of_problem(client: FlaskClient, spec: dict[str, Any]) -> None:
    page = client.get("/ingest/docs").text
    for path, item in spec["paths"].items():
        for method in item:
            assert re.search(rf"{method.upper()}</b> <code>{re.escape(path)}</code>", page)
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert {f"problem-{kind.code}" for kind in STATUS} <= anchors
    assert "problem-period-closed" in anchors
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors
    assert "Needs a token with activities:write or operator." in page
    assert "deal.currency" in page


def test_a_problem_points_to_its_place_on_the_page(client: FlaskClient) -> None:
    kind = json.loads(client.delete("/ingest/v1/activities").data)["type"]
    path, _, anchor = kind.partition("#")
    assert f'id="{anchor}"' in client.get(path).text


def test_a_service_may_describe_nothing_itself(make_app: Callable[..., Flask]) -> None:
    page = make_app(blueprints=[], summary="Nothing <here>").test_client().get("/ingest/docs").text
    assert "Nothing &lt;here&gt;" in page


def test_who_has_the_page_already_is_not_sent_it_again(client: FlaskClient) -> None:
    for path in ("/ingest/docs", "/ingest/openapi.json", "/ingest/pages.css"):
        first = client.get(path)
        assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_what_the_service_answers_is_what_it_describes(
    make_app: Callable[..., Flask], headers: Callable[..., dict[str, str]], mode: GenerationMode
) -> None:
    """Send what schemathesis makes of the description, right or wrong, and hold every answer against it."""
    schema = schemathesis.openapi.from_wsgi("/ingest/openapi.json", make_app()).exclude(path="/ingest/v1/raw")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    token = headers("activities:write", "operator")
    assert len(operations) == 6

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.one_of(*(operation.as_strategy(generation_mode=mode) for operation in operations)))
    def check(case: Any) -> None:
        case.call_and_validate(headers=token)

    check()


@pytest.fixture
def origin(make_app: Callable[..., Flask]) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)


@pytest.mark.browser
@pytest.mark.parametrize(("path", "width"), [("/ingest/docs", 1280), ("/ingest/docs", 360), ("/ingest/closed", 360)])
def test_a_browser_shows_the_pages_styled_under_the_strict_policy(
    origin: str, path: str, width: int, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
    page.goto(origin + path)
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith("Inter")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert refused == []
    page.close()
