"""How much a grant comes to: fixed, or a rate for each unit of the deal's amount or of what an activity carries."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from services.scoring.domain.deals import Deal
from services.scoring.domain.league import Edition, League
from shared.contracts.activity import Activity
from shared.contracts.playbook import DEAL_AMOUNT, Grant, Metric

_LARGEST_POWER, _DECIMALS = 15, 12
_TOO_MUCH = 2**62


def exact(amount: str | None) -> Fraction | None:
    """Return an amount in major units; None when none was said, or what was said is no sensible number.

    Sensible is below 10^15, with at most 12 decimals: so that it can be reckoned with, and fits the ledger.
    """
    try:
        number = Decimal(amount or "nan")
    except InvalidOperation:
        return None
    if not number.is_finite() or number.adjusted() >= _LARGEST_POWER or int(number.as_tuple().exponent) < -_DECIMALS:
        return None
    return Fraction(number)


def amount_of(
    grant: Grant, fact: Activity, deal: Deal | None, edition: Edition, league: League
) -> int | tuple[str, str]:
    """Return the amount in the metric's smallest unit, or (why, detail) when it cannot be known.

    Rounded once, here: halves away from zero, to the metric's smallest unit.
    """
    if grant.fixed is not None:
        amount = edition.fixed[grant.metric, grant.fixed]
        return amount if fits(amount) else ("amount", str(grant.fixed))
    metric: Metric = edition.playbook.metrics[grant.metric]
    if grant.per != DEAL_AMOUNT:
        return _of_data(grant, fact, metric)
    return _of_deal(grant, deal.fields if deal else {}, metric, edition, league)


def _of_data(grant: Grant, fact: Activity, metric: Metric) -> int | tuple[str, str]:
    """Count a number that the activity carries; truth values and words are none."""
    said = fact.data.get(grant.per.removeprefix("data."))
    number = None if said is None or isinstance(said, bool) else exact(str(said))
    if number is None:
        return "amount", f"{grant.per} is {said!r}" if said is not None else f"{grant.per} is not given"
    return _fitting(metric.smallest(number * Fraction(grant.give) / Fraction(grant.each)), str(said))


def _of_deal(
    grant: Grant, fields: Mapping[str, str | None], metric: Metric, edition: Edition, league: League
) -> int | tuple[str, str]:
    said, currency = fields.get("amount") or "", fields.get("currency")
    amount = exact(said)
    if amount is None:
        return "amount", said
    if not currency:
        return "currency", said
    rate = rate_of(currency, metric, edition, league)
    if rate is None:
        return "rate", currency
    return _fitting(metric.smallest(amount * rate * Fraction(grant.give) / Fraction(grant.each)), said)


def fits(amount: int | Fraction) -> bool:
    """Tell whether the ledger can hold an amount (smallest units): its columns have 64 bits."""
    return -_TOO_MUCH < amount < _TOO_MUCH


def _fitting(amount: int, said: str) -> int | tuple[str, str]:
    return amount if fits(amount) else ("amount", said)


def rate_of(currency: str, metric: Metric, edition: Edition, league: League) -> Fraction | None:
    """Return the worth of one unit of `currency` in the metric's currency (points count in the organisation's)."""
    own = league.roster.organisation.currency if league.roster else ""
    counted = metric.unit if metric.is_money else own
    if currency == counted:
        return Fraction(1)
    prices = {**edition.playbook.rates, own: Decimal(1)}
    if currency in prices and counted in prices:
        return Fraction(prices[currency]) / Fraction(prices[counted])
    return None
