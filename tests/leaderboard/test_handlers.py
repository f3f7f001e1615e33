"""What records do, and what is asked for when the standings lack something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import orjson
import pytest
from redis import Redis

from services.leaderboard.domain.boards import Board
from services.leaderboard.domain.increments import SequenceGap
from services.leaderboard.handlers import ASK_AGAIN, ask, everything, handle
from services.leaderboard.store import Standings
from shared.bus import Outgoing, Record
from shared.contracts import credit, wire
from shared.contracts import league as league_contract
from shared.contracts.credit import Credit
from shared.contracts.league import ROSTER, LeagueDocument
from tests.leaderboard.sample import NOW, document, league, line, put, roster


class Published:
    """Keep what was published."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []

    def __call__(self, records: Sequence[Outgoing]) -> None:
        self.records += records

    def take(self, topic: str) -> list[dict[str, object]]:
        """Return the lines published to a topic since the last look."""
        taken = [record for record in self.records if record.topic == topic]
        self.records = [record for record in self.records if record.topic != topic]
        return [each for record in taken for each in orjson.loads(record.value)[topic]]


@pytest.fixture
def published() -> Published:
    return Published()


def of_lines(lines: Sequence[Credit], partition: int = 0) -> Record:
    return Record("credits", partition, "1", "", wire.encode("credits", map(credit.to_wire, lines))[0])


def of_document(given: LeagueDocument) -> Record:
    return Record("league", 0, "1", given.kind, wire.encode("league", [league_contract.to_wire(given)])[0])


def total(standings: Standings) -> int:
    return sum(row.amount for row in standings.board(Board("revenue", "2093")).rows)


def test_documents_and_lines_of_one_batch_come_in_whatever_their_order(
    standings: Standings, published: Published
) -> None:
    records = [of_lines([line(1, amount=5)]), *map(of_document, league()), of_lines([line(2, amount=7)])]
    assert handle(records, standings, published, NOW) == {"applied": 2}
    assert total(standings) == 12
    assert published.records == []


def test_records_of_one_partition_are_applied_in_one_step(standings: Standings, published: Published) -> None:
    put(standings, league())
    before = standings.version()
    handle([of_lines([line(1)]), of_lines([line(2)]), of_lines([line(3)])], standings, published, NOW)
    assert standings.version() == before + 1


@pytest.mark.parametrize(
    "value",
    [
        b"no json",
        b"{}",
        b'{"v": 2, "credits": []}',
        b'{"v": 1, "credits": [{"seq": 1}]}',
        b"[]",
        b'{"v":1,"credits":1}',
    ],
)
def test_a_record_that_cannot_be_read_is_set_aside_and_the_others_count(
    standings: Standings, published: Published, value: bytes
) -> None:
    put(standings, league())
    handle([Record("credits", 3, "17-0", "", value), of_lines([line(1, amount=5)])], standings, published, NOW)
    [letter] = published.take("dead-letters")
    assert (letter["topic"], letter["partition"], letter["position"]) == ("credits", 3, "17-0")
    assert total(standings) == 5


def test_a_document_that_cannot_be_used_is_set_aside(standings: Standings, published: Published) -> None:
    handle([of_document(document(ROSTER, {"teams": []}))], standings, published, NOW)
    [letter] = published.take("dead-letters")
    assert "organisation" in str(letter["reason"])
    assert standings.is_blank()


def test_lines_missing_behind_a_record_that_was_set_aside_stop_the_reader(
    standings: Standings, published: Published
) -> None:
    put(standings, league())
    records = [of_lines([line(1)]), Record("credits", 0, "2", "", b"broken"), of_lines([line(3)])]
    with pytest.raises(SequenceGap):
        handle(records, standings, published, NOW)
    assert len(published.take("dead-letters")) == 1


def test_a_store_with_nothing_in_it_asks_for_everything_once(standings: Standings, published: Published) -> None:
    ask(standings, published, NOW)
    asked = published.take("requests")
    assert [(each["topic"], each["partitions"], each["by"]) for each in asked] == [
        ("league", None, "leaderboard"),
        ("credits", [0, 1, 2, 3, 4, 5, 6, 7], "leaderboard"),
    ]
    ask(standings, published, NOW + 2 * ASK_AGAIN)
    assert published.records == []


