"""HubSpot's signatures: versions 1 and 2 are plain hashes, version 3 is an HMAC with a timestamp.

Source: HubSpot's guide to validating requests. HubSpot sends an older version beside version 3; where version 3 is
there it alone decides, so that nobody can fall back on a version that can be replayed for ever.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from services.ingest.domain.connections import Connection
from services.ingest.sources import Delivery, Unverified, matches_any, refuse_outside_window

V3, V3_TIME = "x-hubspot-signature-v3", "x-hubspot-request-timestamp"
OLDER, OLDER_VERSION = "x-hubspot-signature", "x-hubspot-signature-version"

_MILLISECONDS = re.compile(r"[0-9]{1,14}")
_DECODED: Mapping[str, str] = {f"%{ord(mark):02X}": mark for mark in ":/?@!$'()*,;"}
_ESCAPES = re.compile("|".join(_DECODED), re.IGNORECASE)


def verify(delivery: Delivery, connection: Connection, now: datetime) -> None:
    """Return when HubSpot signed the delivery with one of the connection's secrets; else raise Unverified."""
    if V3 in delivery.headers:
        _refuse_outside_window(delivery.headers.get(V3_TIME, ""), now, connection.window_s)
        presented = delivery.headers[V3]
        expected = [v3(secret, delivery) for secret in connection.secrets if secret]
    else:
        presented, sign = delivery.headers.get(OLDER, ""), _older(delivery.headers.get(OLDER_VERSION, "v1"))
        expected = [sign(secret, delivery) for secret in connection.secrets if secret]
    if not matches_any(presented.strip(), expected):
        raise Unverified("the signature is not HubSpot's over this request, with any secret of this connection")


def v1(secret: str, delivery: Delivery) -> str:
    """Sign as version 1 does: SHA-256 of secret and body, hexadecimal."""
    return hashlib.sha256(secret.encode() + delivery.body).hexdigest()


def v2(secret: str, delivery: Delivery) -> str:
    """Sign as version 2 does: SHA-256 of secret, method, address and body, hexadecimal."""
    return hashlib.sha256(f"{secret}{delivery.method}{delivery.url}".encode() + delivery.body).hexdigest()


def v3(secret: str, delivery: Delivery) -> str:
    """Sign as version 3 does: HMAC-SHA256 of method, address, body and timestamp, base64."""
    signed = f"{delivery.method}{decoded(delivery.url)}".encode() + delivery.body
    signed += delivery.headers.get(V3_TIME, "").encode()
    return base64.b64encode(hmac.digest(secret.encode(), signed, "sha256")).decode()


def decoded(url: str) -> str:
    """Undo the escapes that HubSpot lists, and no others."""
    return _ESCAPES.sub(lambda escape: _DECODED[escape[0].upper()], url)


def _older(version: str) -> Callable[[str, Delivery], str]:
    known = {"v1": v1, "v2": v2}
    if version.lower() not in known:
        raise Unverified(f"{OLDER_VERSION} is neither v1 nor v2")
    return known[version.lower()]


def _refuse_outside_window(said: str, now: datetime, window_s: int) -> None:
    """Raise Unverified unless the timestamp is a whole number of milliseconds near `now`, on either side."""
    if not _MILLISECONDS.fullmatch(said):
        raise Unverified(f"{V3_TIME} is no whole number of milliseconds")
    refuse_outside_window(datetime.fromtimestamp(int(said) / 1000, UTC), now, window_s)
