"""An explanation: from a line to the rule, the activity and the other lines of its subject."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.scoring.domain.deals import fold, in_order
from services.scoring.domain.league import League
from services.scoring.domain.reasons import (
    Text,
    because,
    inputs,
    metric_of,
    rep_name,
    rule_of,
    situation,
    team_name,
)
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
    EARNED: {"nl": "{text}: {amount} voor {who}.", "en": "{text}: {amount} for {who}."},
    REVERSED: {
        "nl": "{text}: {amount} teruggenomen van {who}, want {why}.",
        "en": "{text}: {amount} taken back from {who}, because {why}.",
    },
    REVALUED: {
        "nl": "{text}: met {amount} bijgesteld voor {who}, want {why}.",
        "en": "{text}: adjusted by {amount} for {who}, because {why}.",
    },
}
_SOME_CAUSE = {"nl": "de gegevens zijn veranderd", "en": "what is known has changed"}


def explanation(
    line: Credit, known: Sequence[Activity], facts: Sequence[Activity], lines: Sequence[Credit], *,
    then: League, show: Show,
) -> dict[str, Any]:  # fmt: skip
    """Explain one line: in a sentence, with its rule, its activity, what mattered, and how the lines add up.

    `known` are the subject's activities that were known when the line was written, `then` the league; `facts` and
    `lines` are all there are now.
    """
    case = situation(line, lines, known, then)
    cause = next((fact for fact in facts if fact.id == line.activity), None)
    return {
        **credit_view(line, then, show, because(case)),
        "rule": _rule_view(case.rule, line),
        "activity": activity_view(cause) if cause else None,
        "payload": f"/ingest/v1/inbox/{line.inbox}",
        "inputs": list(inputs(case)),
        "lines": list(_running(line, lines)),
    }


def credit_view(line: Credit, league: League, show: Show, cause: Text | None = None) -> dict[str, Any]:
    """Show one line with its unit, its sentence and where it is explained."""
    metric = metric_of(league, line)
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
        "sentence": _sentence(line, league, show, cause or _SOME_CAUSE),
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


def _sentence(line: Credit, league: League, show: Show, cause: Text) -> Text:
    rule, metric = rule_of(league, line), metric_of(league, line)
    amount = -line.amount if line.reason == REVERSED else line.amount

    def written(language: str) -> str:
        return _SENTENCES[line.reason][language].format(
            text=rule.text[language] if rule else line.rule,
            amount=show(metric, amount, language) if metric else f"{amount} {line.metric}",
            who=f"{rep_name(league, line.rep)} ({team_name(league, line.team)})",
            why=cause[language],
        )

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
    if not any(fact.deal for fact in facts):
        return None
    deal = fold(facts, league.status_of)
    entered = {stage: to_text(fact.occurred_at) for stage, fact in deal.entered.items()}
    return {**deal.fields, "status": deal.status, "entered": entered}
