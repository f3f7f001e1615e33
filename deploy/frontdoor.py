"""The way in from outside: league documents and activities over HTTP, tried again while the front door is not there."""

from __future__ import annotations

import http.client
import random
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

ANSWER_SECONDS = 30.0
LONGEST_PAUSE = 10.0
BATCH = 500
"""How many activities the front door takes at once."""

_AGAIN = frozenset({429, 500, 502, 503, 504})


class Refused(Exception):
    """The front door will not take this, however often it is sent."""


class Stopped(Exception):
    """Somebody asked to stop while waiting for the front door."""


@dataclass(frozen=True)
class FrontDoor:
    """Talk to the services at `base` (http://127.0.0.1:8000); `stop` ends any waiting."""

    base: str
    token: str
    stop: threading.Event

    def send(self, events: Sequence[Mapping[str, Any]]) -> Counter[str]:
        """Hand in up to BATCH activities; returns how many were accepted, duplicate, parked, invalid."""
        answer = self.call("POST", "/ingest/v1/activities", list(events))
        return Counter(result["status"] for result in answer["results"])

    def put(self, kind: str, body: Mapping[str, Any], effective_from: date) -> None:
        """Hand in a league document; the front door keeps it once when it is the latest version already."""
        self.call("PUT", f"/ingest/v1/league/{kind}?effective_from={effective_from}", body)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer's JSON; raises Refused, or Stopped."""
        attempt = 0
        while not self.stop.is_set():
            try:
                return self._once(method, path, body)
            except urllib.error.HTTPError as error:
                if error.code not in _AGAIN:
                    raise Refused(
                        f"{method} {path}: {error.code} {error.read(2000).decode(errors='replace')}"
                    ) from error
            except (OSError, http.client.HTTPException):
                pass  # not there yet, or gone for a moment
            attempt += 1
            self.stop.wait(random.uniform(0.5, 1) * min(LONGEST_PAUSE, 0.2 * 2.0**attempt))
        raise Stopped

    def _once(self, method: str, path: str, body: Any) -> Any:
        data = None if body is None else orjson.dumps(body, option=orjson.OPT_UTC_Z)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.base + path, data, headers, method=method)  # noqa: S310  http only
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return orjson.loads(answer.read() or b"null")
