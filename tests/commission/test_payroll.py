"""The CSV that payroll imports: no formula, no zero line, decimals with a comma."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.commission.domain.payroll import DETAIL, PAYROLL, as_csv, decimal_comma, detail_rows, payroll_rows, text
from tests.commission.office import Office, component, plan, targets
from tests.commission.test_worked_cases import TRANSFER

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cells(written: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline=""), delimiter=";"))


@pytest.mark.parametrize("name", ["=1+1", "+31612", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1"])
def test_a_name_that_looks_like_a_formula_becomes_text(name: str) -> None:
    assert text(name) == f"'{name}"


@pytest.mark.parametrize("name", ["Sanne de Vries", "'s Gravenhage", "", "A=B", "Jan-Willem"])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert text(name) == name


@given(st.text())
def test_no_text_cell_begins_like_a_formula(name: str) -> None:
    assert not text(name).lstrip(" ").startswith(FORMULA)


@pytest.mark.parametrize(
    ("minor", "currency", "written"), [(105000, "EUR", "1050,00"), (-5, "EUR", "-0,05"), (7, "JPY", "7")]
)
def test_amounts_have_a_decimal_comma_and_no_thousands(minor: int, currency: str, written: str) -> None:
    assert decimal_comma(minor, currency) == written


def test_payroll_has_one_line_for_a_payee_with_both_teams_and_none_for_zero() -> None:
    team = component("team", "team", weight="1")
    wanted = targets(noord="50000", zuid="50000")
    both = {("noord", "revenue"): "45000", ("zuid", "revenue"): "25000"}
    paid = Office([plan(team)], wanted, teams=both, memberships=TRANSFER).statement()
    unpaid = Office([plan(team)], wanted, memberships=TRANSFER).statement()
    assert cells(as_csv(PAYROLL, payroll_rows([paid, unpaid]))) == [
        list(PAYROLL),
        ["2026-11", "sanne", "Sanne de Vries", "noord, zuid", "sales", "1", "EUR", "633,33"],
    ]


def test_detail_shows_what_each_line_was_computed_from() -> None:
    one = Office([plan(component())], targets(sanne="30000"), {"revenue": "10000"}).statement()
    header, row = cells(as_csv(DETAIL, detail_rows([one])))
    assert header == list(DETAIL)
    assert row == [
        *("2026-11", "sanne", "Sanne de Vries", "sales", "1", "own", "individual", "", "revenue"),
        *("10000", "30000", "33,3333", "EUR", "333,33", ""),
    ]


def test_the_file_is_what_a_dutch_spreadsheet_expects() -> None:
    written = as_csv(PAYROLL, payroll_rows([Office([plan(component(rate="0.1"))], own={"revenue": "1"}).statement()]))
    assert written.startswith("\ufeffperiod;rep;name;")
    assert written.endswith(";EUR;0,10\r\n")
