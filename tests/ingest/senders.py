"""Senders of every kind, as they sign or show their secret; for tests."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.ingest.sources import hooks

SECRET = "3f9a" * 16
"""Hexadecimal, base64 and plain text at once."""
VARIABLE = "SAMENSPEL_SECRET_TEST"
HOST = "https://samenspel.example.nl"
ORGANISATION = "00D000000000001"

Headers = Mapping[str, str]
Signed = tuple[bytes, Headers, str]
"""Body, headers and query."""


def _hmac(key: bytes, signed: bytes) -> bytes:
    return hmac.digest(key, signed, hashlib.sha256)


def _bearer(body: bytes, at: datetime, path: str) -> Signed:
    return body, {"Authorization": f"Bearer {SECRET}"}, ""


def _close(body: bytes, at: datetime, path: str) -> Signed:
    stamp = str(int(at.timestamp()))
    signature = _hmac(bytes.fromhex(SECRET), stamp.encode() + body).hex()
    return body, {"close-sig-timestamp": stamp, "close-sig-hash": signature}, ""


def _hubspot(body: bytes, at: datetime, path: str) -> Signed:
    stamp = str(int(at.timestamp() * 1000))
    signature = base64.b64encode(_hmac(SECRET.encode(), f"POST{HOST}{path}".encode() + body + stamp.encode()))
    return body, {"X-HubSpot-Signature-v3": signature.decode(), "X-HubSpot-Request-Timestamp": stamp}, ""


def _pipedrive(body: bytes, at: datetime, path: str) -> Signed:
    return body, {"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"}, ""


def _standard(body: bytes, at: datetime, path: str) -> Signed:
    name, stamp = hashlib.sha256(body).hexdigest()[:20], str(int(at.timestamp()))
    signature = base64.b64encode(_hmac(base64.b64decode(SECRET), f"{name}.{stamp}.".encode() + body)).decode()
    return body, {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}, ""


def _zoho(body: bytes, at: datetime, path: str) -> Signed:
    said = orjson.loads(body)
    return (
        orjson.dumps({**said, "token": SECRET} if isinstance(said, dict) else {"token": SECRET, "said": said}),
        {},
        "",
    )


SIGN: Mapping[str, Callable[[bytes, datetime, str], Signed]] = {
    "close": _close,
    "cloudevents": _bearer,
    "dynamics": _bearer,
    "hubspot": _hubspot,
    "pipedrive": _pipedrive,
    "salesforce": _bearer,
    "standard-webhooks": _standard,
    "zoho": _zoho,
}
assert SIGN.keys() == hooks.HOOKS.keys(), "each kind of sender can be played here"


@dataclass(frozen=True)
class Senders:
    """Plays the senders of one front door, at one moment."""

    client: FlaskClient
    at: datetime

    def post(
        self, kind: str, body: Any, content_type: str = "application/json", *, name: str = "", **headers: str
    ) -> TestResponse:
        """Send a body (bytes, or what becomes JSON) to the connection `name`, which is of this kind."""
        path = f"/ingest/v1/hooks/{name or kind}"
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        signed, shown, query = SIGN[kind](raw, self.at, path)
        both = {
            "Content-Type": content_type,
            **shown,
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        return self.client.post(f"{path}{query}", data=signed, headers=both)


def connection(kind: str, name: str = "", **more: Any) -> dict[str, Any]:
    """Return a connection for the document of sources."""
    account = {"account": ORGANISATION} if kind == "salesforce" else {}
    base = {"name": name or kind, "kind": kind, "secrets": [f"env:{VARIABLE}"], "public_url": HOST}
    return {**base, **account, "per_second": 10_000, **more}
