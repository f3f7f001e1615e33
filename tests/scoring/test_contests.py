"""Contests: rules and multipliers of their own, five ways of scoring, a frozen roster, frozen rules."""

from collections import Counter
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.scoring.handlers.contests import NoContest, listed, standing
from services.scoring.handlers.leagues import Leagues
from shared.contracts.contest_places import Tally, fte_days, standings
from shared.contracts.contests import Contest, frozen_problems
from shared.contracts.league import BadDocument
from shared.contracts.playbook import Metric, parse_playbook
from shared.contracts.roster import parse_roster
from tests.scoring.office import LABEL, ROSTER, at, document
from tests.scoring.test_laws import EVER, Machine
from tests.scoring.test_limits import call, call_rule, machine, playbook, settle
from tests.scoring.test_web import Web

HOUR = {
    "id": "hour",
    "label": LABEL,
    "from": "2026-07-06T09:00:00Z",
    "to": "2026-07-06T10:00:00Z",
    "metric": "points",
    "scope": "teams",
    "scoring": "total",
    "tie": "share",
    "published": True,
}
POINTS = Metric("points", "points", 0, LABEL)


def book(*contests: dict[str, Any], **more: Any) -> dict[str, Any]:
    return playbook(call_rule(**more), contests=list(contests))


def contest(**more: Any) -> Contest:
    return parse_playbook(book({**HOUR, **more}), strict=True).contests[0]


def points(made: Machine) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    for line in made.reader.lines(EVER, 10_000):
        sums[line.rule, line.rep] += line.amount
    return {key: amount for key, amount in sums.items() if amount}


def test_a_multiplier_counts_in_its_window_and_for_who_takes_part_only() -> None:
    double = {**HOUR, "eligible": ["zuid"], "multipliers": [{"factor": "2.5", "rules": ["call"]}]}
    made = machine(book(double))
    made.scorer.score([call("in", "07-06 09"), call("out", "07-06 10")])
    assert points(made) == {("call", "sanne"): 10, ("call~hour", "sanne"): 8}  # 1.5 times 5 on top, halves up
    made = machine(book({**double, "eligible": ["noord"]}))
    made.scorer.score([call("in", "07-06 09")])
    assert points(made) == {("call", "sanne"): 5}


def test_a_rule_of_a_contest_counts_in_it_only() -> None:
    made = machine(book(HOUR, during="hour"))
    made.scorer.score([call("in", "07-06 09"), call("out", "07-06 10")])
    assert points(made) == {("call", "sanne"): 5}


def test_a_rule_of_a_series_counts_in_each_of_its_contests() -> None:
    often = [
        {
            **HOUR,
            "id": f"hour-{n}",
            "series": "hour",
            "from": f"2026-07-0{n}T09:00:00Z",
            "to": f"2026-07-0{n}T10:00:00Z",
        }
        for n in (6, 8)
    ]
    made = machine(book(*often, during="hour"))
    made.scorer.score([call(day, f"07-{day} 09") for day in ("06", "07", "08")])
    assert points(made) == {("call", "sanne"): 10}


def test_a_contest_put_afterwards_multiplies_what_was_there() -> None:
    made = machine(book())
    made.scorer.score([call("in", "07-06 09")])
    made.put(document("playbook", book({**HOUR, "multipliers": [{"factor": 2}]}), version=2))
    settle(made)
    assert points(made) == {("call", "sanne"): 5, ("call~hour", "sanne"): 5}


def test_who_leads_by_the_ledger_with_the_roster_of_the_start() -> None:
    made = machine(book({**HOUR, "scope": "reps"}))
    made.scorer.score([call("a", "07-06 09"), call("b", "07-06 09", "bram"), call("c", "07-06 09", "bram")])
    found = standing("hour", Leagues(made.reader), made.reader, hidden=False)
    assert [(place.rank, place.id, str(place.score)) for place in found.places] == [
        (1, "bram", "10"),
        (2, "sanne", "5"),
    ]
    assert found.roster == 1


def test_a_hidden_contest_is_told_to_nobody_else() -> None:
    made = machine(book({**HOUR, "published": False}))
    leagues = Leagues(made.reader)
    assert listed(leagues, hidden=False) == []
    assert [each.id for each in listed(leagues, hidden=True)] == ["hour"]
    with pytest.raises(NoContest):
        standing("hour", leagues, made.reader, hidden=False)


TWO = parse_roster(
    {
        **ROSTER,
        "reps": [
            {"id": "a", "name": "A", "memberships": [{"team": "noord", "from": "2026-01-01"}]},
            {"id": "b", "name": "B", "memberships": [{"team": "zuid", "from": "2026-01-01", "fte": "0.5"}]},
            {
                "id": "c",
                "name": "C",
                "memberships": [{"team": "zuid", "from": "2026-07-07"}],
                "absences": [{"kind": "leave", "from": "2026-07-08", "to": "2026-07-09"}],
            },
        ],
    }
)
WEEK = {"from": "2026-07-06T00:00:00+02:00", "to": "2026-07-13T00:00:00+02:00"}


def places(tallies: dict[str, Tally], **more: Any) -> list[tuple[Any, ...]]:
    found = standings(contest(**{**WEEK, **more}), tallies, TWO, POINTS)
    return [(place.rank, place.id, place.score) for place in found]


