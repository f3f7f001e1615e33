"""What a CRM sends to the address of its connection: verified, kept, answered 2xx, and released after a repair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select, update

from services.ingest.domain.arrivals import Unpublished
from services.ingest.handlers import parking as handlers
from services.ingest.handlers.names import Names
from services.ingest.sources import cloudevents, hooks
from services.ingest.store import League, Outbox, Parking, tables
from shared.sql import reading, writing
from tests.ingest.senders import HOST, SECRET, VARIABLE, Senders, connection

EVENTS = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
HOOK = "/ingest/v1/hooks/tel"


def event(name: str, kind: str = "call", **data: Any) -> dict[str, Any]:
    said = {"type": kind, "owner": "sanne@example.nl", "occurred_at": "2026-11-24T13:00:00Z", **data}
    return {"specversion": "1.0", "id": name, "source": "/pbx", "type": "nl.example", "data": said}


def deal(name: str, owner: str = "sanne@example.nl", **said: str) -> dict[str, Any]:
    return event(name, "deal", owner=owner, deal={"id": "D-1", **said})


def put(client: FlaskClient, kind: str, body: Any, **query: str) -> dict[str, Any]:
    response = client.put(f"/ingest/v1/league/{kind}", json=body, query_string=query)
    assert response.status_code in {200, 201}, response.get_json()
    told: dict[str, Any] = response.get_json()
    return told


def sources(client: FlaskClient, **more: Any) -> None:
    put(client, "sources", {"sources": [connection("cloudevents", "tel", **more)]})


@pytest.fixture
def door(client: FlaskClient, roster: dict[str, Any], playbook: dict[str, Any]) -> FlaskClient:
    """A front door with a roster, a playbook and one connection."""
    put(client, "roster", roster)
    put(client, "playbook", playbook, effective_from="2026-01-01")
    sources(client)
    return client


@pytest.fixture
def recheck(engine: Engine) -> Callable[[], None]:
    """Do what the relay does when a document has come."""

    def run() -> None:
        names = Names(League(engine))
        while handlers.recheck(Parking(engine), names.now()):
            pass

    return run


def send(senders: Senders, *events: Any) -> dict[str, int]:
    response = senders.post("cloudevents", list(events), BATCH, name="tel")
    assert response.status_code == 202, response.get_json()
    counts: dict[str, int] = response.get_json()
    return {status: count for status, count in counts.items() if count}


def parked(client: FlaskClient) -> dict[tuple[str, str], int]:
    counts = client.get("/ingest/v1/parked").get_json()["counts"]
    return {(each["reason"], each["reference"]): each["count"] for each in counts}


def payload(client: FlaskClient, inbox: int) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/ingest/v1/inbox/{inbox}").get_json()
    return found


def waiting(engine: Engine) -> list[dict[str, Any]]:
    """Return what waits for the bus."""
    found: list[dict[str, Any]] = []

    def send(batch: Sequence[Unpublished]) -> None:
        found.extend(orjson.loads(each.body) for each in batch)

    Outbox(engine).hand_on(10_000, send, lambda: datetime.now(UTC))
    return found


def test_what_a_verified_sender_sends_is_kept_and_counted(door: FlaskClient, senders: Senders) -> None:
    found = send(senders, event("1"), event("2", owner="els"), event("1"), event("3", type=7), 5)
    assert found == {"accepted": 1, "parked": 1, "duplicate": 1, "unreadable": 2}
    assert send(senders, event("1")) == {"duplicate": 1}
    (status,) = door.get("/ingest/v1/connections").get_json()["connections"]
    assert {name: status[name] for name in ("accepted", "parked", "duplicate", "unreadable", "parked_now")} == {
        "accepted": 1, "parked": 1, "duplicate": 2, "unreadable": 2, "parked_now": 3,
    }  # fmt: skip
    assert status["received_at"] == "2026-11-24T14:00:00Z"
    assert payload(door, 1)["again"] == 1


def test_an_empty_batch_is_taken_for_what_it_is(door: FlaskClient, senders: Senders) -> None:
    assert send(senders) == {}


def test_a_sender_without_the_secret_is_refused_and_leaves_no_trace_but_a_count(door: FlaskClient) -> None:
    for _ in range(3):
        response = door.post(HOOK, json=event("1"), headers={"Authorization": f"Bearer {SECRET}x"})
        assert response.status_code == 401
        assert response.get_json()["code"] == "unverified"
    (status,) = door.get("/ingest/v1/connections").get_json()["connections"]
    assert status["refused"] == 1, "written down at once; those that follow within seconds with the next one"
    assert status["refused_at"] == "2026-11-24T14:00:00Z"
    assert "secret" in status["refusal"]
    assert door.get("/ingest/v1/inbox/1").status_code == 404


def test_a_token_of_ours_opens_no_connection(door: FlaskClient) -> None:
    assert door.post(HOOK, json=event("1")).status_code == 401


def test_unknown_connections_are_not_there(door: FlaskClient) -> None:
    assert door.post("/ingest/v1/hooks/other", json={}).status_code == 404
    assert door.get(HOOK).status_code == 405


def test_a_stage_that_stands_in_no_mapping_waits_for_it(
    door: FlaskClient, senders: Senders, engine: Engine, recheck: Callable[[], None]
) -> None:
    assert send(senders, deal("1", stage="closedwon"), deal("2", stage="demo")) == {"accepted": 1, "parked": 1}
    assert parked(door) == {("unmapped-stage", "closedwon"): 1}
    sources(door, stages={"closedwon": "won"})
    recheck()
    assert parked(door) == {}
    assert [(each["deal"]["id"], each["deal"]["set"]["stage"]) for each in waiting(engine)] == [
        ("tel:D-1", "won"), ("tel:D-1", "demo"),
    ]  # fmt: skip


def test_a_type_of_work_that_stands_in_no_mapping_waits_for_it(
    door: FlaskClient, senders: Senders, engine: Engine, recheck: Callable[[], None]
) -> None:
    send(senders, event("1", "demo-gehouden"), event("2", "lunch"), event("3", "meeting"))
    assert parked(door) == {("unmapped-activity", "demo-gehouden"): 1, ("unmapped-activity", "lunch"): 1}
    sources(door, activities={"demo-gehouden": "meeting", "lunch": "ignore"})
    recheck()
    assert parked(door) == {}
    assert sorted(each["type"] for each in waiting(engine)) == ["meeting", "meeting"]
    assert payload(door, 2)["ignored"] == "the mapping of tel leaves activities of type lunch out"
    assert payload(door, 2)["activities"] == []
    assert send(senders, event("4", "lunch")) == {"ignored": 1}


def test_an_owner_whom_the_roster_comes_to_know_releases_all_of_his(
    door: FlaskClient, senders: Senders, roster: dict[str, Any], recheck: Callable[[], None]
) -> None:
    send(senders, *(event(str(number), owner="tel:77") for number in range(1000)))
    assert parked(door) == {("unknown-owner", "tel:77"): 1000}
    roster["reps"][0]["identities"].append("tel:77")
    put(door, "roster", roster)
    recheck()
    assert parked(door) == {}


def test_what_could_not_be_read_is_read_again_after_a_repair(
    door: FlaskClient, senders: Senders, engine: Engine, recheck: Callable[[], None]
) -> None:
    send(senders, {**event("1"), "type": "nl.example.lunch", "data": 5}, event("2", data={"direction": "omhoog"}))
    assert parked(door) == {("unreadable", "tel"): 2}
    (found,) = payload(door, 2)["activities"]
    assert found["problems"] == [
        {"field": "/data/data/direction", "value": "omhoog", "expected": "inbound or outbound"}
    ]
    sources(door, activities={"nl.example.lunch": "ignore"})
    recheck()
    assert parked(door) == {("unreadable", "tel"): 1}, "what is repaired goes, what is not stays"
    assert payload(door, 1)["ignored"] == "the mapping of tel leaves events of type nl.example.lunch out"


def test_a_payload_that_can_be_read_at_last_gives_its_activity_and_keeps_its_number(
    door: FlaskClient, senders: Senders, engine: Engine, recheck: Callable[[], None]
) -> None:
    send(senders, event("1", data={"direction": "omhoog"}))
    with writing(engine) as conn:  # as if a newer version of the front door could read it
        better = orjson.dumps(event("1")).decode()
        conn.execute(update(tables.inbox).values(payload=better))
    response = door.post("/ingest/v1/parked/release", json={"reason": "unreadable"})
    assert response.get_json() == {"released": 1, "parked": 0}
    (found,) = payload(door, 1)["activities"]
    assert (found["status"], found["id"]) == ("accepted", "tel:/pbx 1")
    assert send(senders, event("1")) == {"duplicate": 1}


def test_a_body_that_is_no_json_is_kept_whole(door: FlaskClient, senders: Senders) -> None:
    for body in (b"<xml/>", b"\xff\x00", b"[" * 900 + b"]" * 900, b""):
        response = senders.post("cloudevents", body, EVENTS, name="tel")
        assert (response.status_code, response.get_json()["unreadable"]) == (202, 1)
    assert payload(door, 1)["payload"] == {"content_type": EVENTS, "body": "<xml/>"}
    assert payload(door, 2)["payload"] == {"content_type": EVENTS, "body_base64": "/wA="}
    assert parked(door) == {("unreadable", "tel"): 4}


def test_more_things_than_can_be_taken_apart_are_kept_as_one(door: FlaskClient, senders: Senders) -> None:
    assert send(senders, *range(3000)) == {"unreadable": 1}


def test_work_with_nobodys_name_waits_for_one(door: FlaskClient, senders: Senders) -> None:
    assert send(senders, event("1", owner=None)) == {"unreadable": 1}, "CloudEvents carry activities of ours"


def test_a_connection_whose_secret_is_missing_harms_no_other(door: FlaskClient, senders: Senders) -> None:
    body = {"sources": [connection("cloudevents", "tel"), connection("pipedrive", "crm", secrets=["file:crm"])]}
    put(door, "sources", body)
    response = senders.post("pipedrive", {}, name="crm")
    assert (response.status_code, response.get_json()["code"]) == (503, "not-ready")
    assert int(response.headers["Retry-After"]) > 0
    assert send(senders, event("1")) == {"accepted": 1}
    crm, tel = door.get("/ingest/v1/connections").get_json()["connections"]
    assert (crm["ready"], tel["ready"]) == (False, True)
    assert "write the secret into it" in crm["secrets"][0]["problem"]
    assert door.get("/ingest/readyz").status_code == 200
    metrics = door.get("/ingest/metrics").text
    assert 'samenspel_ingest_unready_total{connection="crm",process="ingest-web"} 1.0' in metrics
    assert 'samenspel_ingest_taken_total{connection="tel",process="ingest-web",status="accepted"} 1.0' in metrics


def test_secrets_are_rotated_without_a_pause(door: FlaskClient, senders: Senders, tmp_path: Path) -> None:
    sources(door, secrets=["file:new", f"env:{VARIABLE}"])
    assert send(senders, event("1")) == {"accepted": 1}, "the new one is not there yet, the old one still counts"
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "new").write_text("another-secret\n")
    headers = {"Authorization": "Bearer another-secret", "Content-Type": EVENTS}
    assert door.post(HOOK, json=event("2"), headers=headers).status_code == 202
    assert send(senders, event("3")) == {"accepted": 1}
    sources(door, secrets=["file:new"])
    assert senders.post("cloudevents", event("4"), EVENTS, name="tel").status_code == 401
    assert door.post(HOOK, json=event("4"), headers=headers).status_code == 202


def test_a_connection_may_send_so_fast_and_its_refusals_cost_it_nothing(door: FlaskClient, senders: Senders) -> None:
    sources(door, per_second=0.5)
    for _ in range(40):
        answer = door.post(HOOK, json={}, headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert send(senders, event("1")) == {"accepted": 1}
    answer = senders.post("cloudevents", event("2"), EVENTS, name="tel")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 2


def test_a_body_has_its_limit(door: FlaskClient, senders: Senders) -> None:
    assert senders.post("cloudevents", b"x" * 1_000_001, EVENTS, name="tel").status_code == 413
    assert senders.post("cloudevents", b"x" * 1_000_000, EVENTS, name="tel").status_code == 202


def test_secrets_in_a_payload_are_masked_before_it_is_stored(
    door: FlaskClient, senders: Senders, engine: Engine
) -> None:
    send(senders, {**event("1"), "token": "hunter2", "sessionid": "hunter2"})
    with reading(engine) as conn:
        assert "hunter2" not in conn.execute(select(tables.inbox.c.payload)).scalar_one()
    assert payload(door, 1)["payload"]["token"] == "(masked)"


def test_no_log_line_holds_a_secret_or_anybodys_name(door: FlaskClient, senders: Senders) -> None:
    sources(door, query_token=True)
    with structlog.testing.capture_logs() as lines:
        send(senders, event("1"), event("2", owner="els.privaat@example.nl"), 5)
        door.post(f"{HOOK}?access_token={SECRET}", json=event("3"), headers={"Content-Type": EVENTS})
        door.post(f"{HOOK}?access_token=wrong-secret", json=event("4", owner="els.privaat@example.nl"))
    assert lines, "the refusal is logged"
    for hidden in (SECRET, "wrong-secret", "example.nl", "/pbx"):
        assert hidden not in str(lines)


def test_a_secret_in_the_query_counts_only_where_the_connection_says_so(door: FlaskClient) -> None:
    url, headers = f"{HOOK}?access_token={SECRET}", {"Content-Type": EVENTS, "Authorization": ""}
    assert door.post(url, json=event("1"), headers=headers).status_code == 401
    sources(door, query_token=True)
    assert door.post(url, json=event("1"), headers=headers).status_code == 202
    assert door.post(f"{url}&access_token={SECRET}", json=event("2"), headers=headers).status_code == 401


def test_a_sender_is_consented_to_only_by_its_origin(door: FlaskClient) -> None:
    sources(door, origins=["events.example.com"], per_second=2)
    asked = {"WebHook-Request-Origin": "events.example.com", "WebHook-Request-Rate": "1000"}
    yes = door.options(HOOK, headers=asked)
    assert (yes.status_code, yes.headers["WebHook-Allowed-Origin"]) == (204, "events.example.com")
    assert (yes.headers["WebHook-Allowed-Rate"], yes.headers["Allow"]) == ("120", "POST, OPTIONS")
    slow = door.options(
        HOOK, headers={**asked, "WebHook-Request-Rate": "60", "WebHook-Request-Callback": "https://x.y"}
    )
    assert slow.headers["WebHook-Allowed-Rate"] == "60"
    silent = door.options(HOOK, headers={"WebHook-Request-Origin": "events.example.com"})
    assert "WebHook-Allowed-Rate" not in silent.headers
    for origin in ("evil.example.com", "", "*"):
        no = door.options(HOOK, headers={**asked, "WebHook-Request-Origin": origin})
        assert "WebHook-Allowed-Origin" not in no.headers
    assert door.options("/ingest/v1/hooks/other", headers=asked).status_code == 404


def test_the_address_is_the_public_one_whatever_the_proxy_says(door: FlaskClient, senders: Senders) -> None:
    put(door, "sources", {"sources": [connection("hubspot", "crm")]})
    assert senders.post("hubspot", [], name="crm", X_Forwarded_Host="evil.example").status_code == 202
    put(door, "sources", {"sources": [connection("hubspot", "crm", public_url=HOST.replace("nl", "be"))]})
    assert senders.post("hubspot", [], name="crm").status_code == 401


def test_nothing_is_stored_when_one_of_many_cannot_be(door: FlaskClient, senders: Senders, engine: Engine) -> None:
    with writing(engine) as conn:
        conn.exec_driver_sql("DROP TABLE senders")  # the last thing that is written
    door.application.testing = False
    assert senders.post("cloudevents", [event("1"), event("2")], BATCH, name="tel").status_code == 500
    with reading(engine) as conn:
        assert conn.execute(select(func.count()).select_from(tables.inbox)).scalar_one() == 0


def test_what_a_mapping_left_out_can_be_read_again_by_hand(
    door: FlaskClient, senders: Senders, engine: Engine, call: dict[str, Any]
) -> None:
    sources(door, activities={"lunch": "ignore"})
    send(senders, event("1", "lunch"), event("2"))
    again = "/ingest/v1/inbox/1/read-again"
    assert door.post(again).get_json()["added"] == 0
    sources(door, activities={"lunch": "meeting"})
    assert door.post(again).get_json() == {"added": 1, "ignored": None, "unreadable": False}
    assert door.post(again).get_json()["added"] == 0, "as often as one likes"
    found = payload(door, 1)
    assert (found["ignored"], [each["status"] for each in found["activities"]]) == (None, ["accepted"])
    assert [each["type"] for each in waiting(engine)] == ["call", "meeting"]
    assert door.post("/ingest/v1/inbox/99/read-again").status_code == 404
    door.post("/ingest/v1/activities", json=call)
    assert door.post("/ingest/v1/inbox/3/read-again").status_code == 409


def test_a_defect_of_a_reader_loses_nothing_and_names_nobody(
    door: FlaskClient, senders: Senders, monkeypatch: pytest.MonkeyPatch, recheck: Callable[[], None]
) -> None:
    broken = SimpleNamespace(
        NAME="cloudevents", verify=cloudevents.verify, read=lambda *_: dict[str, Any]()["els@example.nl"]
    )
    with monkeypatch.context() as patch, structlog.testing.capture_logs() as lines:
        patch.setattr(hooks, "HOOKS", {"cloudevents": broken})
        assert senders.post("cloudevents", event("1"), EVENTS, name="tel").get_json()["unreadable"] == 1
    (line,) = [line for line in lines if line["event"] == "source_failed"]
    assert line["error"].startswith("KeyError in <lambda>, test_hooks.py:")
    assert "els@" not in str(lines)
    sources(door, per_second=3)
    recheck()
    assert [each["id"] for each in payload(door, 1)["activities"]] == ["tel:/pbx 1"], "read again once it can be"
    assert parked(door) == {}
