"""How often somebody may guess: a few wrong passwords for an account, some more from an address, then a pause."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

WINDOW = timedelta(minutes=15)
OF_ACCOUNT, OF_ADDRESS = 5, 30
"""Wrong passwords in a window: 480 guesses a day at an account, whoever makes them."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """How many attempts have been made since a moment."""

    count: int
    since: datetime


def counted(before: Attempts | None, most: int, now: datetime) -> tuple[Attempts, timedelta | None]:
    """Return the attempts with this one, and how long to wait where there were too many already."""
    if before is None or now - before.since >= WINDOW:
        return Attempts(1, now), None
    if before.count >= most:
        return before, before.since + WINDOW - now
    return Attempts(before.count + 1, before.since), None


def place_of(address: str) -> str:
    """Return what counts as one address: of IPv6 the network of 64 bits that a line is given."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else parsed.exploded[:19]
    return str(parsed)
