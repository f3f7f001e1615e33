"""Sessions: who a browser's signed cookie says is calling.

Ingest makes them when an account signs in; every service verifies them with the shared key and asks nobody. A session
is a JSON object and its HMAC-SHA256, both in base64url, with a dot between. It names the role, not the scopes: what a
role may do is decided where it is read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from shared.auth import ROLES, Caller

LASTS = timedelta(minutes=30)
SHORTEST_KEY = 32
_LONGEST = 4000
_MADE_FOR = b"samenspel session 1\n"


@dataclass(frozen=True, slots=True)
class Session:
    """Keep who signed in, which of their sign-ins it is (`mark`), and until when it counts."""

    caller: Caller
    expires: datetime
    mark: str = ""


def sign(session: Session, key: str) -> str:
    """Return a session as the text of a cookie."""
    who = session.caller
    told = {
        "account": who.account,
        "name": who.name,
        "role": who.role,
        "rep": who.rep,
        "teams": None if who.teams is None else sorted(who.teams),
        "mark": session.mark,
        "expires": int(session.expires.timestamp()),
    }
    body = orjson.dumps(told)
    return f"{_text(body)}.{_text(_mac(body, key))}"


def verify(presented: str, keys: Sequence[str], now: datetime) -> Session | None:
    """Return the session that one of the keys signed and that has not ended, else None."""
    if len(presented) > _LONGEST:
        return None
    body, _, mac = (_bytes(part) for part in presented.partition("."))
    if not any(hmac.compare_digest(mac, _mac(body, key)) for key in keys):
        return None
    session = _session(orjson.loads(body))
    return session if session is not None and now < session.expires else None


def _session(told: Any) -> Session | None:
    scopes = ROLES.get(told["role"])
    if scopes is None:
        return None
    teams = None if told["teams"] is None else frozenset(told["teams"])
    who = Caller(told["name"], scopes, told["role"], told["rep"], teams, told["account"])
    return Session(who, datetime.fromtimestamp(told["expires"], UTC), told["mark"])


def _mac(body: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), _MADE_FOR + body, hashlib.sha256)


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
