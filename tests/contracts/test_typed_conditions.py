"""Conditions over declared data: an unknown field or a type that does not fit is found when the document is put."""

from typing import Any

import pytest

from shared.contracts.league import BadDocument
from shared.contracts.playbook import parse_playbook

LABEL = {"nl": "…", "en": "…"}
CALL = {
    "id": "call",
    "label": LABEL,
    "data": {"duration_s": "whole", "price": "number", "direction": "text", "ok": "yes_no"},
}


def book(when: str | None, *, declared: bool = True, **more: Any) -> dict[str, Any]:
    rule = {"id": "r", "on": {"activity": "call"}, "when": when, "credit": {"points": 1}, "text": LABEL, **more}
    activity = CALL if declared else {"id": "call", "label": LABEL}
    metrics = [{"id": "points", "unit": "points", "label": LABEL}]
    return {"activities": [activity], "metrics": metrics, "rules": [rule], "pipelines": []}


def problems(body: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(BadDocument) as refused:
        parse_playbook(body, strict=True)
    return {problem.pointer: problem.message for problem in refused.value.problems}


@pytest.mark.parametrize(
    "when",
    [
        'data.duration_s >= 60 && data.direction == "outbound"',
        "data.price > 9.5 || data.ok",
        'has(data.direction) && data.direction.startsWith("out")',
        "data.duration_s > 60 ? data.ok : !data.ok",
        'deal.amount > 1000.0 && deal.stage == "demo"',
        "10 / data.duration_s > 1",
    ],
)
def test_a_condition_that_fits_is_taken(when: str) -> None:
    assert parse_playbook(book(when), strict=True).data["call"]["duration_s"] == "whole"


@pytest.mark.parametrize(
    ("when", "begins"),
    [
        ("data.duration >= 60", "data.duration is not declared for this activity; declared are: data.direction"),
        ("data.direction > 3", "cannot be worked out with"),
        ('data.direction == "in" && data.duration_s > "x"', "cannot be worked out with"),
        ("data.duration_s", "gives 0, neither true nor false"),
        ("data.price + 1 > 2.0", "cannot be worked out with"),
        ("!data.direction", "cannot be worked out with"),
        ("deal.amount > deal.stage", "cannot be worked out with"),
    ],
)
def test_a_condition_that_does_not_fit_is_refused_with_the_reason(when: str, begins: str) -> None:
    found = problems(book(when))
    assert list(found) == ["/rules/0/when"]
    assert found["/rules/0/when"].startswith(begins)


def test_without_a_declaration_data_may_hold_anything() -> None:
    assert parse_playbook(book("data.whatever > 3", declared=False), strict=True).data == {}
    assert problems(book("deal.amount", declared=False))["/rules/0/when"].startswith("gives 0.5")


def test_on_the_bus_conditions_are_not_held_against_declarations() -> None:
    assert parse_playbook(book("data.unheard_of > 3")).rules[0].when


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"credit": {"points": {"per": "data.direction", "give": 1}}}, "/rules/0/credit/points/per"),
        ({"credit": {"points": {"per": "data.minutes", "give": 1}}}, "/rules/0/credit/points/per"),
        ({"limits": {"once": [{"field": "data.counterparty", "every": "day"}]}}, "/rules/0/limits/once/0/field"),
        ({"to": [{"role": "closer", "share": 1}]}, "/rules/0/to/0/role"),
    ],
)
def test_what_a_rule_takes_from_data_must_be_declared_too(more: dict[str, Any], pointer: str) -> None:
    assert list(problems(book(None, **more))) == [pointer]


def test_a_type_that_does_not_exist_is_refused() -> None:
    body = book(None)
    body["activities"] = [{**CALL, "data": {"x": "date"}}]
    assert list(problems(body)) == ["/activities/0/data/x/value"]
