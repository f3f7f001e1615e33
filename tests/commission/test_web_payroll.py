"""From an approved run to payroll over HTTP: the payroll document, files in each layout, nothing paid twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from babel.numbers import parse_decimal
from flask.testing import FlaskClient
from openpyxl import load_workbook

from services.commission.store import Books
from tests.commission.life import Life
from tests.commission.paying import Office, payroll

V1 = "/commission/v1"
LAYOUTS = ("neutral", "nmbrs", "loket", "afas")


@pytest.fixture
def office(sqlite_books: Books, tmp_path: Path) -> Office:
    return Office.open(Life(sqlite_books), tmp_path).fill()


@pytest.fixture
def client(office: Office) -> Callable[[str], FlaskClient]:
    return office.client


def approved(office: Office, period: str = "2026-09") -> tuple[FlaskClient, str, int]:
    """Return HR's client, an approved run, and what it pays in cents."""
    run = office.life.approve(office.life.calculate(period))
    return office.client("hr"), run.id, run.totals["EUR"]


def exported(client: FlaskClient, run: str, period: str = "2026-11", **more: Any) -> Any:
    order = {"format": "payroll", "periods": {"verkoop": period}}
    return client.post(f"{V1}/runs/{run}/exports", json=order, **more)


def in_order(export: Any) -> list[Any]:
    """Return the files of an export with one employer: the control file, then the one for the package."""
    return sorted(export["files"], key=lambda one: "control" not in one["name"])


def amounts_in(layout: str, body: bytes) -> list[Decimal]:
    """Return the amounts of a file as its package reads them."""
    match layout:
        case "nmbrs":
            sheet = load_workbook(io.BytesIO(body)).worksheets[0]
            pairs = [row[::2] for row in sheet.iter_rows(min_row=3, min_col=8, values_only=True)]
            return [Decimal(str(cell)) for row in pairs for cell in row if cell is not None]
        case "afas":
            fields = [one["body"]["HrCompMut"]["Element"]["Fields"] for one in orjson.loads(body)]
            return [Decimal(str(one["VaD1"])) for one in fields]
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))
    columns = slice(3, 4) if layout == "neutral" else slice(3, None)
    numbers = [cell for row in rows[1:] for cell in row[columns] if cell]
    return [parse_decimal(cell, locale="nl_NL", strict=True) for cell in numbers]


def test_the_payroll_document_is_kept_in_versions_and_refused_with_every_problem(office: Office) -> None:
    client = office.client("hr")
    assert client.get(f"{V1}/payroll").status_code == 404
    made = client.put(f"{V1}/payroll", json=payroll())
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    wrong = payroll("loket")
    wrong["employers"][0]["components"]["team"] = "L5101"
    wrong["employments"][0]["employer"] = "zuid"
    refused: Any = client.put(f"{V1}/payroll", json=wrong)
    assert refused.status_code == 422
    assert {one["pointer"] for one in refused.get_json()["errors"]} == {
        "/employers/0/components/team",
        "/employments/0/employer",
    }
    assert client.put(f"{V1}/payroll", json=payroll("afas"), headers={"If-Match": '"0"'}).status_code == 412
    held: Any = client.get(f"{V1}/payroll").get_json()
    assert (held["version"], held["author"]) == (1, "hr")
    assert office.client("manager").get(f"{V1}/payroll").status_code == 403


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_approved_arrives_in_the_layout_of_the_package_to_the_cent(office: Office, layout: str) -> None:
    client, run, total = approved(office)
    assert client.put(f"{V1}/payroll", json=payroll(layout)).status_code == 201
    made = exported(client, run)
    assert made.status_code == 201
    said: Any = made.get_json()
    assert said["sums"] == [
        {"currency": "EUR", "amount": str(Decimal(total) / 100), "minor": total, "lines": said["lines"], "payees": 7}
    ]
    control, file = (client.get(one["href"]) for one in in_order(said))
    assert sum(amounts_in(layout, file.data)) == Decimal(total) / 100
    assert "=HYPERLINK" not in control.data.decode().replace("'=HYPERLINK", "")
    listed = list(csv.reader(io.StringIO(control.data.decode("utf-8-sig"), newline=""), delimiter=";"))
    whole = next(row for row in listed[1:] if row[1] == "")
    assert (whole[4], parse_decimal(whole[5], locale="nl_NL", strict=True)) == (
        str(said["lines"]),
        Decimal(total) / 100,
    )


