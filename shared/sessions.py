"""Sessions: who a browser's signed cookie says is calling.

Ingest makes them when an account signs in; every service verifies them with the shared key and asks nobody. A session
is a JSON object and its HMAC-SHA256, both in base64url, with a dot between. It names the role, not the scopes: what a
role may do is decided where it is read.

    python -m shared.sessions        # prints a new key for SAMENSPEL_SESSION_KEY
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from shared.auth import ROLES, Caller

LASTS = timedelta(minutes=30)
_LONGEST = 4000
_MADE_FOR = "samenspel session 1"


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
    return seal(told, key, _MADE_FOR)


def seal(told: dict[str, Any], key: str, purpose: str) -> str:
    """Return what only this key can have said, for one purpose and no other."""
    body = orjson.dumps(told)
    return f"{_text(body)}.{_text(_mac(body, key, purpose))}"


def opened(presented: str, keys: Sequence[str], purpose: str) -> Any:
    """Return what was sealed for this purpose with one of the keys, else None."""
    if len(presented) > _LONGEST:
        return None
    body, _, mac = (_bytes(part) for part in presented.partition("."))
    if not any(hmac.compare_digest(mac, _mac(body, key, purpose)) for key in keys):
        return None
    return orjson.loads(body)


def verify(presented: str, keys: Sequence[str], now: datetime) -> Session | None:
    """Return the session that one of the keys signed and that has not ended, else None."""
    told = opened(presented, keys, _MADE_FOR)
    session = None if told is None else _session(told)
    return session if session is not None and now < session.expires else None


class Sessions:
    """Know who signed in, by the keys that this service shares with the one that signs."""

    def __init__(self, keys: Sequence[str], holds: Callable[[Session], bool] = lambda _: True) -> None:
        """Believe these keys, and only sessions that still hold as far as this service can know."""
        self.keys, self._holds = tuple(keys), holds

    def authenticate(self, presented: str, now: datetime) -> Caller | None:
        """Return who is calling, else None."""
        session = verify(presented, self.keys, now)
        return session.caller if session is not None and self._holds(session) else None


def new_key() -> str:
    """Return a key that nobody can guess."""
    return secrets.token_urlsafe(48)


def _session(told: Any) -> Session | None:
    scopes = ROLES.get(told["role"])
    if scopes is None:
        return None
    teams = None if told["teams"] is None else frozenset(told["teams"])
    who = Caller(told["name"], scopes, told["role"], told["rep"], teams, told["account"])
    return Session(who, datetime.fromtimestamp(told["expires"], UTC), told["mark"])


def _mac(body: bytes, key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), purpose.encode() + b"\n" + body, hashlib.sha256)


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


if __name__ == "__main__":
    sys.stdout.write(f"{new_key()}\n")
