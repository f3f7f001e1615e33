"""What Pipedrive sends: webhooks of version 2 (`data`, changed fields in `previous`) and 1 (`current`, all of both)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.ingest.sources.fields import (
    Unreadable,
    digest_of,
    id_of,
    instant_of_ms,
    instant_of_s,
    instant_of_text,
    instant_of_us,
    name_of,
    object_in,
)

CREATED, CHANGED, DELETED, MERGED = "created", "changed", "deleted", "merged"

_ACTIONS: Mapping[str, str] = {
    "create": CREATED,
    "change": CHANGED,
    "delete": DELETED,
    "added": CREATED,
    "updated": CHANGED,
    "deleted": DELETED,
    "merged": MERGED,
}
"""The words of version 2, then those of version 1."""

_STAMPS = (("timestamp_micro", instant_of_us), ("timestamp_milli", instant_of_ms), ("timestamp", instant_of_s))
_LATEST_IN_SECONDS = 10**11


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one object, whichever version told it.

    `key` is the same for every delivery of the change. `now` is the whole object after it and `before` what is known of
    it before: all of it (version 1) or what changed (version 2); both are empty where there is none. `part` is where
    `now` stands in the payload, `actor` who clicked.
    """

    key: str
    entity: str
    action: str
    id: str
    at: datetime
    now: Mapping[str, Any]
    before: Mapping[str, Any]
    part: str
    company: str | None
    actor: str | None
    merged_to: str | None = None

    def pointer(self, name: str) -> str:
        """Point at a field of the object as it is now."""
        return f"/{self.part}/{name}"


def read(body: Mapping[str, Any]) -> Change:
    """Read a payload of either version; Unreadable when it is neither."""
    meta = object_in(body.get("meta"))
    return _version_1(body, meta) if "object" in meta else _version_2(body, meta)


def _version_2(body: Mapping[str, Any], meta: Mapping[str, Any]) -> Change:
    now, before = object_in(body.get("data")), object_in(body.get("previous"))
    entity, action = _what(meta, "entity")
    ident = id_of(meta.get("entity_id", now.get("id", before.get("id"))), "/meta/entity_id")
    at = _instant(meta.get("timestamp"))
    own = name_of(meta.get("id"))
    parts = [meta.get(name) for name in ("webhook_id", "timestamp", "change_source")]
    unique = own if own and entity != "user" and own != ident else digest_of([*parts, action])
    key = f"{entity}:{ident}:{unique}"
    return _change(meta, Change(key, entity, action, ident, at, now, before, "data", None, None))


def _version_1(body: Mapping[str, Any], meta: Mapping[str, Any]) -> Change:
    now, before = object_in(body.get("current")), object_in(body.get("previous"))
    entity, action = _what(meta, "object")
    ident = id_of(meta.get("id", now.get("id", before.get("id"))), "/meta/id")
    name, instant = next((stamp for stamp in _STAMPS if meta.get(stamp[0]) is not None), _STAMPS[-1])
    at = instant(meta.get(name), f"/meta/{name}")
    states = [] if name == "timestamp_micro" else [body.get("current"), body.get("previous")]
    parts = [meta.get(each) for each in ("webhook_id", name, "change_source")]
    key = f"{entity}:{ident}:{digest_of([*parts, action, *states])}"
    return _change(meta, Change(key, entity, action, ident, at, now, before, "current", None, None))


def _change(meta: Mapping[str, Any], change: Change) -> Change:
    return replace(
        change,
        company=name_of(meta.get("company_id")),
        actor=name_of(meta.get("user_id")),
        merged_to=name_of(meta.get("merged_to_id")),
    )


def _what(meta: Mapping[str, Any], name: str) -> tuple[str, str]:
    """Return the kind of object and what happened to it."""
    entity, action = name_of(meta.get(name)), meta.get("action")
    if entity is None:
        raise Unreadable(f"/meta/{name}", meta.get(name), "what changed, such as deal or activity")
    if not isinstance(action, str) or action not in _ACTIONS:
        raise Unreadable("/meta/action", action, f"one of {', '.join(_ACTIONS)}")
    return entity, _ACTIONS[action]


def _instant(said: Any) -> datetime:
    """Return when it happened: RFC 3339, or seconds (milliseconds where it must be those) in events about users."""
    if type(said) is int:
        return (instant_of_s if said < _LATEST_IN_SECONDS else instant_of_ms)(said, "/meta/timestamp")
    return instant_of_text(said, "/meta/timestamp")
