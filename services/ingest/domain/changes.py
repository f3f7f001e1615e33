"""What differs between two versions of a document, in sentences."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_NOUNS = {
    "activities": "activity",
    "components": "component",
    "memberships": "membership",
    "mentors": "mentor",
    "metrics": "metric",
    "pipelines": "pipeline",
    "plans": "plan",
    "points": "point",
    "reps": "rep",
    "rules": "rule",
    "sources": "connection",
    "stages": "stage",
    "targets": "target",
    "teams": "team",
    "tiers": "tier",
}
_KEYS: Mapping[str, tuple[str, ...]] = {
    "memberships": ("team", "from"),
    "mentors": ("rep", "from"),
    "points": ("at",),
    "sources": ("name",),
    "targets": ("rep", "team", "metric", "period"),
    "tiers": ("from",),
}
_BY_ID = ("id",)
_MEMBERSHIP = frozenset({"team", "from"})
_LONGEST = 120

Where = tuple[str, ...]


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[str]:
    """Tell what `after` changed, part by part; items of lists are matched by what names them, not by their place."""
    if before is None:
        return ["first version"]
    return list(_mappings((), before, after))


def _mappings(where: Where, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if name == "memberships" and (old or new) and _are_memberships(old) and _are_memberships(new):
            yield from _memberships(where, old or [], new or [])
        else:
            yield from _values(where, name, old, new)


def _values(where: Where, name: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _mappings((*where, name), old, new)
    elif _holds_objects(old, new) or _holds_objects(new, old):
        yield from _objects(where, name, old or [], new or [])
    elif isinstance(old, list) and isinstance(new, list):
        yield from _scalars(where, name, old, new)
    else:
        yield _sentence(where, f"{name} {_text(old)} → {_text(new)}")


def _objects(where: Where, name: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
    noun = _NOUNS.get(name, name)
    olds, news = _named(name, old), _named(name, new)
    for key, item in news.items():
        part = (*where, f"{noun} {key}")
        if key not in olds:
            yield _sentence(part, "new")
        else:
            yield from _mappings(part, olds[key], item)
    yield from (_sentence((*where, f"{noun} {key}"), "gone") for key in olds if key not in news)
    if [key for key in olds if key in news] != [key for key in news if key in olds]:
        yield _sentence(where, f"{name} in another order: {', '.join(news)}")


def _scalars(where: Where, name: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
    added = [_text(item) for item in new if item not in old]
    removed = [_text(item) for item in old if item not in new]
    if added:
        yield _sentence(where, f"{name}: {', '.join(added)} added")
    if removed:
        yield _sentence(where, f"{name}: {', '.join(removed)} removed")
    if not added and not removed:
        yield _sentence(where, f"{name} in another order: {', '.join(map(_text, new))}")


def _memberships(where: Where, old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
    olds, news = _named("memberships", old), _named("memberships", new)
    moves = {key: _moved_from(item, news, olds) for key, item in news.items() if key not in olds}
    for key, item in news.items():
        if key in moves:
            came = f"{moves[key]} → {item['team']}" if moves[key] else f"joins {item['team']}"
            yield _sentence(where, f"team {came} from {item['from']}")
        elif olds[key] != item:
            moved = any(item.get("to") == other["from"] for name, other in news.items() if name in moves)
            yield from _membership(where, olds[key], item, moved=moved)
    for key, item in olds.items():
        if key not in news:
            yield _sentence(where, f"team {item['team']} from {item['from']} taken out")


def _moved_from(item: Any, news: Mapping[str, Any], olds: Mapping[str, Any]) -> str | None:
    """Return the team whose membership ends as `item` begins."""
    left = [other["team"] for name, other in news.items() if other.get("to") == item["from"] and name in olds]
    return str(left[0]) if left else None


def _membership(where: Where, old: Mapping[str, Any], new: Mapping[str, Any], *, moved: bool) -> Iterator[str]:
    if old.get("to") != new.get("to") and not moved:
        until = f"until {new['to']}" if new.get("to") else "without an end"
        yield _sentence(where, f"team {new['team']} {until}")
    if old.get("fte", 1) != new.get("fte", 1):
        yield _sentence(where, f"team {new['team']}: fte {_text(old.get('fte', 1))} → {_text(new.get('fte', 1))}")


def _named(name: str, items: Sequence[Any]) -> dict[str, Any]:
    """Return the items by what names them; by their place when they have no such thing, or share it."""
    keys = _KEYS.get(name, _BY_ID)
    named: dict[str, Any] = {}
    for place, item in enumerate(items, 1):
        found = [str(item[key]) for key in keys if isinstance(item, Mapping) and item.get(key) is not None]
        key = " ".join(found) or f"no. {place}"
        named[key if key not in named else f"{key} (no. {place})"] = item if isinstance(item, Mapping) else {"": item}
    return named


def _are_memberships(value: Any) -> bool:
    items = [] if value is None else value
    return isinstance(items, list) and all(isinstance(item, Mapping) and item.keys() >= _MEMBERSHIP for item in items)


def _holds_objects(value: Any, other: Any) -> bool:
    """Tell whether `value` is a list of objects, and `other` a list too or not there."""
    comparable = other is None or isinstance(other, list)
    return comparable and isinstance(value, list) and any(isinstance(item, Mapping) for item in value)


def _sentence(where: Where, what: str) -> str:
    return ": ".join((*where, what))


def _text(value: Any) -> str:
    if value is None:
        return "(none)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
