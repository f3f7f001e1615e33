"""What a statement says beside the amounts: exceptions, segments, versions, sentences."""

from __future__ import annotations

import string
from fractions import Fraction
from typing import Any

import pytest

from services.commission.domain import derivation, findings, words
from services.commission.domain.components import Line
from services.commission.domain.league import NoRoster, read_league
from services.commission.domain.pay_words import PAY_WORDS
from services.commission.domain.quantities import LANGUAGES, Quantity, decimal, exact, show
from services.commission.domain.results import Results
from services.commission.domain.statements import Statement, payees, statement
from services.commission.domain.time_words import TIME_WORDS
from shared import periods
from tests.commission import test_cases, test_time_cases
from tests.commission.office import Office, component, document, plan, playbook_body, roster_body, targets
from tests.commission.test_worked_cases import CASES, TRANSFER, office

OWN_TARGET = targets(sanne="10000")


def codes(one: Statement) -> list[str]:
    return [found.code for found in one.findings]


def said(one: Statement, language: str = "en") -> list[str]:
    return [findings.sentence(found, language) for found in one.findings]


def steps(line: Line, language: str = "en") -> list[str]:
    return [derivation.sentence(step, language).replace("\u00a0", " ") for step in line.steps]


def test_a_missing_target_is_an_exception_and_the_component_stays_visible_at_zero() -> None:
    one = Office([plan(component())], own={"revenue": "5000"}).statement()
    [line] = one.lines
    assert (line.amount, line.attainment, line.result) == (0, None, Quantity(Fraction(5000), "EUR", line.result.label))  # type: ignore[union-attr]
    assert codes(one) == ["missing-target"]
    assert one.findings[0].blocks
    assert said(one) == [
        "No target for Sanne de Vries, revenue, 2026-11. Add it to the targets; until then nothing is paid for it."
    ]
    assert "cannot be computed" in steps(line)[-1]


def test_a_target_of_another_period_does_not_count() -> None:
    wanted = [{"rep": "sanne", "metric": "revenue", "period": "2026-Q4", "amount": "30000"}]
    assert codes(Office([plan(component())], wanted, {"revenue": "5000"}).statement()) == ["missing-target"]


def test_an_unknown_metric_is_named() -> None:
    one = Office([plan(component(metric="visits"))]).statement()
    assert codes(one) == ["unknown-metric"]
    assert "does not know visits" in said(one)[0]


def test_days_without_a_plan_are_an_exception_with_their_dates() -> None:
    who = {"teams": ["noord"]}
    one = Office([plan(component(), who=who)], OWN_TARGET, {"revenue": "5000"}, memberships=TRANSFER).statement()
    assert codes(one) == ["no-plan", "changed-in-period"]
    assert said(one)[0].startswith("No plan from 2026-11-11 until 2026-12-01 in Zuid.")
    assert one.lines[0].unrounded == 1000 * Fraction(10, 30) * Fraction(1, 2)


def test_a_plan_that_begins_later_leaves_the_first_days_without_one() -> None:
    later = {"2026-11-16": [plan(component())]}
    one = Office([], OWN_TARGET, {"revenue": "10000"}, later_plans=later).statement()
    assert codes(one) == ["no-plan", "changed-in-period"]
    assert [(line.amount, line.version) for line in one.lines] == [(50000, 2)]


def test_a_new_version_that_leaves_the_plan_alone_changes_nothing() -> None:
    same = [plan(component()), plan(component(), id="other", who={"reps": ["bram"]})]
    one = Office([plan(component())], OWN_TARGET, {"revenue": "10000"}, later_plans={"2026-11-16": same}).statement()
    assert (codes(one), len(one.lines), one.totals) == ([], 1, {"EUR": 100000})


def test_the_last_of_two_versions_from_the_same_day_is_in_force() -> None:
    raised = {"2026-01-01": [plan(component(), target_incentive="2000")]}
    one = Office([plan(component())], OWN_TARGET, {"revenue": "10000"}, later_plans=raised).statement()
    assert [(line.amount, line.version) for line in one.lines] == [(200000, 2)]


