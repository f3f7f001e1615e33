"""Dead letters: a record that can never work is set aside with its reason, and the stream goes on."""

from __future__ import annotations

from base64 import b64encode

from shared import logs
from shared.bus import Outgoing, Record
from shared.contracts import wire

LONGEST_RAW = 600_000
"""Bytes of the record that are kept beside the reason; base64 makes a third more of them."""

log = logs.get(__name__)


def dead_letter(record: Record, reason: Exception) -> Outgoing:
    """Return the record for the topic `dead-letters`, keyed by the topic it came from."""
    place = {"topic": record.topic, "partition": record.partition, "position": record.position}
    log.error("set aside", **place, reason=str(reason))
    letter = {**place, "reason": str(reason), "raw": b64encode(record.value[:LONGEST_RAW]).decode()}
    return Outgoing("dead-letters", record.topic, wire.encode("dead-letters", [letter])[0])
