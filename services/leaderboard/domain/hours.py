"""Times of day: when a screen is on, and when it is silent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time

PATTERN = r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d"
"""How a span is written: 07:30-18:30. One that ends before it begins goes over midnight."""

_SPAN = re.compile(PATTERN)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of each day, from `first` up to but not including `last`; all day when they are equal."""

    first: time
    last: time

    def covers(self, moment: time) -> bool:
        """Tell whether a time of day lies inside."""
        if self.first < self.last:
            return self.first <= moment < self.last
        return moment >= self.first or moment < self.last

    def __str__(self) -> str:
        """Read as 07:30-18:30."""
        return f"{self.first:%H:%M}-{self.last:%H:%M}"


def span(text: str) -> Span:
    """Return the span that is written so; ValueError when it is none."""
    if not _SPAN.fullmatch(text):
        raise ValueError(f"{text!r} is no span such as 07:30-18:30")
    return Span(*map(time.fromisoformat, text.split("-")))


def spans(text: str) -> tuple[Span, ...]:
    """Return the spans in a list with commas; ValueError when one is none."""
    return tuple(span(part.strip()) for part in text.split(",") if part.strip())


def covered(moment: time, by: Iterable[Span]) -> bool:
    """Tell whether one of the spans covers a time of day."""
    return any(each.covers(moment) for each in by)
