"""What days make together: streaks, the first of a day, personal bests, milestones; moved when something comes late."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.activity import Activity
from shared.contracts.league import BadDocument
from shared.contracts.playbook import parse_playbook
from tests.scoring.office import LABEL, PLAYBOOK, ROSTER, at, document
from tests.scoring.test_laws import EVER, Machine
from tests.scoring.test_limits import call, call_rule, machine, playbook, settle

CALLS = {"id": "calls", "unit": "calls", "label": LABEL}
METRICS = [*PLAYBOOK["metrics"], CALLS]


def book(**rhythm: Any) -> dict[str, Any]:
    rule = call_rule(credit={"calls": 1})
    named = {kind: [{"text": LABEL, **prize} for prize in prizes] for kind, prizes in rhythm.items()}
    return playbook(rule, metrics=METRICS, rhythm=named)


STREAK = {"id": "streak", "metric": "calls", "at_least": 1, "length": 3, "credit": {"points": 10}}
FIRST = {"id": "first", "metric": "calls", "every": "day", "scope": "organisation", "credit": {"points": 2}}
BEST = {"id": "best", "metric": "calls", "every": "day", "after": 2, "credit": {"points": 7}}
MILE = {"id": "mile", "metric": "calls", "at": [2, 4], "credit": {"points": 50}}


def prizes(made: Machine) -> dict[tuple[str, str, str], int]:
    """Return what stands of every prize: (name, rep, day of the organisation) -> points."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for line in made.reader.lines(EVER, 10_000):
        if line.subject.startswith(("rhythm:", "first:")):
            sums[line.rule, line.rep, f"{line.at + timedelta(hours=2):%m-%d}"] += line.amount
    return {key: amount for key, amount in sums.items() if amount}


def scored(book: dict[str, Any], *facts: Activity, roster: dict[str, Any] = ROSTER) -> Machine:
    made = machine(book, roster)
    made.scorer.score(facts)
    settle(made)
    return made


def test_three_working_days_in_a_row_are_a_streak_over_a_weekend() -> None:
    days = ("03-05", "03-06", "03-09")  # Thursday, Friday, Monday
    made = scored(book(streaks=[STREAK]), *(call(day, f"{day} 09") for day in days))
    assert prizes(made) == {("streak~3", "sanne", "03-09"): 10}


def test_leave_and_holidays_neither_break_a_streak_nor_count() -> None:
    organisation = {**ROSTER["organisation"], "holidays": ["2026-03-10"]}
    away = {**ROSTER["reps"][0], "absences": [{"kind": "leave", "from": "2026-03-11", "to": "2026-03-12"}]}
    roster = {**ROSTER, "organisation": organisation, "reps": [away, *ROSTER["reps"][1:]]}
    days = ("03-06", "03-09", "03-12")
    made = scored(book(streaks=[STREAK]), *(call(day, f"{day} 09") for day in days), roster=roster)
    assert prizes(made) == {("streak~3", "sanne", "03-12"): 10}
    assert prizes(scored(book(streaks=[STREAK]), *(call(day, f"{day} 09") for day in days))) == {}


def test_a_day_entered_late_makes_the_streak_after_all() -> None:
    made = scored(book(streaks=[STREAK]), call("a", "03-02 09"), call("c", "03-04 09"))
    assert prizes(made) == {}
    made.scorer.score([call("b", "03-03 09")])
    settle(made)
    assert prizes(made) == {("streak~3", "sanne", "03-04"): 10}


def test_the_first_of_the_day_is_who_was_first_not_who_arrived_first() -> None:
    made = scored(book(firsts=[FIRST]), call("late", "03-02 10", "bram"))
    assert prizes(made) == {("first", "bram", "03-02"): 2}
    made.scorer.score([call("early", "03-02 09", "sanne")])
    settle(made)
    assert prizes(made) == {("first", "sanne", "03-02"): 2}


def test_a_personal_best_needs_days_before_it() -> None:
    calls = [
        call(f"{day}-{n}", f"03-0{day} {9 + n:02}") for day, count in ((2, 1), (3, 2), (4, 3)) for n in range(count)
    ]
    assert prizes(scored(book(bests=[BEST]), *calls)) == {("best~2026-03-04", "sanne", "03-04"): 7}


def test_milestones_are_reached_once_each() -> None:
    calls = [call(str(n), f"03-0{n} 09") for n in range(2, 6)]
    assert prizes(scored(book(milestones=[MILE]), *calls)) == {
        ("mile~2", "sanne", "03-03"): 50,
        ("mile~4", "sanne", "03-05"): 50,
    }


def test_a_playbook_put_later_finds_what_days_made_before() -> None:
    made = machine(playbook(call_rule(credit={"calls": 1}), metrics=METRICS))
    made.scorer.score([call(str(n), f"03-0{n} 09") for n in range(2, 5)])
    made.put(document("playbook", book(streaks=[STREAK], firsts=[FIRST]), version=2))
    settle(made)
    assert set(prizes(made)) == {("streak~3", "sanne", "03-04"), *(("first", "sanne", f"03-0{n}") for n in range(2, 5))}
    made.put(document("playbook", playbook(call_rule(credit={"calls": 1}), metrics=METRICS), version=3))
    settle(made)
    assert prizes(made) == {}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["sanne", "bram"])), min_size=1, max_size=20), st.randoms()
)
def test_order_and_repetition_leave_no_trace_in_prizes(moments: list[tuple[int, str]], random: Any) -> None:
    everything = book(streaks=[{**STREAK, "again": True}], firsts=[FIRST], bests=[BEST], milestones=[MILE])
    facts = [
        Activity(f"crm:{n}", "crm", "call", at("03-02 00") + timedelta(hours=hours), rep, n, None, {})
        for n, (hours, rep) in enumerate(moments)
    ]
    at_once = prizes(scored(everything, *sorted(facts, key=lambda fact: fact.occurred_at)))
    made = machine(everything)
    arriving = [*facts, *random.choices(facts, k=3)]
    random.shuffle(arriving)
    for fact in arriving:
        made.scorer.score([fact])
    settle(made)
    assert prizes(made) == at_once


@pytest.mark.parametrize(
    ("rhythm", "pointer"),
    [
        ({"streaks": [{**STREAK, "metric": "visits"}]}, "/rhythm/streaks/0/metric"),
        ({"streaks": [{**STREAK, "id": "call"}]}, "/rhythm/streaks/0/id"),
        ({"streaks": [{**STREAK, "length": 1}]}, "/rhythm/streaks/0/length"),
        ({"bests": [{**BEST, "credit": {"points": "0.5"}}]}, "/rhythm/bests/0/credit/points"),
        ({"milestones": [{**MILE, "at": [4, 2]}]}, "/rhythm/milestones/0/at"),
        ({"firsts": [{**FIRST, "scope": "world"}]}, "/rhythm/firsts/0/scope"),
    ],
)
def test_a_prize_with_a_mistake_is_refused(rhythm: dict[str, Any], pointer: str) -> None:
    with pytest.raises(BadDocument) as refused:
        parse_playbook(book(**rhythm), strict=True)
    assert pointer in [problem.pointer for problem in refused.value.problems]
