"""Standard Webhooks (standardwebhooks.com, specification 1.0): {type, timestamp, data}, where `data` is an activity.

Signed over `id.timestamp.body`: `v1` is HMAC-SHA256 with a secret `whsec_…`, `v1a` ed25519 with a public key `whpk_…`.
`webhook-id` stays the same over repetitions, so it is the event's identity; `timestamp` stands in for a missing
`occurred_at`. An event whose type the mapping calls `ignore` is left out.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import IGNORE, Connection
from services.ingest.domain.results import Sent
from services.ingest.schemas.activities import echo
from services.ingest.schemas.activities import read as read_claims
from services.ingest.sources import Delivery, Unverified, in_deals_of, json_of, matches_any, refuse_outside_window
from shared.errors import FieldProblem

NAME = "standard-webhooks"
SYMMETRIC, ASYMMETRIC, PUBLIC_KEY = "v1", "v1a", "whpk_"

_PREFIX = re.compile(r"whsec_|whpk_")
_ID = re.compile(r"[^\x00-\x20\x7f-\x9f.]{1,200}")
_TIMESTAMP = re.compile(r"[0-9]{1,11}")  # up to the year 5138
_SHORTEST_KEY, _MOST_SIGNATURES = 16, 20
_ED25519_KEY = 32


def verify(delivery: Delivery, connection: Connection, now: datetime) -> None:
    """Return when one of the signatures belongs to one of the secrets and the request is fresh; else Unverified."""
    name, stamp, given = (delivery.headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not (_ID.fullmatch(name) and _TIMESTAMP.fullmatch(stamp) and given):
        raise Unverified("webhook-id, webhook-timestamp and webhook-signature are needed")
    refuse_outside_window(datetime.fromtimestamp(int(stamp), UTC), now, connection.window_s)
    signed = b".".join((name.encode(), stamp.encode(), delivery.body))
    signatures = [part.partition(",") for part in given.split()[:_MOST_SIGNATURES]]
    if not (_symmetric(signatures, signed, connection) or _asymmetric(signatures, signed, connection)):
        raise Unverified("no signature is right")


def read(delivery: Delivery, connection: Connection) -> list[Sent]:
    """Read the event of a delivery; raises Malformed when it is no JSON."""
    return read_again({"webhook-id": delivery.headers.get("webhook-id"), "event": json_of(delivery.body)}, connection)


def read_again(raw: Any, connection: Connection) -> list[Sent]:
    """Read an event as it is stored: beside its id."""
    name, event = raw["webhook-id"], raw["event"]
    if not isinstance(event, dict):
        return [Sent(name, raw, problems=(FieldProblem("", echo(event), "an event {type, timestamp, data}"),))]
    kind = event.get("type")
    if isinstance(kind, str) and connection.activities.get(kind) == IGNORE:
        return [Sent(name, raw, ignored=f"the mapping of {connection.name} leaves events of type {kind} out")]
    found = _activity(name, event)
    if not isinstance(found, Claim):
        return [Sent(name, raw, problems=tuple(found))]
    return [in_deals_of(Sent(name, raw, (found,)), connection)]


def _activity(name: str | None, event: Mapping[str, Any]) -> Claim | list[FieldProblem]:
    data = event.get("data")
    if not isinstance(data, dict):
        return [FieldProblem("/data", echo(data), "an activity as an object")]
    defaults = {"id": name, "occurred_at": event.get("timestamp")}
    said = {**{key: value for key, value in defaults.items() if value is not None}, **data}
    (found,) = read_claims([said])
    if isinstance(found, Claim):
        return found
    return [FieldProblem(f"/data{each.pointer}", each.value, each.expected) for each in found]


def _symmetric(signatures: list[tuple[str, str, str]], signed: bytes, connection: Connection) -> bool:
    expected = [
        base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
        for key in _keys(connection, public=False)
        if len(key) >= _SHORTEST_KEY
    ]
    given = [signature for version, _, signature in signatures if version == SYMMETRIC]
    return any(matches_any(each, expected) for each in given)


def _asymmetric(signatures: list[tuple[str, str, str]], signed: bytes, connection: Connection) -> bool:
    given = [_decoded(signature) for version, _, signature in signatures if version == ASYMMETRIC]
    keys = [key for key in _keys(connection, public=True) if len(key) == _ED25519_KEY]
    return any(_is_signed(Ed25519PublicKey.from_public_bytes(key), each, signed) for key in keys for each in given)


def _is_signed(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _keys(connection: Connection, *, public: bool) -> Iterator[bytes]:
    for secret in connection.secrets:
        if secret.startswith(PUBLIC_KEY) is public:
            yield _decoded(_PREFIX.sub("", secret, count=1))


def _decoded(text: str) -> bytes:
    """Decode base64, with or without its padding; nothing when it is none."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
