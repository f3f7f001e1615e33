"""What should be credited: a pure function of a subject's history, the playbook and the roster."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from services.scoring.domain.amounts import amount_of, exact
from services.scoring.domain.deals import DELETED, Deal, fold
from services.scoring.domain.league import Edition, League
from services.scoring.domain.recipients import Recipient, parts, recipients
from services.scoring.domain.standing import corrected, metric_said, standing_work
from shared.contracts.activity import CORRECTION, DEAL, Activity
from shared.contracts.playbook import ACTIVITY, AMENDED, ENTERED, LOST, WON, Rule, Trigger
from shared.contracts.rules import CORRECTED, OWNER


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


class Limited(NamedTuple):
    """What a rule with limits gives when nothing holds it down; `values` are those of its once-fields."""

    due: Due
    values: tuple[str, ...]


WHY = {
    "owner": {"nl": "geen verkoper bekend", "en": "no rep known"},
    "team": {"nl": "verkoper zat toen in geen team", "en": "the rep was in no team then"},
    "role": {"nl": "niemand bekend in deze rol", "en": "nobody known in this role"},
    "condition": {"nl": "voorwaarde niet vervuld", "en": "condition not met"},
    "amount": {"nl": "geen bruikbaar bedrag bekend", "en": "no usable amount known"},
    "currency": {"nl": "geen valuta bekend", "en": "no currency known"},
    "metric": {"nl": "het spelboek kent dit niet", "en": "the playbook does not know this metric"},
    "rate": {"nl": "geen koers voor deze valuta", "en": "no rate for this currency"},
}
"""Why nothing was given, in the words of the screens."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything a history earns, and what was set off but not given.

    `limited` is what rules with limits give before those are applied (see `windows`); `due` is without it.
    """

    due: Mapping[Key, Due]
    missing: Sequence[Missing]
    limited: Mapping[Key, Limited] = field(default_factory=dict)


class _Event(NamedTuple):
    """Something that can set rules off: the trigger, the fact behind it, whose work it was."""

    trigger: Trigger
    fact: Activity
    rep: str | None
    deal: Deal | None


class _Case(NamedTuple):
    """A rule that an event sets off, under the edition in force.

    `known` is what conditions can speak of, `team` the one that the event's rep was in.
    """

    rule: Rule
    event: _Event
    edition: Edition
    league: League
    known: Any
    team: str | None


def judge(history: Sequence[Activity], league: League) -> Verdict:
    """Return what a subject's whole history earns; the order of `history` does not matter."""
    due: dict[Key, Due] = {}
    limited: dict[Key, Limited] = {}
    missing: list[Missing] = []
    history = standing_work(history)
    for outcome in _corrections(history, league):
        if isinstance(outcome, Missing):
            missing.append(outcome)
        else:
            due[outcome[0]] = _added(outcome, due)
    for event in _events(history, league):
        edition = league.edition(event.fact.occurred_at)
        if edition is None:
            continue
        rules = edition.rules.get(event.trigger, ())
        asked = any(rule.when for rule in rules)
        known = edition.prepare(values(event.fact, event.deal, event.rep or "")) if asked else None
        team = league.team_of(event.rep, event.fact.occurred_at) if event.rep else None
        for rule in rules:
            for outcome in _apply(_Case(rule, event, edition, league, known, team)):
                if isinstance(outcome, Missing):
                    missing.append(outcome)
                elif rule.id in edition.windows:
                    limited[outcome[0]] = Limited(_added(outcome, limited), _once_values(rule, event.fact))
                else:
                    due[outcome[0]] = _added(outcome, due)
    return Verdict(due, missing, limited)


def _added(outcome: tuple[Key, Due], before: Mapping[Key, Due | Limited]) -> Due:
    """Return what is due under a key, with what another role of the same rep has brought already."""
    key, due = outcome
    held = before.get(key)
    has = held.due if isinstance(held, Limited) else held
    return due._replace(amount=due.amount + has.amount) if has else due


