"""Sources: one file per kind of sender.

Each first verifies the sender over the raw bytes, then reads the payload, and gives for each thing in it a claim or
the reason why there is none. Senders of `api` and `cloudevents` are verified by their token before anything is read; a
CRM that signs its payloads brings its own check in its own file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from services.ingest.domain.results import Sent
from shared.errors import Malformed, TooLarge

LARGEST_BATCH = 500


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it came in; header names are in small letters."""

    content_type: str
    headers: Mapping[str, str]
    body: bytes


class Source(Protocol):
    """What each file here offers."""

    NAME: str

    def recognises(self, delivery: Delivery) -> bool:
        """Tell whether this source can read the delivery."""
        ...

    def read(self, delivery: Delivery) -> list[Sent]:
        """Read what was sent; raises Malformed, TooLarge, UnsupportedMedia."""
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