def test_what_payroll_could_not_book_is_named_line_by_line_and_nothing_is_exported(office: Office) -> None:
    client, run, _ = approved(office)
    assert exported(client, run).status_code == 404  # there is no payroll document
    body = payroll(without="ruben")
    del body["employers"][0]["components"]["*"]
    del body["employers"][0]["components"]["team"]
    client.put(f"{V1}/payroll", json=body)
    refused: Any = exported(client, run, period="2026-13")
    assert refused.status_code == 422
    problems = refused.get_json()["errors"]
    assert any("employment" in one["expected"] and one["value"] == "ruben" for one in problems)
    assert any("wage component" in one["expected"] and one["value"] == "team" for one in problems)
    assert {"pointer": "/periods/verkoop", "value": "2026-13", "expected": "a month from 01 to 12"} in problems
    assert client.get(f"{V1}/runs/{run}/exports").get_json() == {"exports": []}
    assert client.get(f"{V1}/runs/{run}").get_json()["state"] == "approved"


def test_a_file_is_the_same_bytes_every_time_and_nothing_is_exported_twice(office: Office) -> None:
    client, run, _ = approved(office)
    client.put(f"{V1}/payroll", json=payroll())
    first: Any = exported(client, run, headers={"Idempotency-Key": "nov"}).get_json()
    again: Any = exported(client, run, headers={"Idempotency-Key": "nov"}).get_json()
    assert again == first
    assert exported(client, run).status_code == 409
    client.put(f"{V1}/payroll", json=payroll("loket"))  # what was exported stays as it was
    for file in first["files"]:
        bodies = {client.get(file["href"]).data for _ in range(3)}
        assert len(bodies) == 1
        answer = client.get(file["href"])
        assert answer.headers["ETag"] == f'"{file["sha256"]}"'
        assert file["name"] in answer.headers["Content-Disposition"]


def test_an_export_that_payroll_took_in_is_taken_back_by_opposite_lines(office: Office) -> None:
    client, run, total = approved(office)
    client.put(f"{V1}/payroll", json=payroll())
    made: Any = exported(client, run).get_json()
    assert client.post(f"{V1}/exports/{made['id']}/confirmation").status_code == 200
    back = {"reason": "wrong month", "imported": True, "periods": {"verkoop": "2026-12"}}
    over: Any = client.post(f"{V1}/exports/{made['id']}/cancellation", json=back).get_json()
    assert over["state"] == "countered"
    counter: Any = client.get(f"{V1}/runs/{run}/exports").get_json()["exports"][1]
    assert (counter["counters"], counter["sums"][0]["minor"]) == (made["id"], -total)
    assert "2026-12" in counter["files"][0]["name"]
    body = client.get(in_order(counter)[1]["href"]).data
    assert sum(amounts_in("nmbrs", body)) == -Decimal(total) / 100
    client.post(f"{V1}/exports/{counter['id']}/confirmation")
    once_more: Any = exported(client, run, period="2026-12").get_json()
    assert once_more["sums"][0]["minor"] == total


def test_what_is_taken_back_is_taken_from_the_employer_that_paid_it(office: Office) -> None:
    client, run, total = approved(office)
    body = payroll("neutral")
    body["employers"].append({**body["employers"][0], "id": "dochter", "name": "Dochter BV", "number": "13"})
    for one in list(body["employments"]):
        body["employments"].append({**one, "employer": "dochter", "from": "2026-12-01"})
        one["to"] = "2026-12-01"
    client.put(f"{V1}/payroll", json=body)
    made: Any = exported(client, run).get_json()
    client.post(f"{V1}/exports/{made['id']}/confirmation")
    in_december = replace(office, now=datetime(2026, 12, 10, 9, tzinfo=UTC)).client("hr")
    back = {"reason": "wrong month", "imported": True, "periods": {"verkoop": "2026-12"}}
    assert in_december.post(f"{V1}/exports/{made['id']}/cancellation", json=back).status_code == 200
    counter: Any = client.get(f"{V1}/runs/{run}/exports").get_json()["exports"][1]
    assert sum(amounts_in("neutral", client.get(in_order(counter)[1]["href"]).data)) == -Decimal(total) / 100


