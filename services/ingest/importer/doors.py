"""The two ways in: straight into the inbox, or over HTTP through a running front door."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson

from services.ingest.domain import results
from services.ingest.domain.arrivals import Origin
from services.ingest.handlers import documents
from services.ingest.handlers.documents import Draft, League
from services.ingest.handlers.names import Names
from services.ingest.handlers.receiving import Inbox, receive
from services.ingest.sources import api
from shared.errors import FieldProblem, InvalidInput, SamenspelError, Unauthenticated, Unavailable

SOURCE = "import"
ATTEMPTS = 8
_AGAIN = frozenset({429, 500, 502, 503, 504})

Items = Sequence[Mapping[str, Any]]


class Refused(InvalidInput):
    """The front door refuses this."""


class NotReached(Unavailable):
    """The front door cannot be reached."""


class Door(Protocol):
    """A way in."""

    def activities(self, items: Items) -> Items:
        """Hand in up to 500 activities; returns what became of each."""
        ...

    def document(self, kind: str, body: Any, effective_from: date | None) -> Mapping[str, Any]:
        """Hand in a league document; returns version, diff and warnings. Raises InvalidInput with every problem."""
        ...


@dataclass(frozen=True, slots=True)
class Direct:
    """Straight into the inbox, through the same handlers; `name` is the connection or the author."""

    name: str
    inbox: Inbox
    league: League
    names: Names

    def activities(self, items: Items) -> Items:
        """Store activities."""
        sent = api.read_items(items)
        told = receive(sent, Origin(self.name, SOURCE), self.names.now(), self.inbox, datetime.now(UTC))
        return [results.to_json(each) for each in told]

    def document(self, kind: str, body: Any, effective_from: date | None) -> Mapping[str, Any]:
        """Store a document."""
        outcome = documents.put(Draft(kind, self.name, body, effective_from), self.league, datetime.now(UTC))
        return documents.told(outcome)


@dataclass(frozen=True, slots=True)
class Remote:
    """Over HTTP; the connection is the name of the token. Waits and tries again while nobody answers."""

    url: str
    token: str
    pause: Callable[[float], None] = field(default=time.sleep)

    def __post_init__(self) -> None:
        """Refuse what is no address of a web server."""
        if urlsplit(self.url).scheme not in {"http", "https"}:
            raise Refused(f"{self.url} is no address: write http://host:port")

    def activities(self, items: Items) -> Items:
        """Hand activities in."""
        status, body = self._call("POST", "/ingest/v1/activities", list(items))
        if status == 202:
            return body["results"]  # type: ignore[no-any-return]
        if status == 422 and body.get("code") == "nothing-kept":
            return _all_invalid(body["errors"])
        raise _refusal(status, body)

    def document(self, kind: str, body: Any, effective_from: date | None) -> Mapping[str, Any]:
        """Hand a document in."""
        query = f"?effective_from={effective_from}" if effective_from else ""
        status, answer = self._call("PUT", f"/ingest/v1/league/{kind}{query}", body)
        if status in {200, 201}:
            return answer  # type: ignore[no-any-return]
        raise _refusal(status, answer)

    def _call(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        for attempt in range(ATTEMPTS):
            try:
                status, text = self._once(method, path, orjson.dumps(body))
                if status not in _AGAIN:
                    return status, orjson.loads(text)
                reason = f"answer {status}"
            except (OSError, http.client.HTTPException, orjson.JSONDecodeError) as error:
                reason = str(error)
            if attempt + 1 < ATTEMPTS:
                self.pause(min(10.0, 0.25 * 2**attempt))
        raise NotReached(f"{self.url}: {reason}")

    def _once(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url.rstrip("/") + path, body, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  http or https, see above
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def _all_invalid(errors: Sequence[Mapping[str, Any]]) -> Items:
    """Give a refusal of everything the form of results; its pointers begin with the place of the item."""
    told = []
    for place, problems in groupby(errors, key=lambda error: error["pointer"].split("/")[1]):
        each = [
            {"field": error["pointer"][len(place) + 1 :], "value": error["value"], "expected": error["expected"]}
            for error in problems
        ]
        told.append({"index": int(place), "id": None, "status": results.INVALID, "errors": each})
    return told


def _refusal(status: int, body: Mapping[str, Any]) -> SamenspelError:
    detail = f"{status} {body.get('title', '')} {body.get('detail', '')}".strip()
    if status in {401, 403}:
        return Unauthenticated(detail)
    found = (FieldProblem(error["pointer"], error["value"], error["expected"]) for error in body.get("errors", ()))
    return Refused(detail, list(found))