def test_nobody_is_paid_for_a_period_in_no_team() -> None:
    one = Office([plan(component())], memberships=[{"team": "noord", "from": "2026-12-01"}]).statement()
    assert (codes(one), one.lines, one.totals) == (["not-a-member"], (), {})


def test_a_plan_by_the_quarter_pays_in_the_quarter_only() -> None:
    quarterly = plan(component(rate="0.05"), period="quarter")
    sold = Office([quarterly], own={"revenue": "30000"})
    assert (codes(sold.statement("2026-11")), sold.statement("2026-11").lines) == (["other-period"], ())
    assert sold.statement("2026-Q4").totals == {"EUR": 150000}


def test_what_the_cap_takes_is_told() -> None:
    capped = component(curve={"kind": "linear", "cap": "1.5", "excess": "lost"})
    one = Office([plan(capped)], OWN_TARGET, {"revenue": "18000"}).statement()
    assert said(one) == ["Over the cap: EUR\u00a0300.00 is not paid."]
    assert "At most 150%: of 180%, 150% counts; the rest is not paid." in steps(one.lines[0])


def test_a_negative_result_is_told() -> None:
    assert codes(Office([plan(component())], OWN_TARGET, {"revenue": "-1"}).statement()) == ["below-zero"]


def test_two_currencies_are_never_added_up() -> None:
    euros = plan(component(rate="0.1"), who={"teams": ["noord"]})
    dollars = plan(component(metric="dollars", rate="0.1"), id="us", currency="USD", who={"teams": ["zuid"]})
    in_days = {
        ("2026-11-01", "2026-11-11", "revenue"): "100",
        ("2026-11-11", "2026-12-01", "dollars"): "50",
    }
    one = Office([euros, dollars], in_days=in_days, memberships=TRANSFER).statement()
    assert one.totals == {"EUR": 1000, "USD": 500}


def test_a_transfer_is_explained_with_its_days() -> None:
    [case] = [case for case in CASES if case.words.startswith("from Noord to Zuid")]
    lines = office(case).statement().lines
    assert "From 2026-11-01 until 2026-11-11 in Noord: 10 of 30 calendar days, so 33.333333…%." in steps(lines[1])
    assert "The result of Zuid in the whole of 2026-11 is EUR 44,000.00." in steps(lines[2])
    assert "Het resultaat van Zuid in heel 2026-11 is EUR 44.000,00." in steps(lines[2], "nl")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.words)
def test_every_step_leads_to_the_next_and_the_last_is_what_is_paid(case: Any) -> None:
    for line in office(case).statement().lines:
        assert line.steps[-1].result.value == Fraction(line.amount, 100)
        assert line.steps[0].source is not None
        assert all(sentence for language in LANGUAGES for sentence in steps(line, language))


