"""POST /ingest/v1/activities: what is good is kept, and each item is told what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from services.ingest.store import Inbox
from shared.contracts import activity
from shared.sql import reading

URL = "/ingest/v1/activities"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["id", "type", "occurred_at", "owner", "actor", "deal", "data", "sequence"]
NEARLY = st.fixed_dictionaries(
    {"id": st.text(max_size=5) | JSON, "type": st.sampled_from(["call", "deal"]) | JSON},
    optional={
        "occurred_at": st.just("2026-11-24T13:52:00Z") | JSON,
        "owner": st.sampled_from(["sanne", "els"]) | JSON,
        "actor": JSON,
        "deal": st.fixed_dictionaries({"id": st.text(max_size=5)}, optional={"amount": JSON, "stage": JSON}) | JSON,
        "data": st.dictionaries(st.text(max_size=3), JSON, max_size=3) | JSON,
        "sequence": st.integers() | JSON,
    },
)


def rows(engine: Engine, table: str = "inbox") -> int:
    with reading(engine) as conn:
        return int(conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


def statuses(response: TestResponse) -> list[str]:
    return [result["status"] for result in response.get_json()["results"]]


@pytest.fixture
def with_roster(client: FlaskClient, roster: dict[str, Any]) -> FlaskClient:
    assert client.put("/ingest/v1/league/roster", json=roster).status_code == 201
    return client


def test_an_accepted_activity_is_stored_in_its_wire_form(
    with_roster: FlaskClient, inbox: Inbox, won: dict[str, Any]
) -> None:
    response = with_roster.post(URL, json=won)
    assert response.status_code == 202
    (result,) = response.get_json()["results"]
    assert result == {"index": 0, "id": "D-1/won", "status": "accepted", "inbox": 1, "activity": "crm:D-1/won"}
    payload = inbox.get(1)
    assert payload is not None
    assert orjson.loads(payload.payload) == won
    (stored,) = payload.activities
    fact = activity.from_wire({**orjson.loads(stored.body), "inbox": 1})
    assert (fact.id, fact.rep, fact.key) == ("crm:D-1/won", "sanne", "D-1")
    assert fact.deal
    assert fact.deal.set == {
        "owner": "sanne", "stage": "won", "status": "won", "amount": "1234.50", "currency": "EUR",
    }  # fmt: skip


def test_good_items_are_kept_beside_bad_ones(with_roster: FlaskClient, engine: Engine, call: dict[str, Any]) -> None:
    items = [call, {**call, "id": "2", "type": "Call"}, {**call, "id": "3", "owner": "els"}, "no object"]
    response = with_roster.post(URL, json=items)
    body = response.get_json()
    assert response.status_code == 202
    assert statuses(response) == ["accepted", "invalid", "parked", "invalid"]
    assert {name: body[name] for name in ("accepted", "duplicate", "parked", "invalid")} == {
        "accepted": 1, "duplicate": 0, "parked": 1, "invalid": 2,
    }  # fmt: skip
    assert body["results"][1]["errors"] == [
        {
            "field": "/type",
            "value": "Call",
            "expected": "a kind of activity in small letters, such as deal, call or meeting",
        }
    ]
    assert (body["results"][2]["reason"], body["results"][2]["reference"]) == ("unknown-owner", "els")
    assert rows(engine) == rows(engine, "activities") == 2


def test_the_same_event_again_is_a_duplicate_and_other_content_is_noted(
    with_roster: FlaskClient, engine: Engine, call: dict[str, Any]
) -> None:
    with_roster.post(URL, json=call)
    again = {**call, "occurred_at": "2026-11-24T13:52:00Z"}  # the same instant, written otherwise
    other = {**call, "data": {"duration_s": 1}}
    first, second = with_roster.post(URL, json=[again, other]).get_json()["results"]
    assert (first["status"], first["inbox"], "note" in first) == ("duplicate", 1, False)
    assert second["status"] == "duplicate"
    assert "other content" in second["note"]
    assert rows(engine) == 1


def test_the_same_id_twice_in_one_request_is_stored_once(
    with_roster: FlaskClient, engine: Engine, call: dict[str, Any]
) -> None:
    other = {**call, "data": {"duration_s": 1}}
    response = with_roster.post(URL, json=[call, call, other])
    assert statuses(response) == ["accepted", "duplicate", "duplicate"]
    assert "note" in response.get_json()["results"][2]
    assert rows(engine) == 1


def test_the_same_id_of_two_senders_is_two_events(
    new_client: Callable[..., FlaskClient], engine: Engine, call: dict[str, Any]
) -> None:
    for name in ("telephony", "crm"):
        assert new_client(name).post(URL, json=call).get_json()["results"][0]["activity"] == f"{name}:8812"
    assert rows(engine) == 2


def test_when_nothing_can_be_kept_the_problem_names_every_field(client: FlaskClient, engine: Engine) -> None:
    response = client.post(URL, json=[{"id": "1"}, 7])
    assert response.status_code == 422
    assert response.get_json()["code"] == "nothing-kept"
    assert {error["pointer"] for error in response.get_json()["errors"]} == {"/0/type", "/0/occurred_at", "/1"}
    assert rows(engine) == 0


def test_a_single_activity_is_pointed_into_without_a_number(client: FlaskClient, call: dict[str, Any]) -> None:
    response = client.post(URL, json={**call, "deal": {"id": "D-1", "amount": "x"}})
    assert [error["pointer"] for error in response.get_json()["errors"]] == ["/deal/amount"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"[" * 2000, "application/json", 400),
        (b"[]", "application/json", 202),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b"[" + b"{}," * 500 + b"{}]", "application/json", 413),
        (b'{"id":"' + b"x" * 1_000_001 + b'"}', "application/json", 413),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_as_a_whole(
    client: FlaskClient, engine: Engine, body: bytes, content_type: str, status: int
) -> None:
    assert client.post(URL, data=body, content_type=content_type).status_code == status
    assert rows(engine) == 0


def test_a_token_without_the_scope_may_not_hand_in(
    new_client: Callable[..., FlaskClient], call: dict[str, Any]
) -> None:
    assert new_client("hr", "payouts:read").post(URL, json=call).status_code == 403
    assert new_client().post(URL, json=call, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_500_items_fit_in_one_request(with_roster: FlaskClient, engine: Engine, call: dict[str, Any]) -> None:
    response = with_roster.post(URL, json=[{**call, "id": str(n)} for n in range(500)])
    assert response.get_json()["accepted"] == 500
    assert rows(engine) == 500


def test_when_the_store_cannot_be_reached_nothing_is_claimed_to_be_kept(
    client: FlaskClient, engine: Engine, call: dict[str, Any]
) -> None:
    with engine.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE activities RENAME TO elsewhere")
    assert client.post(URL, json=call).status_code == 500
    assert rows(engine) == 0
    with engine.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE elsewhere RENAME TO activities")
    assert client.post(URL, json=call).status_code == 202


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON | NEARLY | st.lists(NEARLY | JSON, max_size=4), event=st.booleans())
def test_whatever_json_is_sent_the_answer_is_no_failure_and_nothing_is_stored_half(
    with_roster: FlaskClient, engine: Engine, body: Any, event: bool
) -> None:
    wrapped = [{"specversion": "1.0", "source": "/x", "type": "t", "id": "1", "data": body}] if event else body
    content_type = "application/cloudevents-batch+json" if event else "application/json"
    response = with_roster.post(URL, data=json.dumps(wrapped), content_type=content_type)
    assert response.status_code in {202, 400, 422}
    assert rows(engine) == rows(engine, "activities")
    if response.status_code == 202:
        kept = [result for result in response.get_json()["results"] if result["status"] != "invalid"]
        assert all(with_roster.get(f"/ingest/v1/inbox/{result['inbox']}").status_code == 200 for result in kept)


def test_the_interface_is_described(client: FlaskClient) -> None:
    described = client.get("/ingest/openapi.json").get_json()
    post = described["paths"][URL]["post"]
    assert set(post["requestBody"]["content"]) == {
        "application/json", "application/cloudevents+json", "application/cloudevents-batch+json",
    }  # fmt: skip
    assert {"202", "400", "401", "403", "413", "415", "422"} <= set(post["responses"])
    assert described["components"]["schemas"]["Activity"]["required"] == ["id", "occurred_at", "type"]
