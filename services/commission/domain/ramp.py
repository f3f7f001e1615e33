"""Newcomers: which part of the target they have, month by month since the start."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import takewhile

from services.commission.domain.segments import Segment
from shared.contracts.roster import Rep
from shared.contracts.timing import CALENDAR_MONTHS, IN_TEAM, Ramp

ONE = Fraction(1)


def ramped(ramp: Ramp | None, rep: Rep, part: Segment) -> Fraction:
    """Return which part of the target the rep has in a segment: that of its months, each by its calendar days."""
    begun = _begun(ramp, rep, part) if ramp else None
    if ramp is None or begun is None:
        return ONE
    less = sum((days * (ONE - share) for days, share in _months(ramp, begun, part)), Fraction(0))
    return ONE - less / part.days


def _begun(ramp: Ramp, rep: Rep, part: Segment) -> date | None:
    return _joined(rep, part) if ramp.since == IN_TEAM else rep.started


def _joined(rep: Rep, part: Segment) -> date:
    """Return the first day of the stay in the team that the segment belongs to, whatever the FTE in it."""
    ordered = sorted(rep.memberships, key=lambda member: member.start, reverse=True)
    before = [member for member in ordered if member.start <= part.first]
    first = part.first
    for member in takewhile(lambda member: member.team == part.team, before):
        if member.end is not None and member.end < first:
            break
        first = member.start
    return first


def _months(ramp: Ramp, begun: date, part: Segment) -> Iterator[tuple[int, Fraction]]:
    """Yield the days of the segment in each of the newcomer's months, with the month's part of the target."""
    starts = _starts(ramp, begun)
    for first, last, share in zip(starts, starts[1:], ramp.shares, strict=False):
        days = (min(last, part.last) - max(first, part.first)).days
        if days > 0:
            yield days, share


def _starts(ramp: Ramp, begun: date) -> Sequence[date]:
    first = begun.replace(day=1) if ramp.months == CALENDAR_MONTHS else begun
    return [months_later(first, months) for months in range(len(ramp.shares) + 1)]


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later; the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
