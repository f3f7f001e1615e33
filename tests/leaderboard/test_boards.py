"""Boards as they are read, over a real Redis."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.leaderboard.domain.boards import Board, Page
from services.leaderboard.store import Standings
from shared.contracts.league import ROSTER, TARGETS
from tests.leaderboard.sample import REPS, apply, document, league, line, member, put, roster, target

REVENUE = Board("revenue", "2093-11", "reps")


def ranks(page: Page) -> list[tuple[int | None, str, int]]:
    return [(row.rank, row.id, row.amount) for row in page.rows]


@pytest.fixture
def filled(standings: Standings) -> Standings:
    """Return standings in which anna and daan tie, cem is behind and three reps stand at zero."""
    put(standings, league(target("100", rep="anna"), target("80", rep="daan"), target("200", team="noord")))
    apply(standings, [line(1, "anna", 5000), line(2, "daan", 5000), line(3, "cem", 2500)])
    return standings


def test_ties_share_a_rank_and_stand_by_id_and_the_next_rank_is_skipped(filled: Standings) -> None:
    assert ranks(filled.board(REVENUE)) == [
        (1, "anna", 5000),
        (1, "daan", 5000),
        (3, "cem", 2500),
        (4, "bas", 0),
        (4, "eva", 0),
        (4, "fleur", 0),
    ]


def test_a_page_in_the_middle_of_a_tie_knows_the_shared_rank(filled: Standings) -> None:
    page = filled.board(REVENUE, start=1, count=2)
    assert ranks(page) == [(1, "daan", 5000), (3, "cem", 2500)]
    assert (page.start, page.total) == (1, 6)
    assert ranks(filled.board(REVENUE, start=4, count=1)) == [(4, "eva", 0)]


def test_a_page_beyond_the_end_is_empty(filled: Standings) -> None:
    assert filled.board(REVENUE, start=6, count=5).rows == ()
    assert filled.board(REVENUE, start=6, count=5).total == 6


def test_members_at_zero_stand_above_those_below_zero(filled: Standings) -> None:
    apply(filled, [line(4, "cem", -2501)])
    assert ranks(filled.board(REVENUE))[-1] == (6, "cem", -1)


def test_a_period_without_any_line_has_everybody_at_zero(filled: Standings) -> None:
    empty = filled.board(Board("revenue", "2094-02", "reps"))
    assert ranks(empty) == [(1, rep["id"], 0) for rep in REPS]


def test_a_team_board_ranks_the_reps_of_that_team_only(filled: Standings) -> None:
    assert ranks(filled.board(Board("revenue", "2093-11", "team:noord"))) == [
        (1, "anna", 5000),
        (2, "cem", 2500),
        (3, "bas", 0),
    ]


def test_teams_are_ranked_by_what_their_reps_earned_there(filled: Standings) -> None:
    assert ranks(filled.board(Board("revenue", "2093-11"))) == [(1, "noord", 7500), (2, "zuid", 5000)]


def test_per_fte_makes_unequal_sizes_comparable(filled: Standings) -> None:
    apply(filled, [line(4, "bas", 2500)])
    page = filled.board(Board("revenue", "2093-11", "reps", "per_fte"))
    assert [(row.rank, row.id, row.per_fte) for row in page.rows] == [
        (1, "anna", Decimal("5000.00")),
        (1, "bas", Decimal("5000.00")),
        (1, "daan", Decimal("5000.00")),
        (4, "cem", Decimal("3125.00")),
        (5, "eva", Decimal("0.00")),
        (None, "fleur", None),
    ]


def test_equal_values_per_fte_tie_although_their_parts_are_no_binary_fractions(standings: Standings) -> None:
    fractions = {"anna": "0.1", "bas": "0.7", "cem": "0.3", "daan": "0.6", "eva": "0.9"}
    put(standings, league(reps=[member(rep, "noord", fte) for rep, fte in fractions.items()]))
    equal = [line(i, rep, int(Decimal(fte) * 1230)) for i, (rep, fte) in enumerate(fractions.items(), 1)]
    apply(standings, equal)
    page = standings.board(Board("revenue", "2093-11", "reps", "per_fte"))
    assert {(row.rank, row.per_fte) for row in page.rows} == {(1, Decimal("1230.00"))}


def test_attainment_ranks_by_the_share_of_the_target_and_lists_who_has_none_last(filled: Standings) -> None:
    page = filled.board(Board("revenue", "2093-11", "reps", "attainment"))
    assert [(row.rank, row.id, row.attainment) for row in page.rows] == [
        (1, "daan", Decimal("0.6250")),
        (2, "anna", Decimal("0.5000")),
        (None, "bas", None),
        (None, "cem", None),
        (None, "eva", None),
        (None, "fleur", None),
    ]
    [noord, zuid] = filled.board(Board("revenue", "2093-11", "teams", "attainment")).rows
    assert (noord.id, noord.attainment, noord.target) == ("noord", Decimal("0.3750"), 20000)
    assert (zuid.id, zuid.rank) == ("zuid", None)


@pytest.mark.parametrize("by", ["total", "per_fte", "attainment"])
def test_a_board_that_is_being_looked_at_follows_every_line(filled: Standings, by: str) -> None:
    board = Board("revenue", "2093-11", "reps", by)
    filled.board(board)
    apply(filled, [line(4, "daan", -5000), line(5, "anna", 100), line(6, "gast", 9000), line(7, "cem", -2500)])
    watched = filled.board(board)
    put(filled, [document(ROSTER, roster(), version=2)])
    assert watched.rows == filled.board(board).rows
    assert {row.id: row.amount for row in watched.rows} == {
        "anna": 5100,
        "bas": 0,
        "cem": 0,
        "daan": 0,
        "eva": 0,
        "fleur": 0,
        "gast": 9000,
    }


def test_someone_who_left_the_roster_keeps_what_was_earned_and_goes_when_it_is_taken_back(filled: Standings) -> None:
    put(filled, [document(ROSTER, roster([rep for rep in REPS if rep["id"] != "cem"]), version=2)])
    assert (3, "cem", 2500) in ranks(filled.board(REVENUE))
    per_fte = filled.board(Board("revenue", "2093-11", "reps", "per_fte"))
    assert (None, "cem", 2500) in ranks(per_fte)
    apply(filled, [line(4, "cem", -2500)])
    for by in ("total", "per_fte"):
        assert "cem" not in {row.id for row in filled.board(Board("revenue", "2093-11", "reps", by)).rows}


def test_a_new_roster_and_new_targets_change_the_boards_at_once(filled: Standings) -> None:
    attainment = Board("revenue", "2093-11", "reps", "attainment")
    filled.board(attainment)
    put(filled, [document(TARGETS, {"targets": [target("10", rep="cem")]}, version=2)])
    assert filled.board(attainment).rows[0].id == "cem"
    put(filled, [document(ROSTER, roster([*REPS, member("gijs", "oost")]), version=2)])
    assert (4, "gijs", 0) in ranks(filled.board(REVENUE))
    assert (3, "oost", 0) in ranks(filled.board(Board("revenue", "2093-11")))


def test_around_shows_the_member_between_its_neighbours(filled: Standings) -> None:
    page = filled.around(REVENUE, "cem", 1)
    assert page is not None
    assert ranks(page) == [(1, "daan", 5000), (3, "cem", 2500), (4, "bas", 0)]
    assert page.start == 1


def test_around_the_first_and_the_last_stops_at_the_edge(filled: Standings) -> None:
    first, last = filled.around(REVENUE, "anna", 2), filled.around(REVENUE, "fleur", 2)
    assert first is not None
    assert last is not None
    assert [row.id for row in first.rows] == ["anna", "daan", "cem"]
    assert [row.id for row in last.rows] == ["bas", "eva", "fleur"]


def test_around_somebody_who_is_not_on_the_board_is_nothing(filled: Standings) -> None:
    assert filled.around(REVENUE, "nobody") is None
    assert filled.neighbours(REVENUE, "nobody") is None


def test_neighbours_are_the_next_other_standings_with_the_distance(filled: Standings) -> None:
    cem = filled.neighbours(REVENUE, "cem")
    assert cem is not None
    assert cem.above is not None
    assert cem.below is not None
    assert (cem.above.id, cem.above.rank, cem.to_above) == ("anna", 1, 2500)
    assert (cem.below.id, cem.below.rank, cem.to_below) == ("bas", 4, 2500)


def test_at_the_top_there_is_nobody_above_even_when_it_is_shared(filled: Standings) -> None:
    daan = filled.neighbours(REVENUE, "daan")
    assert daan is not None
    assert daan.above is None
    assert daan.to_above is None
    assert daan.below is not None
    assert daan.below.id == "cem"


def test_distances_are_in_what_the_board_is_ranked_by(filled: Standings) -> None:
    anna = filled.neighbours(Board("revenue", "2093-11", "reps", "attainment"), "anna")
    assert anna is not None
    assert anna.to_above == Decimal("0.1250")
    assert anna.below is not None
    assert anna.below.rank is None
    assert anna.to_below is None


def test_a_thousand_members_have_the_ranks_that_sorting_gives_them(standings: Standings) -> None:
    put(standings, league())
    amounts = {f"rep{i:04d}": (i * 7919) % 97 - 48 for i in range(1000)}
    apply(standings, [line(i, rep, amount) for i, (rep, amount) in enumerate(amounts.items(), 1)])
    everyone = {**{rep["id"]: 0 for rep in REPS}, **{rep: amount for rep, amount in amounts.items() if amount}}
    expected = [
        (1 + sum(other > amount for other in everyone.values()), rep, amount)
        for rep, amount in sorted(everyone.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    read = [ranks(standings.board(REVENUE, start, 70)) for start in range(0, len(expected), 70)]
    assert [row for page in read for row in page] == expected
