"""How lines and documents come into the standings, over a real Redis."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis

from services.leaderboard.domain.boards import MEASURES, Board
from services.leaderboard.domain.increments import SequenceGap, SumTooLarge
from services.leaderboard.domain.told import Told
from services.leaderboard.store import Applied, Put, Standings, keys
from shared.contracts.league import PLANS, ROSTER, BadDocument
from tests.leaderboard.sample import AT, NOW, apply, content, document, league, line, member, put, roster

YEAR = Board("revenue", "2093", "reps")


def amounts(standings: Standings, board: Board = YEAR) -> dict[str, int]:
    return {row.id: row.amount for row in standings.board(board).rows if row.amount}


@pytest.fixture
def ready(standings: Standings) -> Standings:
    """Return standings that know the league."""
    put(standings, league())
    return standings


def test_a_line_applied_twice_counts_once(ready: Standings) -> None:
    assert apply(ready, [line(1, "anna", 5)]) == [Applied.APPLIED]
    assert apply(ready, [line(1, "anna", 5)]) == [Applied.SEEN]
    assert amounts(ready) == {"anna": 5}


def test_of_a_batch_that_overlaps_only_the_new_lines_count(ready: Standings) -> None:
    apply(ready, [line(1, "anna", 5), line(2, "anna", 5)])
    assert apply(ready, [line(1, "anna", 5), line(2, "anna", 5), line(3, "anna", 7)]) == [Applied.APPLIED]
    assert amounts(ready) == {"anna": 17}


def test_repeating_a_batch_leaves_every_key_as_it_was(ready: Standings, fresh_redis_url: str) -> None:
    lines = [line(1, "anna", 5), line(2, "daan", 1, metric="deals")]
    apply(ready, lines)
    ready.board(YEAR)
    before = content(fresh_redis_url)
    apply(ready, lines, now=NOW + timedelta(minutes=1))
    assert content(fresh_redis_url) == before


def test_a_gap_is_refused_and_changes_nothing(ready: Standings, fresh_redis_url: str) -> None:
    apply(ready, [line(1, "anna", 5)])
    before = content(fresh_redis_url)
    with pytest.raises(SequenceGap, match="line 3 came after line 1"):
        apply(ready, [line(3, "anna", 5)])
    assert content(fresh_redis_url) == before


def test_partitions_are_counted_apart(ready: Standings) -> None:
    apply(ready, [line(1, "anna", 5)])
    apply(ready, [line(1, "anna", 5, partition=7), line(2, "anna", 5, partition=7)])
    assert ready.progress().seen == {0: 1, 7: 2}
    assert amounts(ready) == {"anna": 15}


def test_an_empty_store_passes_over_what_is_not_line_one_and_remembers_how_far_it_must_come(ready: Standings) -> None:
    assert apply(ready, [line(5), line(6)]) == [Applied.EMPTY]
    assert amounts(ready) == {}
    assert ready.progress().goal == {0: 6}
    assert ready.freshness().rebuilding


def test_from_line_one_on_it_fills_again_until_the_goal_is_reached(ready: Standings) -> None:
    apply(ready, [line(4, "anna", 1)])
    apply(ready, [line(1, "anna", 1), line(2, "anna", 1), line(3, "anna", 1)])
    assert ready.freshness().rebuilding
    apply(ready, [line(4, "anna", 1)])
    assert not ready.freshness().rebuilding
    assert amounts(ready) == {"anna": 4}


def test_without_a_roster_no_line_can_be_placed_and_none_is_marked_as_seen(standings: Standings) -> None:
    assert apply(standings, [line(1, "anna", 5)]) == [Applied.EMPTY]
    put(standings, league())
    assert apply(standings, [line(1, "anna", 5)]) == [Applied.APPLIED]
    assert amounts(standings) == {"anna": 5}


def test_sums_stay_exact_up_to_two_to_the_power_of_53(ready: Standings) -> None:
    ready.board(YEAR)
    apply(ready, [line(1, "anna", 2**53), line(2, "daan", 2**53 - 1), line(3, "eva", -(2**53))])
    apply(ready, [line(4, "daan", 1), line(5, "anna", -1)])
    assert amounts(ready) == {"daan": 2**53, "anna": 2**53 - 1, "eva": -(2**53)}
    assert [row.rank for row in ready.board(YEAR).rows][:2] == [1, 2]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_sum_beyond_that_is_refused_and_changes_nothing(ready: Standings, fresh_redis_url: str, sign: int) -> None:
    apply(ready, [line(1, "anna", sign * 2**53), line(2, "bas", -sign * 2**53), line(3, "daan", 3)])
    before = content(fresh_redis_url)
    with pytest.raises(SumTooLarge, match="anna"):  # the sum of the team, written before, would have been fine
        apply(ready, [line(4, "daan", 5), line(5, "anna", sign), line(6, "bas", -sign)])
    assert content(fresh_redis_url) == before


def test_a_sum_within_one_batch_beyond_that_is_refused(ready: Standings) -> None:
    with pytest.raises(SumTooLarge, match="noord"):
        apply(ready, [line(1, "anna", 2**53), line(2, "anna", 1)])


def test_the_version_grows_with_every_batch_and_every_document(ready: Standings) -> None:
    versions = [ready.version()]
    apply(ready, [line(1)])
    versions.append(ready.version())
    put(ready, [document(ROSTER, roster(), version=2)])
    versions.append(ready.version())
    apply(ready, [line(1)])
    assert versions == sorted(set(versions))
    assert ready.version() == versions[-1]


def test_an_emptied_store_never_gives_out_a_version_again(ready: Standings, fresh_redis_url: str) -> None:
    apply(ready, [line(1)])
    before = ready.version()
    with Redis.from_url(fresh_redis_url) as client:
        client.flushdb()
    assert ready.version() == 0
    ready.put(document(ROSTER, roster()), NOW + timedelta(seconds=1))
    assert ready.version() > before


def test_documents_read_before_redis_was_emptied_are_not_taken_for_those_after(
    ready: Standings, fresh_redis_url: str
) -> None:
    assert "anna" in ready.documents().shares(YEAR)
    with Redis.from_url(fresh_redis_url) as client:
        client.flushdb()
    for given in league(reps=[member("gijs", "oost")]):
        ready.put(given, NOW + timedelta(seconds=1))
    assert set(ready.documents().shares(YEAR)) == {"gijs"}
    assert [row.id for row in ready.board(YEAR).rows] == ["gijs"]


def test_boards_of_days_end_by_themselves(ready: Standings, fresh_redis_url: str) -> None:
    apply(ready, [line(1)])
    with Redis.from_url(fresh_redis_url) as client:
        assert client.ttl(keys.TOTALS + "revenue:2093-11-24:teams") > 0
        assert client.ttl(keys.TOTALS + "revenue:2093:teams") == -1


def test_the_list_of_boards_holds_those_with_lines_that_stand(ready: Standings) -> None:
    apply(ready, [line(1, "anna", 5), line(2, "daan", 5, metric="points")])
    assert len(ready.boards()) == 30
    apply(ready, [line(3, "anna", -5)])
    assert {board.metric for board in ready.boards()} == {"points"}


def test_the_list_of_boards_forgets_those_that_have_ended(ready: Standings) -> None:
    apply(ready, [line(1)])
    apply(ready, [line(2, at=NOW + timedelta(days=101))], now=NOW + timedelta(days=101))
    days = {board.period_id for board in ready.boards() if board.period.kind == "day"}
    assert days == {"2094-03-05"}


def test_a_document_is_kept_once(standings: Standings) -> None:
    assert standings.put(document(ROSTER, roster()), NOW) == Put.STORED
    version = standings.version()
    assert standings.put(document(ROSTER, roster()), NOW) == Put.KNOWN
    assert standings.version() == version


def test_an_older_roster_that_comes_late_does_not_replace_the_latest(standings: Standings) -> None:
    put(standings, [document(ROSTER, roster(), version=2), document(ROSTER, roster([], timezone="UTC"), version=1)])
    assert standings.documents().zone.key == "Europe/Amsterdam"
    assert apply(standings, [line(1)]) == [Applied.APPLIED]


def test_documents_that_are_of_no_use_here_are_kept_all_the_same(standings: Standings) -> None:
    standings.put(document(PLANS, {"plans": []}), NOW)
    assert [kept.kind for kept in standings.documents().documents] == [PLANS]


def test_a_document_that_cannot_be_used_is_not_kept(standings: Standings) -> None:
    with pytest.raises(BadDocument):
        standings.put(document(ROSTER, {}), NOW)
    assert standings.is_blank()


def test_a_new_time_zone_moves_every_day_and_so_the_standings_begin_again(ready: Standings) -> None:
    apply(ready, [line(1, "anna", 5), line(2, "anna", 5)])
    assert ready.put(document(ROSTER, roster(timezone="America/New_York"), version=2), NOW) == Put.WIPED
    assert amounts(ready) == {}
    assert ready.progress().seen == {}
    assert ready.progress().goal == {0: 2}
    night = AT.replace(hour=2)
    apply(ready, [line(1, "anna", 5, at=night), line(2, "anna", 5, at=night)])
    assert amounts(ready, Board("revenue", "2093-11-23", "reps")) == {"anna": 10}


def test_another_process_that_still_has_the_old_time_zone_reads_the_new_one_first(
    ready: Standings, fresh_redis_url: str
) -> None:
    other = Standings.open(fresh_redis_url)
    other.documents()
    ready.put(document(ROSTER, roster(timezone="America/New_York"), version=2), NOW)
    apply(other, [line(1, "anna", 5, at=AT.replace(hour=2))])
    assert amounts(ready, Board("revenue", "2093-11-23", "reps")) == {"anna": 5}
    other.close()


def test_wiping_keeps_the_documents_and_remembers_how_far_it_was(ready: Standings) -> None:
    apply(ready, [line(1, metric="deals"), line(2)])
    ready.board(YEAR)
    ready.wipe(NOW)
    assert amounts(ready) == {}
    assert ready.boards() == []
    assert ready.latest_wins() == []
    assert ready.documents().roster is not None
    assert ready.progress().goal == {0: 2}
    assert ready.freshness().last_booked_at is None


def test_the_latest_wins_come_newest_first_and_go_when_taken_back(ready: Standings) -> None:
    hours = [AT + timedelta(hours=n) for n in range(3)]
    lines = [line(n + 1, "anna", 1, metric="deals", subject=f"D-{n}", at=at) for n, at in enumerate(hours)]
    apply(ready, lines)
    assert [win.subject for win in ready.latest_wins()] == ["D-2", "D-1", "D-0"]
    assert [win.subject for win in ready.latest_wins(1)] == ["D-2"]
    apply(ready, [line(4, "anna", -1, metric="deals", subject="D-2", at=hours[2], reason="reversed")])
    assert [win.subject for win in ready.latest_wins()] == ["D-1", "D-0"]


def test_a_win_that_moves_to_another_rep_stands_under_that_rep(ready: Standings) -> None:
    apply(ready, [line(1, "anna", 1, metric="deals", subject="D")])
    apply(ready, [line(2, "anna", -1, metric="deals", subject="D"), line(3, "daan", 1, metric="deals", subject="D")])
    assert [(win.rep, win.team, win.credit) for win in ready.latest_wins()] == [("daan", "zuid", "0-3")]


def test_only_the_latest_wins_are_kept(ready: Standings) -> None:
    lines = [
        line(n, "anna", 1, metric="deals", subject=f"D-{n}", at=AT - timedelta(hours=1000 - n)) for n in range(1, 601)
    ]
    apply(ready, lines)
    kept = ready.latest_wins(1000)
    assert [win.subject for win in kept] == [f"D-{n}" for n in range(600, 100, -1)]


def test_a_win_says_when_it_counts_and_when_it_was_written(ready: Standings) -> None:
    apply(ready, [line(1, "anna", 1, metric="deals", at=AT - timedelta(days=9), booked_at=AT)])
    [win] = ready.latest_wins()
    assert (win.at, win.booked_at) == (AT - timedelta(days=9), AT)


def test_freshness_is_the_newest_line_whatever_the_order(ready: Standings) -> None:
    apply(ready, [line(1, booked_at=AT), line(2, booked_at=AT - timedelta(hours=1))])
    freshness = ready.freshness()
    assert (freshness.last_booked_at, freshness.applied_at, freshness.rebuilding) == (AT, NOW, False)


def test_who_listens_is_told_of_every_change(ready: Standings) -> None:
    stop = threading.Event()
    heard = ready.news.follow(stop, every=30)
    first = next(heard)
    told: list[int | Told] = []
    listener = threading.Thread(target=lambda: told.append(next(heard)))
    listener.start()
    apply(ready, [line(1)])
    listener.join(10)
    assert told == [ready.version()]
    assert told != [first]
    stop.set()


def test_who_listens_finds_a_change_without_a_message(ready: Standings, fresh_redis_url: str) -> None:
    stop = threading.Event()
    heard = ready.news.follow(stop, every=0.05)
    first = next(heard)
    with Redis.from_url(fresh_redis_url) as client:
        assert client.hincrby(keys.STATE, "version", 1) != first
    assert next(heard) == ready.version()
    stop.set()
    assert list(heard) == []


def test_a_ranking_that_nobody_looks_at_any_more_is_forgotten(ready: Standings, fresh_redis_url: str) -> None:
    apply(ready, [line(1, "anna", 5)])
    ready.board(YEAR)
    with Redis.from_url(fresh_redis_url, decode_responses=True) as client:
        name = f"{YEAR.name}:total"
        assert 0 < client.ttl(keys.DIVISORS + name) < client.ttl(keys.RANKING + name)
        client.delete(keys.DIVISORS + name)
        ready.board(Board("revenue", "2093", "teams"))
        assert client.smembers(keys.HOT) == {"revenue:2093:teams:total"}
    apply(ready, [line(2, "anna", 5)])
    assert amounts(ready) == {"anna": 10}


def test_lines_that_come_while_a_board_is_ranked_count_in_it_at_once(ready: Standings, fresh_redis_url: str) -> None:
    names = [f"new-{n}" for n in range(2_500)]  # not on the roster: more than one step of ranking
    apply(ready, [line(n, name, n) for n, name in enumerate(names, 1)])
    boards, stop = [replace(YEAR, by=by) for by in MEASURES], threading.Event()

    def go_on() -> None:
        for n in range(len(names) + 1, 100_000):
            if stop.is_set():
                return
            apply(ready, [line(n, (*names, "anna", "daan")[n * 7 % (len(names) + 2)], -5 + n % 11)])

    writer = threading.Thread(target=go_on)
    writer.start()
    for board in boards:
        ready.board(board)
    stop.set()
    writer.join()
    meanwhile = [ready.board(board, 0, 3_000).rows for board in boards]
    with Redis.from_url(fresh_redis_url) as client:
        client.delete(*client.keys(keys.RANKING + "*"), *client.keys(keys.DIVISORS + "*"))
        assert not any(keys.NEW in str(name) for name in client.smembers(keys.HOT))
    assert [ready.board(board, 0, 3_000).rows for board in boards] == meanwhile
