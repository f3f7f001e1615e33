"""The last check before an activity is kept for ever: one that no store or rule could handle never gets in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.contracts import activity
from shared.contracts.activity import Activity

LONGEST_NAME = 1000
"""Characters of an id; a longer one fits no index."""
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Moments that have a calendar day in every time zone."""
LARGEST = 2**63


class Inadmissible(ValueError):
    """This line is no activity that can be scored."""


def admit(line: Any) -> Activity:
    """Read an activity from its JSON form; Inadmissible says what is wrong with it."""
    try:
        fact = activity.from_wire(line)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Inadmissible(f"the activity cannot be read: {error!r}") from error
    wrong = next((what for what, fits in _CHECKS if not fits(fact)), None)
    if wrong:
        raise Inadmissible(f"{wrong} of activity {str(fact.id)[:100]!r} cannot be used")
    return fact


def _is_name(text: Any) -> bool:
    return isinstance(text, str) and 0 < len(text) <= LONGEST_NAME and "\0" not in text  # PostgreSQL refuses NUL


def _is_number(number: Any) -> bool:
    return isinstance(number, int) and -LARGEST <= number < LARGEST


def _is_change(fact: Activity) -> bool:
    deal = fact.deal
    return deal is None or (
        _is_name(deal.id) and isinstance(deal.set, Mapping) and all(map(_is_said, deal.set.items()))
    )


def _is_said(said: tuple[Any, Any]) -> bool:
    return said[1] is None or isinstance(said[1], str)


_CHECKS = (
    ("the id", lambda fact: _is_name(fact.id)),
    ("the source", lambda fact: _is_name(fact.source)),
    ("the type", lambda fact: _is_name(fact.type)),
    ("the rep", lambda fact: fact.rep is None or _is_name(fact.rep)),
    ("the moment", lambda fact: EARLIEST <= fact.occurred_at < LATEST),
    ("the inbox number", lambda fact: _is_number(fact.inbox)),
    ("the sequence", lambda fact: _is_number(fact.sequence)),
    ("the deal", _is_change),
    ("the data", lambda fact: isinstance(fact.data, Mapping)),
)