def test_a_healthy_store_asks_for_nothing(standings: Standings, published: Published) -> None:
    put(standings, league())
    handle([of_lines([line(1)])], standings, published, NOW)
    ask(standings, published, NOW)
    assert published.records == []


def test_lines_that_do_not_begin_at_one_make_an_empty_store_ask_once(
    standings: Standings, published: Published
) -> None:
    put(standings, league())
    handle([of_lines([line(8)], 2)], standings, published, NOW)
    [asked] = published.take("requests")
    assert (asked["topic"], asked["partitions"]) == ("credits", list(range(8)))
    handle([of_lines([line(9)], 2)], standings, published, NOW + timedelta(seconds=1))
    assert published.records == []


def test_one_partition_that_lacks_its_beginning_asks_for_itself_only(
    standings: Standings, published: Published
) -> None:
    put(standings, league())
    handle([of_lines([line(1)], 1), of_lines([line(8)], 2)], standings, published, NOW)
    assert [each["partitions"] for each in published.take("requests")] == [[2]]


def test_a_request_that_stays_without_answer_is_repeated(standings: Standings, published: Published) -> None:
    put(standings, league())
    handle([of_lines([line(8)], 2)], standings, published, NOW)
    published.take("requests")
    ask(standings, published, NOW + ASK_AGAIN - timedelta(seconds=1))
    assert published.records == []
    ask(standings, published, NOW + ASK_AGAIN)
    assert [each["topic"] for each in published.take("requests")] == ["credits"]
    handle([of_lines([line(1)], 2)], standings, published, NOW)
    ask(standings, published, NOW + 9 * ASK_AGAIN)
    assert published.records == []


def test_lines_before_the_roster_ask_for_the_documents_and_once_they_are_there_for_the_lines(
    standings: Standings, published: Published
) -> None:
    handle([of_lines([line(1)], 4)], standings, published, NOW)
    assert [each["topic"] for each in published.take("requests")] == ["league"]
    handle([*map(of_document, league())], standings, published, NOW)
    ask(standings, published, NOW)
    assert [each["topic"] for each in published.take("requests")] == ["credits"]


def test_lines_that_were_sent_again_before_the_roster_came_are_asked_for_once_more(
    standings: Standings, published: Published
) -> None:
    ask(standings, published, NOW)
    handle([of_lines([line(1)], 4)], standings, published, NOW)
    published.take("requests")
    handle([*map(of_document, league())], standings, published, NOW)
    ask(standings, published, NOW + timedelta(seconds=1))
    assert [each["topic"] for each in published.take("requests")] == ["credits"]


def test_an_emptied_store_asks_for_every_partition_even_when_lines_come_first(
    standings: Standings, published: Published, fresh_redis_url: str
) -> None:
    put(standings, league())
    handle([of_lines([line(1), line(2)], 4)], standings, published, NOW)
    with Redis.from_url(fresh_redis_url) as client:
        client.flushdb()
    handle([of_lines([line(3)], 4)], standings, published, NOW)
    handle([*map(of_document, league())], standings, published, NOW)
    ask(standings, published, NOW)
    topics = [(each["topic"], each["partitions"]) for each in published.take("requests")]
    assert topics == [("league", None), ("credits", list(range(8)))]


def test_a_new_time_zone_asks_for_the_lines_again(standings: Standings, published: Published) -> None:
    put(standings, league())
    handle([of_lines([line(1)], 4)], standings, published, NOW)
    handle([of_document(document(ROSTER, roster(timezone="Asia/Tokyo"), version=2))], standings, published, NOW)
    ask(standings, published, NOW)
    assert [each["topic"] for each in published.take("requests")] == ["credits"]


def test_everything_is_the_documents_and_each_partition() -> None:
    assert everything() == ["league", "0", "1", "2", "3", "4", "5", "6", "7"]
