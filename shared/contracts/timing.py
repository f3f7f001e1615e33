"""Where time, people and currencies meet a plan: what a plan says about them, as data.

The schema of these parts, with their questions, stands in `plan_time`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

INCENTIVE, TARGET = "incentive", "target"
CALENDAR, WORKING = "calendar", "working"
COUNTS, SHRINKS = "counts", "shrinks"
WHOLE, SEGMENTS = "whole", "segments"
START, IN_TEAM = "start", "team"
CALENDAR_MONTHS, SERVICE_MONTHS = "calendar", "service"
FULL, RAMPED = "full", "ramped"
LOWERED, KEPT = "lowered", "kept"
PAID, FORFEITED = "paid", "forfeited"
RECOVERED, WRITTEN_OFF = "recovered", "written_off"
FIXED, PERIOD_END, EVENT = "fixed", "period_end", "event"
REFUSED, ADJUSTED = "refused", "adjusted"
AT_ONCE, AS_IT_COMES = "at_once", "as_it_comes"
TO_DATE = "to_date"


@dataclass(frozen=True, slots=True)
class Proration:
    """How the part of a period counts that a rep was there.

    `what` shrinks: incentive, target. `days` are calendar or working days; `holidays` are no working days (None:
    the organisation's). With `leave` shrinks the days of absence do not count; `kinds` are the absences that do so
    (empty: all of them). `decimals` rounds the factor, halves up (None: an exact fraction).
    """

    what: frozenset[str] = frozenset({INCENTIVE})
    days: str = CALENDAR
    holidays: frozenset[date] | None = frozenset()
    leave: str = COUNTS
    kinds: frozenset[str] = frozenset()
    decimals: int | None = None

    def shrinks_for(self, kind: str) -> bool:
        """Tell whether an absence of this kind makes the period shorter."""
        return self.leave == SHRINKS and (not self.kinds or kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Ramp:
    """The part of the target that a newcomer has in each month since the start; later months: all of it.

    `since` the rep's start or the start in the team. `months`: calendar months (that of the start is the first) or
    service months (from the day of the start to the same day of the next month). `incentive`: full at 100 % of the
    ramped target, or ramped with it. `team_target`: lowered by what the newcomer's target is less, or kept.
    """

    shares: tuple[Fraction, ...]
    since: str
    months: str
    incentive: str
    team_target: str


@dataclass(frozen=True, slots=True)
class Leavers:
    """What happens on leaving: to what is earned and `unpaid`, and to `reversals` that come afterwards."""

    unpaid: str
    reversals: str


@dataclass(frozen=True, slots=True)
class Guarantee:
    """The least that a period pays, in minor units, up to and without `until` (None: no end).

    With `months` it holds for a rep's first months of work only.
    """

    amount: int
    until: date | None
    prorated: bool
    months: int | None = None


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """One unit of `source` is `rate` units of `target`, as `said_by` published for the day `on`."""

    source: str
    target: str
    rate: Fraction
    on: date
    said_by: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """The rates a plan uses. `at`: fixed (the only one), or the latest at the period's end or at each deal's day."""

    rates: tuple[ExchangeRate, ...] = ()
    at: str = FIXED

    def between(self, source: str, target: str) -> Iterator[ExchangeRate]:
        """Yield the rates of a pair."""
        return (rate for rate in self.rates if (rate.source, rate.target) == (source, target))

    def rate_on(self, source: str, target: str, day: date) -> ExchangeRate | None:
        """Return the rate of a pair that holds on `day`: the latest one not after it; fixed: the only one."""
        known = [rate for rate in self.between(source, target) if self.at == FIXED or rate.on <= day]
        return max(known, key=lambda rate: rate.on, default=None)


@dataclass(frozen=True, slots=True)
class Late:
    """Until how many months after a closed period's end what comes late is adjusted, and what happens `then`."""

    months: int
    then: str


@dataclass(frozen=True, slots=True)
class Holdback:
    """The `share` of a component's pay that waits, deal by deal, for the deal's credits of the metric `until`.

    `release`: at_once when any of it is there, or as_it_comes: in proportion to the deal's own amount.
    """

    share: Fraction
    until: str
    release: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Everything a plan says about time, people and currencies."""

    proration: Proration = field(default_factory=Proration)
    transfers: str = WHOLE
    ramp: Ramp | None = None
    leavers: Leavers | None = None
    guarantee: Guarantee | None = None
    exchange: Exchange = field(default_factory=Exchange)
    late: Late | None = None
