from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.leaderboard.domain.boards import RETENTION, kept_until
from services.leaderboard.domain.increments import changes, read_credit, runs, win_changes
from shared import periods
from shared.contracts.credit import to_wire
from tests.leaderboard.sample import AT, NOW, line

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def test_a_line_stands_on_fifteen_boards() -> None:
    found = {change.name: change.amounts for change in changes([line(1, "anna", 7)], AMSTERDAM, NOW)}
    for period in ("2093-11-24", "2093-W48", "2093-11", "2093-Q4", "2093"):
        assert found[f"revenue:{period}:teams"] == {"noord": 7}
        assert found[f"revenue:{period}:reps"] == {"anna": 7}
        assert found[f"revenue:{period}:team:noord"] == {"anna": 7}
    assert len(found) == 15


def test_days_begin_at_midnight_of_the_organisation() -> None:
    late = datetime(2093, 11, 30, 23, 30, tzinfo=UTC)
    names = {change.name for change in changes([line(1, at=late)], AMSTERDAM, NOW)}
    assert "revenue:2093-12-01:teams" in names
    assert "revenue:2093-12:teams" in names


def test_lines_of_the_same_member_are_summed() -> None:
    found = {
        c.name: c.amounts for c in changes([line(1, "anna", 7), line(2, "bas", 1), line(3, "anna", -2)], AMSTERDAM, NOW)
    }
    assert found["revenue:2093:reps"] == {"anna": 5, "bas": 1}
    assert found["revenue:2093:teams"] == {"noord": 6}


def test_a_period_that_is_no_longer_kept_is_left_out() -> None:
    long_ago = NOW - timedelta(days=200)
    kinds = {
        periods.parse(change.name.split(":")[1]).kind for change in changes([line(1, at=long_ago)], AMSTERDAM, NOW)
    }
    assert kinds == {"week", "month", "quarter", "year"}


def test_every_kind_of_period_says_how_long_it_is_kept() -> None:
    assert set(RETENTION) == set(periods.KINDS)
    assert kept_until(periods.parse("2093"), AMSTERDAM) is None
    assert kept_until(periods.parse("2093-11-24"), AMSTERDAM) == datetime(2094, 3, 4, 23, tzinfo=UTC)


def test_runs_break_at_a_gap_at_a_step_back_and_at_the_longest_length() -> None:
    lines = [line(seq) for seq in (1, 2, 3, 2, 3, 7)]
    assert [[each.seq for each in run] for run in runs(lines)] == [[1, 2, 3], [2, 3], [7]]
    assert [[each.seq for each in run] for run in runs(lines[:3], longest=2)] == [[1, 2], [3]]


def test_a_win_is_a_line_of_the_metric_deals() -> None:
    won = line(1, "anna", 1, metric="deals", subject="D-1")
    [change] = win_changes([won, line(2, "anna", 5, metric="points", subject="D-1")])
    assert change.amount == 1
    assert change.facts is not None
    assert (change.facts.subject, change.facts.rep, change.facts.credit) == ("D-1", "anna", "0-1")


@pytest.mark.parametrize(
    ("rule", "subject"),
    [
        ("won~mentor", "deal:D"),
        ("won~power-hour", "deal:D"),
        ("~correction", "deal:D"),
        ("streak~5", "rhythm:anna"),
        ("first", "first:first:2093-11-24:"),
    ],
)
def test_what_comes_on_top_of_a_deal_counts_on_the_boards_and_is_no_win(rule: str, subject: str) -> None:
    extra = line(1, "anna", 1, metric="deals", rule=rule, subject=subject)
    assert win_changes([extra]) == []
    found = {change.name: change.amounts for change in changes([extra], AMSTERDAM, NOW)}
    assert found["deals:2093-11-24:reps"] == {"anna": 1}


def test_a_win_and_its_reversal_in_one_batch_come_to_nothing() -> None:
    lines = [line(1, "anna", 1, metric="deals", subject="D"), line(2, "anna", -1, metric="deals", subject="D")]
    assert [change.amount for change in win_changes(lines)] == [0]


@pytest.mark.parametrize("amount", [2**53 + 1, -(2**53) - 1, 1.5, True, "7"])
def test_an_amount_that_cannot_stay_exact_is_refused(amount: object) -> None:
    with pytest.raises(ValueError, match="no whole number"):
        read_credit({**to_wire(line(1)), "amount": amount}, 0)


@pytest.mark.parametrize("seq", [0, -1, 1.0, "1"])
def test_a_line_without_a_number_is_refused(seq: object) -> None:
    with pytest.raises(ValueError, match="numbered"):
        read_credit({**to_wire(line(1)), "seq": seq}, 0)


def test_a_line_is_read_with_the_partition_it_came_in() -> None:
    given = line(3, at=AT)
    assert read_credit(to_wire(given), 5).id == "5-3"


def test_a_mentors_part_on_top_counts_for_the_rep_and_for_no_team() -> None:
    found = {c.name: c.amounts for c in changes([line(1, "anna", 7, rule="call~mentor")], AMSTERDAM, NOW)}
    assert found["revenue:2093:reps"] == found["revenue:2093:team:noord"] == {"anna": 7}
    assert "revenue:2093:teams" not in found
