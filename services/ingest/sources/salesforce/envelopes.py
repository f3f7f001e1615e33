"""What bridges put around Salesforce's events: arrays, CloudEvents, and the envelopes of CometD and Pub/Sub clients."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.ingest.sources.fields import Unreadable, object_in

_LAYERS = ("data", "detail", "payload")
"""CloudEvents and CometD's transport, EventBridge, CometD and Pub/Sub clients; each holds the next."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An event without its envelopes, and what they said: its place in the channel, and its schema."""

    record: Mapping[str, Any]
    replay: Any = None
    schema: Any = None


def opened(item: Any) -> Opened:
    """Return what an item holds; raises Unreadable when that is no object."""
    if not isinstance(item, dict):
        raise Unreadable("", item, "an event as an object")
    record: Mapping[str, Any] = _encoded(item) if "data_base64" in item else item
    replay, schema = _told(item)
    for layer in _LAYERS:
        inner = record.get(layer)
        if isinstance(inner, dict):
            found = _told(record)
            replay, schema, record = replay or found[0], schema or found[1], inner
    found = _told(record)
    return Opened(record, replay or found[0], schema or found[1])


def _encoded(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the data of a CloudEvent that has it as base64."""
    try:
        data = orjson.loads(base64.b64decode(item["data_base64"], validate=True))
    except (ValueError, TypeError):
        data = None
    if not isinstance(data, dict):
        raise Unreadable("/data_base64", item["data_base64"], "base64 of an event as a JSON object")
    return data


def _told(layer: Mapping[str, Any]) -> tuple[Any, Any]:
    event = object_in(layer.get("event"))
    return event.get("replayId") or layer.get("replayId"), layer.get("schema") or layer.get("schemaId")
