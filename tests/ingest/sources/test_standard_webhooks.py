"""Standard Webhooks: the published signature vectors, rotation, replay, ed25519, and what an event may hold."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.ingest.domain.connections import Connection
from services.ingest.sources import Delivery, Unverified
from services.ingest.sources.standard_webhooks import read, read_again, verify

SAMPLES = Path(__file__).parents[3] / ".." / "shared" / "data" / "crm-payloads" / "standard-webhooks"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
RIGHT = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def sample(name: str) -> Any:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the samples are not beside the project")
    return orjson.loads(path.read_bytes())


def of(*secrets: str, **more: Any) -> Connection:
    return Connection("crm", "standard-webhooks", secrets, **more)


def delivery(
    body: bytes = BODY, signature: str = RIGHT, name: str = "msg_p5jXN8AQM9LWM0D4loKWxJek", stamp: str = "1614265330"
) -> Delivery:
    headers = {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": signature}
    return Delivery("application/json", headers, body)


def refused(sent: Delivery, connection: Connection, at: datetime = AT) -> bool:
    try:
        verify(sent, connection, at)
    except Unverified:
        return True
    return False


def test_the_published_vectors_are_verified() -> None:
    for vector in sample("signature_vectors.json")["vectors"]:
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        sent = Delivery("application/json", {name: vector[name] for name in names}, vector["payload"].encode())
        assert refused(sent, of(vector["secret"])) is not vector["valid"], vector["name"]


def test_secrets_without_prefix_or_padding_are_taken_as_the_reference_libraries_do() -> None:
    for secret in sample("signature_vectors.json")["secrets_accepted_without_padding"]:
        key = base64.b64decode(secret + "=" * (-len(secret) % 4))
        signed = base64.b64encode(hmac.digest(key, b"m.1614265330." + BODY, hashlib.sha256)).decode()
        assert not refused(delivery(name="m", signature=f"v1,{signed}"), of(secret))


@pytest.mark.parametrize(
    "tampered",
    [
        delivery(body=BODY + b" "),
        delivery(name="msg_other"),
        delivery(stamp="1614265331"),
        delivery(signature=RIGHT.replace("OE=", "OA=")),
        delivery(signature=RIGHT.replace("v1,", "v2,")),
        delivery(signature=RIGHT.removeprefix("v1,")),
        delivery(signature=""),
        delivery(signature="v1,é"),
        delivery(name=""),
        delivery(name="a.b"),
        delivery(stamp="1614265330.0"),
        delivery(stamp="99999999999999999999"),
        delivery(stamp="999999999999"),
    ],
)
def test_whatever_is_tampered_with_is_refused(tampered: Delivery) -> None:
    assert not refused(delivery(), of(SECRET))
    assert refused(tampered, of(SECRET))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "whsec_ not base64", "whpk_" + SECRET[6:], "whpk_"])
def test_a_secret_that_is_none_verifies_nobody(secret: str) -> None:
    key = base64.b64decode("AAAA")
    signed = base64.b64encode(hmac.digest(key, b"m.1614265330." + BODY, hashlib.sha256)).decode()
    assert refused(delivery(), of(secret))
    assert refused(delivery(name="m", signature=f"v1,{signed}"), of(secret))


def test_several_secrets_count_while_they_are_rotated() -> None:
    assert not refused(delivery(), of("whsec_" + "A" * 32, SECRET))
    assert refused(delivery(), of("whsec_" + "A" * 32))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_request_outside_the_window_is_a_replay(seconds: int) -> None:
    assert refused(delivery(), of(SECRET), AT + timedelta(seconds=seconds))
    assert not refused(delivery(), of(SECRET), AT + timedelta(seconds=seconds - seconds // 300))
    assert not refused(delivery(), of(SECRET, window_s=900), AT + timedelta(seconds=seconds))


def test_an_asymmetric_signature_is_verified_by_the_public_key() -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    public = base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    signed = base64.b64encode(key.sign(b"m.1614265330." + BODY)).decode()
    both = of(SECRET, f"whpk_{public}")
    assert not refused(delivery(name="m", signature=f"v1,AAAA v1a,{signed}"), both)
    assert refused(delivery(name="m", signature=f"v1a,{signed}", body=BODY + b" "), both)
    assert refused(delivery(name="m", signature=f"v1,{signed}"), both), "the versions are not mixed up"
    assert refused(delivery(name="m", signature="v1a,AAAA v1a,é"), both)


def test_data_is_an_activity_and_the_envelope_fills_what_it_leaves_out() -> None:
    said = {"type": "call", "owner": "sanne@example.nl", "data": {"duration_s": 60}}
    event = {"type": "call.completed", "timestamp": "2022-11-03T20:26:10.344522Z", "data": said}
    (sent,) = read(delivery(orjson.dumps(event), name="m"), of(SECRET))
    (claim,) = sent.claims
    assert (sent.id, claim.id, claim.type) == ("m", "m", "call")
    assert claim.occurred_at.isoformat() == "2022-11-03T20:26:10.344522+00:00"
    assert read_again(sent.raw, of(SECRET)) == [sent]


def test_an_id_of_its_own_is_the_business_key() -> None:
    said = {"type": "call", "id": "call:7", "owner": "sanne@example.nl", "occurred_at": "2026-11-24T10:00:00Z"}
    (sent,) = read(delivery(orjson.dumps({"data": said}), name="m"), of(SECRET))
    assert (sent.id, sent.claims[0].id) == ("m", "call:7")


def test_deals_have_the_ids_of_their_connection() -> None:
    said = {"type": "deal", "occurred_at": "2026-11-24T10:00:00Z", "deal": {"id": "7", "stage": "won"}}
    for prefix, name in ((None, "crm:7"), ("", "7"), ("hubspot-nl:", "hubspot-nl:7")):
        (sent,) = read(delivery(orjson.dumps({"data": said}), name="m"), of(SECRET, deal_prefix=prefix))
        assert sent.claims[0].deal
        assert sent.claims[0].deal.id == name


@pytest.mark.parametrize("name", ["spec_example_event.json", "spec_full_payload.json", "spec_thin_payload.json"])
def test_an_event_that_is_no_activity_is_unreadable_unless_the_mapping_ignores_its_type(name: str) -> None:
    event = sample(name)
    (sent,) = read(delivery(orjson.dumps(event)), of(SECRET))
    assert sent.problems
    assert all(problem.pointer.startswith("/data") for problem in sent.problems)
    (sent,) = read(delivery(orjson.dumps(event)), of(SECRET, activities={event["type"]: "ignore"}))
    assert sent.ignored == f"the mapping of crm leaves events of type {event['type']} out"


@pytest.mark.parametrize(
    "body", [b"[]", b"5", b"null", b'{"data": 5}', b'{"data": {}}', b'{"timestamp": [], "data": {}}']
)
def test_anything_else_has_its_problem_named(body: bytes) -> None:
    (sent,) = read(delivery(body), of(SECRET))
    assert sent.problems
    assert not sent.claims
