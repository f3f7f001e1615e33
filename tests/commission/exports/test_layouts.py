"""The files that payroll packages import."""

import csv
import io
from decimal import Decimal

import orjson
import pytest
from babel.numbers import parse_decimal
from openpyxl import load_workbook

from services.commission.domain.employers import LAYOUTS
from services.commission.exports import files, neutral
from tests.commission.exports.sample import LINES, booking


def read(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))


def dutch(cell: str) -> Decimal:
    return parse_decimal(cell, locale="nl_NL", strict=True)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_booking_gives_the_same_bytes(layout: str) -> None:
    assert files("exp-1", [booking(layout)]) == files("exp-1", [booking(layout)])


def test_the_neutral_file_holds_every_line_in_the_open_period_with_its_origin_named() -> None:
    header, *rows = read(neutral.write(booking()))
    assert header == list(neutral.HEADER)
    assert len(rows) == len(LINES)
    assert rows[2] == [
        *("12", "120", "5100", "-100,00", "2026", "11", "month", "Correctie eigen 2026-09", "run-7", "sanne/late")
    ]
    assert sum(dutch(row[3]) for row in rows) == Decimal(sum(line.amount for line in LINES)) / 100


def test_a_description_that_a_spreadsheet_would_run_is_made_text() -> None:
    rows = read(neutral.write(booking()))
    assert rows[-1][7] == "'-Manual adjustment 4"


def test_the_control_file_adds_up_by_component_and_in_all() -> None:
    rows = read(files("exp-1", [booking("loket")])[1].body)
    assert rows[1:5] == [
        ["12", "5100", "EUR", "3", "5", "1735,06"],
        ["12", "5101", "EUR", "1", "1", "450,00"],
        ["12", "5190", "EUR", "1", "1", "-19,99"],
        ["12", "", "EUR", "3", "7", "2165,07"],
    ]
    assert len(rows) == 5 + 1 + 1 + len(LINES)


def test_loket_gets_numbers_only_one_line_an_employee_and_no_zeros() -> None:
    made = files("exp-1", [booking("loket")])[0]
    header, *rows = read(made.body)
    assert made.body[:9] == b"aanslnr;p"
    assert header == ["aanslnr", "persnr", "ploeg", "5100", "5101", "5190"]
    assert rows == [
        ["12", "120", "1", "500,50", "450,00", ""],
        ["12", "33", "1", "", "", "-19,99"],
        ["12", "7", "1", "1234,56", "", ""],
    ]


def test_nmbrs_gets_its_sheet_with_codes_in_row_two_and_values_from_row_three() -> None:
    sheet = load_workbook(io.BytesIO(files("exp-1", [booking("nmbrs")])[0].body))["Variabele Looncomponenten"]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert rows[0][:7] == ["Debiteurnr*", "Bedrijfnr*", "Persnr*", "Naam", "Periode*", "Dagen", "DagenVoorLC"]
    assert rows[1][7:] == ["L5100", "OpmerkingenL5100", "L5101", "OpmerkingenL5101", "L5190", "OpmerkingenL5190"]
    assert rows[2] == [
        *(1001, 12, 120, "Sanne", "2026-11", None, None),
        *(500.5, "eigen 2026-10, Correctie eigen 2026-09", 450, "team 2026-10", None, None),
    ]
    assert rows[3][7:] == [None, None, None, None, -19.99, "'-Manual adjustment 4"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}, "a formula"
    assert rows[4][3] == "'=cmd|' /C calc'!A0"


def test_afas_gets_a_mutation_for_each_line_with_its_amount_as_a_number() -> None:
    made = orjson.loads(files("exp-1", [booking("afas")])[0].body)
    assert [each["line"] for each in made] == [line.line_id for line in LINES]
    assert made[0]["body"] == {
        "HrCompMut": {
            "Element": {
                "@Year": 2026,
                "@PeId": 11,
                "@EmId": "120",
                "@ErId": "12",
                "@PtId": "5",
                "@Sc02": "5100",
                "Fields": {"VaD1": 600.5},
            }
        }
    }
