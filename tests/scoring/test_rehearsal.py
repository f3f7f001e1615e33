"""A rehearsal: with the playbook in force it is what the ledger holds; with another it says who gains and who loses."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scoring.domain.rehearsal import Stretch
from services.scoring.handlers import Scorer, build_league
from services.scoring.handlers.rehearsing import BadDraft, Bounds, Outcome, TooMuch, draft_of, numbered, rehearse
from services.scoring.store import PACKAGE, Ledger, Reader
from services.scoring.store.past import History
from shared.contracts.activity import Activity
from shared.sql import migrate, open_engine
from tests.scoring.office import LABEL, at, document
from tests.scoring.test_laws import Machine
from tests.scoring.test_limits import LIMITED, MENTORED, call, call_rule, histories, machine, playbook, settle
from tests.scoring.test_retractions import back
from tests.scoring.test_rhythm import BEST, FIRST, METRICS, MILE, STREAK, book

HAPPY_HOUR: dict[str, Any] = {
    "id": "hour", "label": LABEL, "from": "2026-06-30T00:00:00Z", "to": "2026-07-02T00:00:00Z", "metric": "points",
    "scope": "reps", "scoring": "total", "tie": "share", "multipliers": [{"factor": "2"}], "published": True,
}  # fmt: skip
RHYTHM: dict[str, Any] = {
    "streaks": [STREAK],
    "firsts": [{**FIRST, "every": "week"}],
    "bests": [BEST],
    "milestones": [MILE],
}
EVERYTHING: dict[str, Any] = {
    **LIMITED,
    "metrics": METRICS,
    "contests": [HAPPY_HOUR],
    "rules": [*LIMITED["rules"], {**call_rule(id="counted", credit={"calls": 1}), "text": LABEL}],
    "rhythm": {kind: [{"text": LABEL, **prize} for prize in prizes] for kind, prizes in RHYTHM.items()},
}
JULY = Stretch(date(2026, 6, 30), date(2026, 7, 2))
PLENTY = Bounds(10_000)


def rehearsed(made: Machine, stretch: Stretch, body: Any = None, bounds: Bounds = PLENTY) -> Outcome:
    versions = made.reader.documents()
    league = build_league(len(versions), versions)
    draft = numbered(None, league) if body is None else draft_of(body, league)
    return rehearse(draft, stretch, league, History(made.engine), bounds)


def differences(found: Outcome) -> list[Any]:
    return [each for table in (found.teams, found.reps, found.rules, found.rep_rules) for each in table
            if each.now != each.draft or each.rank_now != each.rank_draft]  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.integers(0, 4), st.integers(1, 4))
def test_rehearsing_the_playbook_in_force_gives_what_the_ledger_holds(
    history: list[Activity], first: int, length: int
) -> None:
    made = machine(EVERYTHING, MENTORED)
    made.scorer.score(history)
    settle(made)
    start = date(2026, 6, 29) + timedelta(days=first)
    found = rehearsed(made, Stretch(start, start + timedelta(days=length)))
    assert differences(found) == []


def test_the_ledgers_side_has_every_kind_of_line() -> None:
    made = machine(EVERYTHING, MENTORED)
    made.scorer.score([call(f"{n}", f"0{6 + n // 3}-{(29 + n) % 30 + 1:02} 09", "bram") for n in range(3)])
    made.scorer.score([call(f"x{n}", "07-01 10", "bram", counterparty=str(n)) for n in range(3)])
    settle(made)
    rules = {change.id[0] for change in rehearsed(made, JULY).rules}
    assert {"call", "counted", "first", "mile", "call~hour"} <= rules


def test_a_draft_says_who_gains_who_loses_and_nothing_is_kept() -> None:
    made = machine(playbook(call_rule()))
    made.scorer.score([call("a", "07-01 09"), call("b", "07-01 10"), call("c", "07-01 11", "bram")])
    before = made.reader.progress()
    capped = call_rule(credit={"points": 7}, limits={"caps": [{"most": 8, "of": "points", "every": "day"}]})
    found = rehearsed(made, JULY, playbook(capped))
    assert [(c.id, c.now, c.draft, c.rank_now, c.rank_draft) for c in found.reps] == [
        (("sanne",), 10, 8, 1, 1),
        (("bram",), 5, 7, 2, 2),
    ]
    assert [(c.id, c.now, c.draft) for c in found.rep_rules] == [(("sanne", "call"), 10, 8), (("bram", "call"), 5, 7)]
    assert made.reader.progress() == before


def test_what_a_limit_counted_before_the_first_day_is_known() -> None:
    weekly = call_rule(limits={"caps": [{"most": 8, "of": "points", "every": "week"}]})
    made = machine(playbook(call_rule()))
    made.scorer.score([call("mon", "06-29 09"), call("wed", "07-01 09")])
    alone = Stretch(date(2026, 7, 1), date(2026, 7, 2))
    # Monday is of the playbook in force, which has no limit: it takes nothing of the draft's
    assert [c.draft for c in rehearsed(made, alone, playbook(weekly)).reps] == [5]
    week = Stretch(date(2026, 6, 29), date(2026, 7, 2))
    assert [(c.now, c.draft) for c in rehearsed(made, week, playbook(weekly)).reps] == [(10, 8)]
    made.put(document("playbook", playbook(weekly), 2))
    settle(made)
    found = rehearsed(made, alone)
    assert [(c.now, c.draft) for c in found.reps] == [(3, 3)]
    assert found.looked_from == date(2026, 6, 29)


def test_a_streak_that_began_before_the_first_day_is_known() -> None:
    made = machine(book())
    made.scorer.score([call(day, f"07-0{day} 09") for day in "123"])
    found = rehearsed(made, Stretch(date(2026, 7, 3), date(2026, 7, 4)), book(streaks=[STREAK]))
    assert [(c.id, c.now, c.draft) for c in found.rules if c.metric == "points"] == [(("streak",), 0, 10)]


def test_both_databases_know_the_past_and_take_work_back(database_url: str) -> None:
    engine = open_engine(database_url)
    migrate(engine, PACKAGE)
    scorer = Scorer(Ledger(engine), lambda _: None, lambda: at("12-31 00"))
    for kind, body in (("roster", MENTORED), ("playbook", EVERYTHING)):
        scorer.put_document(document(kind, body))
    scorer.score([back("early", "06-30 12", "gone"), back("y", "06-30 12", "c3")])
    scorer.score([call(f"c{n}", f"06-30 {9 + n:02}", counterparty=str(n)) for n in range(6)])
    scorer.score([call("gone", "06-30 08"), call("before", "06-26 09"), back("x", "06-30 13", "c4")])
    while scorer.refresh_some() or scorer.restate_some():
        pass
    versions = Reader(engine).documents()
    league = build_league(len(versions), versions)
    found = rehearse(numbered(None, league), JULY, league, History(engine), PLENTY)
    assert differences(found) == []
    assert {change.id[0]: change.now for change in found.rules if change.metric == "calls"} == {"counted": 4}
    with History(engine).moment() as past:
        assert past.held(at("06-29 00"), at("07-02 00")) == {("call", "step"): 1, ("call", "cap"): 1}
    engine.dispose()


@pytest.mark.parametrize(
    ("stretch", "bounds", "said"),
    [
        (JULY, Bounds(1), "2 activities between"),
        (JULY, Bounds(9, lambda: True), "time was up"),
        (Stretch(date(2026, 7, 2), date(2026, 7, 2)), PLENTY, "choose 1 to 400 days"),
        (Stretch(date(2024, 7, 2), date(2026, 7, 2)), PLENTY, "choose 1 to 400 days"),
    ],
)
def test_too_much_is_refused_with_what_to_do(
    stretch: Stretch, bounds: Bounds, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.scoring.handlers.rehearsing._LOOK_EVERY", 1)
    made = machine(playbook(call_rule()))
    made.scorer.score([call("a", "07-01 09"), call("b", "07-01 10")])
    with pytest.raises(TooMuch, match=said):
        rehearsed(made, stretch, bounds=bounds)


def test_a_draft_that_would_be_refused_is_refused_with_every_problem() -> None:
    bad = playbook(call_rule(credit={"glory": 1}), call_rule(on={"activity": "dance"}))
    with pytest.raises(BadDraft) as refused:
        rehearsed(machine(playbook(call_rule())), JULY, bad)
    assert [problem.pointer.startswith("/draft/rules") for problem in refused.value.problems] == [True] * 3
