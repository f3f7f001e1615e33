from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint as PlainBlueprint
from flask import Flask, Response
from flask.testing import FlaskClient
from flask.views import MethodView
from werkzeug.test import TestResponse

from shared.auth import mint
from shared.errors import Unauthenticated
from shared.settings import BadSettings, WebSettings
from shared.web import COOKIE, Blueprint, caller, create_service, public, requires, sign_in, sign_out
from shared.web.access import UndeclaredRoute

Headers = Callable[..., dict[str, str]]
MakeApp = Callable[..., Flask]


BODY = {"id": "8812"}


def body(answer: TestResponse) -> Any:
    return json.loads(answer.data)


def blueprint_with(*views: tuple[str, Callable[[], str]]) -> PlainBlueprint:
    blueprint = PlainBlueprint("more", __name__, url_prefix="/ingest")
    for path, view in views:
        blueprint.add_url_rule(path, view.__name__, view)
    return blueprint


def test_a_route_that_does_not_say_who_may_call_it_stops_the_start(make_app: MakeApp) -> None:
    def silent() -> str:
        return ""

    with pytest.raises(UndeclaredRoute, match="GET /ingest/silent"):
        make_app(blueprints=[blueprint_with(("/silent", silent))])


def test_a_documented_route_that_says_nothing_stops_the_start_too(make_app: MakeApp) -> None:
    blueprint = Blueprint("quiet", __name__, url_prefix="/ingest/v1")

    @blueprint.get("/silent")
    @blueprint.response(200)
    def silent() -> str:
        return ""

    with pytest.raises(UndeclaredRoute, match="GET /ingest/v1/silent"):
        make_app(blueprints=[blueprint])


def test_each_method_of_a_view_class_speaks_for_itself(make_app: MakeApp, headers: Headers) -> None:
    class Document(MethodView):
        @public("anybody may read it")
        def get(self) -> str:
            return "read"

        @requires("league:write")
        def put(self) -> str:
            return "written"

    blueprint = PlainBlueprint("more", __name__, url_prefix="/ingest")
    blueprint.add_url_rule("/document", view_func=Document.as_view("document"))
    client = make_app(blueprints=[blueprint]).test_client()
    assert client.get("/ingest/document").text == "read"
    assert client.head("/ingest/document").status_code == 200
    assert client.put("/ingest/document").status_code == 401
    assert client.put("/ingest/document", headers=headers("league:write")).text == "written"


def test_a_silent_method_of_a_view_class_stops_the_start(make_app: MakeApp) -> None:
    class Document(MethodView):
        @public("anybody may read it")
        def get(self) -> str:
            return "read"

        def put(self) -> str:
            return "written"

    blueprint = PlainBlueprint("more", __name__, url_prefix="/ingest")
    blueprint.add_url_rule("/document", view_func=Document.as_view("document"))
    with pytest.raises(UndeclaredRoute, match="PUT /ingest/document"):
        make_app(blueprints=[blueprint])


def test_a_path_outside_the_services_prefix_stops_the_start_unless_it_was_named(make_app: MakeApp) -> None:
    blueprint = PlainBlueprint("tv", __name__)
    blueprint.add_url_rule("/tv", "tv", public("a screen shows it")(lambda: "tv"))
    with pytest.raises(UndeclaredRoute, match="/tv"):
        make_app(blueprints=[blueprint])
    assert make_app(blueprints=[blueprint], prefixes=("tv",)).test_client().get("/tv").text == "tv"


@pytest.mark.parametrize("declare", [lambda: requires("payouts:reed"), requires, lambda: public(" ")])
def test_a_declaration_without_meaning_is_refused(declare: Callable[[], object]) -> None:
    with pytest.raises(UndeclaredRoute):
        declare()


def test_without_a_token_nothing_of_the_request_is_looked_at(client: FlaskClient) -> None:
    answer = client.post("/ingest/v1/activities", data="{not json")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert body(answer)["code"] == "unauthenticated"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer nonsense", "Basic Y3JtOng=", "nonsense", ""])
def test_a_header_without_a_valid_token_is_refused(client: FlaskClient, header: str) -> None:
    assert client.post("/ingest/v1/activities", json=BODY, headers={"Authorization": header}).status_code == 401


def test_a_token_of_another_scope_is_refused_and_told_which_is_needed(client: FlaskClient, headers: Headers) -> None:
    answer = client.post("/ingest/v1/activities", json=BODY, headers=headers("boards:read"))
    assert answer.status_code == 403
    assert "activities:write" in body(answer)["detail"]


