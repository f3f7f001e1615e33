"""How a row becomes activities, and what is said when it cannot."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.ingest.domain.mapping import RowProblem, TableMapping, problem_of, read_row
from services.ingest.schemas.mapping import parse_mapping
from services.ingest.sources.documents import from_yaml
from shared.contracts.league import BadDocument

PUBLIC = Path(__file__).parents[2] / "deploy" / "mappings" / "crm-sales-opportunities.yaml"

YAML = b"""
connection: oud-crm
file: {delimiter: ";"}
dates: {format: "%d-%m-%Y", time: "09:00", zone: Europe/Amsterdam}
amounts: {decimal: ",", thousands: "."}
activities:
  - when: {soort: [bel]}
    id: "{nr}"
    type: call
    occurred_at: "{datum}"
    owner: "{wie}"
    data: {duration_s: {column: duur, kind: number}, richting: "{richting}"}
  - when: {soort: [deal, won]}
    id: "{nr}/{soort}"
    type: deal
    occurred_at: "{datum}"
    owner: "{wie}"
    sequence: 2
    deal:
      id: "{nr}"
      name: "{klant} in {plaats}"
      amount: "{bedrag}"
      currency: EUR
      stage: {column: fase, values: {Eerste gesprek: gesprek, Gewonnen: won}}
skip:
  - {when: {soort: [notitie]}, reason: a note is no activity}
"""

COLUMNS = ("nr", "soort", "datum", "wie", "duur", "richting", "klant", "plaats", "bedrag", "fase")


@pytest.fixture
def mapping() -> TableMapping:
    return parse_mapping(from_yaml(YAML))


def row(**cells: str) -> dict[str, str]:
    return {**dict.fromkeys(COLUMNS, ""), **cells}


def test_a_row_becomes_an_activity_in_the_words_of_the_front_door(mapping: TableMapping) -> None:
    read = read_row(mapping, row(nr="7", soort="bel", datum="24-11-2026", wie="sanne", duur="340", richting="uit"))
    assert [given.item for given in read.given] == [
        {
            "id": "7", "type": "call", "occurred_at": "2026-11-24T08:00:00Z", "owner": "sanne",
            "data": {"duration_s": 340, "richting": "uit"},
        }
    ]  # fmt: skip


def test_amounts_dates_and_values_are_read_as_they_are_written_there(mapping: TableMapping) -> None:
    cells = {"nr": "7", "soort": "deal", "datum": "01-07-2026", "bedrag": "1.234,50", "fase": "Eerste gesprek"}
    (given,) = read_row(mapping, row(**cells, klant="Bakkerij", plaats="Goes")).given
    assert given.item == {
        "id": "7/deal", "type": "deal", "occurred_at": "2026-07-01T07:00:00Z", "sequence": 2,
        "deal": {"id": "7", "name": "Bakkerij in Goes", "amount": "1234.50", "currency": "EUR", "stage": "gesprek"},
    }  # fmt: skip


def test_an_empty_cell_says_nothing(mapping: TableMapping) -> None:
    (given,) = read_row(mapping, row(nr="7", soort="deal", datum="01-07-2026")).given
    assert given.item["deal"] == {"id": "7", "currency": "EUR"}


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"soort": "bel", "datum": "2026-11-24"}, ("datum", "2026-11-24", "a date written like 24-11-2026")),
        (
            {"soort": "deal", "datum": "01-07-2026", "fase": "Droom"},
            ("fase", "Droom", "one of Eerste gesprek, Gewonnen"),
        ),
        ({"soort": "bel", "datum": "01-07-2026", "duur": "lang"}, ("duur", "lang", "a number")),
        ({"soort": "fax"}, ("soort", "fax", "a value that the mapping covers: bel, deal, won")),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(
    mapping: TableMapping, cells: dict[str, str], problem: tuple[str, str, str]
) -> None:
    read = read_row(mapping, row(nr="7", **cells))
    assert (read.given, read.problems) == ((), (RowProblem(*problem),))


def test_what_is_left_out_has_a_reason(mapping: TableMapping) -> None:
    assert read_row(mapping, row(soort="notitie")).left_out == ("a note is no activity",)
    assert read_row(mapping, row(nr="7", soort="bel")).left_out == ("datum is empty",)


def test_a_day_for_the_undated_may_be_given(mapping: TableMapping) -> None:
    (given,) = read_row(mapping, row(nr="7", soort="bel"), undated=date(2026, 1, 5)).given
    assert given.item["occurred_at"] == "2026-01-05T08:00:00Z"


def test_a_refusal_of_the_front_door_is_told_by_column(mapping: TableMapping) -> None:
    cells = row(nr="7", soort="deal", datum="01-07-2026", bedrag="veel", klant="A", plaats="B")
    (given,) = read_row(mapping, cells).given
    assert problem_of(given, cells, "/deal/amount", "veel", "an amount") == RowProblem("bedrag", "veel", "an amount")
    assert problem_of(given, cells, "/deal/name", "x", "a name") == RowProblem("klant + plaats", "A + B", "a name")
    assert problem_of(given, cells, "/deal/currency", "EUR", "a code") == RowProblem("/deal/currency", "EUR", "a code")


def test_every_problem_of_a_mapping_is_named_at_once() -> None:
    body: dict[str, Any] = {
        "connection": "Oud CRM",
        "dates": {"zone": "Mars"},
        "activities": [{"id": "{nr}", "typ": "call", "deal": {"fase": "x", "id": []}}],
        "rest": 1,
    }
    with pytest.raises(BadDocument) as refusal:
        parse_mapping(body)
    assert {problem.pointer for problem in refusal.value.problems} == {
        "/connection", "/dates/zone", "/activities/0/typ", "/activities/0/deal/fase", "/activities/0/deal/id", "/rest",
    }  # fmt: skip


def test_an_activity_needs_id_type_and_moment_and_a_file_an_encoding() -> None:
    body = {"connection": "x", "activities": [{"id": "1"}], "file": {"encoding": "klingon"}}
    with pytest.raises(BadDocument) as refusal:
        parse_mapping(body)
    assert {problem.pointer for problem in refusal.value.problems} == {
        "/activities/0/type", "/activities/0/occurred_at", "/file/encoding",
    }  # fmt: skip


def test_the_mapping_of_the_public_data_reads_every_stage() -> None:
    mapping = parse_mapping(from_yaml(PUBLIC.read_bytes()))
    assert mapping.columns == {
        "opportunity_id", "sales_agent", "account", "deal_stage", "engage_date", "close_date", "close_value", "product",
    }  # fmt: skip
    won = {
        "opportunity_id": "1C1I7A6R", "sales_agent": "Moses Frase", "product": "GTXPro", "account": "Cancity",
        "deal_stage": "Won", "engage_date": "10/20/2016", "close_date": "3/1/2017", "close_value": "1054",
    }  # fmt: skip
    engaged, closed = [given.item for given in read_row(mapping, won).given]
    assert engaged["occurred_at"] == "2016-10-20T10:00:00Z"
    assert engaged["deal"] == {"id": "1C1I7A6R", "name": "Cancity", "stage": "engaging", "status": "open"}
    assert (closed["id"], closed["occurred_at"], closed["sequence"]) == ("1C1I7A6R/won", "2017-03-01T11:00:00Z", 1)
    assert closed["deal"]["amount"] == "1054"
    assert closed["data"] == {"product": "GTX Pro"}
