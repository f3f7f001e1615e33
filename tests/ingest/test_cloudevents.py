"""CloudEvents 1.0 over HTTP: structured, batched, binary."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from flask.testing import FlaskClient

from services.ingest.sources import Delivery, cloudevents
from shared.errors import Malformed, UnsupportedMedia

URL = "/ingest/v1/activities"
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json; charset=utf-8"
SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data" / "crm-payloads" / "cloudevents"


@pytest.fixture
def data() -> dict[str, Any]:
    return {"type": "call", "owner": "sanne@example.nl", "data": {"duration_s": 340}}


@pytest.fixture
def event(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "A 1",
        "source": "/telephony/4",
        "type": "nl.example.call",
        "time": "2026-11-24T13:52:00Z",
        "subject": None,
        "data": data,
    }


def read(body: Any, content_type: str = STRUCTURED, **headers: str) -> list[Any]:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return cloudevents.read(Delivery(content_type, headers, raw))


def only_problem(body: Any) -> tuple[str, Any]:
    ((sent,),) = (read(body),)
    (problem,) = sent.problems
    return problem.pointer, problem.value


def sample(name: str) -> bytes:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the samples are not beside the project")
    return path.read_bytes()


def test_source_and_id_are_the_identity_and_time_stands_in_for_the_moment(event: dict[str, Any]) -> None:
    (sent,) = read(event)
    assert sent.claims[0].id == "/telephony/4 A 1"
    assert sent.claims[0].occurred_at.isoformat() == "2026-11-24T13:52:00+00:00"
    assert sent.raw == event


def test_the_moment_of_the_activity_itself_comes_first(event: dict[str, Any]) -> None:
    event["data"]["occurred_at"] = "2026-11-23T08:00:00Z"
    assert read(event)[0].claims[0].occurred_at.day == 23


def test_data_may_come_as_base64(event: dict[str, Any], data: dict[str, Any]) -> None:
    del event["data"]
    event["data_base64"] = base64.b64encode(orjson.dumps(data)).decode()
    assert read(event)[0].claims[0].type == "call"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"specversion": "0.3"}, "/specversion"),
        ({"id": None}, "/id"),
        ({"source": "with blank"}, "/source"),
        ({"type": ""}, "/type"),
        ({"extension": {"nested": 1}}, "/extension"),
        ({"datacontenttype": "application/xml"}, "/datacontenttype"),
        ({"data": None}, "/data"),
        ({"data": 1.5}, "/data"),
        ({"data_base64": "e30="}, "/data"),
        ({"data": None, "data_base64": "no base64!"}, "/data_base64"),
        ({"data": None, "data_base64": 5}, "/data_base64"),
        ({"data": {"type": "call"}}, "/data/owner"),
    ],
)
def test_what_is_wrong_with_an_event_is_named(event: dict[str, Any], change: dict[str, Any], pointer: str) -> None:
    assert only_problem({**event, **change})[0] == pointer


def test_one_bad_event_does_not_spoil_its_batch(client: FlaskClient, event: dict[str, Any]) -> None:
    body = orjson.dumps([event, {**event, "id": "2", "data": "text"}, event])
    response = client.post(URL, data=body, content_type=BATCH)
    assert response.status_code == 202
    assert [result["status"] for result in response.get_json()["results"]] == ["parked", "invalid", "duplicate"]


def test_an_empty_batch_is_valid(client: FlaskClient) -> None:
    response = client.post(URL, data=b"[]", content_type=BATCH)
    assert (response.status_code, response.get_json()["results"]) == (202, [])


def test_binary_mode_carries_the_attributes_in_percent_encoded_headers(
    client: FlaskClient, event: dict[str, Any], data: dict[str, Any]
) -> None:
    headers = {f"ce-{name}": quote(str(event[name])) for name in ("specversion", "id", "source", "type", "time")}
    response = client.post(URL, json=data, headers={**headers, "ce-note": "Euro%20%E2%82%AC%20%F0%9F%98%80"})
    assert response.status_code == 202
    (result,) = response.get_json()["results"]
    assert result["activity"] == "crm:/telephony/4 A 1"
    payload = client.get(f"/ingest/v1/inbox/{result['inbox']}").get_json()
    assert payload["source"] == "cloudevents"
    assert payload["payload"]["note"] == "Euro € 😀"
    (again,) = client.post(URL, data=orjson.dumps(event), content_type=STRUCTURED).get_json()["results"]
    assert again == {name: again[name] for name in ("index", "id", "status", "inbox", "activity")}, "no note"
    assert (again["status"], again["inbox"]) == ("duplicate", result["inbox"]), "the same event in another mode"


@pytest.mark.parametrize("value", ["%C0%A0", "%FF"])
def test_a_header_that_is_no_utf8_is_refused(client: FlaskClient, value: str) -> None:
    headers = {"ce-specversion": "1.0", "ce-id": value, "ce-source": "/x", "ce-type": "t"}
    assert client.post(URL, json={}, headers=headers).status_code == 400


def test_a_quoted_header_of_an_older_sender_is_understood() -> None:
    assert cloudevents.unescape(r'"say \"hello\" %25"') == 'say "hello" %'


def test_json_without_all_required_headers_is_no_cloudevent(client: FlaskClient, call: dict[str, Any]) -> None:
    assert client.post(URL, json=call, headers={"ce-id": "1"}).get_json()["results"][0]["activity"] == "crm:8812"


def test_other_formats_and_shapes_are_refused() -> None:
    with pytest.raises(UnsupportedMedia):
        read(b"", "application/cloudevents+avro")
    with pytest.raises(Malformed):
        read(b"{}", BATCH)
    with pytest.raises(Malformed):
        read(b"[", STRUCTURED)


@pytest.mark.parametrize(
    ("name", "pointer"),
    [
        ("structured_json_number_data.json", "/data"),
        ("structured_string_data_no_contenttype.json", "/data"),
        ("structured_json_object_null_subject.json", "/data/type"),
        ("structured_data_base64_json_valid.json", "/data/type"),
    ],
)
def test_a_published_event_is_understood_up_to_its_foreign_data(name: str, pointer: str) -> None:
    (sent,) = read(sample(name))
    assert sent.id
    assert pointer in {problem.pointer for problem in sent.problems}


def test_published_batches_are_read() -> None:
    assert read(sample("batch_empty.json"), BATCH) == []
    thrift, json = read(sample("batch_two_events.json"), BATCH)
    assert [problem.pointer for problem in thrift.problems] == ["/datacontenttype"]
    assert "/data/type" in {problem.pointer for problem in json.problems}


def test_the_published_encoding_of_headers_is_undone() -> None:
    vector = orjson.loads(sample("http_header_percent_encoding_vector.json"))
    assert cloudevents.unescape(vector["ce_header_value"]) == vector["attribute_value"]
