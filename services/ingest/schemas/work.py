"""Telephony and calendars: what the data of work says, the same from every sender."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.ingest.domain import peculiar
from services.ingest.domain.translation import WORK
from shared.errors import FieldProblem

LONGEST_DAYS = 7
_LONGEST_SECONDS = LONGEST_DAYS * 86_400


@dataclass(frozen=True, slots=True)
class Convention:
    """What a field of `data` holds, and for which types of activity it is checked; null always passes."""

    types: frozenset[str]
    expected: str
    fits: Callable[[Any], bool]


def _is_length(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LONGEST_SECONDS


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 300


_MEETINGS = frozenset(name for name in WORK if name.startswith("meeting"))
_CALL = frozenset({"call"})

CONVENTIONS: Mapping[str, Convention] = {
    "duration_s": Convention(_CALL | _MEETINGS, f"seconds, a number from 0 to {_LONGEST_SECONDS:,}", _is_length),
    "direction": Convention(_CALL, "inbound or outbound", ("inbound", "outbound").__contains__),
    "counterparty": Convention(_CALL | _MEETINGS, "with whom: text of at most 300 characters", _is_text),
    "outcome": Convention(_CALL | _MEETINGS, "how it ended: text of at most 300 characters", _is_text),
}
"""Other fields of `data` are free."""

TYPES = "Types with a fixed meaning: " + ", ".join(
    f"`{name}` ({what})" for name, what in {**WORK, **peculiar.TYPES}.items()
)
DATA = "Fields with a fixed meaning: " + "; ".join(
    f"`{name}` of {', '.join(sorted(each.types))}: {each.expected}" for name, each in CONVENTIONS.items()
)


def unconventional(kind: str, data: Mapping[str, Any] | None) -> Iterator[FieldProblem]:
    """Name what the data of an activity of type `kind` says otherwise than every sender does."""
    for name, convention in CONVENTIONS.items():
        value = (data or {}).get(name)
        if value is not None and kind in convention.types and not convention.fits(value):
            yield FieldProblem(f"/data/{name}", value, convention.expected)
