"""Who is paid, over which time, and what was measured for it."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from services.commission.domain.derivation import Step
from services.commission.domain.findings import Finding
from services.commission.domain.league import League
from services.commission.domain.proration import Share
from services.commission.domain.quantities import Quantity
from services.commission.domain.results import Results, Span
from shared.contracts.roster import Rep
from shared.periods import KINDS, RANGE, Period, of_day


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time that has a target of its own, and what part of it is the rep's: the `shares` ÷ `of`."""

    period: Period
    shares: tuple[Share, ...]
    of: int = 1


@dataclass(frozen=True, slots=True)
class Payee:
    """The rep, the period and everything that a payout of them is computed from.

    `spans` are the rep's days that are paid for; empty when that is the whole period. With `apart` they are measured
    by themselves against their own target, else the whole period's result is held against the whole target.
    `stretches` are the times that the target is made of; empty: the period, all of it. `mentees` are the days of
    the reps whom this one guides.
    """

    rep: Rep
    period: Period
    league: League
    results: Results
    spans: tuple[Span, ...] = ()
    apart: bool = False
    stretches: tuple[Stretch, ...] = ()
    mentees: tuple[Span, ...] = ()

    def team_name(self, team: str) -> str:
        """Return the team's name, or its id when the roster has dropped it."""
        known = self.league.roster.teams.get(team)
        return known.name if known else team

    @property
    def listed(self) -> str:
        """The id of the calendar period whose credits hold those of the payee's: the same one, or one around it."""
        if self.period.kind != RANGE:
            return self.period.id
        around = (of_day(self.period.first, kind) for kind in KINDS)
        return next(one.id for one in around if one.last >= self.period.last)

    def day(self, at: datetime) -> date:
        """Return the organisation's day of a moment."""
        return at.astimezone(self.league.roster.zone).date()


@dataclass(frozen=True, slots=True)
class Deal:
    """One deal of a result, in usual units: what it adds (`amount`) and what it adds to everybody (`whole`).

    `earned` is what it added when the period was closed, where less is left of it now (None: that was not so).
    """

    id: str
    amount: Fraction
    whole: Fraction
    at: datetime
    earned: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A component's result.

    `amount` is that of the whole time, `counted` what a rate pays for (the days in the plan), `deals` the same
    deal by deal where the plan asks for it; the latter two in the plan's currency where money is paid for money.
    `target` and `attainment` are there when the curve runs over attainment.
    """

    steps: tuple[Step, ...]
    amount: Quantity
    counted: Quantity
    deals: tuple[Deal, ...] = ()
    target: Quantity | None = None
    attainment: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A component that cannot be computed, how far it came, and why."""

    steps: tuple[Step, ...]
    problem: Finding
    amount: Quantity | None = None
