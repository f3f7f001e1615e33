"""A generated stream of an office's days: in pieces, out of order, with repetitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from deploy import sampleday
from deploy.office import documents, office
from shared.contracts.times import to_text

REPEATED = 0.2
FAR = 60
"""How many places an event may come too late."""

Event = dict[str, Any]


def league(today: date) -> Mapping[str, Mapping[str, Any]]:
    """Return the league documents of the example office."""
    return documents(today.replace(day=1), today)


def stream(now: datetime, dice: Random, events: int) -> list[Event]:
    """Return the last events of the example office, out of order and some of them twice."""
    source = office(league(now.date())["roster"], now.date(), seed=dice.randrange(10**6))
    begin, found = now, list[Event]()
    while len(found) < events:
        begin -= timedelta(days=2)
        found = sampleday.history(source, begin, now)
    some = [{**event, "occurred_at": to_text(event["occurred_at"])} for event in found[-events:]]
    repeated = [*some, *(event for event in some if dice.random() < REPEATED)]
    order = [(n % len(some) + dice.randrange(FAR), dice.random()) for n in range(len(repeated))]
    return [event for _, event in sorted(zip(order, repeated, strict=True), key=lambda pair: pair[0])]


def pieces(events: Sequence[Event], count: int) -> list[Sequence[Event]]:
    """Split a stream into so many pieces of about the same length."""
    bounds = [len(events) * n // count for n in range(count + 1)]
    return [events[first:last] for first, last in pairwise(bounds)]
