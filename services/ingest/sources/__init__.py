"""Sources: one file per kind of sender.

Each first verifies the sender over the raw bytes, then reads the payload, and gives for each thing in it the claims or
the reason why there are none. Senders of `api` and `cloudevents` with a token are verified before anything is read; a
CRM that calls its own address (`/ingest/v1/hooks/<connection>`) is verified by its own file, a Hook.
"""

import base64
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable
from urllib.parse import parse_qs, urlsplit

import orjson

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from shared.contracts.activity import DealChange
from shared.errors import Malformed, TooLarge, Unauthenticated

LARGEST_BATCH = 500


class Unverified(Unauthenticated):
    """The sender could not be verified."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it came in; header names are in small letters, `url` is public, with its query.

    Headers, address and body may hold secrets and personal data: none of them is ever logged.
    """

    content_type: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a sender must be answered once everything is stored, where it is particular about that."""

    content_type: str
    body: bytes
    status: int = 200


class Source(Protocol):
    """What a file here offers for senders with a token of ours."""

    NAME: str

    def recognises(self, delivery: Delivery) -> bool:
        """Tell whether this source can read the delivery."""
        ...

    def read(self, delivery: Delivery) -> list[Sent]:
        """Read what was sent; raises Malformed, TooLarge, UnsupportedMedia."""
        ...


class Hook(Protocol):
    """What a file here offers for senders with an address of their own; the connection's secrets are resolved."""

    NAME: str

    def verify(self, delivery: Delivery, connection: Connection, now: datetime) -> None:
        """Return when the sender is who it says, over the raw bytes and in constant time; else raise Unverified."""
        ...

    def read(self, delivery: Delivery, connection: Connection) -> list[Sent]:
        """Read what was sent; what cannot be read is a Sent with problems. Raises Malformed: no JSON or XML at all."""
        ...


@runtime_checkable
class Replying(Protocol):
    """A Hook whose sender is particular about the answer."""

    def reply(self, delivery: Delivery) -> Reply | None:
        """Return what the sender must be answered, or None for the usual receipt."""
        ...


@runtime_checkable
class ReadingAgain(Protocol):
    """A Hook that cannot read what it stored (`raw`) as a JSON body of its own."""

    def read_again(self, raw: Any, connection: Connection) -> list[Sent]:
        """Read one thing again as it was stored, its secrets masked, after something was repaired."""
        ...


def json_of(body: bytes) -> Any:
    """Parse a body; raises Malformed that says where it breaks."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the body is not JSON: {error}") from error


def refuse_large_batch(items: list[Any]) -> list[Any]:
    """Return the items, or raise TooLarge."""
    if len(items) > LARGEST_BATCH:
        raise TooLarge(f"{len(items)} items in one request: send at most {LARGEST_BATCH}; nothing of it was kept")
    return items


def in_deals_of(sent: Sent, connection: Connection) -> Sent:
    """Give the deals that a sender names in our own form the ids that they have here."""
    return replace(sent, claims=tuple(_in_deal_of(claim, connection) for claim in sent.claims))


def _in_deal_of(claim: Claim, connection: Connection) -> Claim:
    deal = claim.deal
    return replace(claim, deal=DealChange(connection.deal(deal.id), deal.set)) if deal else claim


def matches_any(presented: str | bytes, expected: Iterable[str | bytes]) -> bool:
    """Tell whether `presented` is one of `expected`; takes equally long whichever it is, and without any is False."""
    found = False
    for each in expected:
        found |= hmac.compare_digest(_bytes(presented), _bytes(each))
    return found


def refuse_outside_window(at: datetime, now: datetime, window_s: int) -> None:
    """Raise Unverified when a signed request is older than the window, or as far in the future."""
    if abs(now - at) > timedelta(seconds=window_s):
        raise Unverified(f"the request was signed more than {window_s} seconds ago or ahead")


def bearer(delivery: Delivery) -> str:
    """Return the token of `Authorization: Bearer`, or an empty text."""
    scheme, _, token = delivery.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def basic(delivery: Delivery) -> str:
    """Return `user:password` of `Authorization: Basic`, or an empty text."""
    scheme, _, encoded = delivery.headers.get("authorization", "").partition(" ")
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        return ""


def in_query(delivery: Delivery, name: str) -> str:
    """Return the only value of `name` in the query, or an empty text."""
    try:
        values = parse_qs(urlsplit(delivery.url).query, max_num_fields=100).get(name, [])
    except ValueError:
        return ""
    return values[0] if len(values) == 1 else ""


def _bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
