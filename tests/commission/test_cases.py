"""The table of worked cases: each with its plan, its results, its arithmetic in words and what it must pay.

A case of `cases/*.yaml` says only what matters to it; USUAL fills in what every plan has to answer. `pays` holds
totals by rep (of one currency), `lines` amounts by component (with its team after a slash where one component pays for
several), `by_period` what each of several periods pays in the end and `balances` what is left after the last,
`carried` what caps keep by rep, `says` a piece of the derivation in English, `exceptions` codes by rep.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.commission.domain import derivation
from services.commission.domain.components import Line
from services.commission.domain.pay_words import PAY_WORDS
from services.commission.domain.quantities import LANGUAGES, exact
from services.commission.domain.rewards import Progress
from services.commission.domain.settling import Settled
from services.commission.domain.words import plan_in_words
from services.commission.handlers.trying import Trial, tried
from shared.money import exponent, to_major
from shared.yaml12 import load

FOLDER = Path(__file__).parent / "cases"
USUAL: dict[str, Any] = {
    "id": "plan",
    "who": {"teams": ["noord", "zuid"]},
    "period": "month",
    "currency": "EUR",
    "rounding": {"of": "line", "mode": "half_up"},
    "transfers": "whole",
    "leavers": {"unpaid": "paid", "reversals_after": "recovered"},
    "late": {"adjust_within": "12 months", "then": "refused"},
}
CASES: list[dict[str, Any]] = [
    {**case, "file": file.stem} for file in sorted(FOLDER.glob("*.yaml")) for case in load(file.read_text())
]


def trial(case: dict[str, Any]) -> Trial:
    plans = case["plans"] if "plans" in case else [case["plan"]]
    body = {"plans": [{**USUAL, **plan} for plan in plans]}
    period = {} if "periods" in case["results"] else {"period": "2026-11"}
    return tried(body, {**period, "metrics": {"revenue": "EUR"}, **case["results"]})


def last(done: Trial, rep: str) -> Settled:
    return [one for _, one in done.paid if one.rep == rep][-1]


def name_of(line: Line) -> str:
    return f"{line.component.id}/{line.team}" if line.team else line.component.id


def told(one: Progress) -> dict[str, Any]:
    return {
        "part": exact(one.part),
        "won": one.won,
        "who": [rep for rep, _ in one.who],
        "cost": to_major(one.cost, one.plan.currency),
        "tax": one.reward.tax,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['file']}: {case['name']}")
def test_a_worked_case_pays_what_its_words_say(case: dict[str, Any]) -> None:
    done = trial(case)
    found = {one.rep.id: one for one in done.statements}
    said = {
        rep: [derivation.sentence(step, "en") for line in one.lines for step in line.steps]
        for rep, one in found.items()
    }
    paid = {rep: [to_major(minor, currency) for currency, minor in one.totals.items()] for rep, one in found.items()}
    assert {rep: paid[rep] for rep in case.get("pays", {})} == {
        rep: [amount] for rep, amount in case.get("pays", {}).items()
    }, said
    for rep, amounts in case.get("by_period", {}).items():
        totals = [to_major(sum(one.totals.values()), "EUR") for _, one in done.paid if one.rep == rep]
        assert totals == amounts
    for rep, closing in case.get("balances", {}).items():
        assert {one.account.kind: to_major(one.closing, "EUR") for one in last(done, rep).balances} == closing
    for rep, lines in case.get("lines", {}).items():
        by_name = {name_of(line): to_major(line.amount, line.plan.currency) for line in found[rep].lines}
        both = {name.split("/")[0]: amount for name, amount in by_name.items()} | by_name
        assert {name: both.get(name) for name in lines} == lines, said[rep]
    for rep, carried in case.get("carried", {}).items():
        assert sum(line.carried for line in found[rep].lines) == round(float(carried) * 100)
    for rep, codes in case.get("exceptions", {}).items():
        assert [one.code for one in found[rep].findings] == codes
    for rep, rewards in case.get("rewards", {}).items():
        assert {one.reward.id: told(one) for one in found[rep].rewards} == rewards
    for piece in case.get("says", ()):
        assert any(piece in sentence.replace("\u00a0", " ") for each in said.values() for sentence in each), said


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['file']}: {case['name']}")
def test_every_derivation_ends_in_what_is_paid_in_both_languages(case: dict[str, Any]) -> None:
    for one in trial(case).statements:
        for line in one.lines:
            assert line.steps[-1].result.value * 10 ** exponent(line.plan.currency) == line.amount
            assert all(derivation.sentence(step, language) for step in line.steps for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plan_of_the_table_can_be_read_in_words(language: str) -> None:
    said = {name: PAY_WORDS[name][language].partition("{")[0] for name in PAY_WORDS}
    read = " ".join(line for case in CASES for line in words_of(case, language))
    assert {name for name, begins in said.items() if begins.strip() and begins not in read} == set()


def words_of(case: dict[str, Any], language: str) -> list[str]:
    league = trial(case).league
    [version] = league.plans
    return [line for plan in version.plans.plans for line in plan_in_words(plan, league, language)]


def test_there_are_enough_cases_each_with_its_arithmetic() -> None:
    assert len(CASES) >= 60
    assert all(case["words"] for case in CASES)
    names = [(case["file"], case["name"]) for case in CASES]
    assert len(set(names)) == len(names)
