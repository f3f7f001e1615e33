"""How much of a period somebody was there: days counted as the plan says, without leave, times FTE."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property, lru_cache

from services.commission.domain.derivation import Step
from services.commission.domain.league import League
from services.commission.domain.quantities import DAYS as DAYS_UNIT
from services.commission.domain.quantities import FTE as FTE_UNIT
from services.commission.domain.quantities import RATIO, Operand, Quantity
from services.commission.domain.ramp import ramped
from services.commission.domain.segments import Segment
from shared.contracts.plan import DAYS, FTE, Plan
from shared.contracts.roster import Rep
from shared.contracts.timing import INCENTIVE, RAMPED, TARGET, WORKING, Proration
from shared.money import round_half_up
from shared.periods import Period, is_working_day

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a period that a segment stands for: its `days` ÷ `of` days, times `fte`.

    `days` are counted as the plan says (calendar or `working`) and without the days of leave that shrink it
    (`away`); `decimals` rounds the part (None: an exact fraction). `ramp` is what a newcomer has of it.
    """

    segment: Segment
    days: Fraction
    of: Fraction
    fte: Fraction = ONE
    away: Fraction = ZERO
    working: bool = False
    decimals: int | None = None
    ramp: Fraction = ONE

    @property
    def value(self) -> Fraction:
        """The share with the ramp."""
        return self.present if self.ramp == ONE else self.present * self.ramp

    @property
    def present(self) -> Fraction:
        """The share of the time as an exact fraction, or rounded to the plan's decimals."""
        if self.days == self.of and self.fte == ONE:
            return ONE
        exact = self.days / self.of * self.fte
        if self.decimals is None:
            return exact
        return Fraction(round_half_up(exact * 10**self.decimals), 10**self.decimals)


@dataclass(frozen=True)
class Presence:
    """A rep's time in a period under a plan: `parts` are all their segments, whatever the plan."""

    rep: Rep
    plan: Plan
    period: Period
    parts: Sequence[Segment]
    league: League

    def shares(self, own: Iterable[Segment], what: str = INCENTIVE) -> tuple[Share, ...]:
        """Return what part of the incentive or target (`what`) each of the segments stands for.

        With days in `prorate` the whole is the period, else the days the rep was in any team of the period:
        then a newcomer has all of it, and a transfer still divides it.
        """
        shrinks = self.plan.prorate if what in self._rules.what else frozenset()
        ramp = self.plan.time.ramp
        ramps = ramp if ramp and (what == TARGET or ramp.incentive == RAMPED) else None
        shares = tuple(self._share(part, shrinks) for part in own)
        if ramps is None:
            return shares
        return tuple(replace(share, ramp=ramped(ramps, self.rep, share.segment)) for share in shares)

    def part_of_period(self, own: Iterable[Segment]) -> Fraction:
        """Return which part of the period's days the segments are, times FTE where the plan prorates by it."""
        return total(self._share(part, self.plan.prorate | {DAYS}) for part in own)

    @property
    def _rules(self) -> Proration:
        return self.plan.time.proration

    def _share(self, part: Segment, shrinks: frozenset[str]) -> Share:
        days = self._days(part.first, part.last)
        away = self._away(part) if DAYS in shrinks and self.rep.absences else ZERO
        return Share(
            segment=part,
            days=days - away if away else days,
            of=self._days(self.period.first, self.period.last) if DAYS in shrinks else self._membership,
            fte=part.fte if FTE in shrinks else ONE,
            away=away,
            working=self._working,
            decimals=self._rules.decimals,
        )

    @cached_property
    def _working(self) -> bool:
        """Tell whether working days are counted: not in a period (or a membership) that has none."""
        return self._rules.days == WORKING and any(
            working_days(part.first, part.last, self._holidays) for part in self.parts
        )

    @property
    def _holidays(self) -> frozenset[date]:
        own = self._rules.holidays
        return self.league.roster.organisation.holidays if own is None else own

    @cached_property
    def _membership(self) -> Fraction:
        """The days in any team of the period."""
        return sum((self._days(part.first, part.last) for part in self.parts), ZERO)

    def _days(self, first: date, last: date) -> Fraction:
        return _counted(first, last, self._holidays if self._working else None)

    def _away(self, part: Segment) -> Fraction:
        leave = (one for one in self.rep.absences if self._rules.shrinks_for(one.kind))
        stretches = ((max(one.start, part.first), min(one.end, part.last), one.part) for one in leave)
        return sum((self._days(a, b) * Fraction(away) for a, b, away in stretches if a < b), ZERO)


@lru_cache(maxsize=4096)
def _counted(first: date, last: date, holidays: frozenset[date] | None) -> Fraction:
    """Return calendar days, or working days without the holidays."""
    return Fraction((last - first).days if holidays is None else working_days(first, last, holidays))


def working_days(first: date, last: date, holidays: frozenset[date]) -> int:
    """Return the days from Monday to Friday from `first` up to and without `last` that are no holidays."""
    weeks, rest = divmod((last - first).days, 7)
    loose = (first + timedelta(days=n) for n in range(rest))
    off = sum(first <= day < last and is_working_day(day) for day in holidays)
    return 5 * weeks + sum(map(is_working_day, loose)) - off


def by_team(shares: Iterable[Share]) -> Mapping[str, tuple[Share, ...]]:
    """Return the shares of each team, in the order the rep was in them."""
    groups: dict[str, tuple[Share, ...]] = {}
    for share in shares:
        groups[share.segment.team] = (*groups.get(share.segment.team, ()), share)
    return groups


def total(shares: Iterable[Share]) -> Fraction:
    """Return the part of a whole period that the shares come to."""
    return sum((share.value for share in shares), ZERO)


def share_steps(shares: Sequence[Share], league: League) -> Iterator[Step]:
    """Yield how each share was counted; nothing when they are one whole period."""
    if len(shares) == 1 and shares[0].value == ONE:
        return
    for share in shares:
        part = share.segment
        team = league.roster.teams.get(part.team)
        about: dict[str, Operand] = {
            "first": part.first.isoformat(),
            "last": part.last.isoformat(),
            "team": team.name if team else part.team,
            "days": Quantity(share.days, DAYS_UNIT),
            "of": Quantity(share.of, DAYS_UNIT),
            "fte": Quantity(share.fte, FTE_UNIT),
            "away": Quantity(share.away, DAYS_UNIT),
        }
        yield Step(_name_of(share), Quantity(share.present, RATIO), about)
        if share.ramp != ONE:
            days = {"first": part.first.isoformat(), "last": part.last.isoformat()}
            yield Step("ramp", Quantity(share.ramp, RATIO), days)


def _name_of(share: Share) -> str:
    days = "working-days" if share.working else "days"
    fte = "" if share.fte == ONE else "-and-fte"
    return f"share-of-{days}{fte}" + ("-without-leave" if share.away else "")


__all__ = ["INCENTIVE", "TARGET", "Presence", "Share", "by_team", "share_steps", "total", "working_days"]
