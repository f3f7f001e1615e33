"""An explanation: from a line to the rule, the activity and the other lines of its subject."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.scoring.domain.deals import fold, in_order
from services.scoring.domain.league import League
from services.scoring.domain.limit_words import Case, Show, limit_view
from services.scoring.domain.reasons import (
    Text,
    because,
    corrected_by,
    inputs,
    metric_of,
    rep_name,
    situation,
    team_name,
    text_of,
)
from services.scoring.domain.rules import WHY, Due, Key, Missing, judge
from services.scoring.domain.windows import Allowed, Place, settle
from shared.contracts import activity as activity_contract
from shared.contracts.activity import Activity
from shared.contracts.credit import EARNED, REVALUED, REVERSED, Credit
from shared.contracts.playbook import Rule
from shared.contracts.rules import OVERLAY
from shared.contracts.times import to_text

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
_AS_MENTOR = {"nl": "als mentor", "en": "as mentor"}
_SOME_CAUSE = {"nl": "de gegevens zijn veranderd", "en": "what is known has changed"}


def explanation(
    line: Credit, known: Sequence[Activity], facts: Sequence[Activity], lines: Sequence[Credit], *,
    then: League, show: Show, held: Case | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Explain one line: in a sentence, with its rule, its activity, what mattered, and how the lines add up.

    `known` are the subject's activities that were known when the line was written, `then` the league; `facts` and
    `lines` are all there are now; `held` is what limits leave of it, as things are now.
    """
    case = situation(line, lines, known, then)
    cause = next((fact for fact in facts if fact.id == line.activity), None)
    return {
        **credit_view(line, then, show, because(case), corrected_by(case)),
        "rule": _rule_view(case.rule, line),
        "activity": activity_view(cause) if cause else None,
        "payload": f"/ingest/v1/inbox/{(cause or line).inbox}" if cause or line.inbox else None,
        "inputs": list(inputs(case)),
        "limit": limit_view(held, then, show) if held else None,
        "lines": list(_running(line, lines)),
    }


def held_of(line: Credit, facts: Sequence[Activity], allowed: Mapping[Place, Allowed], league: League) -> Case | None:
    """Return what limits leave of the credit that a line is about; None when it has no limits."""
    key = Key(line.rule, line.metric, line.rep, line.team, line.at)
    limited, counted = judge(facts, league).limited.get(key), allowed.get((line.subject, key))
    return Case(key, limited.due.playbook, limited.due.amount, counted) if limited and counted else None


def credit_view(
    line: Credit, league: League, show: Show, cause: Text | None = None, text: Text | None = None
) -> dict[str, Any]:
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
        "sentence": _sentence(line, league, show, cause or _SOME_CAUSE, text or text_of(league, line)),
        "playbook": line.playbook,
        "roster": line.roster,
        "why": f"/scoring/v1/credits/{line.id}",
    }


def subject_view(
    subject: str, facts: Sequence[Activity], lines: Sequence[Credit], allowed: Mapping[Place, Allowed], *,
    league: League, show: Show,
) -> dict[str, Any]:  # fmt: skip
    """Show everything of a subject: its history, what it stands for now, its lines, and what is missing.

    `allowed` is what its credits with limits count for.
    """
    verdict = judge(facts, league)
    return {
        "activities": [activity_view(fact) for fact in in_order(facts)],
        "deal": _deal_view(facts, league),
        "credits": [credit_view(line, league, show) for line in lines],
        "missing": [_missing_view(missing) for missing in verdict.missing],
        "limited": [
            limit_view(Case(key, limited.due.playbook, limited.due.amount, held), league, show)
            for key, limited in verdict.limited.items()
            if (held := allowed.get((subject, key)))
        ],
        "settled": is_settled(settle(subject, verdict, allowed, league), lines),
    }


def is_settled(what_is_due: Mapping[Key, Due], lines: Sequence[Credit]) -> bool:
    """Tell whether the lines add up to exactly what is due."""
    standing: dict[tuple[Any, ...], int] = {}
    for line in lines:
        key = (line.rule, line.metric, line.rep, line.team, line.at)
        standing[key] = standing.get(key, 0) + line.amount
    return {k: v for k, v in standing.items() if v} == {tuple(k): due.amount for k, due in what_is_due.items()}


def activity_view(fact: Activity) -> dict[str, Any]:
    """Show an activity as it travels, with the link to what came in."""
    return {**activity_contract.to_wire(fact), "payload": f"/ingest/v1/inbox/{fact.inbox}"}


def _sentence(line: Credit, league: League, show: Show, cause: Text, text: Text | None) -> Text:
    metric = metric_of(league, line)
    amount = -line.amount if line.reason == REVERSED else line.amount

    def written(language: str) -> str:
        return _SENTENCES[line.reason][language].format(
            text=_text(text, line, language),
            amount=show(metric, amount, language) if metric else f"{amount} {line.metric}",
            who=f"{rep_name(league, line.rep)} ({team_name(league, line.team)})",
            why=cause[language],
        )

    return {language: written(language) for language in LANGUAGES}


def _text(said: Text | None, line: Credit, language: str) -> str:
    text = said[language] if said else line.rule
    return f"{text} ({_AS_MENTOR[language]})" if line.rule.endswith(OVERLAY) else text


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
