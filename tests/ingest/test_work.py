"""Telephony and calendars: the data of work is the same from every sender."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from services.ingest.schemas.work import unconventional


def doubted(kind: str, **data: Any) -> list[str]:
    return [problem.pointer for problem in unconventional(kind, data)]


@pytest.mark.parametrize(
    "data",
    [
        {"duration_s": 340, "direction": "inbound", "counterparty": "+31 20 555 0123", "outcome": "busy"},
        {"duration_s": 0.5},
        {"duration_s": None, "direction": None},
        {"richting": "uit"},
        {},
    ],
)
def test_what_every_sender_says_passes(data: dict[str, Any]) -> None:
    assert doubted("call", **data) == []


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"duration_s": -1}, "/data/duration_s"),
        ({"duration_s": True}, "/data/duration_s"),
        ({"duration_s": "340"}, "/data/duration_s"),
        ({"duration_s": 604_801}, "/data/duration_s"),
        ({"direction": "uit"}, "/data/direction"),
        ({"direction": ["inbound"]}, "/data/direction"),
        ({"counterparty": 31205550123}, "/data/counterparty"),
        ({"outcome": "x" * 301}, "/data/outcome"),
    ],
)
def test_what_one_sender_says_otherwise_is_named(data: dict[str, Any], pointer: str) -> None:
    assert doubted("call", **data) == [pointer]


def test_other_work_is_free_to_say_what_it_likes() -> None:
    assert doubted("visit", duration_s="long", direction="north") == []
    assert doubted("meeting-no-show", direction="north", duration_s="long") == ["/data/duration_s"]


def test_the_door_refuses_a_call_that_says_it_otherwise_and_its_description_tells(
    client: FlaskClient, call: dict[str, Any]
) -> None:
    response = client.post("/ingest/v1/activities", json={**call, "data": {"direction": "uit"}})
    (problem,) = response.get_json()["errors"]
    assert (problem["pointer"], problem["expected"]) == ("/data/direction", "inbound or outbound")
    described = str(client.get("/ingest/openapi.json").get_json()["components"]["schemas"])
    for word in ("meeting-no-show", "a meeting to which nobody came", "direction", "inbound or outbound"):
        assert word in described
