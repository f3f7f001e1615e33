"""Which jobs a plan gives a rep: each component for the time, and the team, that it is paid for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from services.commission.domain.accumulation import Window, windows_of
from services.commission.domain.jobs import Job
from services.commission.domain.mentees import mentee_spans
from services.commission.domain.payee import Payee, Stretch
from services.commission.domain.proration import INCENTIVE, TARGET, Presence, Share, total
from services.commission.domain.results import Span
from services.commission.domain.segments import Segment, segments
from shared.contracts.plan import DAYS, GROUPS, INDIVIDUAL, TEAM, Component, Plan
from shared.contracts.timing import SEGMENTS, TO_DATE
from shared.periods import Period

EVERYWHERE = ""
"""The key of a job that is for no team in particular."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A rep's segments in a payment period, and those of them under the plan at hand (`own`)."""

    period: Period
    parts: tuple[Segment, ...]
    own: tuple[Segment, ...]


@dataclass(frozen=True)
class Assignment:
    """A plan for a rep's `own` segments of the period; `parts` are all of them, whatever the plan."""

    payee: Payee
    plan: Plan
    version: int
    own: Sequence[Segment]
    parts: Sequence[Segment]
    _stays: dict[str, Stay] = field(default_factory=dict, compare=False, repr=False)
    _shares: dict[tuple[str, ...], tuple[Share, ...]] = field(default_factory=dict, compare=False, repr=False)

    def jobs(self, component: Component) -> Iterator[Job]:
        """Yield the jobs of a component: one, or one for each team."""
        windows = windows_of(component, self.payee.period)
        if windows is None:
            stay = Stay(self.payee.period, tuple(self.parts), tuple(self.own))
            yield from _Jobs(self, component, (stay,)).by_team(self.payee.period).values()
        elif not self._followed:
            now, before = (self._over(component, window) if window else {} for window in windows)
            yield from (replace(job, before=before.get(key)) for key, job in now.items())

    @property
    def presence(self) -> Presence:
        """The rep's time in the period."""
        return Presence(self.payee.rep, self.plan, self.payee.period, self.parts, self.payee.league)

    @property
    def share(self) -> Fraction:
        """The part of a whole period that is paid."""
        return total(self.presence.shares(self.own))

    @cached_property
    def _followed(self) -> bool:
        """Tell whether another version of the plan follows in the period: then that one pays what accumulates."""
        last = [part.plan for part in self.parts if part.plan and part.plan.id == self.plan.id][-1]
        return last is not self.plan and last != self.plan

    def _over(self, component: Component, window: Window) -> Mapping[str, Job]:
        """Return the jobs of a component over the periods of a window, by team."""
        stays = tuple(self._stay(period) for period in window.periods(self.plan.period))
        jobs = _Jobs(self, component, stays)
        if component.against == TO_DATE:
            return jobs.by_team(window.so_far)
        every = tuple(self._stay(period) for period in window.whole_periods(self.plan.period))
        return jobs.by_team(window.so_far, _Jobs(self, component, every), window.whole)

    def _stay(self, period: Period) -> Stay:
        """Return the segments in a payment period; worked out once for all components."""
        if period.id not in self._stays:
            parts = segments(self.payee.rep, period, self.payee.league)
            own = tuple(part for part in parts if part.plan and part.plan.id == self.plan.id)
            self._stays[period.id] = Stay(period, parts, own)
        return self._stays[period.id]

    def shares(self, stay: Stay, what: str, key: str, *, apart: bool) -> tuple[Share, ...]:
        """Return the rep's shares of the incentive or the target in a stay; worked out once for all components."""
        own_only = what == INCENTIVE or apart
        named = (stay.period.id, what, key, "own" if own_only else "all")
        if named not in self._shares:
            mine = [part for part in (stay.own if own_only else stay.parts) if key in (EVERYWHERE, part.team)]
            presence = Presence(self.payee.rep, self.plan, stay.period, stay.parts, self.payee.league)
            self._shares[named] = presence.shares(mine, what)
        return self._shares[named]


@dataclass(frozen=True)
class _Jobs:
    """The jobs of a component for a rep's stays in one or more payment periods."""

    assignment: Assignment
    component: Component
    stays: tuple[Stay, ...]

    def by_team(self, time: Period, base: "_Jobs | None" = None, whole: Period | None = None) -> Mapping[str, Job]:
        """Return the jobs over `time` by team; target and incentive are those of `whole` where `base` has its stays."""
        keys = dict.fromkeys(part.team if self._divided else EVERYWHERE for stay in self.stays for part in stay.own)
        return {key: self._job(key, time, base, whole) for key in keys}

    @property
    def _divided(self) -> bool:
        return self.component.scope == TEAM or self._apart

    @cached_property
    def _apart(self) -> bool:
        """Tell whether the rep's own result is measured team by team."""
        if self.component.scope != INDIVIDUAL or self.assignment.plan.time.transfers != SEGMENTS:
            return False
        return self._elsewhere or len({part.team for stay in self.stays for part in stay.own}) > 1

    @cached_property
    def _elsewhere(self) -> bool:
        """Tell whether the rep was under another plan, or none, for a part of the time."""
        return any(len(stay.own) != len(stay.parts) for stay in self.stays)

    def _job(self, key: str, time: Period, base: "_Jobs | None", whole: Period | None) -> Job:
        source, payee = base or self, self.assignment.payee
        own = [part for stay in self.stays for part in stay.own if key in (EVERYWHERE, part.team)]
        spans = tuple(Span(payee.rep.id, part.first, part.last) for part in own)
        measured = replace(
            payee,
            period=time,
            results=payee.results if time == payee.period else payee.results.others[time.id],
            spans=spans if self._apart or self._elsewhere else (),
            apart=self._apart,
            stretches=(source.stretch(key, whole),) if whole else tuple(source.stretches(key)),
            mentees=mentee_spans(payee.rep, own, payee.league) if self.component.mentees is not None else (),
        )
        return Job(
            payee=measured,
            plan=self.assignment.plan,
            version=self.assignment.version,
            component=self.component,
            shares=tuple(share for stay in source.stays for share in source.incentive_shares(stay, key)),
            team=key if self.component.scope == TEAM else None,
            periods=len(source.stays),
        )

    def stretches(self, key: str) -> Iterator[Stretch]:
        """Yield the times that the target is made of; those in which the rep was in no team have none of their own."""
        for stay in self.stays:
            shares = self._target_shares(stay, key)
            if shares or self.component.scope in GROUPS:
                yield Stretch(stay.period, shares)

    def stretch(self, key: str, whole: Period) -> Stretch:
        """Return the whole quarter or year as the time that the target is made of."""
        plan = self.assignment.plan
        shrinks = DAYS in plan.prorate and TARGET in plan.time.proration.what
        shares = tuple(share for stay in self.stays for share in self._target_shares(stay, key))
        return Stretch(whole, shares, sum(shrinks or bool(stay.parts) for stay in self.stays))

    def incentive_shares(self, stay: Stay, key: str) -> tuple[Share, ...]:
        """Return the rep's shares of the incentive in a stay."""
        return self.assignment.shares(stay, INCENTIVE, key, apart=self._apart)

    def _target_shares(self, stay: Stay, key: str) -> tuple[Share, ...]:
        """Return the rep's shares of the target in a stay: of the whole one, unless it is divided by team."""
        return self.assignment.shares(stay, TARGET, key if self._apart else EVERYWHERE, apart=self._apart)
