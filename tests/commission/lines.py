"""Ledger lines for tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from shared.contracts.credit import Credit

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
AT = datetime(2026, 11, 24, 13, 52, tzinfo=UTC)


def line(seq: int, amount: int = 100, **more: Any) -> Credit:
    """Return a line of partition 0: a euro of revenue for sanne of noord on 24 November 2026."""
    said: dict[str, Any] = {
        "partition": 0, "subject": "deal:D-1", "rule": "won", "metric": "revenue", "rep": "sanne", "team": "noord",
        "at": AT, "booked_at": NOW, "activity": "api:1", "inbox": 1, "playbook": 1, "roster": 1,
    }  # fmt: skip
    return Credit(**{**said, **more}, seq=seq, amount=amount)


def by_partition(lines: Iterable[Credit]) -> Mapping[int, Sequence[Credit]]:
    """Return the lines as the handlers hand them over."""
    found: defaultdict[int, list[Credit]] = defaultdict(list)
    for each in lines:
        found[each.partition].append(each)
    return found
