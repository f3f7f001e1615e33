"""The tables: a line read is the line written, and the questions of the screens find an index."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from services.scoring.store import PACKAGE, Asked, Ledger, Reader
from services.scoring.store.tables import LINE
from shared.contracts.credit import EARNED, Credit
from shared.contracts.league import LeagueDocument
from shared.sql import migrate, open_engine

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
moments = st.datetimes(datetime(1900, 1, 1), datetime(8999, 1, 1), timezones=st.just(UTC))
numbers = st.integers(-(2**62), 2**62)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    migrate(opened, PACKAGE)
    yield opened
    opened.dispose()


def test_the_columns_of_a_line_stand_in_the_order_of_a_credit() -> None:
    assert [column.name for column in LINE] == [field.name for field in fields(Credit)]


def test_the_later_text_of_a_document_version_counts_so_that_erased_names_go(engine: Engine) -> None:
    document = LeagueDocument("roster", 3, date(2026, 1, 1), "hr", datetime(2026, 1, 1, tzinfo=UTC), {"name": "Sanne"})
    without = replace(document, body={"name": "Former seller 7"})
    with Ledger(engine).transaction() as transaction:
        assert [transaction.put_document(each) for each in (document, without)] == [True, False]
        assert transaction.documents() == [without]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(texts, min_size=5, max_size=5), numbers, st.tuples(moments, moments))
def test_a_line_read_is_the_line_written(
    engine: Engine, names: list[str], amount: int, times: tuple[datetime, datetime]
) -> None:
    subject, rule, rep, team, fact = names
    with Ledger(engine).transaction() as transaction:
        seq = transaction.lock([3])[3].seq + 1
        line = Credit(3, seq, subject, rule, "points", rep, team, amount, *times, fact, 17, 2, 5, EARNED)
        transaction.append(3, [line])
    assert Reader(engine).credit(3, seq) == line


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("SELECT * FROM ledger WHERE rep = 'x' AND at >= 1 AND at < 2", "ledger_by_rep"),
        ("SELECT * FROM ledger WHERE team = 'x' AND at >= 1 AND at < 2", "ledger_by_team"),
        ("SELECT * FROM ledger WHERE partition = 1 AND subject = 'x'", "ledger_by_subject"),
        ("SELECT subject FROM activities WHERE partition = 1 AND subject > 'x' AND (occurred_at > 1 OR rep IN ('a'))",
         "COVERING INDEX activities_by_subject"),
    ],
)  # fmt: skip
def test_a_question_of_the_screens_finds_its_index(tmp_path: Path, question: str, index: str) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'plan.db'}")
    migrate(engine, PACKAGE)
    with engine.connect() as conn:
        assert index in str(conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {question}").all())
    engine.dispose()


def test_a_period_without_lines_is_empty(engine: Engine) -> None:
    asked = Asked(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    reader = Reader(engine)
    assert (reader.lines(asked, 10), reader.sums(asked), reader.totals(asked, "team")) == ([], {}, {})
