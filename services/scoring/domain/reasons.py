"""Why a line was written: what the rule looked at, and what had changed when something was taken back."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.scoring.domain.deals import DELETED, Deal, fold, in_order
from services.scoring.domain.league import League
from services.scoring.domain.rules import WHY, Verdict, judge
from services.scoring.domain.standing import taken_back
from shared.contracts.activity import CORRECTION, DEAL, Activity
from shared.contracts.credit import EARNED, Credit
from shared.contracts.playbook import ACTIVITY, DEAL_AMOUNT, ENTERED, Metric, Rule
from shared.contracts.rules import CORRECTED

Text = Mapping[str, str]

_SPOKEN_OF = re.compile(r"\b(data|deal)\.(\w+)")
_STATUS = {
    "open": {"nl": "de deal is weer open", "en": "the deal is open again"},
    "won": {"nl": "de deal is nu gewonnen", "en": "the deal is now won"},
    "lost": {"nl": "de deal is nu verloren", "en": "the deal is now lost"},
    DELETED: {"nl": "de deal is verwijderd", "en": "the deal was deleted"},
}

_TAKEN_BACK = {"nl": "het is verwijderd of toch niet gedaan", "en": "it was deleted, or not done after all"}
_CORRECTION = {"nl": "Correctie", "en": "Correction"}
_CORRECTED_BY = {"nl": "Correctie door {who} ({why})", "en": "Correction by {who} ({why})"}


@dataclass(frozen=True)
class Situation:
    """What was known of a line's subject when the line was written.

    `before` is the line that it corrects (None: it corrects none); `rule` is None when no playbook has it.
    """

    line: Credit
    before: Credit | None
    rule: Rule | None
    facts: Sequence[Activity]
    league: League
    verdict: Verdict
    deal: Deal | None


def situation(line: Credit, lines: Sequence[Credit], facts: Sequence[Activity], league: League) -> Situation:
    """Return the situation of a line of a subject: `facts` and `league` as they were known then."""
    earlier = [other for other in lines if other.seq < line.seq and _key(other) == _key(line)]
    before = max(earlier, key=lambda other: other.seq, default=None)
    deal = fold(facts, league.status_of) if any(fact.deal for fact in facts) else None
    return Situation(line, before, rule_of(league, line), in_order(facts), league, judge(facts, league), deal)


def _key(line: Credit) -> tuple[object, ...]:
    return line.rule, line.metric, line.rep, line.team, line.at


def inputs(case: Situation) -> Iterator[dict[str, Any]]:
    """Yield what the rule looked at: the name, the value, and the activity that said it."""
    trigger = _trigger_fact(case)
    for name in _names(case.rule):
        kind, _, field = name.partition(".")
        if kind == "data" and trigger:
            yield _input(name, trigger.data.get(field), trigger)
        elif name == "deal.status" and case.deal:
            yield _input(name, case.deal.status, case.deal.since)
        elif kind == "deal":
            said = next((fact for fact in reversed(case.facts) if fact.deal and field in fact.deal.set), None)
            yield _input(name, said.deal.set[field] if said and said.deal else None, said)
    yield from _rate_input(case)
    yield {"name": "team", "value": case.line.team, "roster": case.line.roster}


def because(case: Situation) -> Text | None:
    """Return why something was taken back or adjusted; None for what was earned, or when nothing is known."""
    if case.line.reason == EARNED:
        return None
    return next((text for cause in _CAUSES if (text := cause(case))), None)


def _names(rule: Rule | None) -> Sequence[str]:
    """Return what a rule looks at, in a fixed order and once each."""
    if rule is None:
        return ()
    found = [f"{kind}.{field}" for kind, field in _SPOKEN_OF.findall(rule.when or "")]
    if rule.trigger.kind != ACTIVITY:
        found += ["deal.stage" if rule.trigger.kind == ENTERED else "deal.status", "deal.owner"]
    if any(grant.fixed is None for grant in rule.grants):
        found += [DEAL_AMOUNT, "deal.currency"]
    return list(dict.fromkeys(found))


def _input(name: str, value: Any, said_by: Activity | None) -> dict[str, Any]:
    source = {"activity": said_by.id, "payload": f"/ingest/v1/inbox/{said_by.inbox}"} if said_by else {}
    return {"name": name, "value": value, **source}


def _rate_input(case: Situation) -> Iterator[dict[str, Any]]:
    edition = case.league.numbered(case.line.playbook)
    currency = case.deal.fields.get("currency") if case.deal else None
    if edition and currency and currency in edition.playbook.rates and DEAL_AMOUNT in _names(case.rule):
        yield {"name": f"rate {currency}", "value": str(edition.playbook.rates[currency]), "playbook": edition.version}


def _trigger_fact(case: Situation) -> Activity | None:
    """Return the fact that the line's moment is that of; of several at that moment, the one the line names."""
    wanted = [fact for fact in case.facts if fact.occurred_at == case.line.at]
    if case.rule and case.rule.trigger.kind == ACTIVITY:
        wanted = [fact for fact in wanted if fact.type == case.rule.trigger.name]
    else:
        wanted = [fact for fact in wanted if fact.type == DEAL] or wanted
    return next((fact for fact in wanted if fact.id == case.line.activity), next(iter(wanted), None))


