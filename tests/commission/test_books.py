"""The books in SQL: each line once, totals that are sums, gaps that stop, periods in any zone."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.commission.domain.ledger import SequenceGap
from services.commission.domain.results import Arrival, DealAmount, Results, Span
from services.commission.domain.wanted import Waiting
from services.commission.store import Books
from shared import periods
from shared.contracts.credit import Credit
from shared.contracts.league import LeagueDocument
from tests.commission.lines import AT, NOW, by_partition, line

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def results(books: Books, period: str = "2026-11", zone: ZoneInfo = AMSTERDAM, spans: Sequence[Span] = ()) -> Results:
    with books.page() as page:
        return page.results(periods.parse(period), zone, spans)


def apply(books: Books, *lines: Credit) -> int:
    return books.apply(by_partition(lines), NOW).count


def test_a_line_counts_once_however_often_it_comes(books: Books) -> None:
    assert apply(books, line(1, 100), line(2, 50)) == 2
    assert apply(books, line(2, 50), line(2, 50), line(3, 7)) == 1
    assert apply(books, line(1, 100), line(2, 50), line(3, 7)) == 0
    assert results(books).reps == {("sanne", "revenue"): 157}


def test_a_gap_stops_loudly_and_writes_nothing_of_the_batch(books: Books) -> None:
    apply(books, line(1))
    with pytest.raises(SequenceGap, match=r"credits partition 0: line 4 came after line 1.*republish"):
        apply(books, line(4), line(1, partition=1))
    with pytest.raises(SequenceGap):
        apply(books, line(2), line(4))
    assert results(books).reps == {("sanne", "revenue"): 100}
    with books.page() as page:
        assert page.marks().ledger == {0: 1}


def test_empty_books_wait_for_line_one_and_then_take_everything(books: Books) -> None:
    assert books.apply(by_partition([line(57), line(58)]), NOW).waiting == (0,)
    assert results(books).reps == {}
    everything = [line(seq) for seq in (59, *range(1, 60))]
    assert books.apply(by_partition(everything), NOW).waiting == ()
    assert results(books).reps == {("sanne", "revenue"): 5900}


def test_books_that_asked_pass_over_what_comes_too_early_until_the_next_line_comes(books: Books) -> None:
    apply(books, line(1))
    books.note_asked([0], NOW)
    assert books.apply(by_partition([line(5)]), NOW).waiting == (0,)
    assert books.asked() == {0: NOW}
    assert apply(books, *(line(seq) for seq in range(1, 6))) == 4
    assert books.asked() == {}
    with pytest.raises(SequenceGap):
        apply(books, line(7))


def test_asking_leaves_the_mark_where_it_is(books: Books) -> None:
    apply(books, line(1))
    books.note_asked(range(8), NOW)
    with books.page() as page:
        assert page.marks().ledger == {0: 1}


def test_a_reversed_deal_leaves_zero(books: Books) -> None:
    apply(books, line(1, 12345), line(2, -12345))
    assert results(books).reps == {("sanne", "revenue"): 0}
    assert results(books).teams == {("noord", "revenue"): 0}


def test_team_sums_are_those_of_the_team_each_line_names(books: Books) -> None:
    apply(books, line(1, 10), line(2, 20, team="zuid"), line(3, 5, rep="bram"), line(4, 1, metric="deals"))
    found = results(books)
    assert found.reps == {("sanne", "revenue"): 30, ("bram", "revenue"): 5, ("sanne", "deals"): 1}
    assert found.teams == {("noord", "revenue"): 15, ("zuid", "revenue"): 20, ("noord", "deals"): 1}


@pytest.mark.parametrize(
    "zone", ["Europe/Amsterdam", "Asia/Kathmandu", "America/New_York", "Pacific/Kiritimati", "UTC"]
)
@pytest.mark.parametrize("period", ["2026-10", "2026-W43", "2026-10-25", "2026-Q4", "2026"])
def test_a_period_holds_exactly_the_lines_inside_it_in_every_zone(sqlite_books: Books, zone: str, period: str) -> None:
    where, asked = ZoneInfo(zone), periods.parse(period)
    edges = [asked.start(where), asked.end(where)]
    tick = timedelta(microseconds=1)
    moments = sorted({at + step for at in edges for step in (-tick, timedelta(), tick, timedelta(hours=30))})
    apply(sqlite_books, *(line(n, 10**n, at=at) for n, at in enumerate(moments, start=1)))
    inside = sum(10**n for n, at in enumerate(moments, start=1) if asked.contains(at, where))
    assert results(sqlite_books, period, where).reps == {("sanne", "revenue"): inside}


def test_days_of_one_rep_are_summed_by_themselves(books: Books) -> None:
    first, second = (Span("sanne", date(2026, 11, day), date(2026, 11, day + 10)) for day in (1, 11))
    midnight = datetime(2026, 11, 10, 23, tzinfo=UTC)
    apply(
        books,
        line(1, 1, at=midnight - timedelta(microseconds=1)),
        line(2, 20, at=midnight),
        line(3, 300, at=midnight, rep="bram"),
    )
    found = results(books, spans=[first, second])
    assert found.spans == {(first, "revenue"): 1, (second, "revenue"): 20}


def test_only_the_named_reps_and_teams_are_read(books: Books) -> None:
    apply(books, line(1, 10), line(2, 20, rep="bram", team="zuid"))
    with books.page() as page:
        found = page.results(periods.parse("2026-11"), AMSTERDAM, reps=["bram"], teams=["noord"])
    assert (found.reps, found.teams) == ({("bram", "revenue"): 20}, {("noord", "revenue"): 10})


def test_a_document_version_is_kept_once_as_it_came(books: Books) -> None:
    document = LeagueDocument("plans", 3, date(2026, 1, 1), "hr", NOW, {"plans": [], "é": [1.5, "0.10"]})
    assert books.keep([document, document], NOW) == 1
    assert books.keep([document], NOW) == 0
    with books.page() as page:
        assert page.documents() == [document]


def test_the_later_text_of_a_version_counts_so_that_erased_names_go(books: Books) -> None:
    document = LeagueDocument("roster", 3, date(2026, 1, 1), "hr", NOW, {"reps": [{"name": "Sanne"}]})
    without = LeagueDocument("roster", 3, date(2026, 1, 1), "hr", NOW, {"reps": [{"name": "Former seller 7"}]})
    assert (books.keep([document], NOW), books.keep([without], NOW)) == (1, 0)
    with books.page() as page:
        assert page.documents() == [without]


def test_the_tag_names_the_state_and_nothing_else(books: Books) -> None:
    def tag() -> str:
        with books.page() as page:
            return page.marks().tag

    empty = tag()
    apply(books, line(1))
    one = tag()
    apply(books, line(1))
    assert tag() == one
    books.keep([LeagueDocument("plans", 1, date(2026, 1, 1), "hr", NOW, {})], NOW)
    assert len({empty, one, tag()}) == 3


def test_two_consumers_that_meet_on_the_same_totals_lose_nothing(books: Books) -> None:
    def consume(partition: int) -> None:
        for start in range(1, 200, 20):
            batch = [
                line(seq, partition=partition, rep=f"rep{seq % 7 if partition else 6 - seq % 7}", at=AT)
                for seq in range(start, start + 20)
            ]
            books.apply({partition: batch}, NOW)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(consume, range(2)))
    assert results(books).teams == {("noord", "revenue"): 2 * 200 * 100}


def test_the_same_partition_twice_at_once_counts_once(books: Books) -> None:
    batch = by_partition([line(seq) for seq in range(1, 101)])
    with ThreadPoolExecutor(4) as pool:
        counts = [applied.count for applied in pool.map(lambda _: books.apply(batch, NOW), range(4))]
    assert sorted(counts) == [0, 0, 0, 100]


def test_books_know_whether_they_are_blank(books: Books) -> None:
    assert books.is_blank()
    books.note_asked([0], NOW)
    assert not books.is_blank()


def sound(books: Books) -> list[str]:
    with books.page() as page:
        return list(page.disagreements())


def test_sound_books_have_nothing_to_say(books: Books) -> None:
    long_ago = datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    apply(books, line(1), line(2, -100), line(3, 7, at=long_ago), line(1, 5, partition=3, rep="bram"))
    assert sound(books) == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "UPDATE totals SET amount = amount + 1",
            "2026-11-24 noord revenue sanne: the total is 301, the lines sum to 300",
        ),
        ("DELETE FROM totals", "2026-11-24 noord revenue sanne: the total is 0, the lines sum to 300"),
        ("UPDATE heads SET seen = 4", "partition 0: 3 lines, the last is 3, the books say they go to 4"),
        ("DELETE FROM credits WHERE seq = 2", "partition 0: 2 lines, the last is 3, the books say they go to 3"),
    ],
)
def test_damage_is_named(books: Books, damage: str, said: str) -> None:
    apply(books, *(line(seq) for seq in (1, 2, 3)))
    with books.engine.begin() as conn:
        conn.exec_driver_sql(damage)
    assert said in sound(books)


def by_deal(books: Books, reps: Sequence[str] | None = None, teams: Sequence[str] | None = None) -> Results:
    with books.page() as page:
        whole = periods.parse("2026-11")
        return page.results(
            whole, AMSTERDAM, reps=reps, teams=teams, by_deal=["revenue"], by_team_deal=["revenue"], members=True
        )


def test_results_come_deal_by_deal_in_the_order_of_their_moments(books: Books) -> None:
    earlier = AT - timedelta(days=3)
    apply(
        books,
        line(1, 10),
        line(2, 20, subject="deal:D-2", at=earlier),
        line(3, 7, at=earlier),
        line(4, 5, subject="deal:D-3", at=AT - timedelta(days=40)),
        line(5, 1, metric="deals"),
        line(6, 50, subject="deal:D-2", rep="bram", at=earlier),
    )
    found = by_deal(books)
    assert found.deals == {
        ("sanne", "revenue"): (
            DealAmount("deal:D-1", 17, earlier, whole=17),
            DealAmount("deal:D-2", 20, earlier, whole=70),
        ),
        ("bram", "revenue"): (DealAmount("deal:D-2", 50, earlier, whole=70),),
    }
    assert found.team_deals == {
        ("noord", "revenue"): (
            DealAmount("deal:D-1", 17, earlier, whole=17),
            DealAmount("deal:D-2", 70, earlier, whole=70),
        )
    }
    assert found.members[("noord", "sanne", "revenue")] == 37
    assert by_deal(books, reps=["bram"], teams=[]).deals == {("bram", "revenue"): found.deals["bram", "revenue"]}


def test_a_deal_that_moved_or_was_taken_back_is_not_counted_where_it_was(books: Books) -> None:
    later = AT + timedelta(days=1)
    apply(books, line(1, 10), line(2, -10), line(3, 10, at=later), line(4, 5, subject="deal:D-2"))
    apply(books, line(5, -5, subject="deal:D-2"))
    assert by_deal(books).deals == {("sanne", "revenue"): (DealAmount("deal:D-1", 10, later, whole=10),)}


def test_deals_that_pay_waits_for_are_found_with_what_came_in_of_them(books: Books) -> None:
    sold, later = AT - timedelta(days=40), AT - timedelta(days=5)
    apply(
        books,
        line(1, 10, at=sold),
        line(2, 20, at=sold, subject="deal:D-2", rep="bram"),
        line(3, 30, at=AT, subject="deal:D-3"),
        line(4, 4, at=later, metric="paid"),
        line(5, 6, at=later, metric="paid"),
        line(6, 20, at=later, metric="paid", subject="deal:D-2", rep="bram"),
        line(7, 10, at=AT + timedelta(days=30), metric="paid"),
    )
    november, october = periods.parse("2026-11"), periods.parse("2026-10")
    everybody = Waiting(["revenue"], ["paid"], None, None)
    with books.page() as page:
        assert page.origins(everybody, november, AMSTERDAM) == [october]
        assert page.origins(everybody, october, AMSTERDAM) == []
        for only in (Waiting(["revenue"], ["paid"], ["sanne"], None), Waiting(["revenue"], ["paid"], ["sanne"], [])):
            assert page.origins(only, november, AMSTERDAM) == [october]
            assert page.arrivals(only, [november, october], AMSTERDAM) == {
                ("revenue", "deal:D-1"): (Arrival(10, sold),),
                ("paid", "deal:D-1"): (Arrival(10, later),),
                ("revenue", "deal:D-3"): (Arrival(30, AT),),
            }
        of_team = Waiting(["revenue"], ["paid"], ["nobody"], ["noord"])
        assert page.arrivals(of_team, [november, october], AMSTERDAM) == page.arrivals(
            everybody, [november, october], AMSTERDAM
        )
