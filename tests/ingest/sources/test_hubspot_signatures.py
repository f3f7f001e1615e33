"""HubSpot's signatures: every published vector, good and tampered; the header that decides; the window; the address."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.domain.connections import Connection
from services.ingest.sources import Delivery, Hook, Unverified, close, hubspot, pipedrive
from services.ingest.sources.hubspot.signatures import decoded

VECTORS = Path(__file__).parents[4] / "shared/data/crm-payloads/hubspot/signature_vectors.json"
SECRET = "a-client-secret"
NOW = datetime(2026, 11, 24, 13, 52, tzinfo=UTC)
URL = "https://samenspel.example.nl/ingest/v1/hooks/hubspot-nl"
BODY = b'[{"eventId": 1}]'


def connection(*secrets: str, window_s: int = 300) -> Connection:
    return Connection("hubspot-nl", "hubspot", secrets=secrets or (SECRET,), window_s=window_s)


def ms(at: datetime) -> str:
    return str(int(at.timestamp()) * 1000)


def signed_v3(body: bytes = BODY, at: str = ms(NOW), url: str = URL, secret: str = SECRET) -> dict[str, str]:
    signed = f"POST{url}".encode() + body + at.encode()
    signature = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
    return {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": at}


def signed_v1(body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    signature = hashlib.sha256(secret.encode() + body).hexdigest()
    return {"x-hubspot-signature": signature, "x-hubspot-signature-version": "v1"}


def is_verified(headers: dict[str, str], *, body: bytes = BODY, url: str = URL, to: Connection | None = None) -> bool:
    delivery = Delivery("application/json", headers, body, "POST", url)
    try:
        hubspot.verify(delivery, to or connection(), NOW)
    except Unverified:
        return False
    return True


def published() -> list[dict[str, Any]]:
    if not VECTORS.exists():
        return []
    kept = json.loads(VECTORS.read_text(encoding="utf-8"))
    return [{**vector, "secret": kept["secret"]} for vector in kept["vectors"]]


def as_delivery(vector: dict[str, Any]) -> tuple[Delivery, datetime]:
    names = {"v3": ("x-hubspot-signature-v3", "x-hubspot-request-timestamp", vector.get("timestamp", ""))}
    signature, second, value = names.get(
        vector["version"], ("x-hubspot-signature", "x-hubspot-signature-version", vector["version"])
    )
    at = datetime.fromtimestamp(int(vector.get("timestamp", 0)) / 1000, UTC)
    headers = {signature: vector["signature"], second: value}
    return Delivery(
        "application/json", headers, vector["body"].encode(), vector.get("method", "POST"), vector.get("uri", URL)
    ), at


def differs_in_one_thing(delivery: Delivery) -> list[Delivery]:
    """Return the delivery with one byte, the method, the address or the signature changed."""
    (name, signature), *rest = delivery.headers.items()
    other = {name: signature[:-2] + ("0=" if signature[-2:] != "0=" else "1="), **dict(rest)}
    tampered = [
        Delivery(delivery.content_type, delivery.headers, delivery.body + b" ", delivery.method, delivery.url),
        Delivery(delivery.content_type, other, delivery.body, delivery.method, delivery.url),
    ]
    if rest != [("x-hubspot-signature-version", "v1")]:
        tampered += [
            Delivery(delivery.content_type, delivery.headers, delivery.body, "PUT", delivery.url),
            Delivery(delivery.content_type, delivery.headers, delivery.body, delivery.method, delivery.url + "?a=1"),
        ]
    return tampered


@pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors are not beside this copy of the project")
@pytest.mark.parametrize("number", range(8))
def test_every_published_vector_is_verified_and_every_change_to_it_is_noticed(number: int) -> None:
    assert len(published()) == 8
    vector = published()[number]
    delivery, at = as_delivery(vector)
    to = connection("another", vector["secret"])
    hubspot.verify(delivery, to, at)
    for tampered in differs_in_one_thing(delivery):
        with pytest.raises(Unverified):
            hubspot.verify(tampered, to, at)
    with pytest.raises(Unverified):
        hubspot.verify(delivery, connection("another"), at)


def test_any_secret_of_the_connection_counts_while_they_are_rotated() -> None:
    both = connection("the-new-one", SECRET)
    assert is_verified(signed_v3(), to=both)
    assert is_verified(signed_v3(secret="the-new-one"), to=both)
    assert not is_verified(signed_v3(secret="the-old-one"), to=both)


def test_without_a_secret_nobody_is_verified() -> None:
    assert not is_verified(signed_v1(secret=""), to=Connection("hubspot-nl", "hubspot"))
    assert not is_verified(signed_v1(secret=""), to=connection(""))
    assert not is_verified(signed_v3(secret=""), to=connection(""))


def test_without_a_signature_nobody_is_verified() -> None:
    assert not is_verified({})
    assert not is_verified({"x-hubspot-signature-v3": "", "x-hubspot-request-timestamp": ms(NOW)})
    assert not is_verified({"x-hubspot-signature-version": "v1"})


def test_where_version_3_is_there_it_alone_decides() -> None:
    assert is_verified({**signed_v3(), "x-hubspot-signature": "nonsense", "x-hubspot-signature-version": "v1"})
    assert not is_verified({**signed_v1(), **signed_v3(secret="wrong")})


def test_without_a_version_the_older_signature_is_version_1_and_an_unknown_version_is_none() -> None:
    headers = signed_v1()
    assert is_verified({"x-hubspot-signature": headers["x-hubspot-signature"]})
    assert is_verified({**headers, "x-hubspot-signature-version": "V1"})
    assert not is_verified({**headers, "x-hubspot-signature-version": "v2"})
    assert not is_verified({**headers, "x-hubspot-signature-version": "v9"})


@pytest.mark.parametrize(("seconds", "verified"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_a_signed_request_is_taken_five_minutes_around_its_timestamp(seconds: int, verified: bool) -> None:
    assert is_verified(signed_v3(at=ms(NOW + timedelta(seconds=seconds)))) is verified


def test_the_window_of_the_connection_is_kept() -> None:
    headers = signed_v3(at=ms(NOW - timedelta(seconds=90)))
    assert is_verified(headers, to=connection(window_s=120))
    assert not is_verified(headers, to=connection(window_s=60))


@pytest.mark.parametrize(
    "timestamp",
    [
        *("", "NaN", "Infinity", "-1", "0x1a", "1e12", "9" * 40, "١٧٩٥٥٢٨٣٢٠٠٠٠"),
        *(f"{ms(NOW)}.0", f" {ms(NOW)}", f"+{ms(NOW)}", ms(NOW)[:-3], f"{ms(NOW)}000"),
    ],
)
def test_a_timestamp_that_is_no_whole_number_of_milliseconds_near_now_is_refused_though_it_is_signed(
    timestamp: str,
) -> None:
    assert not is_verified(signed_v3(at=timestamp))


def test_a_timestamp_under_another_name_or_none_is_refused() -> None:
    signature = signed_v3()["x-hubspot-signature-v3"]
    assert not is_verified({"x-hubspot-signature-v3": signature})
    assert not is_verified({"x-hubspot-signature-v3": signature, "x-hubspot-signature-timestamp": ms(NOW)})


def test_exactly_the_escapes_of_the_list_are_undone() -> None:
    assert decoded("%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B") == ":/?@!$'()*,;"
    assert decoded("%3a%2f") == ":/"
    for kept in ("%20", "%26", "%3D", "%25", "%2B", "%23", "%E2%82%AC", "%5B", "+"):
        assert decoded(kept) == kept
    assert decoded("%253A") == "%253A"


def test_the_address_is_signed_with_its_query_and_those_escapes_undone() -> None:
    called = f"{URL}?at=12%3A30&q=a%20b%2Cc"
    assert is_verified(signed_v3(url=f"{URL}?at=12:30&q=a%20b,c"), url=called)
    assert not is_verified(signed_v3(url=f"{URL}?at=12:30&q=a b,c"), url=called)
    assert not is_verified(signed_v3(), url=called)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*signed_v1(), *signed_v3(), "authorization"]), st.text(st.characters(max_codepoint=255))
    )
)
@pytest.mark.parametrize("kind", [hubspot, pipedrive, close])
def test_whatever_a_stranger_shows_is_refused_without_an_error(kind: Hook, headers: dict[str, str]) -> None:
    with pytest.raises(Unverified):
        kind.verify(Delivery("application/json", headers, BODY, "POST", URL), connection("ab:cd", "ff00"), NOW)


def test_behind_a_proxy_the_public_address_counts() -> None:
    assert not is_verified(signed_v3(url="http://10.0.0.7:8000/ingest/v1/hooks/hubspot-nl"))
    assert is_verified(signed_v3(url=URL))
