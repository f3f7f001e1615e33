"""An explanation: from a line to the rule, the activity and the other lines of its subject."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.scoring.domain.deals import fold, in_order
from services.scoring.domain.league import Edition, League
from services.scoring.domain.rules import WHY, Missing, Verdict, judge
from shared.contracts import activity as activity_contract
from shared.contracts.activity import Activity
from shared.contracts.credit import EARNED, REVALUED, REVERSED, Credit
from shared.contracts.playbook import Metric, Rule
from shared.contracts.times import to_text

Show = Callable[[Metric, int, str], str]
"""Writes an amount with its unit for a language: (metric, smallest units, nl or en) -> text."""

LANGUAGES = ("nl", "en")
_SENTENCES = {
    EARNED: {"nl": "{text}: {amount}.", "en": "{text}: {amount}."},
    REVERSED: {
        "nl": "{text}: {amount} teruggenomen, omdat het niet meer geldt.",
        "en": "{text}: {amount} taken back, because it no longer holds.",
    },
    REVALUED: {
        "nl": "{text}: {amount} bijgesteld, omdat de waarde is veranderd.",
        "en": "{text}: {amount} adjusted, because the value has changed.",
    },
}


def edition_of(league: League, version: int) -> Edition | None:
    """Return the edition of the playbook that a line names."""
    return next((edition for edition in league.editions if edition.version == version), None)


def rule_of(edition: Edition | None, name: str) -> Rule | None:
    """Return a rule of an edition."""
    return next((rule for rule in edition.playbook.rules if rule.id == name), None) if edition else None


def explanation(
    line: Credit, facts: Sequence[Activity], lines: Sequence[Credit], league: League, show: Show
) -> dict[str, Any]:
    """Explain one line: in a sentence, with its rule, its activity, and how the subject's lines add up.

    `facts` and `lines` are all there are of the line's subject.
    """
    edition = edition_of(league, line.playbook)
    cause = next((fact for fact in facts if fact.id == line.activity), None)
    return {
        **credit_view(line, league, show),
        "rule": _rule_view(rule_of(edition, line.rule), line),
        "activity": activity_view(cause) if cause else None,
        "payload": f"/ingest/v1/inbox/{line.inbox}",
        "lines": list(_running(line, lines)),
    }


def credit_view(line: Credit, league: League, show: Show) -> dict[str, Any]:
    """Show one line with its unit, its sentence and where it is explained."""
    edition = edition_of(league, line.playbook)
    metric = edition.playbook.metrics.get(line.metric) if edition else None
    return {
        "id": line.id,
        "subject": line.subject,
        "rep": line.rep,
        "team": line.team,
        "metric": line.metric,
        "amount": line.amount,
        "unit": metric.unit if metric else None,
        "decimals": metric.decimals if metric else None,
        "at": to_text(line.at),
        "booked_at": to_text(line.booked_at),
        "reason": line.reason,
        "sentence": _sentence(line, metric, rule_of(edition, line.rule), show),
        "playbook": line.playbook,
        "roster": line.roster,
        "why": f"/scoring/v1/credits/{line.id}",
    }


def subject_view(facts: Sequence[Activity], lines: Sequence[Credit], league: League, show: Show) -> dict[str, Any]:
    """Show everything of a subject: its history, what it stands for now, its lines, and what is missing."""
    verdict = judge(facts, league)
    return {
        "activities": [activity_view(fact) for fact in in_order(facts)],
        "deal": _deal_view(facts, league),
        "credits": [credit_view(line, league, show) for line in lines],
        "missing": [_missing_view(missing) for missing in verdict.missing],
        "settled": is_settled(verdict, lines),
    }


def is_settled(verdict: Verdict, lines: Sequence[Credit]) -> bool:
    """Tell whether the lines add up to exactly what is due."""
    standing: dict[tuple[Any, ...], int] = {}
    for line in lines:
        key = (line.rule, line.metric, line.rep, line.team, line.at)
        standing[key] = standing.get(key, 0) + line.amount
    return {k: v for k, v in standing.items() if v} == {tuple(k): due.amount for k, due in verdict.due.items()}


def activity_view(fact: Activity) -> dict[str, Any]:
    """Show an activity as it travels, with the link to what came in."""
    return {**activity_contract.to_wire(fact), "payload": f"/ingest/v1/inbox/{fact.inbox}"}


def _sentence(line: Credit, metric: Metric | None, rule: Rule | None, show: Show) -> dict[str, str]:
    def written(language: str) -> str:
        text = rule.text[language] if rule else line.rule
        amount = show(metric, line.amount, language) if metric else f"{line.amount} {line.metric}"
        return _SENTENCES[line.reason][language].format(text=text, amount=amount)

    return {language: written(language) for language in LANGUAGES}


def _rule_view(rule: Rule | None, line: Credit) -> dict[str, Any]:
    shown = {"id": line.rule, "playbook": line.playbook}
    if rule is None:
        return {**shown, "text": None, "when": None, "on": None}
    on = {"kind": rule.trigger.kind, "name": rule.trigger.name}
    return {**shown, "text": dict(rule.text), "when": rule.when, "on": on}


def _running(line: Credit, lines: Sequence[Credit]) -> Iterator[dict[str, Any]]:
    """Yield the subject's lines of the same metric, with the sum up to each."""
    total = 0
    for other in lines:
        if other.metric == line.metric:
            total += other.amount
            place = {"id": other.id, "reason": other.reason, "rep": other.rep, "team": other.team}
            yield {**place, "at": to_text(other.at), "amount": other.amount, "running": total}


def _missing_view(missing: Missing) -> dict[str, Any]:
    return {"rule": missing.rule, "metric": missing.metric, "why": missing.why, "detail": missing.detail} | {
        "text": WHY[missing.why]
    }


def _deal_view(facts: Sequence[Activity], league: League) -> dict[str, Any] | None:
    if not facts or facts[0].deal is None:
        return None
    deal = fold(facts, league.status_of)
    entered = {stage: to_text(fact.occurred_at) for stage, fact in deal.entered.items()}
    return {**deal.fields, "status": deal.status, "entered": entered}
