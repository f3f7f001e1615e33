"""Work that is taken back, and people's corrections: the same difference, in whatever order all of it arrives."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scoring.domain.rules import judge
from shared.contracts.activity import CORRECTION, RETRACTION, Activity, DealChange
from tests.scoring.office import DOCUMENTS, LEAGUE, at, call
from tests.scoring.test_laws import EVER, Machine
from tests.scoring.test_limits import call_rule, playbook, points, settle
from tests.scoring.test_limits import machine as limited_machine


def back(name: str, when: str, of: str, **data: Any) -> Activity:
    return Activity(f"crm:{name}", "crm", RETRACTION, at(when), None, 9, None, {"of": f"crm:{of}", **data})


def correction(name: str, when: str, amount: str, metric: str = "points", rep: str = "sanne", **data: Any) -> Activity:
    said = {"metric": metric, "amount": amount, "reason": "counted wrongly", **data}
    return Activity(f"crm:{name}", "crm", CORRECTION, at(when), rep, 9, None, said, actor="els")


def office() -> Machine:
    made = Machine()
    for document in DOCUMENTS:
        made.put(document)
    return made


def total(made: Machine, metric: str = "points") -> int:
    return sum(line.amount for line in made.reader.lines(EVER, 9999) if line.metric == metric)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", ["work", "retraction"])
def test_a_deleted_call_takes_its_points_back_whichever_came_first(first: str, *, together: bool) -> None:
    made = office()
    facts = [call("a", "03-02 10"), back("x", "03-02 12", "a")]
    arriving = facts if first == "work" else facts[::-1]
    for batch in [arriving] if together else [[fact] for fact in arriving]:
        made.scorer.score(batch)
        made.scorer.score(batch)
    assert total(made) == 0
    lines = made.reader.lines(EVER, 9)[::-1]
    if first == "work" and not together:
        line, *taken = lines
        assert [(each.reason, each.activity, each.subject) for each in taken] == [("reversed", "crm:x", line.subject)]
    else:
        assert lines == []


def test_a_call_that_was_restored_counts_again() -> None:
    made = office()
    made.scorer.score([back("z", "03-02 14", "a", restored=True), call("a", "03-02 10")])
    made.scorer.score([back("x", "03-02 12", "a")])
    assert total(made) == 5


def test_work_about_a_deal_is_taken_back_out_of_the_deals_history() -> None:
    made = office()
    about = Activity("crm:a", "crm", "call", at("03-02 10"), "sanne", 1, DealChange("D-1", {}), {"duration_s": 60})
    for batch in ([about], [back("x", "03-02 12", "a")]):
        made.scorer.score(batch)
    assert total(made) == 0
    assert {line.subject for line in made.reader.lines(EVER, 9)} == {"deal:D-1"}


def test_what_a_retracted_call_held_down_counts_after_all() -> None:
    made = limited_machine(playbook(call_rule(limits={"caps": [{"most": 8, "of": "points", "every": "day"}]})))
    made.scorer.score([call("a", "03-02 09"), call("b", "03-02 10")])
    made.scorer.score([back("x", "03-02 12", "a")])
    settle(made)
    assert [(line.activity, line.amount) for line in made.reader.lines(EVER, 9) if line.at == at("03-02 09")] == [
        ("crm:x", -5),
        ("crm:a", 5),
    ]
    assert points(made) == [5]


def test_a_retraction_without_a_name_or_of_a_deal_changes_nothing() -> None:
    made = office()
    nameless = Activity("crm:n", "crm", RETRACTION, at("03-02 12"), None, 9, None, {"of": 7})
    won = DealChange("D-1", {"stage": "won", "owner": "sanne", "amount": "100", "currency": "EUR"})
    made.scorer.score([nameless, Activity("crm:d", "crm", "deal", at("03-02 10"), None, 1, won)])
    made.scorer.score([back("x", "03-02 12", "d")])
    assert total(made, "revenue") == 10_000


def test_a_correction_gives_exactly_what_was_said() -> None:
    made = office()
    made.scorer.score([correction("k", "03-02 10", "-12.50", "revenue"), correction("l", "03-02 10", "7")])
    assert (total(made, "revenue"), total(made)) == (-1250, 7)
    assert {line.rule for line in made.reader.lines(EVER, 9)} == {"~correction"}
    assert {line.team for line in made.reader.lines(EVER, 9)} == {"noord"}


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (correction("k", "03-02 10", "0.5"), "amount"),
        (correction("k", "03-02 10", "much"), "amount"),
        (correction("k", "03-02 10", "5", "glory"), "metric"),
        (correction("k", "03-02 10", "5", rep="noor"), "team"),
    ],
)
def test_a_correction_that_cannot_be_given_says_why(fact: Activity, why: str) -> None:
    verdict = judge([fact], LEAGUE)
    assert not verdict.due
    assert [missing.why for missing in verdict.missing] == [why]


@st.composite
def histories(draw: st.DrawFn) -> list[Activity]:
    found: list[Activity] = []
    for n in range(draw(st.integers(1, 14))):
        when = at("03-02 00") + timedelta(hours=draw(st.integers(0, 60)))
        kind = draw(st.sampled_from(["call", "about", "retraction", "retraction", "correction"]))
        of = {"of": f"crm:{draw(st.integers(0, 14))}", "restored": draw(st.booleans())}
        about = DealChange(draw(st.sampled_from(["D-1", "D-2"])), {}) if kind == "about" else None
        bodies: dict[str, dict[str, Any]] = {"retraction": of, "correction": {"metric": "points", "amount": "3"}}
        said = bodies.get(kind, {"duration_s": 60})
        rep = None if kind == "retraction" else draw(st.sampled_from(["sanne", "bram"]))
        name = "call" if kind == "about" else kind
        found.append(Activity(f"crm:{n}", "crm", name, when, rep, n, about, said))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.randoms())
def test_order_batches_and_repetition_of_retractions_leave_no_trace(history: list[Activity], random: Any) -> None:
    arriving = [*history, *random.choices(history, k=len(history) // 2)]
    random.shuffle(arriving)
    made = office()
    for start in range(0, len(arriving), 3):
        made.scorer.score(arriving[start : start + 3])
    assert made.totals() == _expected(history)


def _expected(history: Sequence[Activity]) -> Counter[Any]:
    """Judge all of it as one history: no two of its activities are about the same deal's fields."""
    sums: Counter[Any] = Counter()
    for key, due in judge(history, LEAGUE).due.items():
        sums[key.rep, key.team, key.metric, key.at] += due.amount
    return Counter({key: amount for key, amount in sums.items() if amount})