def test_totals_for_finance_add_up_in_every_form(office: Office) -> None:
    client, run, total = approved(office)
    said: Any = client.get(f"{V1}/totals?period=2026-09").get_json()
    assert (said["run"], said["state"], said["control"][0]["minor"]) == (run, "approved", total)
    assert sum(one["minor"] for one in said["totals"]) == total
    assert {one["team"] for one in said["totals"]} == {"noord", "zuid"}
    written = client.get(f"{V1}/totals?period=2026-09&format=csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(written, newline=""), delimiter=";"))
    amounts = [parse_decimal(row["amount"], locale="nl_NL", strict=True) for row in rows]
    assert sum(amounts[:-1]) == amounts[-1] == Decimal(total) / 100
    book = load_workbook(io.BytesIO(client.get(f"{V1}/totals?period=2026-09&format=xlsx").data))
    assert book.sheetnames == ["totals", "control"]
    column = [row[-1] for row in book["totals"].iter_rows(min_row=2, values_only=True)]
    assert sum(Decimal(str(cell)) for cell in column) == Decimal(total) / 100
    assert Decimal(str(book["control"]["F2"].value)) == Decimal(total) / 100


def test_the_lines_of_a_run_come_for_spreadsheets_and_add_up_to_what_it_pays(office: Office) -> None:
    client, run, total = approved(office)
    written = client.get(f"{V1}/runs/{run}/payouts?format=csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(written, newline=""), delimiter=";"))
    assert sum(parse_decimal(row["amount"], locale="nl_NL", strict=True) for row in rows) == Decimal(total) / 100
    assert {row["name"] for row in rows} >= {"Sanne de Vries", '\'=HYPERLINK("https://evil.example";"Ruben")'}
    sheet = load_workbook(io.BytesIO(client.get(f"{V1}/runs/{run}/payouts?format=xlsx").data))["lines"]
    column = [cell.value for cell in sheet[1]].index("amount")
    assert sum(Decimal(str(row[column].value)) for row in sheet.iter_rows(min_row=2)) == Decimal(total) / 100


def test_totals_of_a_period_without_a_run_are_an_estimate(office: Office) -> None:
    said: Any = office.client("finance").get(f"{V1}/totals?period=2026-10").get_json()
    payouts: Any = office.client("finance").get(f"{V1}/payouts?period=2026-10").get_json()
    assert (said["run"], said["state"]) == (None, "open")
    assert said["control"][0]["minor"] == payouts["control"][0]["minor"]


@pytest.mark.parametrize("variant", ["payroll", "detail"])
def test_payouts_come_as_a_workbook_of_real_numbers_without_formulas(office: Office, variant: str) -> None:
    client = office.client("finance")
    address = f"{V1}/payouts?period=2026-10&format=xlsx&variant={variant}"
    answer = client.get(address)
    assert answer.data == client.get(address).data
    assert f"payouts-2026-10-{variant}.xlsx" in answer.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(answer.data))[variant]
    header = [cell.value for cell in sheet[1]]
    amounts = [row[header.index("amount")] for row in sheet.iter_rows(min_row=2)]
    assert all(cell.data_type == "n" and cell.number_format == "#,##0.00" for cell in amounts)
    control: Any = client.get(f"{V1}/payouts?period=2026-10").get_json()["control"][0]
    assert sum(Decimal(str(cell.value)) for cell in amounts) == Decimal(control["amount"])
    names = {row[header.index("name")].value for row in sheet.iter_rows(min_row=2)}
    assert '\'=HYPERLINK("https://evil.example";"Ruben")' in names
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_a_workbook_is_asked_for_by_the_accept_header_too(office: Office) -> None:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = office.client("finance").get(f"{V1}/payouts?period=2026-10", headers={"Accept": kind})
    assert answer.content_type == kind
