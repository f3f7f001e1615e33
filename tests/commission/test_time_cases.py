"""Worked cases of time, people and currencies, with their arithmetic in words, held against statements to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.commission.domain.statements import Statement
from services.ingest.sources.documents import from_yaml
from shared.money import to_minor
from tests.commission.office import LINEAR, component, plan
from tests.commission.story import Story, sentences

FOLDER = Path(__file__).parent / "time_cases"
TARGETS = [
    {"rep": "sanne", "period": "2026-11", "amount": "10000"},
    {"team": "noord", "period": "2026-11", "amount": "50000"},
    {"team": "zuid", "period": "2026-11", "amount": "40000"},
]


def cases() -> list[Any]:
    return list(_cases())


def _cases() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.yaml")):
        for case in from_yaml(file.read_bytes()):
            yield pytest.param(case, id=f"{file.stem}: {case['words']}")


def story(case: Mapping[str, Any]) -> Story:
    """Build the story: what a case leaves out is the usual office, plan and targets."""
    components = case.get("components", [{"id": "own", "weight": "1", "curve": LINEAR}])
    said = plan(*(component(**{"name": one["id"], **_without_id(one)}) for one in components), **case.get("plan", {}))
    later = {day: [{**said, **change}] for day, change in case.get("later", {}).items()}
    return Story(
        plans={"2026-01-01": [said], **later},
        credits=case.get("credits", ()),
        targets=case.get("targets", TARGETS),
        sanne=case.get("sanne", {}),
        others=case.get("others", ()),
        holidays=case.get("holidays", ()),
    )


def _without_id(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "id"}


def statements(case: Mapping[str, Any]) -> Iterator[Statement]:
    """Compute every statement that a case says something about."""
    told = story(case)
    for when in case["pays"]:
        *rep, period = str(when).split()
        yield told.statement(period, rep[0] if rep else "sanne")


@pytest.mark.parametrize("case", cases())
def test_a_worked_case_pays_what_its_words_say(case: Mapping[str, Any]) -> None:
    for one, (when, amount) in zip(statements(case), case["pays"].items(), strict=True):
        currency = case.get("plan", {}).get("currency", "EUR")
        paid = {line.component.id: line.amount for line in one.lines}
        assert one.totals.get(currency, 0) == to_minor(amount, currency), (when, paid)
        assert all(line.steps for line in one.lines)
    said = [sentence for line in one.lines for sentence in sentences(line)]
    assert [sentence for sentence in case.get("says", ()) if sentence not in said] == [], said
    codes = {found.code for found in one.findings}
    assert set(case.get("findings", ())) <= codes, codes