def _once_values(rule: Rule, fact: Activity) -> tuple[str, ...]:
    """Return the values of the once-fields; an event that has none is like no other."""
    return tuple(
        fact.deal.id
        if once.field == "deal.id" and fact.deal
        else str(fact.data.get(once.field.removeprefix("data."), f"of {fact.id}"))
        for once in rule.limits.once
    )


def _corrections(history: Sequence[Activity], league: League) -> Iterator[tuple[Key, Due] | Missing]:
    """Yield what people corrected: exactly what was said, to whom it was said, at the moment that was said."""
    for fact in history:
        if fact.type != CORRECTION:
            continue
        metric, amount, edition = metric_said(fact), corrected(fact, league), league.edition(fact.occurred_at)
        team = league.team_of(fact.rep, fact.occurred_at) if fact.rep else None
        if isinstance(amount, tuple):
            yield Missing(CORRECTED, metric, *amount)
        elif team is None:
            yield Missing(CORRECTED, metric, "team" if fact.rep else "owner", fact.rep or "")
        elif amount and edition and fact.rep:
            key = Key(CORRECTED, metric, fact.rep, team, fact.occurred_at)
            yield key, Due(amount, fact.id, fact.inbox, edition.version)


def _events(history: Sequence[Activity], league: League) -> Iterator[_Event]:
    deal = fold(history, league.status_of) if any(fact.deal for fact in history) else None
    for fact in history:
        if fact.type not in (DEAL, CORRECTION):  # a call about a deal stays the caller's work when the deal is deleted
            yield _Event(Trigger(ACTIVITY, fact.type), fact, fact.rep, deal)
    if deal and deal.status != DELETED:
        yield from _events_of(deal)


def _events_of(deal: Deal) -> Iterator[_Event]:
    owner = deal.fields.get("owner")
    for stage, fact in deal.entered.items():
        yield _Event(Trigger(ENTERED, stage), fact, owner, deal)
    for fact in deal.amended:
        yield _Event(Trigger(AMENDED), fact, owner, deal)
    if deal.status in (WON, LOST) and deal.since:
        yield _Event(Trigger(deal.status), deal.since, owner, deal)


def _apply(case: _Case) -> Iterator[tuple[Key, Due] | Missing]:
    rule, event, edition, league, known, team = case
    if rule.during and edition.running(rule.during, event.fact.occurred_at) is None:
        return
    if not rule.shares and team is None:
        yield from _all_missing(rule, *(("team", event.rep) if event.rep else ("owner", "")))
        return
    if rule.when:
        holds, why_not = edition.conditions[rule.id](known)
        if not holds:
            yield from _all_missing(rule, "condition", why_not)
            return
    to = recipients(rule, event.rep, event.fact, event.deal, league)
    for grant in rule.grants:
        amount = amount_of(grant, event.fact, event.deal, edition, league)
        if isinstance(amount, tuple):
            yield Missing(rule.id, grant.metric, *amount)
            continue
        for one, part in zip(to, parts(amount, [each.share for each in to]), strict=True):
            yield from _given(case, grant.metric, one, part)


def _given(case: _Case, metric: str, to: Recipient, part: int) -> Iterator[tuple[Key, Due] | Missing]:
    rule, fact = case.rule, case.event.fact
    own = to.rep == case.event.rep
    team = case.team if own else case.league.team_of(to.rep, fact.occurred_at) if to.rep else None
    if to.rep is None:
        why = ("owner", "") if to.role == OWNER else ("role", f"{to.role}: {to.said}" if to.said else to.role)
        yield Missing(rule.id, metric, *why)
    elif team is None:
        yield Missing(rule.id, metric, "team", to.rep)
    elif part and _takes_part(case, to.rep, team):
        key = Key(rule.id, metric, to.rep, team, fact.occurred_at)
        yield key, Due(part, fact.id, fact.inbox, case.edition.version)


def _takes_part(case: _Case, rep: str, team: str) -> bool:
    contest = case.edition.running(case.rule.during, case.event.fact.occurred_at) if case.rule.during else None
    return contest is None or contest.admits(rep, team)


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
