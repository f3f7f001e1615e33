"""Which fields changed, where a change event says so by bits (Pub/Sub API) instead of by name.

Bit i, counted from the least significant, is field i of the event's Avro schema; field 0 is ChangeEventHeader. Parts of
a compound field (an address, a name) come as "n-0x…": n is the compound field, the bits are its parts. Nobody sends the
schema along, but a decoded record holds every field of it in its order. Whether a bridge kept that order is not known,
so a bitmap is believed only when what it says fits the whole record.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HEADER = "ChangeEventHeader"

_BITS = re.compile(r"(?:([0-9]{1,4})-)?0[xX]([0-9A-Fa-f]{1,512})")
_ALWAYS = "LastModifiedDate"
"""Changes with every update."""


@dataclass(frozen=True, slots=True)
class Told:
    """Which fields changed and which of them were emptied; `changed` is None where that cannot be made out.

    `unclear` tells that something was emptied and it is not known what.
    """

    changed: frozenset[str] | None
    nulled: frozenset[str] = frozenset()
    unclear: bool = False


class _Undecodable(ValueError):
    """A bitmap does not fit the record."""


def told(record: Mapping[str, Any], changed: Sequence[Any], nulled: Sequence[Any]) -> Told:
    """Return what the header's lists say about a record, be they names or bitmaps."""
    if not any(isinstance(entry, str) and _BITS.fullmatch(entry) for entry in (*changed, *nulled)):
        return _by_name(record, changed, nulled)
    unclear = any(_is_set(entry) for entry in nulled)
    fields = [HEADER, *(name for name in record if name != HEADER)]
    try:
        moved, emptied = _decoded(changed, fields), _decoded(nulled, fields)
    except _Undecodable:
        return Told(None, unclear=unclear)
    return Told(moved, emptied) if _fits(record, fields, moved, emptied) else Told(None, unclear=unclear)


def _by_name(record: Mapping[str, Any], changed: Sequence[Any], nulled: Sequence[Any]) -> Told:
    """Take names as they are; a field among them without a value was emptied."""
    names = frozenset(name for name in changed if isinstance(name, str))
    emptied = frozenset(name for name in (*names, *nulled) if isinstance(name, str) and _is_none(record, name))
    unclear = not names and None in record.values()
    return Told(names or None, emptied, unclear)


def _is_none(record: Mapping[str, Any], name: str) -> bool:
    return name in record and record[name] is None


def _decoded(entries: Iterable[Any], fields: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for entry in entries:
        match = _BITS.fullmatch(entry) if isinstance(entry, str) else None
        if match is None:
            raise _Undecodable
        bits = int(match[2], 16)
        places = [int(match[1])] if match[1] else [i for i in range(bits.bit_length()) if bits >> i & 1]
        if any(not 0 < place < len(fields) for place in places):
            raise _Undecodable
        found |= {fields[place] for place in places}
    return frozenset(found)


def _fits(record: Mapping[str, Any], fields: Sequence[str], changed: frozenset[str], nulled: frozenset[str]) -> bool:
    """Tell whether what was decoded can be true of the record, and the record still has the order of its schema.

    What changed has a value, but for what was emptied; a part of a compound field may be emptied while others stay.
    """
    names = [name.lower() for name in fields[1:]]
    whole = {name for name in changed | nulled if not isinstance(record.get(name), Mapping)}
    return (
        _ALWAYS in changed
        and names != sorted(names)
        and nulled <= changed
        and all((record.get(name) is None) == (name in nulled) for name in whole)
    )


def _is_set(entry: Any) -> bool:
    match = _BITS.fullmatch(entry) if isinstance(entry, str) else None
    return match is None or int(match[2], 16) > 0