def test_the_right_token_opens_the_route_and_names_the_caller(client: FlaskClient, headers: Headers) -> None:
    answer = client.post("/ingest/v1/activities", json=BODY, headers=headers("activities:write", name="pipedrive"))
    assert (answer.status_code, body(answer)) == (202, {"by": "pipedrive", "id": "8812"})


@pytest.mark.parametrize("scope", ["activities:write", "operator"])
def test_one_of_several_scopes_is_enough(client: FlaskClient, headers: Headers, scope: str) -> None:
    assert client.get("/ingest/v1/activities", headers=headers(scope)).status_code == 200


def test_a_token_that_expires_closes_the_route(make_app: MakeApp, tokens_file: Path) -> None:
    end = datetime(2026, 12, 1, tzinfo=UTC)
    secret = mint(tokens_file, "crm", ["activities:write"], expires=end)
    moment = [datetime(2026, 11, 30, tzinfo=UTC)]
    client = make_app(clock=lambda: moment[0]).test_client()
    send = {"json": BODY, "headers": {"Authorization": f"Bearer {secret}"}}
    assert client.post("/ingest/v1/activities", **send).status_code == 202
    moment[0] = end
    assert client.post("/ingest/v1/activities", **send).status_code == 401


def with_cookie(make_app: MakeApp, tokens_file: Path) -> FlaskClient:
    client = make_app().test_client()
    client.set_cookie(COOKIE, mint(tokens_file, "browser", ["activities:write"]))
    return client


def test_a_browser_may_read_by_its_cookie(make_app: MakeApp, tokens_file: Path) -> None:
    assert with_cookie(make_app, tokens_file).get("/ingest/v1/activities").status_code == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({"Origin": "http://localhost"}, 202),
        ({}, 401),
        ({"Sec-Fetch-Site": "cross-site"}, 401),
        ({"Sec-Fetch-Site": "same-site"}, 401),
        ({"Sec-Fetch-Site": "none"}, 401),
        ({"Origin": "http://evil.example"}, 401),
        ({"Origin": "null"}, 401),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"}, 401),
    ],
)
def test_a_change_by_cookie_needs_the_browsers_word_that_our_own_page_sent_it(
    make_app: MakeApp, tokens_file: Path, sent: dict[str, str], status: int
) -> None:
    client = with_cookie(make_app, tokens_file)
    assert client.post("/ingest/v1/activities", json=BODY, headers=sent).status_code == status


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(make_app: MakeApp) -> None:
    def enter() -> Response:
        response = Response("in")
        sign_in(response, "the-token", secure=True)
        return response

    def leave() -> Response:
        response = Response("out")
        sign_out(response)
        return response

    blueprint = PlainBlueprint("doors", __name__, url_prefix="/ingest")
    blueprint.add_url_rule("/enter", "enter", public("this is the door")(enter))
    blueprint.add_url_rule("/leave", "leave", public("this is the door")(leave))
    client = make_app(blueprints=[blueprint]).test_client()
    said = client.get("/ingest/enter").headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/"} <= set(said.split("; "))
    assert client.get_cookie(COOKIE) is not None
    client.get("/ingest/leave")
    assert client.get_cookie(COOKIE) is None


def test_asking_for_the_caller_of_an_anonymous_request_is_a_refusal(make_app: MakeApp) -> None:
    app = make_app()
    with app.test_request_context("/ingest/healthz"), pytest.raises(Unauthenticated):
        caller()


def test_a_service_without_a_tokens_file_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as missing:
        create_service("ingest", package="tests.shared.sample", web=WebSettings(tmp_path), blueprints=[])
    assert missing.value.problems[0].variable == "SAMENSPEL_TOKENS_FILE"
    with pytest.raises(BadSettings):
        web = WebSettings(tmp_path, tmp_path / "body(nowhere)")
        create_service("ingest", package="tests.shared.sample", web=web, blueprints=[])


def test_each_token_has_its_own_allowance(make_app: MakeApp, headers: Headers) -> None:
    client = make_app(rate_limit=2).test_client()
    eager, calm = headers("activities:write", name="eager"), headers("activities:write", name="calm")
    statuses = [client.get("/ingest/v1/activities", headers=eager).status_code for _ in range(8)]
    assert statuses[:4] == [200] * 4
    assert statuses[-1] == 429
    refused = client.get("/ingest/v1/activities", headers=eager)
    assert int(refused.headers["Retry-After"]) >= 1
    assert body(refused)["code"] == "rate-limited"
    assert client.get("/ingest/v1/activities", headers=calm).status_code == 200
