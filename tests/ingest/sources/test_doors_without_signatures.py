"""Salesforce, Dynamics 365 and Zoho through the front door: none of them signs, so a secret is all there is."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from services.ingest.store import tables
from shared.sql import reading, writing
from tests.ingest.senders import ORGANISATION, SECRET, Senders, connection

FOLDER = Path(__file__).parents[4] / "shared/data/crm-payloads"
genuine = pytest.mark.skipif(not FOLDER.exists(), reason="the genuine payloads are not beside this copy of the project")

KINDS = ("salesforce", "dynamics", "zoho")
URL = "/ingest/v1"
SESSION = "00D5w!AQ4AQLtd0Session"
OWNER, EURO = "f5478924-a0fe-461c-ab4f-f2380ada9227", "4de444aa-375f-ee11-8def-000d3adbef1f"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One engine is enough here: both keep what they are given (test_hooks.py)."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def door(client: FlaskClient, roster: Any, playbook: Any) -> FlaskClient:
    """The front door of an office with one connection of each kind."""
    roster["reps"][0]["identities"] += ["salesforce:0055w00000BhqR0AAJ", f"dynamics:{OWNER}", "zoho:57"]
    assert client.put(f"{URL}/league/roster", json=roster).status_code == 201
    assert client.put(f"{URL}/league/playbook?effective_from=2026-01-01", json=playbook).status_code == 201
    put(client)
    return client


def put(client: FlaskClient, **more: Any) -> None:
    stages = {"Closed Won": "won", "Negotiation/Review": "demo"}
    listed = [connection(kind, stages=stages, **more.get(kind, {})) for kind in KINDS]
    answer = client.put(f"{URL}/league/sources", json={"sources": listed})
    assert answer.status_code == 201, answer.text


def kept(engine: Engine) -> tuple[list[str], list[dict[str, Any]], list[str]]:
    """Return why payloads were ignored, the activities that go on, and why others are parked."""
    inbox, parts = tables.inbox.c, tables.activities.c
    with reading(engine) as conn:
        ignored = [row.ignored for row in conn.execute(select(inbox.ignored).order_by(inbox.id)) if row.ignored]
        rows = conn.execute(select(parts.body, parts.reason).order_by(parts.number)).all()
    going_on = [orjson.loads(row.body) for row in rows if not row.reason]
    return ignored, going_on, [row.reason for row in rows if row.reason]


def everything(engine: Engine) -> str:
    with reading(engine) as conn:
        return "\n".join(str(row) for table in tables.metadata.sorted_tables for row in conn.execute(select(table)))


def message(organisation: str = ORGANISATION, stage: str = "Closed Won", prolog: str = "", count: int = 2) -> bytes:
    notifications = "".join(
        f'<Notification><Id>04l{number}</Id><sObject xsi:type="sf:Opportunity"><sf:Id>0065w000023STAmAAO</sf:Id>'
        f"<sf:StageName>{stage}</sf:StageName><sf:OwnerId>0055w00000BhqR0AAJ</sf:OwnerId><sf:Amount>{number}</sf:Amount>"
        f"<sf:LastModifiedDate>2026-11-24T10:00:{number:02}.000Z</sf:LastModifiedDate></sObject></Notification>"
        for number in range(count)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{organisation}</OrganizationId><SessionId>{SESSION}</SessionId>{notifications}"
        "</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


def deliver(client: FlaskClient, body: bytes, secret: str = SECRET) -> Any:
    address = f"{URL}/hooks/salesforce?access_token={secret}"
    return client.post(address, data=body, headers={"Content-Type": "text/xml", "Authorization": ""})


@genuine
@pytest.mark.parametrize(("kind", "counts"), [("salesforce", (4, 2)), ("dynamics", (2, 0)), ("zoho", (2, 2))])
def test_every_genuine_payload_is_kept_once_and_ends_in_activities_or_a_reason(
    door: FlaskClient, senders: Senders, engine: Engine, kind: str, counts: tuple[int, int]
) -> None:
    bodies = [path.read_bytes() for path in sorted((FOLDER / kind).glob("*.json"))]
    for body in bodies:
        answer = senders.post(kind, body)
        assert answer.status_code == 202, answer.text
    found = kept(engine)
    assert (len(found[0]), found[2].count("unreadable")) == counts
    assert {"salesforce": ["unknown-owner", "unmapped-stage"]}.get(kind, []) == sorted({*found[2]} - {"unreadable"})
    for body in bodies:
        again = senders.post(kind, body)
        assert again.json
        assert again.json["duplicate"] == sum(again.json.values())
    assert kept(engine) == found


@genuine
def test_the_genuine_outbound_message_is_an_activity_and_is_acknowledged(door: FlaskClient, engine: Engine) -> None:
    put(door, salesforce={"account": "00D5w000004qGTO"})
    body = (FOLDER / "salesforce/outbound_opportunity_all_fields.xml").read_bytes()
    answer = deliver(door, body)
    assert (answer.status_code, answer.content_type) == (200, "text/xml; charset=utf-8")
    assert b"<Ack>true</Ack>" in answer.data
    ((activity,), parked) = kept(engine)[1:]
    assert parked == []
    assert activity["deal"]["set"]["stage"] == "demo"
    assert activity["rep"] == "sanne"


def test_a_message_is_acknowledged_also_when_it_is_parked_and_its_session_is_nowhere(
    door: FlaskClient, engine: Engine
) -> None:
    assert b"<Ack>true</Ack>" in deliver(door, message(stage="Nergens")).data
    assert kept(engine)[2] == ["unmapped-stage"] * 2
    assert SESSION not in everything(engine)


def test_a_message_that_cannot_be_stored_as_a_whole_is_not_acknowledged(door: FlaskClient, engine: Engine) -> None:
    with writing(engine) as conn:
        conn.exec_driver_sql("DROP TABLE senders")  # the last thing that is written
    door.application.testing = False
    answer = deliver(door, message())
    assert answer.status_code == 500
    assert b"Ack" not in answer.data
    assert kept(engine) == ([], [], [])


@pytest.mark.parametrize(
    ("body", "secret", "status"),
    [
        (message(), "geraden", 401),
        (message("00D000000000002"), SECRET, 401),
        (message(prolog='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', stage="&a;"), SECRET, 400),
        (message(prolog='<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>', stage="&b;"), SECRET, 400),
        (message(count=200), SECRET, 400),
        (b"<a>" * 300_000, SECRET, 400),
        (b"", SECRET, 400),
    ],
    ids="secret organisation external entities many deep empty".split(),
)
def test_a_message_that_is_not_salesforces_is_refused_and_nothing_is_kept(
    door: FlaskClient, engine: Engine, body: bytes, secret: str, status: int
) -> None:
    answer = deliver(door, body, secret)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert b"passwd" not in answer.data
    assert kept(engine) == ([], [], [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_is_refused_and_nothing_is_kept(door: FlaskClient, engine: Engine, kind: str) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer geraden"}, {"x-samenspel-secret": "geraden"}):
        answer = door.post(f"{URL}/hooks/{kind}?code=geraden", json={"token": "geraden"}, headers=headers)
        assert answer.status_code == 401
        assert b"geraden" not in answer.data
    assert kept(engine) == ([], [], [])


def test_one_change_of_three_records_is_three_activities(senders: Senders, door: FlaskClient, engine: Engine) -> None:
    header = {
        "entityName": "Opportunity",
        "recordIds": ["006am000006pSAYAA2", "0065w000023STAmAAO", "006ZM000000M6o1YAC"],
        "changeType": "UPDATE",
        "changedFields": ["StageName"],
        "transactionKey": "t",
        "sequenceNumber": 1,
        "commitTimestamp": 1_795_528_320_000,
    }
    event = {"payload": {"ChangeEventHeader": header, "StageName": "Closed Won"}}
    for body in (event, {"specversion": "1.0", "data": event}, [event, event]):
        assert senders.post("salesforce", body).status_code == 202
    assert [activity["deal"]["set"] for activity in kept(engine)[1]] == [{"stage": "won"}] * 3


def test_a_currency_that_nobody_named_waits_for_its_line_in_the_document(
    senders: Senders, door: FlaskClient, engine: Engine
) -> None:
    xrm = "http://schemas.microsoft.com/xrm/2011/Contracts"
    said = {
        "estimatedvalue": {"__type": f"Money:{xrm}", "Value": 1200},
        "transactioncurrencyid": {"__type": f"EntityReference:{xrm}", "Id": EURO, "LogicalName": "transactioncurrency"},
        "ownerid": {"__type": f"EntityReference:{xrm}", "Id": OWNER, "LogicalName": "systemuser"},
        "modifiedon": "/Date(1795528320000)/",
    }
    target = {"__type": f"Entity:{xrm}", "Attributes": [{"key": key, "value": value} for key, value in said.items()]}
    body = {
        "MessageName": "Create",
        "PrimaryEntityName": "opportunity",
        "PrimaryEntityId": "80a2c641-4c79-e611-80df-c4346baca9e4",
        "OperationId": "4af10637-4ea2-e711-8122-000d3aa2331c",
        "InputParameters": [{"key": "Target", "value": target}],
    }
    assert senders.post("dynamics", body).json
    assert kept(engine)[2] == ["unreadable"]
    put(door, dynamics={"currencies": {EURO: "EUR"}})
    answer = door.post(f"{URL}/parked/release", json={"reason": "unreadable"})
    assert answer.get_json() == {"released": 1, "parked": 0}
    ((activity,), parked) = kept(engine)[1:]
    assert parked == []
    assert activity["deal"]["set"] == {"owner": "sanne", "amount": "1200", "currency": "EUR"}


def test_the_token_of_zoho_is_kept_nowhere_and_two_records_are_two_things(
    senders: Senders, door: FlaskClient, engine: Engine
) -> None:
    values = [{"record_id": "1", "values": {"Stage": "Closed Won", "Amount": 5, "Owner": {"id": "57"}}}]
    body = {"module": "Deals", "operation": "update", "ids": ["1", "2"], "server_time": 1_795_528_320_000}
    answer = senders.post("zoho", {**body, "channel_id": "7", "affected_values": values})
    assert answer.json
    assert (answer.json["accepted"], answer.json["unreadable"]) == (1, 1)
    assert SECRET not in everything(engine)
