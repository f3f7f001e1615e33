"""Whatever comes to the address of a connection: no failure, nothing stored half, nothing that scoring cannot keep."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method
from sqlalchemy import Engine, exists, func, select

from services.ingest.domain.directory import UNREADABLE
from services.ingest.sources.hooks import HOOKS
from services.ingest.store import tables
from services.scoring.domain.admission import admit
from shared.sql import reading
from tests.ingest.senders import ORGANISATION, SECRET, SIGN, Senders, connection

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data" / "crm-payloads"
XML = "text/xml; charset=utf-8"
FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)

NAMES = st.text(max_size=6) | st.sampled_from("id type data owner meta current objectId propertyName token".split())
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8) | st.sampled_from(["\0", "2026-11-24", "dealstage", "deal", "Opportunity", "1e400", "", " "])
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=10,
)

DEAL = {
    "id": 7,
    "status": "won",
    "value": 12.5,
    "currency": "EUR",
    "stage_id": 3,
    "user_id": 5,
    "owner_id": 5,
    "title": "x",
}
NEARLY: dict[str, list[Any]] = {
    "close": [
        {"event": {
            "id": "ev_1", "object_type": "opportunity", "action": "updated", "object_id": "oppo_1",
            "date_created": "2026-11-24T10:00:00", "date_updated": "2026-11-24T10:00:00", "organization_id": "o",
            "changed_fields": ["status_type"],
            "data": {"id": "oppo_1", "status_type": "won", "value": 1250, "value_currency": "EUR", "user_id": "u"},
            "previous_data": {"status_type": "active"},
        }},
        {"event": {
            "id": "ev_2", "object_type": "activity.call", "action": "completed", "object_id": "acti_1",
            "date_created": "2026-11-24T10:00:00", "data": {"direction": "outbound", "duration": 61, "user_id": "u"},
        }},
    ],
    "cloudevents": [
        {"specversion": "1.0", "id": "1", "source": "/x", "type": "t", "time": "2026-11-24T10:00:00Z",
         "data": {"type": "deal", "owner": "sanne", "deal": {"id": "7", "stage": "won", "amount": "12.50"}}},
    ],
    "dynamics": [
        {"MessageName": "Update", "PrimaryEntityName": "opportunity", "PrimaryEntityId": "a", "OperationId": "b",
         "InitiatingUserId": "c", "InputParameters": [{"key": "Target", "value": {"Attributes": [
             {"key": "statecode", "value": {"Value": 1}}, {"key": "modifiedon", "value": "/Date(1506384247000)/"},
             {"key": "actualvalue", "value": {"Value": 12.5}}, {"key": "ownerid", "value": {"Id": "c"}}]}}]},
    ],
    "hubspot": [
        [{"eventId": 1, "subscriptionId": 2, "portalId": 3, "occurredAt": 1763978400000, "objectId": 7,
          "subscriptionType": "deal.propertyChange", "propertyName": "dealstage", "propertyValue": "won"},
         {"eventId": 1, "subscriptionId": 2, "portalId": 3, "occurredAt": 1763978400000, "objectId": 7,
          "subscriptionType": "deal.propertyChange", "propertyName": "amount", "propertyValue": "12.50"},
         {"eventId": 4, "portalId": 3, "occurredAt": 1763978400000, "objectId": 9, "objectTypeId": "0-48",
          "subscriptionType": "object.creation"}],
    ],
    "pipedrive": [
        {"data": DEAL, "previous": {"status": "open"}, "meta": {
            "action": "change", "entity": "deal", "entity_id": "7", "id": "u-1", "company_id": "1", "user_id": "5",
            "timestamp": "2026-11-24T10:00:00.000Z", "version": "2.0"}},
        {"current": DEAL, "previous": {**DEAL, "status": "open"}, "event": "updated.deal", "v": 1, "meta": {
            "action": "updated", "object": "deal", "id": 7, "company_id": 1, "user_id": 5, "timestamp": 1763978400,
            "webhook_id": "1"}},
    ],
    "salesforce": [
        {"payload": {"ChangeEventHeader": {
            "entityName": "Opportunity", "recordIds": ["0060000000000AAAAA"], "changeType": "UPDATE", "commitTimestamp":
            1763978400000, "transactionKey": "k", "sequenceNumber": 1, "commitUser": "005",
            "changedFields": ["StageName"]},
            "StageName": "won", "Amount": 12.5, "OwnerId": "005"}, "event": {"replayId": 5}, "schema": "s"},
    ],
    "standard-webhooks": [
        {"type": "t", "timestamp": "2026-11-24T10:00:00Z", "data": {"type": "call", "owner": "s", "data": {"a": 1}}},
    ],
    "zoho": [
        {"server_time": 1763978400000, "module": "Deals", "operation": "update", "ids": ["1", "2"], "channel_id": "5",
         "affected_values": [{"record_id": "1", "values": {"Stage": "won", "Amount": 12.5}}],
         "affected_fields": [{"1": ["Stage"]}], "token": SECRET},
    ],
}  # fmt: skip
"""Payloads as these senders send them, to be spoilt in every way."""

SOAP = f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>{ORGANISATION}AAA</OrganizationId>
<ActionId>04k</ActionId><Notification><Id>04l000000000001AAA</Id>
<sObject xmlns:sf="urn:sobject.enterprise.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:type="sf:Opportunity"><sf:Id>006000000000001AAA</sf:Id><sf:StageName>won</sf:StageName><sf:Amount>12.5</sf:Amount>
<sf:LastModifiedDate>2026-11-24T10:00:00.000Z</sf:LastModifiedDate></sObject></Notification></notifications>
</soapenv:Body></soapenv:Envelope>"""


