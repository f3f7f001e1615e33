"""Quarters and years inside shorter payment periods: a period pays the rise since what the earlier ones paid."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from services.commission.domain.derivation import step
from services.commission.domain.jobs import Job, Pay
from shared.contracts.plan import QUARTER, RUNNING, YEAR, Component
from shared.periods import Period, days, of_day


@dataclass(frozen=True, slots=True)
class Window:
    """A quarter or year (`whole`) as far as it has come (`so_far`)."""

    whole: Period
    so_far: Period

    def periods(self, kind: str) -> Iterator[Period]:
        """Yield the payment periods of the window so far."""
        return _inside(self.so_far, kind)

    def whole_periods(self, kind: str) -> Iterator[Period]:
        """Yield all payment periods of the quarter or year."""
        return _inside(self.whole, kind)


def kind_of(component: Component) -> str | None:
    """Return what a component adds up over beside the payment period: quarter, year, or None."""
    chosen = component.resets if component.accumulate == RUNNING else component.accumulate
    return chosen if chosen in (QUARTER, YEAR) else None


def windows_of(component: Component, period: Period) -> tuple[Window, Window | None] | None:
    """Return the window up to the end of `period` and the one up to its start; None where nothing accumulates.

    The second is None in the first period of the quarter or year.
    """
    kind = kind_of(component)
    if kind is None:
        return None
    whole = of_day(period.first, kind)
    before = Window(whole, days(whole.first, period.first)) if whole.first < period.first else None
    return Window(whole, days(whole.first, period.last)), before


def _inside(stretch: Period, kind: str) -> Iterator[Period]:
    period = of_day(stretch.first, kind)
    while period.first < stretch.last:
        yield period
        period = period.next()


def rise(job: Job, now: Pay, earlier: Fraction) -> Pay:
    """Return what a period pays of a component that adds up: what is paid to date less what was paid `earlier`.

    Of one that does not it is all.
    """
    if kind_of(job.component) is None:
        return now
    until = step("to-date", job.money(now.value), period=job.payee.period.id)
    if job.before is None:
        return replace(now, steps=(*now.steps, until))
    said = step("before", job.money(earlier), period=job.before.payee.period.id)
    value = now.value - earlier
    paid = step("rise", job.money(value), amount=job.money(now.value), before=job.money(earlier))
    return replace(now, value=value, steps=(*now.steps, until, said, paid), earlier=earlier)
