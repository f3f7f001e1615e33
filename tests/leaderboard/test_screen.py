"""What a screen shows of an example league: noord (2.3 FTE), zuid (2 FTE), oost (nobody) in November 2093."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.leaderboard.domain.boards import ATTAINMENT, MEASURES, PER_FTE, TOTAL, Freshness, Row, Win
from services.leaderboard.domain.league import League, read_league, row
from services.leaderboard.domain.screen import (
    TEAMS_SHOWN,
    Asked,
    Facts,
    Notice,
    View,
    ranks_at_day_start,
    resolve,
    shared_goal,
    state,
    teams,
)
from shared.contracts.league import PLAYBOOK, ROSTER
from tests.leaderboard.sample import PLAYBOOK_BODY, document, league, member, roster, target

NOW = datetime(2093, 11, 24, 13, 55, tzinfo=UTC)  # a Tuesday, the 17th of 21 working days
EURO = 100
TARGETS = (target("210000", team="noord"), target("105000", team="zuid"))
FRESH = Freshness(NOW - timedelta(minutes=3), NOW, rebuilding=False)


def example(*targets: Mapping[str, Any]) -> League:
    reps = [member("anna", "noord"), member("bas", "noord", "0.5"), member("cem", "noord", "0.8")]
    reps += [member("daan", "zuid"), {**member("eva", "zuid"), "display_name": "Eva", "on_tv": True}]
    return read_league(1, league(*(targets or TARGETS), reps=reps))


def asked(known: League, now: datetime = NOW, **view: Any) -> Asked:
    found = resolve(View(**view), known, now)
    assert isinstance(found, Asked)
    return found


def ranked(known: League, question: Asked, amounts: Mapping[str, int]) -> Sequence[Row]:
    """Return rows as the standings do: best first, ties share a rank, who cannot be compared comes last."""
    divisors = known.denominators(question.board)
    other = Fraction(1) if question.by == TOTAL else None
    scores = {team: amount / by for team, amount in amounts.items() if (by := divisors.get(team, other))}
    ranks = {team: 1 + sum(better > score for better in scores.values()) for team, score in scores.items()}
    ordered = sorted(amounts, key=lambda team: (ranks.get(team, 99), team))
    return [row(known, question.board, ranks.get(team), team, amounts[team]) for team in ordered]


def facts(known: League, question: Asked, amounts: Mapping[str, int], **more: Any) -> Facts:
    return Facts(1842, FRESH, ranked(known, question, amounts), **more)


def shown(by: str = TOTAL, **more: Any) -> dict[str, dict[str, Any]]:
    """Return the teams on the screen with zuid ahead by total, behind per FTE and by target."""
    known = example()
    question = asked(known, by=by)
    given = facts(known, question, {"noord": 141_950 * EURO, "zuid": 148_200 * EURO}, **more)
    return {team["id"]: team for team in teams(question, known, given)}


def test_the_whole_state_of_an_example() -> None:
    known = example()
    question = asked(known)
    win = Win(NOW - timedelta(minutes=3), NOW, "zuid", "eva", "deals", 1, "deal-7", "3-1042")
    amounts = {"noord": 141_950 * EURO, "zuid": 148_200 * EURO}
    today = {"noord": 1_000 * EURO, "zuid": 8_400 * EURO}
    given = facts(known, question, amounts, today=today, wins_today={"zuid": 2}, wins=[win])

    assert state(question, known, given, NOW) == {
        "v": 1842,
        "notice": None,
        "organisation": {"name": "Voorbeeld", "language": "nl", "zone": "Europe/Amsterdam"},
        "freshness": {
            "last_booked_at": "2093-11-24T13:52:00Z",
            "quiet": None,  # four hours after the last line the office is closed
            "rebuilding": False,
        },
        "metric": {
            "id": "revenue",
            "unit": "EUR",
            "money": True,
            "decimals": 2,
            "label": {"nl": "revenue", "en": "revenue"},
        },
        "by": "total",
        "period": {
            "id": "2093-11",
            "kind": "month",
            "first": "2093-11-01",
            "ends_at": "2093-11-30T23:00:00Z",
            "state": "open",
            "workdays": {"begun": 17, "total": 21},
            "expected_percent": 81.0,
        },
        "teams": [
            {
                "id": "zuid",
                "name": "Team Zuid",
                "letter": "B",
                "color": "#FFB347",
                "rank": 1,
                "prev_rank": 2,
                "amount": 14_820_000,
                "per_fte": 7_410_000,
                "goal": 10_500_000,
                "percent": 141.1,
                "pace": "ahead",
                "today": {"amount": 840_000, "wins": 2},
            },
            {
                "id": "noord",
                "name": "Team Noord",
                "letter": "A",
                "color": "#5BB8F5",
                "rank": 2,
                "prev_rank": 1,
                "amount": 14_195_000,
                "per_fte": 6_171_739,
                "goal": 21_000_000,
                "percent": 67.6,
                "pace": "behind",
                "today": {"amount": 100_000, "wins": 0},
            },
        ],
        "teams_total": 2,
        "shared_goal": {"amount": 29_015_000, "goal": 31_500_000, "percent": 92.1},
        "wins": [
            {
                "id": "3-1042",
                "at": "2093-11-24T13:52:00Z",
                "team": "Team Zuid",
                "letter": "B",
                "color": "#FFB347",
                "rep": "Eva",
            }
        ],
    }


def test_a_state_can_be_written_as_json() -> None:
    known = example()
    question = asked(known)
    given = facts(known, question, {"noord": 1, "zuid": 2})
    assert orjson.loads(orjson.dumps(state(question, known, given, NOW)))["v"] == 1842


def test_an_arrow_compares_with_the_start_of_the_day() -> None:
    overtaken = shown(today={"zuid": 8_400 * EURO})
    assert {team: (each["rank"], each["prev_rank"]) for team, each in overtaken.items()} == {
        "zuid": (1, 2),
        "noord": (2, 1),
    }
    assert {each["prev_rank"] for each in shown(today={"zuid": 6_250 * EURO}).values()} == {1}  # a tie this morning


def test_what_was_taken_back_today_shows_as_a_loss_of_today() -> None:
    lost = shown(today={"zuid": -500 * EURO})
    assert lost["zuid"]["today"] == {"amount": -50_000, "wins": 0}
    assert lost["zuid"]["prev_rank"] == 1


@pytest.mark.parametrize("by", [PER_FTE, ATTAINMENT])
def test_the_start_of_the_day_is_compared_by_the_same_measure(by: str) -> None:
    today = {"zuid": 100_000 * EURO}  # without it zuid is behind by any measure
    assert shown(by, today=today)["zuid"]["prev_rank"] == 2
    assert shown(by)["zuid"]["prev_rank"] == 1


@pytest.mark.parametrize("period", ["2093-10", "today", "2093-12"])
def test_there_are_no_arrows_in_a_period_that_did_not_run_this_morning(period: str) -> None:
    known = example()
    question = asked(known, period=period)
    given = facts(known, question, {"noord": 5, "zuid": 7}, today={"noord": 5, "zuid": 7})
    assert ranks_at_day_start(question, known, given) == {}


def test_a_period_that_is_over_has_no_today() -> None:
    known = example()
    question = asked(known, period="2093-10")
    given = facts(known, question, {"noord": 5}, today={"noord": 5})
    drawn = state(question, known, given, NOW)
    assert drawn["teams"][0]["today"] is None
    assert drawn["period"]["state"] == "ended"
    assert drawn["period"]["expected_percent"] == 100.0


def test_a_team_without_a_target_has_no_progress_and_there_is_no_shared_goal() -> None:
    known = example(TARGETS[0])
    question = asked(known)
    rows = ranked(known, question, {"noord": 5, "zuid": 7})
    zuid = teams(question, known, Facts(1, FRESH, rows))[0]
    assert (zuid["id"], zuid["goal"], zuid["percent"], zuid["pace"]) == ("zuid", None, None, None)
    assert shared_goal(question, rows) is None


def test_a_team_that_left_the_roster_is_shown_after_the_others_letters() -> None:
    known = example()
    question = asked(known)
    drawn = teams(question, known, facts(known, question, {"noord": 5, "vroeger": 9}))
    assert [(team["name"], team["letter"]) for team in drawn] == [("vroeger", "D"), ("Team Noord", "A")]


def test_a_name_is_shown_only_where_the_roster_allows_it() -> None:
    known = example()
    question = asked(known)
    wins = [Win(NOW, NOW, "noord", rep, "deals", 1, "d", f"1-{rep}") for rep in ("anna", "eva", "unknown")]
    drawn = state(question, known, facts(known, question, {"noord": 5}, wins=wins), NOW)
    assert [win["rep"] for win in drawn["wins"]] == [None, "Eva", None]


def test_only_the_best_are_shown_and_the_rest_is_counted() -> None:
    names = [f"t{n}" for n in range(11)]
    body = {**roster([member(f"r{n}", name) for n, name in enumerate(names)])}
    body["teams"] = [{"id": name, "name": name} for name in names]
    known = read_league(1, [document(ROSTER, body), document(PLAYBOOK, PLAYBOOK_BODY)])
    question = asked(known)
    drawn = state(question, known, facts(known, question, {name: n for n, name in enumerate(names)}), NOW)
    assert [team["id"] for team in drawn["teams"]] == [f"t{n}" for n in range(10, 2, -1)]
    assert (len(drawn["teams"]), drawn["teams_total"]) == (TEAMS_SHOWN, 11)


@pytest.mark.parametrize(
    ("view", "notice"),
    [
        (View(metric="smiles"), Notice("unknown_metric", "smiles: points, revenue, deals")),
        (View(period="soon"), Notice("bad_period", "soon")),
    ],
)
def test_an_address_that_asks_for_nothing_known_says_so(view: View, notice: Notice) -> None:
    assert resolve(view, example(), NOW) == notice


@pytest.mark.parametrize("documents", [[], [document(ROSTER, roster())], [document(PLAYBOOK, PLAYBOOK_BODY)]])
def test_without_roster_or_playbook_there_is_no_league(documents: Any) -> None:
    known = read_league(1, documents)
    notice = resolve(View(), known, NOW)
    assert notice == Notice("no_league")
    drawn = state(notice, known, Facts(0, Freshness(None, None, rebuilding=False)), NOW)
    assert drawn["notice"] == {"key": "no_league", "detail": ""}
    assert "teams" not in drawn


def test_a_league_in_which_nobody_takes_part_says_so() -> None:
    known = read_league(1, league(reps=[]))
    drawn = state(asked(known), known, Facts(3, FRESH), NOW)
    assert drawn["notice"] == {"key": "no_teams", "detail": ""}


def test_without_revenue_the_first_metric_is_the_main_one() -> None:
    body = {**PLAYBOOK_BODY, "metrics": [PLAYBOOK_BODY["metrics"][2], PLAYBOOK_BODY["metrics"][0]]}
    known = read_league(1, [document(ROSTER, roster()), document(PLAYBOOK, body)])
    assert asked(known).metric.id == "deals"


def test_the_day_begins_at_midnight_of_the_organisation() -> None:
    known = example()
    late = datetime(2093, 11, 30, 22, 59, tzinfo=UTC)
    assert asked(known, late).period.id == "2093-11"
    assert asked(known, late + timedelta(minutes=1)).period.id == "2093-12"


@given(
    amounts=st.dictionaries(st.sampled_from(["noord", "zuid", "oost"]), st.integers(-(10**9), 10**9), min_size=1),
    gained=st.dictionaries(st.sampled_from(["noord", "zuid", "oost"]), st.integers(-(10**9), 10**9)),
    by=st.sampled_from(MEASURES),
)
def test_without_a_gain_today_nobody_moved(amounts: dict[str, int], gained: dict[str, int], by: str) -> None:
    known = example()
    question = asked(known, by=by)
    still = teams(question, known, facts(known, question, amounts))
    assert all(team["prev_rank"] in (None, team["rank"]) for team in still)
    moved = teams(question, known, facts(known, question, amounts, today=gained))
    before = ranked(known, question, {team: amount - gained.get(team, 0) for team, amount in amounts.items()})
    ranks = {each.id: each.rank for each in before}
    assert all(team["prev_rank"] in (None, ranks[team["id"]]) for team in moved)


@given(st.dictionaries(st.sampled_from(["noord", "zuid"]), st.integers(0, 10**12), min_size=2))
def test_together_is_the_sum_of_the_teams(amounts: dict[str, int]) -> None:
    known = example()
    question = asked(known)
    together = shared_goal(question, ranked(known, question, amounts))
    assert together is not None
    assert (together["amount"], together["goal"]) == (sum(amounts.values()), 31_500_000)
