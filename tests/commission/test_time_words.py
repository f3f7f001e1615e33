"""A plan's rules of time, people and currencies in words: every sentence of them, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from services.commission.domain.time_words import TIME_WORDS
from services.commission.domain.words import plan_in_words
from tests.commission.office import LINEAR, component, plan
from tests.commission.story import Story

RAMP = {"share_of_target": ["0.5", "0.75"], "from": "start", "months": "calendar", "incentive": "full"}
RATE = {"from": "USD", "to": "EUR", "rate": "0.92", "on": "2026-01-02", "source": "ECB"}
EARLIER = {**RATE, "rate": "0.9", "on": "2025-01-02"}
YEAR = {"curve": LINEAR, "accumulate": "year"}
HOLDBACK = {"share": "0.3", "until": "paid"}


def said(*components: dict[str, Any], language: str = "en", **more: Any) -> list[str]:
    story = Story(plans={"2026-01-01": [plan(*(components or [component()]), **more)]})
    version = story.league.plans[0]
    return [line.replace("\u00a0", " ") for line in plan_in_words(version.plans.plans[0], story.league, language)]


def test_the_usual_plan_says_how_time_counts() -> None:
    assert said()[-6:] == [
        "The pay counts by calendar days in the plan.",
        "Leave counts as time in the plan.",
        "Who changes teams keeps one own result against one own target.",
        "Who leaves is paid what was earned.",
        "What is reversed afterwards is recovered.",
        "What comes more than 12 months after a period does not count any more.",
    ]


def test_in_dutch_too() -> None:
    both = {"prorate": ["days", "fte"], "prorate_what": ["incentive", "target"], "days": "working", "holidays": []}
    lines = said(language="nl", **both, leave={"shrinks": ["onbetaald"]}, factor=4)
    assert "Beloning en doel tellen naar werkdagen in het plan en deeltijd." in lines
    assert "Verlof telt niet mee: onbetaald." in lines
    assert "Het deel van het tijdvak wordt afgerond op 4 decimalen." in lines


CHANGES: list[dict[str, Any]] = [
    {},
    {"prorate": []},
    {"prorate_what": ["target"], "leave": "shrinks", "factor": 2, "transfers": "segments"},
    {"prorate_what": ["incentive", "target"], "leave": {"shrinks": ["unpaid"]}},
    {"ramp": {**RAMP, "team_target": "kept"}},
    {"ramp": {**RAMP, "incentive": "ramped", "team_target": "lowered"}},
    {"leavers": {"unpaid": "forfeited", "reversals_after": "written_off"}},
    {"late": {"adjust_within": "1 month", "then": "adjusted"}},
    {"guarantee": {"amount": "500", "until": "none", "prorated": "no"}},
    {"guarantee": {"amount": "500", "until": "2027-01-01", "prorated": "no", "first": "3 months"}},
    {"exchange": [RATE, EARLIER], "exchange_at": "event"},
    {"exchange": [RATE, EARLIER], "exchange_at": "period_end"},
]
COMPONENTS: list[dict[str, Any]] = [
    {**YEAR, "against": "whole"},
    {**YEAR, "against": "to_date", "mentees": {"share": "0.1"}},
    {"curve": LINEAR, "holdback": {**HOLDBACK, "release": "at_once"}},
    {"curve": LINEAR, "holdback": {**HOLDBACK, "release": "as_it_comes"}},
]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_sentence_is_said_by_some_plan(language: str) -> None:
    lines = [line for change in CHANGES for line in said(language=language, **change)]
    lines += [line for change in COMPONENTS for line in said(component(**change), language=language)]
    for name, by_language in TIME_WORDS.items():
        begins = by_language[language].split("{")[0]
        assert any(begins in line for line in lines), name
    assert not any("{" in line for line in lines)
