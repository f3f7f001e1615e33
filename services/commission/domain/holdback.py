"""The part of a pay that waits, deal by deal, until the deal's credits of another metric arrive."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from services.commission.domain.derivation import Step, step
from services.commission.domain.jobs import Job, Pay
from services.commission.domain.payee import Measured
from services.commission.domain.quantities import RATIO, Operand, Quantity, of_metric
from shared.contracts.timing import AT_ONCE, Holdback
from shared.periods import Period

ZERO, ONE = Fraction(0), Fraction(1)


def waiting(job: Job, measured: Measured, pay: Pay) -> Pay:
    """Return what is paid now of a component with a holdback; of one without, all of it.

    In the period it was earned that is the rest and what has come free already; in a later one (`paid_in`) what
    comes free there.
    """
    holdback = job.component.holdback
    if holdback is None:
        return pay
    held = _Held(job, holdback, pay.value, _parts(measured, pay))
    return held.later(pay, job.paid_in) if job.paid_in else held.now(pay)


def _parts(measured: Measured, pay: Pay) -> Mapping[str, Fraction]:
    """Return each deal's part of the pay: what it was paid where deals are paid one by one, else by its amount."""
    amounts = dict(pay.deals) or {deal.id: deal.amount for deal in measured.deals}
    whole = sum(amounts.values(), ZERO)
    return {deal: amount / whole for deal, amount in amounts.items()} if whole else {}


@dataclass(frozen=True, slots=True)
class _Held:
    """What is held back of a job's pay (`whole`), and each deal's part of it."""

    job: Job
    holdback: Holdback
    whole: Fraction
    parts: Mapping[str, Fraction]

    @property
    def amount(self) -> Fraction:
        """What waits in all; nothing where there is no deal that it could wait for."""
        return self.whole * self.holdback.share if self.parts else ZERO

    def now(self, pay: Pay) -> Pay:
        """Return the pay of the period in which it was earned."""
        money, steps = self.job.money, tuple(self._freed("released-now", None, self.job.payee.period))
        released = sum((one.result.value for one in steps), ZERO)
        value = self.whole - self.amount + released
        kept = step("held-back", money(self.amount), **self._about)
        about = {"amount": money(self.whole), "held": money(self.amount), "released": money(released)}
        return pay.then(value, kept, *steps, step("paid-now", money(value), **about))

    def later(self, pay: Pay, period: Period) -> Pay:
        """Return what comes free in a later period."""
        steps = tuple(self._freed("released", period, period))
        earned = step("earned-in", self.job.money(self.whole), **self._about, period=self.job.payee.period.id)
        released = sum((one.result.value for one in steps), ZERO)
        paid = self.whole - self.amount + self._freed_before(period)
        said = (*pay.steps, earned, *steps)
        return replace(pay, value=released, steps=said, notes=(), over=ZERO, room=None, earlier=paid)

    def _freed_before(self, period: Period) -> Fraction:
        """Return what had come free before a period began."""
        start = period.start(self.job.payee.league.roster.zone)
        return sum((self.amount * part * self._free(deal, start) for deal, part in self.parts.items()), ZERO)

    @property
    def _about(self) -> dict[str, Operand]:
        until = self.job.payee.league.metrics.get(self.holdback.until)
        name: Operand = (until.label or until.id) if until else self.holdback.until
        return {"amount": self.job.money(self.whole), "share": Quantity(self.holdback.share, RATIO), "until": name}

    def _freed(self, name: str, since: Period | None, until: Period) -> Iterator[Step]:
        """Yield what of each deal comes free from the start of `since` (None: ever) to the end of `until`."""
        zone = self.job.payee.league.roster.zone
        for deal, part in self.parts.items():
            before = self._free(deal, since.start(zone)) if since else ZERO
            freed = self._free(deal, until.end(zone)) - before
            if freed:
                held = self.amount * part
                about = {"held": self.job.money(held), "part": Quantity(freed, RATIO)}
                yield step(name, self.job.money(held * freed), deal=deal.removeprefix("deal:"), **about)

    def _free(self, deal: str, moment: datetime) -> Fraction:
        """Return which part of a deal had come free before a moment."""
        arrived = self._arrived(self.holdback.until, deal, moment)
        whole = self._arrived(self.job.component.metric, deal, moment)
        if not whole or arrived * whole <= 0:
            return ZERO
        return ONE if self.holdback.release == AT_ONCE else min(arrived / whole, ONE)

    def _arrived(self, metric_id: str, deal: str, moment: datetime) -> Fraction:
        payee = self.job.payee
        metric, found = payee.league.metrics.get(metric_id), payee.results.arrivals.get((metric_id, deal), ())
        total = sum(one.amount for one in found if one.at < moment)
        return of_metric(metric, total).value if metric else ZERO
