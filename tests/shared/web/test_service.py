from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.metrics import Metrics
from shared.web.health import Readiness
from shared.web.hygiene import CSP

Headers = Callable[..., dict[str, str]]
MakeApp = Callable[..., Flask]


def body(answer: TestResponse) -> Any:
    return json.loads(answer.data)


def test_the_process_lives_and_tells_its_version(client: FlaskClient) -> None:
    assert body(client.get("/ingest/healthz")) == {"status": "ok"}
    assert body(client.get("/ingest/version"))["service"] == "ingest"


def test_ready_means_that_every_part_works(make_app: MakeApp) -> None:
    answer = make_app(checks={"database": lambda: None}).test_client().get("/ingest/readyz")
    assert answer.status_code == 200
    assert body(answer)["status"] == "ok"
    assert set(body(answer)["checks"]) == {"database", "tokens"}
    assert body(answer)["checks"]["database"]["ms"] >= 0


def fail() -> None:
    raise ConnectionError("redis://:hunter2@cache refused")


def test_one_part_that_fails_is_named_without_its_address(make_app: MakeApp) -> None:
    answer = make_app(checks={"database": lambda: None, "redis": fail}).test_client().get("/ingest/readyz")
    assert answer.status_code == 503
    assert body(answer)["checks"]["database"]["status"] == "ok"
    assert body(answer)["checks"]["redis"] | {"ms": 0} == {"status": "failed", "reason": "ConnectionError", "ms": 0}
    assert "hunter2" not in answer.text


def test_a_tokens_file_that_broke_is_visible(make_app: MakeApp, tokens_file: Path) -> None:
    client = make_app().test_client()
    tokens_file.write_text("[{")
    assert body(client.get("/ingest/readyz"))["checks"]["tokens"]["status"] == "failed"


def test_a_check_that_hangs_fails_in_time_and_is_not_started_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.web.health.KEEP_SECONDS", 0)
    release, starts = threading.Event(), []

    def hang() -> None:
        starts.append(1)
        release.wait(20)

    readiness = Readiness({"database": hang, "redis": lambda: None}, timeout=0.05)
    for _ in range(3):
        results = readiness.ask()
        assert (results["database"].ok, results["database"].reason) == (False, "no answer in time")
        assert results["redis"].ok
    assert len(starts) == 1
    release.set()
    assert Readiness({"database": hang}).ask()["database"].ok


def test_asking_often_does_not_ask_the_database_often() -> None:
    asked: list[int] = []
    readiness = Readiness({"database": lambda: asked.append(1)})
    for _ in range(50):
        readiness.ask()
    assert len(asked) == 1


def test_metrics_are_for_operators_and_hold_the_consumers(make_app: MakeApp, headers: Headers, tmp_path: Path) -> None:
    consumer = Metrics("ingest-consumer")
    consumer.counter("published_total", "Records.").inc(7)
    consumer.write(tmp_path)
    client = make_app().test_client()
    assert client.get("/ingest/metrics").status_code == 401
    client.post("/ingest/v1/activities", json={"id": "1"}, headers=headers("activities:write"))
    answer = client.get("/ingest/metrics", headers=headers("operator"))
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    assert 'published_total{process="ingest-consumer"} 7.0' in answer.text
    counted = (
        'samenspel_requests_total{method="POST",process="ingest-web",route="/ingest/v1/activities",status="202"} 1.0'
    )
    assert counted in answer.text


def test_counting_does_not_grow_with_the_paths_strangers_try(make_app: MakeApp, headers: Headers) -> None:
    client = make_app().test_client()
    for number in range(20):
        client.get(f"/ingest/guess/{number}")
    text = client.get("/ingest/metrics", headers=headers("operator")).text
    assert "guess" not in text
    assert 'route="(none)",status="404"} 20.0' in text


@pytest.mark.parametrize(
    "path", ["/ingest/healthz", "/ingest/docs", "/nothing", "/ingest/v1/activities", "/ingest/boom"]
)
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Cache-Control" in answer.headers
    assert "Strict-Transport-Security" not in answer.headers
    assert "default-src 'none'" in CSP
    assert "frame-ancestors 'none'" in CSP
    assert "unsafe" not in CSP


def test_only_https_promises_https(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" in client.get("/ingest/healthz", base_url="https://samenspel.example").headers


def test_forwarded_headers_count_only_from_a_trusted_proxy(make_app: MakeApp) -> None:
    forwarded = {"X-Forwarded-Proto": "https"}
    assert "Strict-Transport-Security" not in make_app().test_client().get("/ingest/healthz", headers=forwarded).headers
    behind = make_app(trusted_proxies=1).test_client()
    assert "Strict-Transport-Security" in behind.get("/ingest/healthz", headers=forwarded).headers


def test_a_sane_request_id_is_kept_and_another_replaced(client: FlaskClient) -> None:
    def sent(request_id: str) -> str:
        return client.get("/ingest/healthz", headers={"X-Request-ID": request_id}).headers["X-Request-ID"]

    assert sent("0af7651916cd43dd-8448eb21") == "0af7651916cd43dd-8448eb21"
    for odd in ("short", "with spaces in it", "x" * 65, "<script>alert(1)</script>"):
        assert sent(odd) != odd
    assert len({client.get("/ingest/healthz").headers["X-Request-ID"] for _ in range(20)}) == 20


def test_who_has_the_state_already_is_not_sent_it_again(client: FlaskClient) -> None:
    first = client.get("/ingest/state")
    assert (body(first), first.headers["Cache-Control"]) == ({"v": 17}, "private, no-cache")
    again = client.get("/ingest/state", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/ingest/state", headers={"If-None-Match": '"v16"'}).status_code == 200


def test_answers_are_not_stored_by_anybody_unless_a_route_says_so(client: FlaskClient) -> None:
    assert client.get("/ingest/version").headers["Cache-Control"] == "private, no-store"


def test_several_services_live_in_one_process(make_app: MakeApp) -> None:
    first, second = make_app().test_client(), make_app().test_client()
    assert first.get("/ingest/healthz").status_code == second.get("/ingest/healthz").status_code == 200