@pytest.mark.parametrize("table", [derivation.SENTENCES, findings.SENTENCES, words.WORDS, TIME_WORDS, PAY_WORDS])
def test_both_languages_say_the_same_things(table: Any) -> None:
    def placeholders(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for name, by_language in table.items():
        assert set(by_language) == set(LANGUAGES), name
        assert placeholders(by_language["nl"]) == placeholders(by_language["en"]), name


def test_every_sentence_of_a_derivation_is_used() -> None:
    by_hand = [office(case).statement() for case in CASES]
    tried = [one for case in test_cases.CASES for one in test_cases.trial(case).statements]
    timed = [one for param in test_time_cases.cases() for one in test_time_cases.statements(param.values[0])]
    used = {step.name for one in (*by_hand, *tried, *timed) for line in one.lines for step in line.steps}
    assert set(derivation.SENTENCES) - used == set()


def test_whoever_was_in_a_team_or_earned_is_a_payee() -> None:
    others: list[dict[str, Any]] = [
        {"id": "before", "name": "B", "memberships": [{"team": "noord", "from": "2026-01-01", "to": "2026-11-01"}]},
        {"id": "earned", "name": "E", "memberships": []},
        {"id": "first", "name": "F", "memberships": [{"team": "noord", "from": "2026-10-01", "to": "2026-11-02"}]},
        {"id": "later", "name": "L", "memberships": [{"team": "noord", "from": "2026-12-01"}]},
    ]
    league = read_league([document("roster", roster_body(more=others))])
    results = Results(reps={("earned", "revenue"): 1, ("unknown", "revenue"): 1})
    assert [rep.id for rep in payees(periods.parse("2026-11"), league, results)] == ["earned", "first", "sanne"]


def test_a_league_without_a_roster_pays_nobody() -> None:
    with pytest.raises(NoRoster):
        read_league([document("playbook", playbook_body())])


def test_old_metrics_keep_their_unit_when_a_newer_playbook_drops_them() -> None:
    newer = {**playbook_body(), "metrics": playbook_body()["metrics"][1:]}
    league = read_league(
        [document("roster", roster_body()), document("playbook", playbook_body()), document("playbook", newer, 2)]
    )
    assert league.metrics["revenue"].unit == "EUR"


@pytest.mark.parametrize(
    ("value", "unit", "nl", "en"),
    [
        (Fraction(12345678, 100), "EUR", "EUR\u00a0123.456,78", "EUR\u00a0123,456.78"),
        (Fraction(-5), "EUR", "EUR\u00a0-5,00", "EUR\u00a0-5.00"),
        (Fraction(5), "JPY", "JPY\u00a05", "JPY\u00a05"),
        (Fraction(2, 3), "ratio", "66,666666…\u00a0%", "66.666666…%"),
        (Fraction(3, 2), "times", "1,5", "1.5"),
        (Fraction(3), "calls", "3 gesprekken", "3 calls"),
    ],
)
def test_numbers_are_written_for_their_reader(value: Fraction, unit: str, nl: str, en: str) -> None:
    quantity = Quantity(value, unit, {"nl": "gesprekken", "en": "calls"})
    assert (show(quantity, "nl"), show(quantity, "en")) == (nl, en)


@pytest.mark.parametrize(
    ("value", "as_exact", "as_decimal"),
    [
        (Fraction(0), "0", "0"),
        (Fraction(100), "100", "100"),
        (Fraction(-1, 8), "-0.125", "-0.125"),
        (Fraction(1, 3), "1/3", "0.333333333333"),
        (Fraction(2, 3), "2/3", "0.666666666667"),
    ],
)
def test_numbers_are_written_for_programs(value: Fraction, as_exact: str, as_decimal: str) -> None:
    assert (exact(value), decimal(value)) == (as_exact, as_decimal)


def test_a_mentor_who_has_a_part_by_the_playbook_already_is_told_of_the_second() -> None:
    grants = {
        "id": "won",
        "on": {"deal": "won"},
        "credit": {"deals": 1},
        "mentor": "0.1",
        "text": {"nl": "w", "en": "w"},
    }
    guided = plan(component("mentor", "mentees", metric="deals", mentees={"share": "0.1"}, rate="5"))
    documents = [
        document("roster", roster_body()),
        document("playbook", {**playbook_body(), "rules": [grants]}),
        document("plans", {"plans": [guided]}),
    ]
    league = read_league(documents)
    one = statement(league.roster.reps["sanne"], periods.parse("2026-11"), league, Results())
    assert codes(one) == ["mentor-twice"]
    assert not one.findings[0].blocks


def test_the_credits_behind_the_result_of_the_organisation_are_those_of_everybody() -> None:
    one = Office([plan(component("all", "organisation", rate="0.01"))], own={"revenue": "1000"})
    source = one.statement().lines[0].steps[0].source
    assert source is not None
    assert source.credits == "/scoring/v1/credits?metric=revenue&period=2026-11"
