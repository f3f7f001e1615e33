"""Salesforce's ids: 15 characters in which case counts, or 18 whose last three say it once more."""

import re
from typing import Any

from services.ingest.sources.fields import Unreadable

OPPORTUNITY, QUEUE = "006", "00G"
"""What ids of these begin with."""

_ID = re.compile(r"[A-Za-z0-9]{15}([A-Z0-5]{3})?")
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_form(value: Any, pointer: str) -> str:
    """Return an id in its form of 18 characters, whichever came; Unreadable when it is none."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Unreadable(pointer, value, "a Salesforce id of 15 or 18 characters")
    return value[:15] + "".join(_capitals(value[start : start + 5]) for start in (0, 5, 10))


def same(one: Any, other: Any) -> bool:
    """Tell whether two texts are the same id, in whichever form."""
    try:
        return long_form(one, "") == long_form(other, "")
    except Unreadable:
        return False


def _capitals(part: str) -> str:
    """Return the character that says which of five characters are capitals."""
    return _SUFFIX[sum(1 << place for place, character in enumerate(part) if "A" <= character <= "Z")]
