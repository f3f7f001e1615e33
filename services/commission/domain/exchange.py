"""Money in another currency than the plan's: exchanged at a rate the plan stores, shown with its day and source."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from services.commission.domain.derivation import Step, step
from services.commission.domain.findings import OTHER_CURRENCY, Finding, finding
from services.commission.domain.payee import Deal, Measured, Payee
from services.commission.domain.quantities import TIMES, Quantity
from shared.contracts.plan import Component, Plan
from shared.contracts.timing import EVENT, ExchangeRate

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class _Pair:
    """The exchange of one metric's money into a plan's."""

    payee: Payee
    plan: Plan
    component: Component
    source: str

    def rate(self, day: date) -> ExchangeRate | None:
        """Return the rate that holds on a day."""
        return self.plan.time.exchange.rate_on(self.source, self.plan.currency, day)

    def missing(self, day: date) -> Finding:
        """Return the exception for a day without a rate."""
        metric = self.payee.league.metrics[self.component.metric]
        about = {"unit": self.source, "currency": self.plan.currency, "day": day.isoformat()}
        return finding(OTHER_CURRENCY, self.component.id, metric=metric.label or metric.id, **about)


def in_currency_of(payee: Payee, plan: Plan, component: Component, found: Measured) -> Measured | Finding:
    """Return the result with what is paid for in the plan's currency; the exception when a rate is missing."""
    pair = _Pair(payee, plan, component, found.counted.unit)
    if plan.time.exchange.at == EVENT:
        return _by_deal(pair, found)
    day = payee.period.last - timedelta(days=1)
    rate = pair.rate(day)
    if rate is None:
        return pair.missing(day)
    deals = tuple(_exchanged(deal, rate.rate) for deal in found.deals)
    return _with(found, _steps(pair, [(rate, found.counted.value)]), found.counted.value * rate.rate, deals, plan)


def _by_deal(pair: _Pair, found: Measured) -> Measured | Finding:
    """Exchange each deal at the rate of its own day."""
    sums: dict[ExchangeRate, Fraction] = {}
    deals: list[Deal] = []
    for deal in found.deals:
        rate = pair.rate(pair.payee.day(deal.at))
        if rate is None:
            return pair.missing(pair.payee.day(deal.at))
        sums[rate] = sums.get(rate, ZERO) + deal.amount
        deals.append(_exchanged(deal, rate.rate))
    total = sum((amount * rate.rate for rate, amount in sums.items()), ZERO)
    return _with(found, _steps(pair, sums.items()), total, tuple(deals), pair.plan)


def _exchanged(deal: Deal, rate: Fraction) -> Deal:
    earned = None if deal.earned is None else deal.earned * rate
    return replace(deal, amount=deal.amount * rate, whole=deal.whole * rate, earned=earned)


def _steps(pair: _Pair, sums: Iterable[tuple[ExchangeRate, Fraction]]) -> Iterator[Step]:
    for rate, amount in sums:
        yield step(
            "exchanged",
            Quantity(amount * rate.rate, pair.plan.currency),
            amount=Quantity(amount, pair.source),
            rate=Quantity(rate.rate, TIMES),
            on=rate.on.isoformat(),
            said_by=rate.said_by,
        )


def _with(found: Measured, steps: Iterable[Step], value: Fraction, deals: tuple[Deal, ...], plan: Plan) -> Measured:
    said = tuple(steps)
    counted = Quantity(value, plan.currency, found.counted.label)
    if len(said) > 1:
        said += (step("exchanged-sum", counted),)
    return replace(found, steps=(*found.steps, *said), counted=counted, deals=deals)