def test_fte_days_are_working_days_by_part_time_without_leave() -> None:
    assert fte_days(contest(**WEEK), "noord", TWO) == 5
    assert fte_days(contest(**WEEK), "zuid", TWO) == Fraction(5, 2) + 3  # Tuesday, Thursday and Friday of c
    assert fte_days(contest(**WEEK, scope="reps"), "c", TWO) == 3


def tally(amount: int, *before: int, reached: datetime | None = None) -> Tally:
    return Tally(amount, before, reached)


def test_five_ways_of_scoring() -> None:
    won = {"noord": tally(50, 10, 20, 30, 40), "zuid": tally(44, 10, 10, 10, 10)}
    assert places(won) == [(1, "noord", 50), (2, "zuid", 44)]
    assert places(won, scoring="per_fte_day") == [(1, "noord", 10), (2, "zuid", 8)]
    goals = {"noord": "100", "zuid": "40"}
    assert places(won, scoring="percent_of_target", targets=goals) == [
        (1, "zuid", Fraction(11, 10)),
        (2, "noord", Fraction(1, 2)),
    ]
    assert places(won, scoring="most_improved") == [(1, "zuid", Fraction(34) / Fraction(11, 2)), (2, "noord", 5)]
    mean, prior = Fraction(94) / Fraction(21, 2), Fraction(21, 4)
    assert places(won, scoring="shrunk_mean") == [
        (1, "noord", (50 + prior * mean) / (5 + prior)),
        (2, "zuid", (44 + prior * mean) / (Fraction(11, 2) + prior)),
    ]


def test_equals_share_a_rank_or_the_earlier_one_is_first() -> None:
    even = {"noord": tally(5, reached=at("07-07 10")), "zuid": tally(5, reached=at("07-07 09"))}
    assert [place[:2] for place in places(even)] == [(1, "noord"), (1, "zuid")]
    assert [place[:2] for place in places(even, tie="earlier")] == [(1, "zuid"), (2, "noord")]


def test_who_has_nothing_shares_a_rank_with_who_got_something_and_lost_it() -> None:
    nothing = {"zuid": tally(0, reached=at("07-07 09"))}
    assert [place[:2] for place in places(nothing, tie="earlier")] == [(1, "noord"), (1, "zuid")]


def test_who_has_no_score_comes_last_without_a_rank() -> None:
    assert places({"noord": tally(5)}, scoring="percent_of_target", targets={"noord": "10"}) == [
        (1, "noord", Fraction(1, 2)),
        (None, "zuid", None),
    ]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"to": "2026-07-06T08:00:00Z"}, "/contests/0/to"),
        ({"from": "2026-07-06T09:00:00"}, "/contests/0/from"),
        ({"metric": "visits"}, "/contests/0/metric"),
        ({"scoring": "best"}, "/contests/0/scoring"),
        ({"scoring": "percent_of_target"}, "/contests/0/targets"),
        ({"multipliers": [{"factor": 2, "rules": ["demo"]}]}, "/contests/0/multipliers/0/rules"),
        ({"id": "mentor"}, "/contests/0/id"),
    ],
)
def test_a_contest_with_a_mistake_is_refused(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(BadDocument) as refused:
        parse_playbook(book({**HOUR, **change}), strict=True)
    assert pointer in [problem.pointer for problem in refused.value.problems]


def test_what_is_not_said_is_asked() -> None:
    without = {name: value for name, value in HOUR.items() if name not in ("scoring", "tie", "published")}
    with pytest.raises(BadDocument) as refused:
        parse_playbook(book(without), strict=True)
    said = {problem.pointer: problem.message for problem in refused.value.problems}
    assert said["/contests/0/scoring"].startswith("who is best?")
    assert {"/contests/0/tie", "/contests/0/published"} <= said.keys()


DAY = date(2026, 7, 1)
DURING, AFTER = datetime(2026, 7, 6, 9, 30, tzinfo=UTC), datetime(2026, 7, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "changed", [book({**HOUR, "scoring": "per_fte_day"}), book(), book(HOUR, credit={"points": 6})]
)
def test_the_rules_of_a_contest_are_frozen_while_it_runs(changed: dict[str, Any]) -> None:
    assert [problem.message for problem in frozen_problems(book(HOUR), changed, DURING, DAY)] != []
    assert list(frozen_problems(book(HOUR), changed, AFTER, DAY)) == []
    assert list(frozen_problems(book(HOUR), changed, DURING, date(2026, 7, 8))) == []


def test_texts_and_other_rules_may_change_while_a_contest_runs() -> None:
    other = {"id": "demo", "on": {"deal": "entered", "stage": "demo"}, "credit": {"deals": 1}, "text": LABEL}
    changed = book({**HOUR, "label": {"nl": "Uur", "en": "Hour"}})
    assert list(frozen_problems(book(HOUR), {**changed, "rules": [*changed["rules"], other]}, DURING, DAY)) == []


def test_contests_over_http(tmp_path: Path, database_url: str) -> None:
    web = Web(tmp_path, database_url)
    for each in (document("roster", ROSTER), document("playbook", book(HOUR))):
        web.scorer.put_document(each)
    web.scorer.score([call("a", "07-06 09", "bram")])
    [told] = web.get("/scoring/v1/contests")["contests"]
    assert told["from"] == "2026-07-06T09:00:00Z"
    found = web.get(told["standings"])
    assert [(place["rank"], place["id"], place["score"]) for place in found["places"]] == [(1, "zuid", "5")]
    web.get("/scoring/v1/contests/none", 404)
    web.engine.dispose()
