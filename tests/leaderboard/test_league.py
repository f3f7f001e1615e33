from __future__ import annotations

from fractions import Fraction

import pytest

from services.leaderboard.domain.boards import Board, rounded
from services.leaderboard.domain.league import League, check, fte, knows_scope, read_league, whole
from shared import periods
from shared.contracts.league import ROSTER, BadDocument
from shared.contracts.roster import Roster, parse_roster
from tests.leaderboard.sample import document, league, member, roster, target

NOVEMBER = periods.parse("2093-11")


def read(*reps: dict[str, object]) -> Roster:
    return parse_roster(roster(reps))


def read_sample(*targets: dict[str, object]) -> League:
    return read_league(1, league(*targets))


def test_who_joins_halfway_the_period_counts_half() -> None:
    assert fte(read(member("anna", "noord", "0.8", start="2093-11-16")), NOVEMBER, "reps") == {"anna": Fraction("0.4")}


def test_the_last_day_of_a_membership_is_not_included() -> None:
    assert fte(read(member("anna", "noord", end="2093-11-02")), NOVEMBER, "reps") == {"anna": Fraction(1, 30)}


def test_a_membership_that_ended_before_the_period_does_not_stand() -> None:
    assert fte(read(member("anna", "noord", end="2093-11-01")), NOVEMBER, "reps") == {}


def test_a_team_has_the_fte_of_its_members() -> None:
    found = fte(read(member("anna", "noord"), member("bas", "noord", "0.5"), member("daan", "zuid")), NOVEMBER, "teams")
    assert found == {"noord": Fraction("1.5"), "zuid": Fraction(1)}


def test_a_rep_who_changes_teams_stands_in_both_for_the_days_there() -> None:
    anna = member("anna", "noord", end="2093-11-11")
    anna["memberships"].append({"team": "zuid", "from": "2093-11-11", "to": None, "fte": "1"})
    moved = read(anna)
    assert fte(moved, NOVEMBER, "team:noord") == {"anna": Fraction(10, 30)}
    assert fte(moved, NOVEMBER, "team:zuid") == {"anna": Fraction(20, 30)}
    assert fte(moved, NOVEMBER, "reps") == {"anna": Fraction(1)}


def test_a_team_without_members_does_not_stand() -> None:
    assert "oost" not in read_sample().shares(Board("revenue", "2093-11"))


def test_nobody_stands_before_there_is_a_roster() -> None:
    assert League(0).shares(Board("revenue", "2093-11")) == {}


def test_a_target_counts_for_exactly_its_period_in_the_smallest_unit() -> None:
    sample = read_sample(target("100.50", rep="anna"), target("5", metric="deals", rep="anna"))
    assert sample.target(Board("revenue", "2093-11", "reps"), "anna") == 10050
    assert sample.target(Board("deals", "2093-11", "reps"), "anna") == 5
    assert sample.target(Board("revenue", "2093-Q4", "reps"), "anna") is None
    assert sample.target(Board("revenue", "2093-11", "teams"), "anna") is None


def test_a_target_of_zero_and_zero_fte_compare_with_nothing() -> None:
    sample = read_sample(target("0", rep="anna"))
    assert sample.denominators(Board("revenue", "2093-11", "reps", "attainment"))["anna"] is None
    assert sample.denominators(Board("revenue", "2093-11", "reps", "per_fte"))["fleur"] is None


def test_denominators_become_whole_numbers_of_the_same_ratio() -> None:
    assert whole({"a": Fraction(1, 3), "b": Fraction("0.8"), "c": None}) == {"a": 5, "b": 12, "c": 0}


def test_the_latest_roster_counts() -> None:
    documents = [
        *league(),
        document(ROSTER, roster([member("gijs", "oost")]), version=3),
        document(ROSTER, roster([]), version=2),
    ]
    assert list(read_league(1, documents).shares(Board("revenue", "2093-11"))) == ["oost"]


def test_a_document_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(BadDocument, match="teams"):
        check(document(ROSTER, {"organisation": roster()["organisation"], "reps": []}))


@pytest.mark.parametrize(
    ("scope", "known"),
    [("teams", True), ("reps", True), ("team:noord", True), ("team:west", False), ("noord", False), ("", False)],
)
def test_a_scope_is_teams_or_reps_or_one_of_the_teams(scope: str, *, known: bool) -> None:
    assert knows_scope(read_sample(), scope) is known


@pytest.mark.parametrize(("value", "shown"), [("0.125", "0.13"), ("-0.125", "-0.13"), ("2", "2.00")])
def test_what_people_read_is_rounded_half_away_from_zero(value: str, shown: str) -> None:
    assert str(rounded(Fraction(value), 2)) == shown
