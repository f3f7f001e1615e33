"""Races, duels and goals of an example league: noord (2.3 FTE), zuid (2 FTE), oost (nobody) in November 2093."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.leaderboard.domain.boards import ATTAINMENT, MEASURES, PER_FTE, TOTAL, Freshness, Row
from services.leaderboard.domain.league import League, read_league, row
from services.leaderboard.domain.screen import View, due, notice, snapshot
from services.leaderboard.domain.slides.asked import DEFAULT, DUEL, GOAL, RACE, Slide, read_slide
from services.leaderboard.domain.slides.goal import goal
from services.leaderboard.domain.slides.race import (
    TEAMS_SHOWN,
    Standing,
    duel,
    race,
    ranks_at_day_start,
    shared_goal,
    teams,
)
from services.leaderboard.domain.slides.scene import Asked, NothingToShow, Scene, resolve
from shared.contracts.league import PLAYBOOK, ROSTER
from tests.leaderboard.sample import PLAYBOOK_BODY, document, league, member, roster, target

NOW = datetime(2093, 11, 24, 13, 55, tzinfo=UTC)  # a Tuesday, the 17th of 21 working days
EURO = 100
TARGETS = (target("210000", team="noord"), target("105000", team="zuid"))
FRESH = Freshness(NOW - timedelta(minutes=3), NOW, rebuilding=False)
AHEAD = {"noord": 141_950 * EURO, "zuid": 148_200 * EURO}
"""zuid is ahead by total, noord per FTE is behind, zuid by target."""


def example(*targets: Mapping[str, Any]) -> League:
    reps = [member("anna", "noord"), member("bas", "noord", "0.5"), member("cem", "noord", "0.8")]
    reps += [member("daan", "zuid"), {**member("eva", "zuid"), "display_name": "Eva", "on_tv": True}]
    return read_league(1, league(*(targets or TARGETS), reps=reps))


def scene(known: League | None = None, now: datetime = NOW, **more: Any) -> Scene:
    return Scene(known or example(), now, **more)


def asked(known: League, now: datetime = NOW, **slide: Any) -> Asked:
    return resolve(Slide(RACE, **slide), scene(known, now))


def ranked(known: League, question: Asked, amounts: Mapping[str, int]) -> Sequence[Row]:
    """Return rows as the standings do: best first, ties share a rank, who cannot be compared comes last."""
    divisors = known.denominators(question.board)
    other = Fraction(1) if question.by == TOTAL else None
    scores = {team: amount / by for team, amount in amounts.items() if (by := divisors.get(team, other))}
    ranks = {team: 1 + sum(better > score for better in scores.values()) for team, score in scores.items()}
    ordered = sorted(amounts, key=lambda team: (ranks.get(team, 99), team))
    return [row(known, question.board, ranks.get(team), team, amounts[team]) for team in ordered]


def stands(known: League, question: Asked, amounts: Mapping[str, int] = AHEAD, **more: Any) -> Standing:
    return Standing(ranked(known, question, amounts), **more)


def shown(by: str = TOTAL, **more: Any) -> dict[str, dict[str, Any]]:
    """Return the teams on the screen with zuid ahead by total, behind per FTE and by target."""
    known = example()
    question = asked(known, by=by)
    return {team["id"]: team for team in teams(question, scene(known), stands(known, question, **more))}


def reason(wrong: NothingToShow) -> tuple[str, str]:
    return wrong.key, wrong.detail


def test_a_whole_race() -> None:
    known = example()
    question = asked(known)
    standing = stands(known, question, today={"noord": 1_000 * EURO, "zuid": 8_400 * EURO}, wins_today={"zuid": 2})

    assert race(question, scene(known), standing) == {
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
    }


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
    standing = stands(known, question, {"noord": 5, "zuid": 7}, today={"noord": 5, "zuid": 7})
    assert ranks_at_day_start(question, scene(known), standing) == {}


def test_a_period_that_is_over_has_no_today() -> None:
    known = example()
    question = asked(known, period="2093-10")
    drawn = race(question, scene(known), stands(known, question, {"noord": 5}, today={"noord": 5}))
    assert drawn["teams"][0]["today"] is None
    assert drawn["period"]["state"] == "ended"
    assert drawn["period"]["expected_percent"] == 100.0


def test_a_team_without_a_target_has_no_progress_and_there_is_no_shared_goal() -> None:
    known = example(TARGETS[0])
    question = asked(known)
    rows = ranked(known, question, {"noord": 5, "zuid": 7})
    zuid = teams(question, scene(known), Standing(rows))[0]
    assert (zuid["id"], zuid["goal"], zuid["percent"], zuid["pace"]) == ("zuid", None, None, None)
    assert shared_goal(rows) is None


def test_a_team_that_left_the_roster_has_no_letter_of_its_own() -> None:
    known = example()
    question = asked(known)
    drawn = teams(question, scene(known), stands(known, question, {"noord": 5, "vroeger": 9}))
    assert [(team["name"], team["letter"]) for team in drawn] == [("vroeger", "-"), ("Team Noord", "A")]


def test_only_the_best_are_shown_and_the_rest_is_counted() -> None:
    names = [f"t{n}" for n in range(11)]
    body = {**roster([member(f"r{n}", name) for n, name in enumerate(names)])}
    body["teams"] = [{"id": name, "name": name} for name in names]
    known = read_league(1, [document(ROSTER, body), document(PLAYBOOK, PLAYBOOK_BODY)])
    question = asked(known)
    drawn = race(question, scene(known), stands(known, question, {name: n for n, name in enumerate(names)}))
    assert [team["id"] for team in drawn["teams"]] == [f"t{n}" for n in range(10, 2, -1)]
    assert (len(drawn["teams"]), drawn["teams_total"]) == (TEAMS_SHOWN, 11)


@pytest.mark.parametrize(
    ("slide", "why"),
    [
        ({"metric": "smiles"}, ("unknown_metric", "smiles: points, revenue, deals")),
        ({"period": "soon"}, ("bad_period", "soon")),
    ],
)
def test_a_slide_that_asks_for_nothing_known_says_so(slide: Any, why: tuple[str, str]) -> None:
    with pytest.raises(NothingToShow) as wrong:
        asked(example(), **slide)
    assert reason(wrong.value) == why


@pytest.mark.parametrize("documents", [[], [document(ROSTER, roster())], [document(PLAYBOOK, PLAYBOOK_BODY)]])
def test_without_roster_or_playbook_there_is_no_league(documents: Any) -> None:
    known = read_league(1, documents)
    nothing = notice(DEFAULT, known)
    drawn = snapshot(scene(known), 0, Freshness(None, None, rebuilding=False), nothing=nothing)
    assert orjson.loads(orjson.dumps(drawn))["notice"] == {"key": "no_league", "detail": ""}
    assert drawn["slides"] == ()


def test_a_league_in_which_nobody_takes_part_says_so() -> None:
    known = read_league(1, league(reps=[]))
    with pytest.raises(NothingToShow) as wrong:
        race(asked(known), scene(known), Standing())
    assert wrong.value.key == "no_teams"


def test_a_slide_is_shown_from_its_first_day_to_its_last() -> None:
    slide = read_slide({"type": "message", "text": {"en": "Cake", "nl": "Taart"}, "from": "2093-11-24", "until": None})
    assert [slide.is_due(date(2093, 11, day)) for day in (23, 24, 25)] == [False, True, True]
    last = read_slide({"type": "wins", "until": "2093-11-24"})
    assert [last.is_due(date(2093, 11, day)) for day in (23, 24, 25)] == [True, True, False]
    late = datetime(2093, 11, 24, 23, 30, tzinfo=UTC)  # the 25th in Amsterdam
    assert due(View((slide, last)), scene(now=late)) == [slide]
    assert notice(due(View((last,)), scene(now=late)), example()) == {"key": "no_slides", "detail": ""}
    assert due(View(), scene()) == list(DEFAULT)


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
    still = teams(question, scene(known), stands(known, question, amounts))
    assert all(team["prev_rank"] in (None, team["rank"]) for team in still)
    moved = teams(question, scene(known), stands(known, question, amounts, today=gained))
    before = ranked(known, question, {team: amount - gained.get(team, 0) for team, amount in amounts.items()})
    ranks = {each.id: each.rank for each in before}
    assert all(team["prev_rank"] in (None, ranks[team["id"]]) for team in moved)


@given(st.dictionaries(st.sampled_from(["noord", "zuid"]), st.integers(0, 10**12), min_size=2))
def test_together_is_the_sum_of_the_teams(amounts: dict[str, int]) -> None:
    known = example()
    question = asked(known)
    together = shared_goal(ranked(known, question, amounts))
    assert together is not None
    assert (together["amount"], together["goal"]) == (sum(amounts.values()), 31_500_000)


def duelled(team: str | None = None, by: str = TOTAL, amounts: Mapping[str, int] = AHEAD, **slide: Any) -> Any:
    known = example()
    question = asked(known, by=by)
    return duel(Slide(DUEL, by=by, **slide), question, scene(known, team=team), stands(known, question, amounts))


def test_in_a_duel_the_screens_own_team_comes_first() -> None:
    assert [team["id"] for team in duelled("noord", teams=("zuid", "noord"))["teams"]] == ["noord", "zuid"]
    assert [team["id"] for team in duelled("zuid", teams=("zuid", "noord"))["teams"]] == ["zuid", "noord"]
    assert [team["id"] for team in duelled(teams=("noord", "zuid"))["teams"]] == ["noord", "zuid"]


def test_a_duel_without_teams_is_against_who_stands_just_above() -> None:
    three = {"noord": 5, "zuid": 7, "oost": 9}
    assert [team["id"] for team in duelled("noord", amounts=three)["teams"]] == ["noord", "zuid"]
    assert [team["id"] for team in duelled("oost", amounts=three)["teams"]] == ["oost", "zuid"]
    assert [team["id"] for team in duelled(amounts=three)["teams"]] == ["oost", "zuid"]
    assert [team["id"] for team in duelled("zuid", amounts=three, teams=("@screen", "noord"))["teams"]] == [
        "zuid",
        "noord",
    ]


@pytest.mark.parametrize(
    ("by", "amounts", "lead"),
    [
        (TOTAL, AHEAD, {"team": "zuid", "difference": 625_000}),
        (PER_FTE, AHEAD, {"team": "zuid", "difference": 1_238_261}),
        (ATTAINMENT, AHEAD, {"team": "zuid", "difference": 73.5}),
        (TOTAL, {"noord": 5, "zuid": 5}, {"team": None, "difference": 0}),
        (PER_FTE, {"noord": 5, "oost": 5}, None),
    ],
)
def test_a_lead_is_in_what_the_duel_is_about(by: str, amounts: Mapping[str, int], lead: Any) -> None:
    assert duelled(by=by, amounts=amounts)["lead"] == lead


@pytest.mark.parametrize("amounts", [{}, {"noord": 5}])
def test_one_team_has_no_duel(amounts: Mapping[str, int]) -> None:
    with pytest.raises(NothingToShow, match="no_teams"):
        duelled(amounts=amounts)


def aimed(
    *targets: Mapping[str, Any], team: str | None = None, own: str | None = None, now: datetime = NOW, **more: Any
) -> Any:
    known = example(*targets)
    question = asked(known, now)
    return goal(Slide(GOAL, team=team), question, scene(known, now, team=own), stands(known, question, **more))


def test_a_goal_of_all_together_is_the_sum_of_the_teams() -> None:
    found = aimed(wins_today={"zuid": 2}, today={"zuid": 500})
    assert (found["amount"], found["goal"], found["percent"], found["team"]) == (29_015_000, 31_500_000, 92.1, None)
    assert (found["expected"], found["pace"]) == (25_500_000, "ahead")  # 17 of 21 working days
    assert (found["workdays_left"], found["needed_per_workday"]) == (5, 497_000)
    assert found["today"] == {"amount": 500, "wins": 2}
    assert [(part["id"], part["percent"]) for part in found["teams"]] == [("zuid", 141.1), ("noord", 67.6)]


def test_the_organisations_own_target_goes_before_the_sum() -> None:
    assert aimed(*TARGETS, target("400000", organisation=True))["goal"] == 40_000_000


def test_the_screens_goal_is_that_of_its_team() -> None:
    found = aimed(team="@screen", own="noord")
    assert (found["team"]["name"], found["amount"], found["goal"]) == ("Team Noord", 14_195_000, 21_000_000)
    assert found["teams"] == []
    assert aimed(team="@screen")["team"] is None


def test_a_goal_that_is_reached_asks_nothing_more() -> None:
    found = aimed(team="zuid")
    assert (found["percent"], found["needed_per_workday"]) == (141.1, None)


@pytest.mark.parametrize(("given", "key"), [({"team": "oost"}, "no_target"), ({"team": "west"}, "unknown_team")])
def test_a_goal_that_nobody_set_is_passed_over(given: Any, key: str) -> None:
    with pytest.raises(NothingToShow, match=key):
        aimed(**given)


def test_no_sum_is_a_goal_while_a_team_has_none() -> None:
    with pytest.raises(NothingToShow, match="no_target"):
        aimed(TARGETS[0])
