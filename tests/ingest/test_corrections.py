"""Retractions and corrections at the front door: what each needs, and who may correct."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy import Engine

from services.ingest.store import tables
from shared.sql import reading

CORRECTION = {"metric": "points", "amount": "-5", "reason": "counted twice"}


@pytest.fixture(autouse=True)
def _office(client: FlaskClient, roster: dict[str, Any]) -> None:
    assert client.put("/ingest/v1/league/roster", json=roster).status_code == 201


def stored(engine: Engine) -> list[dict[str, Any]]:
    with reading(engine) as conn:
        found = conn.execute(sa.select(tables.activities.c.body).order_by(tables.activities.c.number)).scalars()
        return [orjson.loads(body) for body in found]


@pytest.mark.parametrize(
    ("kind", "data", "pointers"),
    [
        ("retraction", {}, ["/data/of"]),
        ("retraction", {"of": "call:1", "restored": "yes"}, ["/data/restored"]),
        ("correction", {"metric": "points", "amount": 5}, ["/data/amount", "/data/reason"]),
        ("correction", {**CORRECTION, "amount": "1e3"}, ["/data/amount"]),
    ],
)
def test_what_lacks_something_is_refused_by_name(
    client: FlaskClient, call: dict[str, Any], kind: str, data: dict[str, Any], pointers: list[str]
) -> None:
    answer = client.post("/ingest/v1/activities", json={**call, "type": kind, "data": data})
    assert [each["pointer"] for each in answer.get_json()["errors"]] == pointers


def test_a_retraction_is_about_its_own_senders_work_and_needs_no_owner(
    client: FlaskClient, engine: Engine, call: dict[str, Any]
) -> None:
    gone = {"id": "gone", "type": "retraction", "occurred_at": call["occurred_at"], "data": {"of": call["id"]}}
    told = client.post("/ingest/v1/activities", json=[call, gone]).get_json()["results"]
    assert [each["status"] for each in told] == ["accepted", "accepted"]
    assert stored(engine)[1]["data"]["of"] == told[0]["activity"] == "crm:8812"


def test_only_who_may_correct_does_and_signs_it(
    new_client: Callable[..., FlaskClient], engine: Engine, call: dict[str, Any]
) -> None:
    wrong = {**call, "type": "correction", "actor": "somebody else", "data": CORRECTION}
    refused = new_client("telephone", "activities:write").post("/ingest/v1/activities", json=wrong)
    assert "corrections:write" in refused.get_json()["errors"][0]["expected"]
    manager = new_client("els", "activities:write", "corrections:write")
    assert manager.post("/ingest/v1/activities", json=wrong).status_code == 202
    [kept] = stored(engine)
    assert (kept["actor"], kept["rep"], kept["data"]) == ("els", "sanne", CORRECTION)


def test_a_correction_may_be_about_any_time(
    client: FlaskClient, playbook: dict[str, Any], call: dict[str, Any]
) -> None:
    put = client.put("/ingest/v1/league/playbook?effective_from=2026-01-01", json={**playbook, "backdating_days": 3})
    assert put.status_code == 201, put.text
    old = {**call, "occurred_at": "2026-09-01T10:00:00Z"}
    told = client.post(
        "/ingest/v1/activities", json=[old, {**old, "id": "c", "type": "correction", "data": CORRECTION}]
    )
    assert [each["status"] for each in told.get_json()["results"]] == ["parked", "accepted"]


def test_no_playbook_and_no_connection_calls_its_own_work_a_correction(
    client: FlaskClient, playbook: dict[str, Any]
) -> None:
    named = {**playbook, "activities": [*playbook["activities"], {"id": "correction", "label": {"nl": "…", "en": "…"}}]}
    assert "corrects what was credited" in client.put("/ingest/v1/league/playbook", json=named).text
    crm = {"name": "x", "kind": "hubspot", "secrets": ["file:x"], "activities": {"call": "correction"}}
    assert "people correct" in client.put("/ingest/v1/league/sources", json={"sources": [crm]}).text
