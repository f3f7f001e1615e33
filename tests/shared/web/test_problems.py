from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared import errors, logs
from shared.errors import SamenspelError
from shared.web.problems import STATUS, status_of

Headers = Callable[..., dict[str, str]]


@pytest.fixture
def crm(headers: Headers) -> dict[str, str]:
    return headers("activities:write")


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.data)
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"/ingest/docs#problem-{code}"
    assert body["title"]
    assert body["request_id"] == answer.headers["X-Request-ID"]
    return body


def post(client: FlaskClient, headers: dict[str, str], body: Any, path: str = "activities") -> TestResponse:
    return client.post(f"/ingest/v1/{path}", json=body, headers=headers)


def test_every_refusal_is_a_problem_with_a_stable_code(client: FlaskClient, crm: dict[str, str]) -> None:
    problem(client.get("/ingest/nothing"), 404, "not-found")
    problem(client.get("/elsewhere"), 404, "not-found")
    problem(client.post("/ingest/v1/raw", data="a=1", headers=crm), 415, "unsupported-media")
    problem(client.post("/ingest/v1/raw", data="{", content_type="application/json", headers=crm), 400, "malformed")
    problem(post(client, crm, "x" * 60, "raw"), 413, "too-large")
    problem(client.get("/ingest/closed"), 409, "period-closed")


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.delete("/ingest/v1/activities")
    problem(answer, 405, "method-not-allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_every_wrong_field_is_named_at_once_with_its_value(client: FlaskClient, crm: dict[str, str]) -> None:
    sent = {"deal": {"amount": 12, "currency": "EURO"}, "tags": [1, "x"], "extra": True}
    body = problem(post(client, crm, sent), 422, "invalid-input")
    assert {each["pointer"]: each["value"] for each in body["errors"]} == {
        "/id": "(absent)",
        "/deal/amount": 12,
        "/deal/currency": "EURO",
        "/tags/1": "x",
        "/extra": True,
    }
    assert all(each["expected"] for each in body["errors"])


@pytest.mark.parametrize("sent", [None, 1, "x", [], [[]]])
def test_a_body_of_another_shape_is_a_problem_of_the_whole_body(
    client: FlaskClient, crm: dict[str, str], sent: Any
) -> None:
    body = problem(
        client.post("/ingest/v1/activities", data=json.dumps(sent), content_type="application/json", headers=crm),
        422,
        "invalid-input",
    )
    assert body["errors"][0]["pointer"] == ""


def test_a_long_value_is_echoed_by_its_beginning_only(client: FlaskClient, crm: dict[str, str]) -> None:
    body = problem(post(client, crm, {"id": "1", "extra": ["y" * 5000]}), 422, "invalid-input")
    assert len(body["errors"][0]["value"]) < 250


def test_a_wrong_or_unknown_query_parameter_is_refused(client: FlaskClient, crm: dict[str, str]) -> None:
    body = problem(client.get("/ingest/v1/activities?limit=0&limt=5", headers=crm), 422, "invalid-input")
    assert {each["pointer"]: each["value"] for each in body["errors"]} == {"query/limit": "0", "query/limt": "5"}


@pytest.mark.parametrize("text", ["NaN", '{"id": 1e999}', '{"id": "\\ud800"}', "\ufeff{}", '{"id":1,}'])
def test_what_is_no_strict_json_is_refused(client: FlaskClient, crm: dict[str, str], text: str) -> None:
    answer = client.post("/ingest/v1/raw", data=text.encode(), content_type="application/json", headers=crm)
    problem(answer, 400, "malformed")


def test_deeply_nested_json_is_refused_and_harms_nothing(client: FlaskClient, headers: Headers) -> None:
    sent = {"data": "[" * 100_000, "content_type": "application/json", "headers": headers("activities:write")}
    problem(client.post("/ingest/v1/activities", **sent), 400, "malformed")


def test_the_limit_of_a_route_holds_and_the_others_keep_the_services(
    make_app: Callable[..., Flask], crm: dict[str, str]
) -> None:
    client = make_app().test_client()
    assert post(client, crm, {"id": "y" * 200_000}).status_code == 202
    problem(post(client, crm, {"id": "y" * 1_000_001}), 413, "too-large")


@pytest.mark.parametrize(("size", "status"), [(50, 200), (51, 413)])
def test_a_body_of_unannounced_length_is_refused_not_cut_off(
    client: FlaskClient, crm: dict[str, str], size: int, status: int
) -> None:
    answer = client.post(
        "/ingest/v1/raw",
        input_stream=io.BytesIO(b"1".ljust(size)),
        content_type="application/json",
        headers={**crm, "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == status


def test_a_defect_shows_a_reference_and_nothing_else(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get("/ingest/boom")
    body = problem(answer, 500, "broken")
    for leak in ("ZeroDivision", "Traceback", "secret", "sanne", ".py"):
        assert leak not in answer.text
    assert body["request_id"]


def test_a_defect_is_logged_with_its_trace_under_that_reference(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("ingest", "ingest-web", "info")
    try:
        reference = client.get("/ingest/boom").headers["X-Request-ID"]
    finally:
        logging.getLogger().handlers.clear()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    failed = next(line for line in lines if line["event"] == "request_failed")
    assert failed["request_id"] == reference
    assert "ZeroDivisionError" in failed["exception"]
    assert "sanne" not in json.dumps(lines)


def test_what_is_down_says_when_to_come_back(client: FlaskClient) -> None:
    answer = client.get("/ingest/down")
    problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "3"


def test_a_browser_gets_a_page(client: FlaskClient) -> None:
    accept = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    answer = client.get("/ingest/closed", headers=accept)
    assert answer.status_code == 409
    assert answer.mimetype == "text/html"
    assert "The period is closed." in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "text/event-stream", "application/problem+json, */*;q=0.1"]
)
def test_a_program_gets_json(client: FlaskClient, accept: str) -> None:
    problem(client.get("/ingest/closed", headers={"Accept": accept}), 409, "period-closed")


def test_every_kind_of_error_has_a_status() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SamenspelError)]
    assert {kind for kind in kinds if kind is not SamenspelError} == set(STATUS)
    assert status_of(SamenspelError) == 500
