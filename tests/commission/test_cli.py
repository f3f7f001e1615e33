"""The operator's commands."""

from __future__ import annotations

import orjson
import pytest
from click.testing import CliRunner, Result

from services.commission.cli import cli
from services.commission.store import Books
from shared.bus import open_bus
from tests.commission.lines import NOW, by_partition, line
from tests.commission.office import component, document, plan, playbook_body, roster_body, targets


@pytest.fixture
def books(sqlite_books: Books) -> Books:
    own = component("own", label={"nl": "Eigen omzet", "en": "Own revenue"})
    sqlite_books.keep(
        [
            document("roster", roster_body()),
            document("playbook", playbook_body()),
            document("targets", {"targets": targets(sanne="10000")}),
            document("plans", {"plans": [plan(own)]}),
        ],
        NOW,
    )
    sqlite_books.apply(by_partition([line(1, 12_000_00)]), NOW)
    return sqlite_books


def invoke(books: Books, *arguments: str, bus_url: str = "") -> Result:
    environment = {"COMMISSION_DATABASE_URL": str(books.engine.url), "SAMENSPEL_BUS_URL": bus_url}
    return CliRunner().invoke(cli, arguments, env=environment)


def test_a_statement_is_printed_step_by_step_in_the_organisations_language(books: Books) -> None:
    printed = invoke(books, "statement", "sanne", "2026-11")
    assert printed.exit_code == 0
    assert [text.replace("\u00a0", " ") for text in printed.output.splitlines()] == [
        "Sanne de Vries (sanne)  2026-11  Verkoop BV",
        "",
        "Eigen omzet (sales v1): EUR 1200.00",
        "  Het eigen resultaat in 2026-11 is EUR 12.000,00.",
        "  Het eigen doel voor 2026-11 is EUR 10.000,00.",
        "  EUR 12.000,00 ÷ EUR 10.000,00 = 120 % van het doel.",
        "  Recht evenredig: 120 % telt als 120 %.",
        "  De doelbeloning is EUR 1.000,00 voor een heel tijdvak (sales).",
        "  Bij 100 % betaalt dit onderdeel EUR 1.000,00 × 100 % = EUR 1.000,00.",  # noqa: RUF001
        "  EUR 1.000,00 × 120 % = EUR 1.200,00.",  # noqa: RUF001
        "  Eén keer afgerond op de kleinste eenheid van EUR, halve naar boven: EUR 1.200,00.",
        "",
        "= EUR 1200.00",
    ]


def test_a_statement_can_be_had_in_english_with_its_exceptions(books: Books) -> None:
    printed = invoke(books, "statement", "sanne", "2026-12", "--language", "en")
    assert "! own: No target for Sanne de Vries, revenue, 2026-12." in printed.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["statement", "nobody", "2026-11"], "'nobody' is no rep of the roster"),
        (["statement", "sanne", "November"], "is not a period"),
    ],
)
def test_a_wrong_name_is_one_sentence(books: Books, arguments: list[str], said: str) -> None:
    printed = invoke(books, *arguments)
    assert printed.exit_code != 0
    assert said in printed.output
    assert "Traceback" not in printed.output


def test_verify_says_what_is_wrong_and_fails(books: Books) -> None:
    assert invoke(books, "verify").output == "1 lines checked, 0 differences\n"
    with books.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE totals SET amount = 1")
    damaged = invoke(books, "verify")
    assert damaged.exit_code == 1
    assert "2026-11-24 noord revenue sanne: the total is 1, the lines sum to 1200000" in damaged.output


def test_migrate_may_be_repeated(books: Books) -> None:
    assert [invoke(books, "migrate").exit_code for _ in range(2)] == [0, 0]


def test_republish_asks_for_the_whole_ledger(books: Books, redis_bus_url: str) -> None:
    assert invoke(books, "republish", bus_url=redis_bus_url).exit_code == 0
    bus = open_bus(redis_bus_url)
    consumer = bus.consumer(["requests"], "test", "test")
    [documents, lines] = [orjson.loads(record.value)["requests"][0] for record in consumer.poll(10.0)]
    consumer.close()
    bus.close()
    assert (documents["topic"], lines["topic"], lines["partitions"]) == ("league", "credits", list(range(8)))
    assert set(books.asked()) == set(range(8))
