"""What a new document has computed again: what it can change, and nothing else."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.scoring.domain.explain import is_settled
from services.scoring.domain.league import EVERYTHING, NOTHING, Touched, touched, whose_days
from services.scoring.domain.rules import judge
from services.scoring.domain.windows import settle
from services.scoring.handlers import build_league
from shared.contracts.activity import Activity
from shared.contracts.league import LeagueDocument
from tests.scoring.office import LABEL, document
from tests.scoring.test_contests import HOUR
from tests.scoring.test_laws import Machine
from tests.scoring.test_limits import MENTORED, SPLIT, call, call_rule, machine, playbook, won
from tests.scoring.test_limits import settle as settled
from tests.scoring.test_rhythm import FIRST, METRICS, STREAK

SANNE, BRAM, NOOR = MENTORED["reps"]
START = date(2026, 3, 1)
MARCH = datetime(2026, 2, 28, 23, tzinfo=UTC)
PLAIN = playbook(call_rule(mentor="0.5"))
ZUID, NOORD = ([{"team": team, "from": "2026-01-01"}] for team in ("zuid", "noord"))
AWAY = {"absences": [{"kind": "leave", "from": "2026-03-03", "to": "2026-03-04"}]}


def roster(*reps: dict[str, Any], **organisation: Any) -> dict[str, Any]:
    return {**MENTORED, "reps": list(reps), "organisation": {**MENTORED["organisation"], **organisation}}


def roster_now(*reps: dict[str, Any]) -> LeagueDocument:
    return document("roster", roster(*reps, NOOR), 2)


def limited(most: int) -> dict[str, Any]:
    caps = [{"most": most, "of": "points", "every": "day"}]
    return playbook(call_rule(limits={"caps": caps}))


@pytest.mark.parametrize(
    "book",
    [
        limited(10),
        playbook(call_rule(mentor="0.25")),
        playbook(call_rule(), caps=[{"id": "all", "most": 5, "of": "points", "every": "day", "rules": ["call"]}]),
        playbook(call_rule(), contests=[{**HOUR, "multipliers": [{"factor": 2}]}]),
        playbook(SPLIT),
    ],
)
def test_another_playbook_touches_what_happened_since_it_holds(book: dict[str, Any]) -> None:
    versions = [document("roster", MENTORED), document("playbook", PLAIN)]
    before, after = build_league(2, versions), build_league(3, [*versions, document("playbook", book, 2, START)])
    assert touched(before, after, START) == Touched(MARCH)
    assert whose_days(before, after) is None


@pytest.mark.parametrize(
    ("changed", "what", "days"),
    [
        (roster({**SANNE, "name": "S."}, BRAM, NOOR), NOTHING, frozenset()),
        (roster({**SANNE, "identities": ["s@x.example"]}, BRAM, NOOR), NOTHING, frozenset()),
        (roster(SANNE, {**BRAM, **AWAY}, NOOR), NOTHING, frozenset({"bram"})),
        (roster(SANNE, BRAM, NOOR, holidays=["2026-03-03"]), NOTHING, None),
        (roster(SANNE, {**BRAM, "mentors": []}, NOOR), Touched(reps=frozenset({"bram"})), frozenset({"bram"})),
        # who was guided by somebody who was in another team is touched too: the mentor's part belongs to that team
        (roster({**SANNE, "memberships": ZUID}, BRAM, NOOR), Touched(reps=frozenset({"sanne", "bram"})),
         frozenset({"sanne"})),
        (roster(SANNE, BRAM, NOOR, currency="USD"), EVERYTHING, frozenset()),
        (roster(SANNE, BRAM, NOOR, timezone="Europe/Lisbon"), EVERYTHING, None),
    ],
)  # fmt: skip
def test_another_roster_touches_whom_it_speaks_of(
    changed: dict[str, Any], what: Touched, days: frozenset[str] | None
) -> None:
    versions = [document("roster", MENTORED), document("playbook", PLAIN)]
    before, after = build_league(2, versions), build_league(3, [*versions, document("roster", changed, 2)])
    assert touched(before, after, START) == what
    assert whose_days(before, after) == days


@pytest.mark.parametrize("change", [{"identities": ["bram@x.example"]}, {"memberships": ZUID, "mentors": []}])
def test_whoever_a_rule_finds_by_name_can_be_in_anything_since_that_rule(change: dict[str, Any]) -> None:
    versions = [document("roster", MENTORED), document("playbook", playbook(SPLIT), start=START)]
    before = build_league(2, versions)
    after = build_league(3, [*versions, document("roster", roster(SANNE, {**BRAM, **change}, NOOR), 2)])
    assert touched(before, after, START).since == MARCH


CHANGES: list[tuple[dict[str, Any], Sequence[Activity], list[LeagueDocument]]] = [
    (
        PLAIN,
        [call("a", "03-02 10", "bram")],
        [document("roster", roster({**SANNE, "memberships": ZUID}, BRAM, NOOR), 2)],
    ),
    (
        playbook(SPLIT),
        [won("100.00", caller="b@x.example")],
        [roster_now(SANNE, {**BRAM, "identities": ["b@x.example"]})],
    ),
    (
        playbook(SPLIT),
        [won("100.00", caller="bram")],
        [
            document(
                "roster", roster(SANNE, {**BRAM, "memberships": [{"team": "noord", "from": "2026-01-01"}]}, NOOR), 2
            )
        ],
    ),
    (limited(12), [call(str(n), f"03-02 1{n}") for n in range(4)], [document("playbook", limited(7), 2)]),
    (
        PLAIN,
        [call("a", "07-06 09")],
        [document("playbook", playbook(call_rule(), contests=[{**HOUR, "multipliers": [{"factor": 2}]}]), 2)],
    ),
]


@pytest.mark.parametrize(("book", "facts", "changes"), CHANGES)
def test_what_stands_after_a_change_is_what_a_fresh_computation_gives(
    book: dict[str, Any], facts: Sequence[Activity], changes: list[LeagueDocument]
) -> None:
    made = machine(book, MENTORED)
    made.scorer.score(facts)
    before = made.totals()
    for each in changes:
        made.put(each)
    settled(made)
    assert made.totals() != before
    assert _unsettled(made) == []


def _unsettled(made: Machine) -> list[str]:
    versions = made.reader.documents()
    league = build_league(len(versions), versions)
    return [
        subject
        for subject, facts, lines in made.reader.subjects()
        if not is_settled(settle(subject, judge(facts, league), made.reader.allowed([subject]), league), lines)
    ]


RHYTHM = playbook(
    call_rule(credit={"calls": 1}),
    metrics=METRICS,
    rhythm={"streaks": [{**STREAK, "text": LABEL}]},
)


@pytest.mark.parametrize(
    ("changed", "stale"),
    [
        (roster({**SANNE, "name": "S."}, BRAM, NOOR), 0),
        (roster(SANNE, {**BRAM, **AWAY}, NOOR), 1),
        (roster(SANNE, BRAM, NOOR, holidays=["2026-03-03"]), 3),
    ],
)
def test_leave_and_holidays_touch_the_days_of_whom_they_are_of(changed: dict[str, Any], stale: int) -> None:
    made = machine(RHYTHM, MENTORED)
    made.scorer.score([call(f"{rep}{n}", f"03-0{n} 10", rep) for n in range(2, 6) for rep in ("sanne", "bram")])
    settled(made)
    made.put(document("roster", changed, 2))
    assert made.reader.progress()["stale"] == stale
    assert made.reader.progress()["restating"] == 0


def test_the_first_of_a_day_follows_whoever_was_in_another_team() -> None:
    team_first = {**FIRST, "scope": "team", "text": LABEL}
    book = playbook(call_rule(credit={"calls": 1}), metrics=METRICS, rhythm={"firsts": [team_first]})
    made = machine(book, MENTORED)
    made.scorer.score([call("s", "03-02 09", "sanne"), call("b", "03-02 10", "bram")])
    settled(made)
    made.put(document("roster", roster({**SANNE, "memberships": ZUID}, BRAM, NOOR), 2))
    settled(made)
    assert [key[:2] for key in made.totals() if key[2] == "points"] == [("sanne", "zuid")]
