"""Results of reps and teams, as the books give them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.periods import Period


@dataclass(frozen=True, slots=True)
class Span:
    """Days of one rep, from `first` up to and without `last`."""

    rep: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class DealAmount:
    """What one deal adds to somebody's result: its credits in the period summed, in smallest units.

    `deal` is the credits' subject, `at` the earliest moment that still holds something of it; `whole` is what the
    deal adds to everybody together, so that amount ÷ whole is a split share. `earned` is what it added when the
    period was closed, where less is left of it now (None: that was not so).
    """

    deal: str
    amount: int
    at: datetime
    whole: int
    earned: int | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came in of a deal in a metric at a moment: everybody's credits together, in smallest units."""

    amount: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Results:
    """Sums of credits in one period, in smallest units; what is absent is zero.

    `reps` by (rep, metric), `teams` by (team, metric): all credits that carry the team; `spans` by (span,
    metric): days of a rep that count by themselves. `deals` by (rep, metric) and `team_deals` by (team, metric)
    hold the same sums deal by deal, by moment and then by name, for the metrics that were asked for; a deal whose
    credits in the period sum to nothing is not among them. `members` by (team, rep, metric) are there where a group's
    members are looked at one by one. `others` are the results of other stretches of time that
    the period's pay depends on, by their id; `origins` are those of them in which pay was earned that comes
    free now; `arrivals` by (metric, deal) are all credits of the deals that something waits for.
    """

    reps: Mapping[tuple[str, str], int] = field(default_factory=dict)
    teams: Mapping[tuple[str, str], int] = field(default_factory=dict)
    spans: Mapping[tuple[Span, str], int] = field(default_factory=dict)
    deals: Mapping[tuple[str, str], tuple[DealAmount, ...]] = field(default_factory=dict)
    team_deals: Mapping[tuple[str, str], tuple[DealAmount, ...]] = field(default_factory=dict)
    members: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    others: Mapping[str, "Results"] = field(default_factory=dict)
    origins: tuple[Period, ...] = ()
    arrivals: Mapping[tuple[str, str], tuple[Arrival, ...]] = field(default_factory=dict)
