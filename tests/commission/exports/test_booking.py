"""Which employer, which number, which wage component; and what payroll could not book."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.commission.domain.booking import book
from services.commission.domain.employers import PayrollPeriod
from services.commission.schemas.payroll import parse_payroll
from shared.contracts.league import BadDocument
from tests.commission.exports.sample import DAY, LINES, OPEN, booking, line, payroll

EMPLOYER = {
    "id": "a",
    "name": "A",
    "layout": "neutral",
    "number": "1",
    "period_type": "month",
    "components": {"*": "1"},
}
EMPLOYMENT = {"rep": "sanne", "employer": "a", "number": "1", "from": "2026-01-01"}


def test_what_a_leaver_earned_is_booked_by_the_last_employer() -> None:
    assert [entry.employment.number for entry in booking().entries if entry.line.rep == "daan"] == ["7"]


def test_sums_of_zero_are_left_out_and_lines_add_up() -> None:
    made = booking()
    assert ("33", "5100") not in made.sums()
    assert sum(made.sums().values()) == made.total == sum(each.amount for each in LINES)


def test_every_line_that_cannot_be_booked_is_named() -> None:
    lines = [
        line("x", "nobody", "eigen", 100),
        line("y", "sanne", "eigen", 100, currency="USD"),
        line("z", "daan", "eigen", 100),
    ]
    without = replace(payroll().employers["noord"], components={"team": "5101"})
    bookings, problems = book(lines, replace(payroll(), employers={"noord": without}), {"noord": OPEN}, DAY)
    assert not bookings
    assert [(each.pointer, each.value) for each in problems] == [
        *(("/lines/x", "nobody"), ("/lines/y", "eigen"), ("/lines/z", "eigen"))
    ]
    _, problems = book(lines, payroll(), {"noord": OPEN}, DAY)
    assert [(each.pointer, each.value) for each in problems] == [("/lines/x", "nobody"), ("/lines/y", "USD 1.00")]


@pytest.mark.parametrize("period", [None, PayrollPeriod(2026, 13, "month"), PayrollPeriod(2026, 3, "week")])
def test_the_open_payroll_period_must_be_one_of_the_employer(period: PayrollPeriod | None) -> None:
    _, problems = book(LINES, payroll(), {"noord": period} if period else {}, DAY)
    assert [each.pointer for each in problems] == ["/periods/noord"]


def test_before_the_first_day_nobody_is_employed() -> None:
    assert payroll().employment("daan", date(2026, 2, 28)) is None


@pytest.mark.parametrize(
    ("employer", "employment", "pointer"),
    [
        ({"layout": "nmbrs"}, {}, "/employers/0/debtor"),
        ({"layout": "loket", "components": {"*": "L5"}, "shift": "1"}, {}, "/employers/0/components/*"),
        ({"layout": "afas"}, {}, "/employers/0/period_table"),
        ({"layout": "papyrus"}, {}, "/employers/0/layout"),
        ({"number": "=1"}, {}, "/employers/0/number"),
        ({"componnets": {}}, {}, "/employers/0/componnets"),
        ({}, {"employer": "b"}, "/employments/0/employer"),
        ({}, {"to": "2026-01-01"}, "/employments/0/to"),
    ],
)
def test_a_payroll_document_with_a_mistake_is_refused(
    employer: dict[str, Any], employment: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(BadDocument) as refused:
        parse_payroll({"employers": [EMPLOYER | employer], "employments": [EMPLOYMENT | employment]})
    assert pointer in [problem.pointer for problem in refused.value.problems]


def test_nobody_is_on_two_payrolls_on_one_day() -> None:
    with pytest.raises(BadDocument, match="on another payroll"):
        parse_payroll({"employers": [EMPLOYER], "employments": [EMPLOYMENT, EMPLOYMENT | {"from": "2026-02-01"}]})
