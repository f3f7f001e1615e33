"""Close: webhooks of its event log, one event each.

Verified by Close's signature: HMAC-SHA256 of timestamp and body, hexadecimal. A secret of the connection is the
signature key as Close shows it; its bytes are what the hexadecimal text stands for.
"""

import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.sources import Delivery, Unverified, json_of, matches_any
from services.ingest.sources.close import events, opportunities, work
from services.ingest.sources.close.events import Event
from services.ingest.sources.fields import Unreadable, can_be_kept, digest_of

NAME = "close"

SIGNATURE, TIME = "close-sig-hash", "close-sig-timestamp"

RETRIES = timedelta(hours=72)
"""How long Close goes on trying. Whether it signs each try anew is not documented: an old one has to be believed."""

_SECONDS = re.compile(r"[0-9]{1,11}")
_SAID_TWICE = {"activity.opportunity_status_change": "the event of the opportunity itself says the same"}


def verify(delivery: Delivery, connection: Connection, now: datetime) -> None:
    """Return when Close signed the delivery with one of the connection's keys; else raise Unverified.

    Not before `window_s` ahead, and not after it beyond RETRIES: what is sent again in that time is known by its id.
    """
    said = delivery.headers.get(TIME, "")
    if not _SECONDS.fullmatch(said):
        raise Unverified(f"{TIME} is no whole number of seconds")
    age, window = now - datetime.fromtimestamp(int(said), UTC), timedelta(seconds=connection.window_s)
    if not -window <= age <= RETRIES + window:
        raise Unverified("the request was signed too long ago or ahead")
    signed = said.encode() + delivery.body
    expected = [hmac.digest(key, signed, "sha256").hex() for key in _keys(connection.secrets)]
    if not matches_any(delivery.headers.get(SIGNATURE, "").strip().lower(), expected):
        raise Unverified("the signature is not Close's over this request, with any key of this connection")


def read(delivery: Delivery, connection: Connection) -> list[Sent]:
    """Read the one event of a delivery; raises Malformed when it is no JSON."""
    body = json_of(delivery.body)
    if not isinstance(body, dict) or not can_be_kept(body):
        return [Sent(None, body, problems=(Unreadable("", body, "an object with `event`").problem,))]
    try:
        return [_read(events.read(body), body, connection)]
    except Unreadable as error:
        return [Sent(digest_of(body), body, problems=(error.problem,))]


def _keys(secrets: tuple[str, ...]) -> Iterator[bytes]:
    """Yield the keys; a secret that is no hexadecimal text verifies nobody."""
    for secret in secrets:
        try:
            key = bytes.fromhex(secret)
        except ValueError:
            continue
        if key:
            yield key


def _read(event: Event, raw: Mapping[str, Any], connection: Connection) -> Sent:
    if connection.account and event.organisation != connection.account:
        why = f"it was sent by organisation {event.organisation}, this connection is of {connection.account}"
        return Sent(event.key, raw, ignored=why)
    if event.type == "opportunity":
        return Sent(event.key, raw, opportunities.read(event, connection))
    reader = work.READERS.get(event.type)
    if reader is None:
        why = _SAID_TWICE.get(event.type, f"{event.type} events carry no work and no deal")
        return Sent(event.key, raw, ignored=why)
    if event.action == "deleted":
        return Sent(event.key, raw, work.deleted(event, connection))
    found = reader(event, connection)
    return Sent(event.key, raw, ignored=found) if isinstance(found, str) else Sent(event.key, raw, tuple(found))
