"""What held an amount down, in words."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from services.scoring.domain.league import League
from services.scoring.domain.rules import Key
from services.scoring.domain.windows import CAP, ONCE, STEP, Allowed, Held
from shared.contracts.limits import TEAM
from shared.contracts.playbook import Metric
from shared.contracts.times import to_text

Show = Callable[[Metric, int, str], str]
"""Writes an amount with its unit for a language: (metric, smallest units, nl or en) -> text."""

_PERIODS = {
    "nl": {"day": "dag", "week": "week", "month": "maand", "quarter": "kwartaal", "year": "jaar"},
    "en": {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"},
}
_SENTENCES = {
    CAP: {
        "nl": "{asked} waard; maximum van {most} per {every}{team} bereikt, {counted} geteld",
        "en": "worth {asked}; maximum of {most} per {every}{team} reached, {counted} counted",
    },
    STEP: {
        "nl": "{asked} waard; de {by}e van de {every} telt voor {share}, dus {counted}",
        "en": "worth {asked}; number {by} of the {every} counts for {share}, so {counted}",
    },
    ONCE: {
        "nl": "{asked} waard; telt een keer per {every} per {field}, en dat deed al {by}",
        "en": "worth {asked}; counts once per {every} per {field}, and {by} did already",
    },
}
_TEAM = {"nl": " voor het team", "en": " for the team"}


class Case(NamedTuple):
    """A credit with limits: what it asked (smallest units) under which playbook, and what counts of it."""

    key: Key
    playbook: int
    asked: int
    allowed: Allowed


def limit_view(case: Case, league: League, show: Show) -> dict[str, Any]:
    """Show what an amount counts for, and what held it down."""
    key, held = case.key, case.allowed.held
    return {
        "rule": key.rule,
        "metric": key.metric,
        "rep": key.rep,
        "team": key.team,
        "at": to_text(key.at),
        "asked": case.asked,
        "counted": case.allowed.amount,
        "limit": held.kind if held else None,
        "sentence": limit_sentence(held, case, league, show) if held else None,
    }


def limit_sentence(held: Held, case: Case, league: League, show: Show) -> Mapping[str, str]:
    """Say in both languages what held an amount down."""
    edition = league.numbered(case.playbook)
    metric = edition.playbook.metrics.get(case.key.metric) if edition else None

    def said(amount: int, language: str) -> str:
        return show(metric, amount, language) if metric else f"{amount} {case.key.metric}"

    def written(language: str) -> str:
        most = said(metric.smallest(Decimal(held.figure)), language) if metric and held.kind == CAP else held.figure
        return _SENTENCES[held.kind][language].format(
            asked=said(case.asked, language),
            counted=said(case.allowed.amount, language),
            most=most,
            share=held.figure,
            field=held.figure,
            by=held.by,
            every=_PERIODS[language].get(held.every, held.every),
            team=_TEAM[language] if held.per == TEAM else "",
        )

    return {language: written(language) for language in _PERIODS}