def _taken_back(case: Situation) -> Text | None:
    """Notice work that its sender took back: it was deleted, or is not done after all."""
    gone = (taken_back(case.facts, fact.id) for fact in case.facts if fact.occurred_at == case.line.at)
    return _TAKEN_BACK if any(gone) else None


def _status_changed(case: Situation) -> Text | None:
    """Notice a deal that is deleted, or no longer what the rule asks for."""
    if case.deal is None or case.rule is None or case.rule.trigger.kind == ACTIVITY:
        return None
    gone = case.deal.status == DELETED
    asked = case.rule.trigger.kind
    return _STATUS.get(case.deal.status) if gone or asked not in (ENTERED, case.deal.status) else None


def _moment_changed(case: Situation) -> Text | None:
    """Notice a deal that was won (lost, moved) at another time after all."""
    moments = {key.at for key in case.verdict.due if key.rule == case.line.rule}
    if not moments or case.line.at in moments:
        return None
    day = f"{case.league.day(max(moments)):%d-%m-%Y}"
    return {"nl": f"het telt nu op {day}", "en": f"it now counts on {day}"}


def _owner_changed(case: Situation) -> Text | None:
    """Notice a deal that went to somebody else."""
    owner = case.deal.fields.get("owner") if case.deal else None
    if case.deal is None or owner == case.line.rep or (case.rule and case.rule.trigger.kind == ACTIVITY):
        return None
    if case.line.overlay or (case.rule and case.rule.shares):  # it was never the owner's
        return None
    if owner is None:
        return {"nl": "de deal heeft geen verkoper meer", "en": "the deal has no rep any more"}
    name = rep_name(case.league, owner)
    return {"nl": f"de deal is nu van {name}", "en": f"the deal is now {name}'s"}


def _team_changed(case: Situation) -> Text | None:
    """Notice a rep who, as the roster says now, was in another team."""
    team = case.league.team_of(case.line.rep, case.line.at)
    if team == case.line.team:
        return None
    if team is None:
        return WHY["team"]
    name = team_name(case.league, team)
    return {"nl": f"de verkoper zat toen in {name}", "en": f"the rep was in {name} then"}


def _playbook_changed(case: Situation) -> Text | None:
    """Notice another playbook in force than the one the line was first written under."""
    edition = case.league.edition(case.line.at)
    if edition and case.before and edition.version != case.before.playbook:
        number = edition.version
        return {"nl": f"spelboek {number} geldt nu voor die dag", "en": f"playbook {number} now holds for that day"}
    return None


def _not_given(case: Situation) -> Text | None:
    """Notice what the rule misses: an amount, a rate, its condition."""
    asked = (case.line.rule, case.line.metric)
    return next((WHY[missing.why] for missing in case.verdict.missing if (missing.rule, missing.metric) == asked), None)


def _amount_changed(case: Situation) -> Text | None:
    """Notice a deal that has another value."""
    if case.deal is None or DEAL_AMOUNT not in _names(case.rule):
        return None
    value = f"{case.deal.fields.get('currency')} {case.deal.fields.get('amount')}"
    return {"nl": f"de waarde van de deal is nu {value}", "en": f"the value of the deal is now {value}"}


_CAUSES: Sequence[Callable[[Situation], Text | None]] = (
    _taken_back,
    _status_changed,
    _owner_changed,
    _team_changed,
    _moment_changed,
    _playbook_changed,
    _not_given,
    _amount_changed,
)
"""The causes, the most telling first; the first that is the case is named."""


def rep_name(league: League, rep: str) -> str:
    """Return how a rep is called, else the id."""
    known = league.roster.reps.get(rep) if league.roster else None
    return known.display_name if known else rep


def team_name(league: League, team: str) -> str:
    """Return how a team is called, else the id."""
    known = league.roster.teams.get(team) if league.roster else None
    return known.name if known else team


def metric_of(league: League, line: Credit) -> Metric | None:
    """Return the metric of a line, as its playbook has it."""
    edition = league.numbered(line.playbook)
    return edition.playbook.metrics.get(line.metric) if edition else None


def rule_of(league: League, line: Credit) -> Rule | None:
    """Return the rule of a line, as its playbook has it."""
    edition = league.numbered(line.playbook)
    return edition.rule(line.rule) if edition else None


def text_of(league: League, line: Credit) -> Text | None:
    """Return what the rule or prize of a line says, as its playbook has it."""
    if line.rule == CORRECTED:
        return _CORRECTION
    edition = league.numbered(line.playbook)
    return edition.text(line.rule) if edition else None


def corrected_by(case: Situation) -> Text | None:
    """Return who corrected and why, for a line that a correction made."""
    fact = next((f for f in case.facts if f.type == CORRECTION and f.occurred_at == case.line.at), None)
    if fact is None or case.line.rule != CORRECTED:
        return None
    said = {"who": fact.actor or fact.source, "why": str(fact.data.get("reason") or "")}
    return {language: text.format(**said) for language, text in _CORRECTED_BY.items()}
