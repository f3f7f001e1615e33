"""Instants on the wire: RFC 3339 in UTC with `Z`."""

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=4096)
def to_text(at: datetime) -> str:
    """Write an aware instant as RFC 3339 in UTC (2026-11-24T13:52:00Z, fractions where there are).

    The last ones are remembered: an activity's moment is written several times on its way.
    """
    moment = at if at.tzinfo is UTC else at.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Read an RFC 3339 instant; ValueError when it is malformed or carries no zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} carries no time zone: end it with Z or an offset such as +01:00")
    return at.astimezone(UTC)
