"""Read a payload again as if it came now: the mapping that left it out was changed, or it can be asked back at last."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson

from services.ingest.domain.arrivals import Part, Payload
from services.ingest.domain.directory import UNREADABLE, Directory
from services.ingest.domain.results import Want
from services.ingest.handlers import taking
from services.ingest.sources import hooks
from shared.errors import Conflict, NotFound


class NoSuchPayload(NotFound):
    """The inbox has no payload with this number."""


class CannotBeReadAgain(Conflict):
    """Only what a connection of the document `sources` sent can be read again, while its payload is kept."""


class Inbox(Protocol):
    """Where payloads are kept."""

    def get(self, inbox: int) -> Payload | None:
        """Return one payload and what became of it."""
        ...

    def supplement(
        self,
        inbox: int,
        parts: Sequence[Part],
        checked: int,
        *,
        ignored: str | None,
        wants: Sequence[Want],
        at: datetime,
    ) -> int:
        """Add the activities that are not there yet, in place of what said that it could not be read; how many."""
        ...


def read_again(number: int, known: Directory, inbox: Inbox, now: datetime) -> dict[str, Any]:
    """Read a payload again and add what it gives now; how many activities, and why there is none."""
    found = inbox.get(number)
    if found is None:
        raise NoSuchPayload
    connection = known.connections.get(found.connection)
    payload = orjson.loads(found.payload)
    sent = hooks.read_again(found.source, payload, connection) if connection and payload is not None else ()
    if not sent:
        raise CannotBeReadAgain
    meant = [(each, *taking.meaning(each, found.connection, known, found.received_at)) for each in sent]
    parts = [part for _, some, _ in meant for part in some]
    if any(part.held and part.held.reason == UNREADABLE for part in parts):
        return {"added": 0, "ignored": None, "unreadable": True}
    wants = [want for each, some, _ in meant for want in taking.wants(each, some, found.connection, known)]
    ignored = next((why for _, _, why in meant if why), None)
    added = inbox.supplement(number, parts, known.number, ignored=ignored, wants=wants, at=now)
    return {"added": added, "ignored": None if parts else ignored, "unreadable": False}
