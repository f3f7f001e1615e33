"""What should be credited: a pure function of a subject's history, the playbook and the roster."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from services.scoring.domain.deals import DELETED, Deal, fold
from services.scoring.domain.league import Edition, League
from shared.contracts.activity import DEAL, Activity
from shared.contracts.playbook import ACTIVITY, ENTERED, LOST, WON, Grant, Metric, Rule, Trigger

_LARGEST_POWER, _DECIMALS = 15, 12
_TOO_MUCH = 2**62
"""What no ledger line may reach: the columns hold 64 bits."""


class Key(NamedTuple):
    """What one standing amount is about: a rule's credit in a metric, to a rep in a team, at a moment."""

    rule: str
    metric: str
    rep: str
    team: str
    at: datetime


class Due(NamedTuple):
    """What should stand under a key: the amount (smallest unit), because of which fact and edition."""

    amount: int
    activity: str
    inbox: int
    playbook: int


class Missing(NamedTuple):
    """What a rule that was set off did not give, and why: a code of WHY, with the detail."""

    rule: str
    metric: str
    why: str
    detail: str


WHY = {
    "owner": {"nl": "geen verkoper bekend", "en": "no rep known"},
    "team": {"nl": "verkoper zat toen in geen team", "en": "the rep was in no team then"},
    "condition": {"nl": "voorwaarde niet vervuld", "en": "condition not met"},
    "amount": {"nl": "geen bruikbaar bedrag bekend", "en": "no usable amount known"},
    "currency": {"nl": "geen valuta bekend", "en": "no currency known"},
    "rate": {"nl": "geen koers voor deze valuta", "en": "no rate for this currency"},
}
"""Why nothing was given, in the words of the screens."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything a history earns, and what was set off but not given."""

    due: Mapping[Key, Due]
    missing: Sequence[Missing]


class _Event(NamedTuple):
    """Something that can set rules off: the trigger, the fact behind it, whose work it was."""

    trigger: Trigger
    fact: Activity
    rep: str | None
    deal: Deal | None


def judge(history: Sequence[Activity], league: League) -> Verdict:
    """Return what a subject's whole history earns; the order of `history` does not matter."""
    due: dict[Key, Due] = {}
    missing: list[Missing] = []
    for event in _events(history, league):
        edition = league.edition(event.fact.occurred_at)
        for rule in edition.rules.get(event.trigger, ()) if edition else ():
            for outcome in _apply(rule, event, edition, league):  # type: ignore[arg-type]  # rules imply an edition
                if isinstance(outcome, Missing):
                    missing.append(outcome)
                else:
                    due.update([outcome])
    return Verdict(due, missing)


def _events(history: Sequence[Activity], league: League) -> Iterator[_Event]:
    deal = fold(history, league.status_of) if history and history[0].deal else None
    for fact in history:
        if fact.type != DEAL:  # a call about a deal is the caller's work, and stays so when the deal is deleted
            yield _Event(Trigger(ACTIVITY, fact.type), fact, fact.rep, deal)
    if deal and deal.status != DELETED:
        yield from _events_of(deal)


def _events_of(deal: Deal) -> Iterator[_Event]:
    owner = deal.fields.get("owner")
    for stage, fact in deal.entered.items():
        yield _Event(Trigger(ENTERED, stage), fact, owner, deal)
    if deal.status in (WON, LOST) and deal.since:
        yield _Event(Trigger(deal.status), deal.since, owner, deal)


def _apply(rule: Rule, event: _Event, edition: Edition, league: League) -> Iterator[tuple[Key, Due] | Missing]:
    at = event.fact.occurred_at
    nobody = partial(_all_missing, rule)
    if not event.rep:
        yield from nobody("owner", "")
        return
    team = league.team_of(event.rep, at)
    if team is None:
        yield from nobody("team", event.rep)
        return
    if rule.when:
        holds, why_not = edition.conditions[rule.id](values(event.fact, event.deal, event.rep))
        if not holds:
            yield from nobody("condition", why_not)
            return
    for grant in rule.grants:
        amount = _amount(grant, event.deal, edition, league)
        if isinstance(amount, tuple):
            yield Missing(rule.id, grant.metric, *amount)
        elif amount:
            key = Key(rule.id, grant.metric, event.rep, team, at)
            yield key, Due(amount, event.fact.id, event.fact.inbox, edition.version)


def _all_missing(rule: Rule, why: str, detail: str) -> Iterator[Missing]:
    return (Missing(rule.id, grant.metric, why, detail) for grant in rule.grants)


def values(fact: Activity, deal: Deal | None, rep: str) -> dict[str, Any]:
    """Return what a condition can speak of: the activity, its data, the rep, and what is known of the deal.

    Work that is about no deal has an empty one. deal.amount is a number in the deal's own currency: conditions compare,
    credits are computed from the exact text.
    """
    known: dict[str, Any] = {
        "activity": {"id": fact.id, "type": fact.type, "source": fact.source},
        "data": dict(fact.data),
        "rep": rep,
        "deal": {},
    }
    if deal:
        amount = exact(deal.fields.get("amount"))
        known["deal"] = {name: said for name, said in deal.fields.items() if said and name != "amount"}
        known["deal"] |= {"status": deal.status} | ({} if amount is None else {"amount": float(amount)})
    return known


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


def _amount(grant: Grant, deal: Deal | None, edition: Edition, league: League) -> int | tuple[str, str]:
    """Return the amount in the metric's smallest unit, or (why, detail) when it cannot be known.

    Rounded once, here: halves away from zero, to the metric's smallest unit.
    """
    metric: Metric = edition.playbook.metrics[grant.metric]
    if grant.fixed is not None:
        return _fitting(metric.smallest(grant.fixed), str(grant.fixed))
    fields = deal.fields if deal else {}
    said, currency = fields.get("amount") or "", fields.get("currency")
    amount = exact(said)
    if amount is None:
        return "amount", said
    if not currency:
        return "currency", said
    rate = _rate(currency, metric, edition, league)
    if rate is None:
        return "rate", currency
    return _fitting(metric.smallest(amount * rate * Fraction(grant.give) / Fraction(grant.each)), said)


def _fitting(amount: int, said: str) -> int | tuple[str, str]:
    return amount if abs(amount) < _TOO_MUCH else ("amount", said)


def _rate(currency: str, metric: Metric, edition: Edition, league: League) -> Fraction | None:
    """Return the worth of one unit of `currency` in the metric's currency (points count in the organisation's)."""
    own = league.roster.organisation.currency if league.roster else ""
    counted = metric.unit if metric.is_money else own
    if currency == counted:
        return Fraction(1)
    prices = {**edition.playbook.rates, own: Decimal(1)}
    if currency in prices and counted in prices:
        return Fraction(prices[currency]) / Fraction(prices[counted])
    return None
