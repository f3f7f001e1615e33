"""HubSpot, Pipedrive and Close through the front door: verified, kept once, turned into activities or a reason."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from services.ingest.settings import SecretsSettings, Settings
from services.ingest.store import tables
from services.ingest.web import create_app
from shared.auth import SCOPES, mint
from shared.settings import WebSettings
from shared.sql import reading
from tests.ingest.conftest import NOW
from tests.ingest.senders import SECRET, VARIABLE, Senders, connection

FOLDER = Path(__file__).parents[4] / "shared/data/crm-payloads"
KINDS = ("hubspot", "pipedrive", "close")
URL = "/ingest/v1"
MS = int(NOW.timestamp() * 1000)


@pytest.fixture
def client(engine: Engine, database_url: str, tmp_path: Path, roster: Any, playbook: Any) -> FlaskClient:
    """The front door of an office with one connection of each kind."""
    tokens = tmp_path / "tokens.json"
    token = mint(tokens, "office", SCOPES)
    web = WebSettings(tmp_path / "run", tokens, rate_limit=0)
    settings = Settings(database_url, web, SecretsSettings({VARIABLE: SECRET}))
    client = create_app(settings, lambda: NOW).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    roster["reps"][0]["identities"] += ["hubspot:12", "pipedrive:12", "close:user_9"]
    assert client.put(f"{URL}/league/roster", json=roster).status_code == 201
    assert client.put(f"{URL}/league/playbook?effective_from=2026-01-01", json=playbook).status_code == 201
    put(client, *(connection(kind, stages={"closedwon": "won", "5": "demo"}) for kind in KINDS))
    return client


@pytest.fixture
def senders(client: FlaskClient) -> Senders:
    return Senders(client, NOW)


def put(client: FlaskClient, *connections: Any) -> None:
    answer = client.put(f"{URL}/league/sources", json={"sources": list(connections)})
    assert answer.status_code == 201, answer.text


def kept(engine: Engine) -> tuple[list[str], list[dict[str, Any]], list[str]]:
    """Return why payloads were ignored, the activities that go on, and why others are parked."""
    inbox, parts = tables.inbox.c, tables.activities.c
    with reading(engine) as conn:
        ignored = [row.ignored for row in conn.execute(select(inbox.ignored).order_by(inbox.id)) if row.ignored]
        rows = conn.execute(select(parts.body, parts.reason).order_by(parts.number)).all()
    return (
        ignored,
        [orjson.loads(row.body) for row in rows if not row.reason],
        [row.reason for row in rows if row.reason],
    )


def hubspot_event(what: str, **said: Any) -> dict[str, Any]:
    return {"portalId": 1, "subscriptionType": what, "objectId": 332, "occurredAt": MS, "sourceId": "userId:5", **said}


@pytest.mark.skipif(not FOLDER.exists(), reason="the genuine payloads are not beside this copy of the project")
@pytest.mark.parametrize(("kind", "events"), [("hubspot", 17), ("pipedrive", 16), ("close", 2)])
def test_every_genuine_payload_is_kept_and_ends_in_activities_or_a_reason(
    senders: Senders, engine: Engine, kind: str, events: int
) -> None:
    bodies = [path.read_bytes() for path in sorted((FOLDER / kind).glob("*.json")) if "signature" not in path.name]
    for body in bodies:
        answer = senders.post(kind, body)
        assert answer.status_code == 202, answer.text
        assert answer.json
        assert answer.json["unreadable"] == 0
    ignored, going_on, parked = kept(engine)
    assert {"hubspot": 13, "pipedrive": 8, "close": 1}[kind] == len(ignored)
    assert len(going_on) + len(parked) + len(ignored) == events
    for body in bodies:
        again = senders.post(kind, body)
        assert again.json
        assert again.json["duplicate"] == sum(again.json.values())
    assert kept(engine) == (ignored, going_on, parked)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_is_refused_and_nothing_is_kept(client: FlaskClient, engine: Engine, kind: str) -> None:
    for headers in ({}, {"X-HubSpot-Signature": "0" * 64}, {"close-sig-hash": "0" * 64, "close-sig-timestamp": "1"}):
        answer = client.post(
            f"{URL}/hooks/{kind}", json={"event": 1}, headers={"Authorization": "Basic eDp5", **headers}
        )
        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"
    assert kept(engine) == ([], [], [])


def test_hubspot_signs_the_public_address_which_the_connection_names(senders: Senders, client: FlaskClient) -> None:
    event = hubspot_event("deal.creation")
    assert senders.post("hubspot", event).status_code == 202
    assert senders.post("hubspot", event, X_Forwarded_Host="elsewhere.example").status_code == 202
    put(client, {**connection("hubspot"), "public_url": None})
    assert senders.post("hubspot", event).status_code == 401


def test_a_change_that_is_told_twice_in_two_ways_is_one_activity(senders: Senders, engine: Engine) -> None:
    classic = hubspot_event("deal.propertyChange", propertyName="dealstage", propertyValue="closedwon")
    generic = {**classic, "subscriptionType": "object.propertyChange", "objectTypeId": "0-3"}
    for body in ([classic, classic], generic, classic):
        assert senders.post("hubspot", body).status_code == 202
    (activity,) = kept(engine)[1]
    assert activity["deal"] == {"id": "hubspot:332", "set": {"stage": "won"}}


def test_a_deletion_that_is_undone_goes_on(senders: Senders, engine: Engine) -> None:
    senders.post("hubspot", [hubspot_event("deal.deletion"), hubspot_event("deal.restore", occurredAt=MS + 1)])
    assert [activity["deal"]["set"] for activity in kept(engine)[1]] == [{"status": "deleted"}, {"status": None}]


def test_a_deal_of_pipedrive_is_won_by_its_owner_when_it_was_won(senders: Senders, engine: Engine) -> None:
    deal = {
        "id": 8,
        "value": 100,
        "currency": "EUR",
        "status": "won",
        "won_time": "2026-11-23T10:00:00Z",
        "owner_id": 12,
    }
    meta = {"action": "change", "entity": "deal", "entity_id": "8", "id": "u-1", "timestamp": "2026-11-24T10:00:00Z"}
    senders.post("pipedrive", {"data": {**deal, "stage_id": 5}, "previous": {"status": "open"}, "meta": meta})
    told, won = kept(engine)[1]
    money = {"amount": "100", "currency": "EUR"}
    assert told["deal"] == {"id": "pipedrive:8", "set": {"owner": "sanne", "stage": "demo", "status": "won", **money}}
    assert (won["occurred_at"], won["deal"]["set"]) == ("2026-11-23T10:00:00Z", {"status": "won"})


def test_work_of_a_type_that_nobody_mapped_is_parked_and_work_of_nobody_too(senders: Senders, engine: Engine) -> None:
    meta = {"action": "create", "entity": "activity", "timestamp": "2026-11-24T10:00:00Z"}
    cases: list[dict[str, Any]] = [{"type": "proeverij", "owner_id": 12}, {"type": "call", "owner_id": None}]
    for ident, said in enumerate(cases):
        data = {"id": ident, "done": True, **said}
        senders.post("pipedrive", {"data": data, "previous": None, "meta": {**meta, "entity_id": str(ident)}})
    assert sorted(kept(engine)[2]) == ["missing-owner", "unmapped-activity"]


def test_a_call_of_hubspot_waits_for_the_api_and_without_one_is_parked(
    senders: Senders, client: FlaskClient, engine: Engine
) -> None:
    senders.post("hubspot", hubspot_event("object.creation", objectTypeId="0-48"))
    assert kept(engine)[2] == ["unreadable"]
    api = {"url": "https://api.hubapi.com", "token": f"env:{VARIABLE}"}
    put(client, connection("hubspot", api=api))
    senders.post("hubspot", hubspot_event("object.creation", objectTypeId="0-48", objectId=333))
    assert kept(engine)[0] == ["what happened is asked of the CRM: call 333"]
