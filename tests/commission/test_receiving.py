"""What a batch of records does to the books, and what is handed on."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import orjson
import pytest

from services.commission.domain.ledger import SequenceGap, read_credit
from services.commission.handlers import ask_again, ask_when_blank, handle
from services.commission.handlers.receiving import ASK_AGAIN
from services.commission.store import Books
from shared.bus import Outgoing, Record
from shared.contracts import credit, league, wire
from shared.contracts.credit import Credit
from shared.contracts.league import LeagueDocument
from tests.commission.lines import NOW, line
from tests.commission.office import component, document, plan, playbook_body, roster_body


class Published:
    """Takes the place of the bus's publish and remembers what was handed on."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []

    def __call__(self, records: Sequence[Outgoing]) -> None:
        self.records.extend(records)

    def of(self, topic: str) -> list[dict[str, Any]]:
        return [said for record in self.records if record.topic == topic for said in orjson.loads(record.value)[topic]]


def of_lines(lines: Iterable[Credit], partition: int = 0) -> Record:
    [value] = wire.encode("credits", map(credit.to_wire, lines))
    return Record("credits", partition, "1", str(partition), value)


def of_documents(*documents: LeagueDocument) -> Record:
    [value] = wire.encode("league", map(league.to_wire, documents))
    return Record("league", 0, "1", "kind", value)


def seen(books: Books) -> dict[int, int]:
    with books.page() as page:
        return dict(page.marks().ledger)


@pytest.fixture
def publish() -> Published:
    return Published()


def test_documents_and_lines_of_one_batch_are_written(sqlite_books: Books, publish: Published) -> None:
    records = [of_lines([line(1), line(2)]), of_documents(document("roster", roster_body())), of_lines([line(3)])]
    assert handle(records, sqlite_books, publish, NOW) == 3
    assert handle(records, sqlite_books, publish, NOW) == 0
    with sqlite_books.page() as page:
        assert page.marks().documents == (("roster", 1),)
    assert seen(sqlite_books) == {0: 3}
    assert publish.records == []


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (Record("credits", 5, "7-0", "5", b"no json"), "cannot be read"),
        (Record("credits", 5, "7-0", "5", b'{"v":2,"credits":[]}'), "version 2"),
        (Record("credits", 5, "7-0", "5", b'{"v":1,"credits":[{"seq":1}]}'), "subject"),
        (Record("league", 0, "7-0", "plans", b'{"v":1,"league":[{"kind":"plans"}]}'), "version"),
        (of_documents(document("plans", {"plans": [plan(component(weight="0.4"))]})), "weights sum to 2/5"),
        (of_lines([line(1, 2**53 + 1)]), "no whole number up to"),
        (of_lines([line(0)]), "numbered 1, 2, 3"),
    ],
)
def test_what_can_never_be_read_is_set_aside_and_the_rest_goes_on(
    sqlite_books: Books, publish: Published, record: Record, reason: str
) -> None:
    good = of_lines([line(1, partition=1)], partition=1)
    assert handle([record, good, of_documents(document("playbook", playbook_body()))], sqlite_books, publish, NOW) == 1
    [letter] = publish.of("dead-letters")
    assert reason in letter["reason"]
    assert b64decode(letter["raw"]) == record.value
    assert (letter["topic"], letter["partition"], letter["position"]) == (
        record.topic,
        record.partition,
        record.position,
    )


def test_lines_behind_one_that_was_set_aside_are_a_gap(sqlite_books: Books, publish: Published) -> None:
    handle([of_lines([line(1)])], sqlite_books, publish, NOW)
    with pytest.raises(SequenceGap):
        handle([Record("credits", 0, "2", "0", b"{}"), of_lines([line(3)])], sqlite_books, publish, NOW)
    assert len(publish.of("dead-letters")) == 1
    assert seen(sqlite_books) == {0: 1}


def test_empty_books_ask_once_and_again_when_nothing_comes(sqlite_books: Books, publish: Published) -> None:
    late = of_lines([line(9, partition=3)], partition=3)
    handle([late], sqlite_books, publish, NOW)
    handle([late], sqlite_books, publish, NOW + ASK_AGAIN - timedelta(seconds=1))
    asked = publish.of("requests")
    assert [(one["topic"], one["partitions"], one["by"]) for one in asked] == [
        ("league", None, "commission"),
        ("credits", [3], "commission"),
    ]
    handle([late], sqlite_books, publish, NOW + ASK_AGAIN)
    assert len(publish.of("requests")) == 4


def test_what_was_asked_for_is_taken_when_it_comes(sqlite_books: Books, publish: Published) -> None:
    handle([of_lines([line(9)])], sqlite_books, publish, NOW)
    handle([of_lines([line(10)]), of_lines(line(n) for n in range(1, 11))], sqlite_books, publish, NOW)
    assert seen(sqlite_books) == {0: 10}
    assert len(publish.of("requests")) == 2


def test_blank_books_ask_for_everything_before_the_first_record(sqlite_books: Books, publish: Published) -> None:
    assert ask_when_blank(sqlite_books, publish, NOW)
    assert not ask_when_blank(sqlite_books, publish, NOW)
    assert [(one["topic"], one["partitions"]) for one in publish.of("requests")] == [
        ("league", None),
        ("credits", list(range(8))),
    ]
    handle([of_lines([line(2)])], sqlite_books, publish, NOW)
    assert len(publish.of("requests")) == 2


def test_after_a_gap_an_operator_has_the_ledger_sent_again(sqlite_books: Books, publish: Published) -> None:
    handle([of_lines([line(1)])], sqlite_books, publish, NOW)
    with pytest.raises(SequenceGap):
        handle([of_lines([line(4)])], sqlite_books, publish, NOW)
    ask_again(range(8), sqlite_books, publish, NOW)
    handle([of_lines([line(4)]), of_lines(line(n) for n in range(1, 5))], sqlite_books, publish, NOW)
    assert seen(sqlite_books) == {0: 4}


def test_a_document_of_a_kind_that_is_not_used_is_kept_unread(sqlite_books: Books, publish: Published) -> None:
    handle([of_documents(document("prizes", {"anything": 1}))], sqlite_books, publish, NOW)
    assert publish.records == []


def test_a_mentors_part_on_top_is_kept_under_no_team() -> None:
    assert read_credit(credit.to_wire(line(1, rule="won~mentor")), 0).team == ""
    assert read_credit(credit.to_wire(line(1)), 0).team == "noord"
