"""The JSON that the scripts read: a run of lines, members of a ranking, a win."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from services.leaderboard.domain.boards import Entry, Moment, Win
from services.leaderboard.domain.increments import (
    LARGEST,
    Change,
    FeedChange,
    SumTooLarge,
    changes,
    entry_changes,
    moment_changes,
    win_changes,
)
from shared.contracts.credit import Credit
from shared.contracts.times import from_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Return microseconds since 1970, exactly."""
    return (at - _EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """Return the instant of so many microseconds since 1970."""
    return _EPOCH + value * _MICROSECOND


def millis(at: datetime) -> int:
    """Return whole milliseconds since 1970."""
    return micros(at) // 1000


def batch(run: Sequence[Credit], zone: ZoneInfo | None, now: datetime) -> bytes:
    """Return what APPLY takes; raises SumTooLarge. Without a zone no line can be placed in a period."""
    placed = changes(run, zone, now) if zone else []
    _refuse_inexact(placed)
    return orjson.dumps(
        {
            "partition": str(run[0].partition),
            "first": run[0].seq,
            "last": run[-1].seq,
            "zone": zone.key if zone else "",
            "now": millis(now),
            "booked": max(micros(credit.booked_at) for credit in run),
            "boards": [_board(change) for change in placed],
            "days": [_board(change) for change in entry_changes(run, zone, now)] if zone else [],
            "wins": [_fed(change) for change in win_changes(run)] if zone else [],
            "moments": [_fed(change) for change in moment_changes(run)] if zone else [],
        }
    )


def members(names: Sequence[str], divisors: Sequence[int] = ()) -> bytes:
    """Return what FILL takes; without divisors: of those who are not on the roster."""
    return orjson.dumps({"members": names, **({"divisors": divisors} if divisors else {})})


def read_win(text: str, amount: int) -> Win:
    """Read a win; `amount` is its present sum."""
    return Win(**{**_facts(text), "amount": amount})


def read_moment(text: str) -> Moment:
    """Read a moment."""
    return Moment(**_facts(text))


def read_entry(key: str, amount: int) -> Entry:
    """Read what a piece of work stands for."""
    at, team, rep, rule, subject = key.split("|", 4)
    return Entry(from_text(at), team, rep, subject, rule, amount)


def _facts(text: str) -> dict[str, Any]:
    facts: dict[str, Any] = orjson.loads(text)
    return {**facts, **{name: datetime.fromisoformat(facts[name]) for name in ("at", "booked_at")}}


def _board(change: Change) -> dict[str, Any]:
    return {
        "name": change.name,
        "expires": change.expires,
        "members": list(change.amounts),
        "amounts": list(change.amounts.values()),
    }


def _fed(change: FeedChange) -> dict[str, Any]:
    return {
        "key": change.key,
        "amount": change.amount,
        "at": micros(change.facts.at) if change.facts else 0,
        "facts": orjson.dumps(asdict(change.facts)).decode() if change.facts else "",
    }


def _refuse_inexact(placed: Sequence[Change]) -> None:
    for change in placed:
        for member, amount in change.amounts.items():
            if abs(amount) > LARGEST:
                raise SumTooLarge(f"{change.name}: {member} would get {amount}, beyond 2^53")
