"""What a request says beside its body: who asks, which state they know, and under which key."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import request

from services.commission.handlers.once import Request
from shared.errors import FieldProblem, InvalidInput, Outdated
from shared.web import caller

LONGEST_KEY = 200
KEY: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "a name of your own for this request: sent again under it, nothing is done twice",
}
SEEN: dict[str, Any] = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "description": "the ETag of the run as you know it: refused when it has changed since",
}


def asked(now: datetime, reason: str | None = None) -> Request:
    """Return the present request as the handlers know it; Outdated or InvalidInput for headers that cannot be used."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= LONGEST_KEY:
        problem = FieldProblem("headers/Idempotency-Key", key[:20], f"1 to {LONGEST_KEY} characters")
        raise InvalidInput("the key cannot be used", [problem])
    said = b"\n".join([request.method.encode(), request.path.encode(), request.get_data()])
    return Request(caller().name, now, reason, key, sha256(said).hexdigest(), _seen())


def _seen() -> str | None:
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    tags = request.if_match.as_set()
    if len(tags) != 1:
        raise Outdated("If-Match names one state of the run")
    return str(next(iter(tags)))