def genuine(kind: str) -> list[Any]:
    """Return the published payloads of a kind, where they lie beside the project."""
    files = sorted((SAMPLES / kind).glob("*.json")) if (SAMPLES / kind).exists() else []
    return [orjson.loads(file.read_bytes()) for file in files if "vectors" not in file.name]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a payload, as what holds it and the key there."""
    found: list[tuple[Any, Any]] = []
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for key in keys:
        found += [(value, key), *places(value[key])]
    return found


@st.composite
def spoilt(draw: st.DrawFn, kind: str) -> Any:
    """Give a payload of a kind with some of its parts gone, or something else."""
    whole = {"": copy.deepcopy(draw(st.sampled_from([*NEARLY[kind], *genuine(kind)])))}
    for _ in range(draw(st.integers(0, 3))):
        holder, key = draw(st.sampled_from(places(whole)))
        if isinstance(holder, dict) and key and draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = draw(JSON | st.just(draw(st.sampled_from(places(whole)))[0]).map(copy.deepcopy))
    return whole[""]


@pytest.fixture
def front(client: FlaskClient, roster: dict[str, Any], playbook: dict[str, Any]) -> FlaskClient:
    """A front door with a connection of every kind."""
    client.put("/ingest/v1/league/roster", json=roster)
    client.put("/ingest/v1/league/playbook", json=playbook, query_string={"effective_from": "2026-01-01"})
    made = client.put("/ingest/v1/league/sources", json={"sources": [connection(kind) for kind in sorted(HOOKS)]})
    assert made.status_code == 201, made.get_json()
    return client


def halves(engine: Engine) -> int:
    """Count the payloads with neither activities nor a reason why there are none."""
    some = exists().where(tables.activities.c.inbox == tables.inbox.c.id)
    query = select(func.count()).select_from(tables.inbox).where(tables.inbox.c.ignored.is_(None), ~some)
    with reading(engine) as conn:
        return conn.execute(query).scalar_one()


def rows(engine: Engine) -> int:
    with reading(engine) as conn:
        return conn.execute(select(func.count()).select_from(tables.inbox)).scalar_one()


def unreadable(engine: Engine) -> set[int]:
    """Return the rows of payloads that could not be read."""
    query = select(tables.activities.c.inbox).where(tables.activities.c.reason == UNREADABLE)
    with reading(engine) as conn:
        return set(conn.execute(query).scalars())


def everything_can_be_scored(engine: Engine) -> None:
    with reading(engine) as conn:
        query = select(tables.activities.c.body).where(tables.activities.c.reason.is_(None))
        for (body,) in conn.execute(query):
            admit({**orjson.loads(body), "inbox": 1})


def taken(senders: Senders, engine: Engine, kind: str, body: Any, content_type: str = "application/json") -> None:
    before, unread = rows(engine), unreadable(engine)
    response = senders.post(kind, body, content_type)
    assert response.status_code == 202, response.get_data(as_text=True)
    counts = response.get_json()
    told, new = sum(counts.values()), rows(engine) - before
    superseded = len(
        unread - unreadable(engine)
    )  # what can be read takes the row of what came as the same and could not
    assert told - counts["duplicate"] <= new + superseded <= told
    assert halves(engine) == 0


@pytest.mark.parametrize("kind", sorted(SIGN))
def test_spoilt_payloads_of_verified_senders_are_kept(
    front: FlaskClient, senders: Senders, engine: Engine, kind: str
) -> None:
    @FEW
    @given(spoilt(kind))
    def check(body: Any) -> None:
        taken(
            senders, engine, kind, body, "application/cloudevents+json" if kind == "cloudevents" else "application/json"
        )

    check()
    everything_can_be_scored(engine)
    assert front.get("/ingest/v1/parked?limit=500").status_code == 200
    assert front.post("/ingest/v1/parked/release", json={}).status_code == 200
    assert halves(engine) == 0


@pytest.mark.parametrize("kind", sorted(SIGN))
def test_any_json_of_verified_senders_is_kept(front: FlaskClient, senders: Senders, engine: Engine, kind: str) -> None:
    @FEW
    @given(JSON | st.lists(JSON, max_size=3))
    def check(body: Any) -> None:
        taken(senders, engine, kind, body)

    check()
    everything_can_be_scored(engine)


@FEW
@given(
    st.binary(max_size=60)
    | st.text(max_size=40).map(str.encode)
    | st.tuples(
        st.integers(0, len(SOAP)), st.integers(0, 60), st.binary(max_size=20) | st.just(b"<x>") | st.just(b"&e;")
    ).map(lambda cut: SOAP[: cut[0]].encode() + cut[2] + SOAP[cut[0] + cut[1] :].encode())
)
def test_any_xml_is_kept_acknowledged_or_refused(
    front: FlaskClient, senders: Senders, engine: Engine, body: bytes
) -> None:
    response = senders.post("salesforce", body, XML)
    assert response.status_code in {200, 202, 400, 401, 429}, response.get_data(as_text=True)
    assert response.status_code not in {200, 202} or rows(engine)
    assert halves(engine) == 0


def test_a_good_message_is_acknowledged_and_kept_once(front: FlaskClient, senders: Senders, engine: Engine) -> None:
    for _ in range(2):
        response = senders.post("salesforce", SOAP.encode(), XML)
        assert (response.status_code, b"<Ack>true</Ack>" in response.data.replace(b"soapenv:", b"")) == (200, True)
    assert rows(engine) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x"><a/>',
    ],
)
def test_entities_are_never_looked_up(front: FlaskClient, senders: Senders, engine: Engine, body: bytes) -> None:
    whole = SOAP.replace('<?xml version="1.0" encoding="UTF-8"?>', "").encode()
    response = senders.post("salesforce", body.replace(b"<a/>", whole), XML)
    assert response.status_code in {202, 400, 401}
    assert b"root:" not in response.data


@pytest.mark.parametrize("kind", sorted(SIGN))
def test_whoever_cannot_sign_is_refused_and_leaves_nothing(front: FlaskClient, engine: Engine, kind: str) -> None:
    names = (
        "Authorization close-sig-hash close-sig-timestamp X-HubSpot-Signature X-HubSpot-Signature-Version "
        "X-HubSpot-Signature-v3 X-HubSpot-Request-Timestamp webhook-id webhook-timestamp webhook-signature"
    ).split()
    values = st.sampled_from(
        ["", "v1", "v2", "v1,AAAA", "v1a,AAAA", "Bearer", "Bearer x", "Basic !", "Basic eA==",
         "1763992800", "1763992800000", "9" * 11, "9" * 13, "9" * 40, "-1", "1e3", "NaN", "\xe9", "a b,c d"]
    )  # fmt: skip

    @FEW
    @given(st.dictionaries(st.sampled_from(names), values, max_size=5), JSON)
    def check(headers: dict[str, str], body: Any) -> None:
        shown = {"Authorization": "", "Content-Type": "application/json", **headers}
        response = front.post(f"/ingest/v1/hooks/{kind}", data=orjson.dumps(body), headers=shown)
        assert response.status_code in {401, 429}
        assert rows(engine) == 0

    check()


@pytest.mark.parametrize("kind", sorted(SIGN))
def test_one_changed_byte_breaks_a_signature(front: FlaskClient, senders: Senders, engine: Engine, kind: str) -> None:
    body = orjson.dumps(NEARLY[kind][0])
    signed, shown, _ = SIGN[kind](body, senders.at, f"/ingest/v1/hooks/{kind}")
    spoilt_headers = {name: value[:-6] + "AAAAAA" for name, value in shown.items() if "time" not in name.lower()}
    spoilt_body = signed.replace(SECRET.encode(), b"x") if kind == "zoho" else signed
    headers = {"Content-Type": "application/json", **shown, **spoilt_headers}
    assert front.post(f"/ingest/v1/hooks/{kind}", data=spoilt_body, headers=headers).status_code == 401
    if kind in {"close", "hubspot", "standard-webhooks"}:
        headers = {"Content-Type": "application/json", **shown}
        assert front.post(f"/ingest/v1/hooks/{kind}", data=signed + b" ", headers=headers).status_code == 401
    assert rows(engine) == 0


def test_the_interface_answers_as_it_is_described(front: FlaskClient) -> None:
    whole = schemathesis.openapi.from_wsgi("/ingest/openapi.json", front.application)
    some = whole.include(path_regex="/ingest/v1/(hooks|connections|parked|inbox)")
    operations = [found.ok() for found in some.get_all_operations() if isinstance(found, Ok)]
    assert {"/ingest/v1/hooks/{connection}", "/ingest/v1/connections"} <= {each.path for each in operations}
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.one_of(*(each.as_strategy(generation_mode=mode) for each in operations for mode in modes)))
    def check(case: Any) -> None:
        header = front.environ_base["HTTP_AUTHORIZATION"]
        case.call_and_validate(
            headers={"Authorization": header}, excluded_checks=[positive_data_acceptance, unsupported_method]
        )

    check()
