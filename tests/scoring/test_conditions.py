"""Conditions: what they can speak of, and that no activity can make one fail."""

from dataclasses import replace
from typing import Any

import pytest

from services.scoring.conditions import compile_condition
from services.scoring.domain.deals import fold
from services.scoring.domain.rules import values
from tests.scoring.office import LEAGUE, WON, call

CALL = call("c", "03-02 10", duration_s=340, direction="outbound", share=0.5)


def _answer(source: str, **data: Any) -> tuple[bool, str]:
    fact = replace(CALL, data={**CALL.data, **data})
    return compile_condition(source)(values(fact, None, "sanne"))


@pytest.mark.parametrize(
    "source",
    [
        'data.duration_s >= 60 && data.direction == "outbound"',
        "data.duration_s >= 339.5",
        "has(data.duration_s) && !has(data.note)",
        "data.note == 1 || data.share == 0.5",
        'activity.type == "call" && activity.source == "crm" && rep == "sanne"',
        'data.direction in ["outbound", "inbound"] && data.direction.startsWith("out")',
    ],
)
def test_a_condition_holds(source: str) -> None:
    assert _answer(source)[0]


@pytest.mark.parametrize(
    ("source", "data", "why"),
    [
        ("data.note >= 60", {}, "note is not given"),
        ('data["note"] == 1', {}, "note is not given"),
        ("data.duration_s >= 60", {"duration_s": "long"}, "No such overload"),
        ("data.duration_s >= 60", {"duration_s": None}, "No such overload"),
        ("data.duration_s / data.pauses > 2", {"pauses": 0}, "division by zero"),
        ("data.duration_s + 9223372036854775807 > 0", {}, ""),
        ("int(data.direction) > 1", {}, ""),
        ("data.duration_s", {}, "data.duration_s"),
        ("nobody.knows == 1", {}, "Undefined variable"),
        ('deal.stage == "won"', {}, "stage is not given"),
    ],
)
def test_what_cannot_be_answered_is_false_with_its_reason(source: str, data: dict[str, Any], why: str) -> None:
    holds, reason = _answer(source, **data)
    assert not holds
    assert why in reason
    assert reason


def test_a_condition_speaks_of_the_folded_deal() -> None:
    deal = fold(WON, LEAGUE.status_of)
    condition = compile_condition('deal.amount >= 1000.0 && deal.status == "won" && deal.owner == rep')
    assert condition(values(WON[-1], deal, "sanne")) == (
        True,
        'deal.amount >= 1000.0 && deal.status == "won" && deal.owner == rep',
    )


def test_a_field_that_the_deal_does_not_have_is_not_given() -> None:
    deal = fold(WON[1:2], LEAGUE.status_of)
    assert compile_condition("deal.amount >= 0.0")(values(WON[1], deal, "sanne")) == (False, "amount is not given")
