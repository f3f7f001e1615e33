"""Limits, shares and mentors: what counts together, whatever the order, the batch and the partition."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scoring.domain.rules import judge
from services.scoring.domain.windows import allow
from services.scoring.handlers import build_league
from services.scoring.store import Asked
from shared.contracts.activity import Activity, DealChange
from tests.scoring.office import LABEL, PLAYBOOK, ROSTER, at, document
from tests.scoring.test_laws import EVER, Machine

MENTORED = {
    **ROSTER,
    "reps": [
        ROSTER["reps"][0],
        {**ROSTER["reps"][1], "mentors": [{"rep": "sanne", "from": "2026-03-01", "to": "2026-04-01"}]},
        ROSTER["reps"][2],
    ],
}


def playbook(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**PLAYBOOK, "rules": [{"text": LABEL, **rule} for rule in rules], **more}


def call_rule(**more: Any) -> dict[str, Any]:
    return {"id": "call", "on": {"activity": "call"}, "credit": {"points": 5}, **more}


def machine(book: dict[str, Any], roster: dict[str, Any] = ROSTER) -> Machine:
    made = Machine()
    made.put(document("roster", roster))
    made.put(document("playbook", book))
    return made


def settle(made: Machine) -> None:
    while made.scorer.refresh_some() or made.scorer.restate_some():
        pass


def call(name: str, when: str, rep: str = "sanne", **data: Any) -> Activity:
    return Activity(f"crm:{name}", "crm", "call", at(when), rep, 1, None, {"duration_s": 60, **data})


def points(made: Machine, rep: str = "sanne") -> list[int]:
    """Return what stands of each credit of a rep, in the order in which they happened."""
    sums: Counter[Any] = Counter()
    for line in made.reader.lines(EVER, 10_000):
        if line.rep == rep and line.metric == "points":
            sums[line.at, line.rule] += line.amount
    return [sums[key] for key in sorted(sums) if sums[key]]


def test_a_cap_counts_the_first_of_the_day_also_when_they_arrive_last() -> None:
    made = machine(playbook(call_rule(limits={"caps": [{"most": 12, "of": "points", "every": "day"}]})))
    made.scorer.score([call("c", "03-02 11"), call("b", "03-02 10")])
    assert points(made) == [5, 5]
    made.scorer.score([call("d", "03-02 12"), call("a", "03-02 09"), call("next", "03-03 09")])
    settle(made)
    assert points(made) == [5, 5, 2, 5]


def test_what_a_cap_leaves_is_said_in_both_languages() -> None:
    made = machine(playbook(call_rule(limits={"caps": [{"most": 8, "of": "points", "every": "day"}]})))
    made.scorer.score([call("a", "03-02 09"), call("b", "03-02 10")])
    kept = made.reader.allowed(["activity:crm:b"])
    [allowed] = kept.values()
    assert (allowed.amount, allowed.held and allowed.held.kind) == (3, "cap")


def test_a_team_cap_holds_for_its_members_together() -> None:
    limits = {"caps": [{"most": 12, "of": "points", "per": "team", "every": "week"}]}
    made = machine(playbook(call_rule(limits=limits)))
    made.scorer.score([call("s", "07-06 09"), call("b", "07-07 09", "bram"), call("t", "07-08 09")])
    settle(made)
    assert points(made) == [5, 2]
    assert points(made, "bram") == [5]


def test_a_cap_of_a_rep_holds_over_a_change_of_team_also_beside_a_cap_of_the_team() -> None:
    week: dict[str, Any] = {"of": "points", "every": "week"}
    limits = {"caps": [{**week, "most": 12}, {**week, "most": 100, "per": "team"}]}
    made = machine(playbook(call_rule(limits=limits)))
    made.scorer.score([call("thu", "07-02 09"), call("fri", "07-03 09")])  # in zuid
    made.scorer.score([call("mon", "06-29 09"), call("tue", "06-30 09")])  # in noord, until the 1st
    settle(made)
    assert points(made) == [5, 5, 2]


def test_rules_that_share_a_cap_fill_it_together() -> None:
    demo = {"id": "demo", "on": {"deal": "entered", "stage": "demo"}, "credit": {"points": 15}}
    cap = {"id": "daily", "most": 18, "of": "points", "every": "day", "rules": ["call", "demo"]}
    made = machine(playbook(call_rule(), demo, caps=[cap]))
    change = DealChange("D-1", {"stage": "demo", "owner": "sanne"})
    made.scorer.score([Activity("crm:d", "crm", "deal", at("03-02 10"), None, 1, change), call("c", "03-02 11")])
    settle(made)
    assert points(made) == [15, 3]


def test_a_counterparty_counts_once_a_day() -> None:
    limits = {"once": [{"field": "data.counterparty", "every": "day"}]}
    made = machine(playbook(call_rule(limits=limits)))
    made.scorer.score([call("b", "03-02 10", counterparty="x"), call("c", "03-02 11", counterparty="y")])
    made.scorer.score([call("a", "03-02 09", counterparty="x"), call("n", "03-02 12"), call("m", "03-02 13")])
    settle(made)
    assert [(line.activity) for line in made.reader.lines(EVER, 99) if line.reason == "reversed"] == ["crm:b"]
    assert points(made) == [5, 5, 5, 5]


def test_steps_make_the_next_ones_worth_less() -> None:
    steps = {
        "every": "day",
        "steps": [{"from": 1, "share": "1"}, {"from": 2, "share": "0.5"}, {"from": 4, "share": "0"}],
    }
    made = machine(playbook(call_rule(limits={"steps": steps})))
    made.scorer.score([call(str(hour), f"03-02 {hour:02}") for hour in range(9, 14)])
    assert points(made) == [5, 3, 3]  # 2.5 rounded once, halves up


SPLIT = {
    "id": "won",
    "on": {"deal": "won"},
    "credit": {"revenue": "deal.amount"},
    "to": [{"role": "caller", "share": "0.3"}, {"role": "owner", "share": "0.7"}],
}


def won(amount: str, **data: Any) -> Activity:
    said = {"stage": "won", "owner": "sanne", "amount": amount, "currency": "EUR"}
    return Activity("crm:w", "crm", "deal", at("03-02 10"), None, 1, DealChange("D-1", said), data)


@given(st.integers(1, 10**9))
def test_shares_add_up_to_the_cent(cents: int) -> None:
    league = build_league(2, [document("roster", ROSTER), document("playbook", playbook(SPLIT))])
    due = judge([won(f"{cents / 100:.2f}", caller="bram")], league).due
    assert sum(each.amount for each in due.values()) == cents
    assert cents == 1 or {key.rep for key in due} == {"sanne", "bram"}


def test_the_share_of_a_role_that_nobody_has_goes_to_nobody() -> None:
    league = build_league(2, [document("roster", ROSTER), document("playbook", playbook(SPLIT))])
    verdict = judge([won("100.00", caller="a stranger")], league)
    assert {key.rep: due.amount for key, due in verdict.due.items()} == {"sanne": 7000}
    assert [(missing.why, missing.detail) for missing in verdict.missing] == [("role", "caller: a stranger")]


def test_a_mentor_gets_a_part_on_top_while_the_pair_lasts() -> None:
    made = machine(playbook(call_rule(mentor="0.5")), MENTORED)
    made.scorer.score([call("in", "03-02 10", "bram"), call("after", "04-02 10", "bram")])
    assert points(made, "bram") == [5, 5]
    assert points(made, "sanne") == [3]
    [overlay] = [line for line in made.reader.lines(EVER, 9) if line.rep == "sanne"]
    assert overlay.overlay
    march = Asked(at("03-01 00"), at("04-01 00"), metric="points")
    assert made.reader.totals(march, "team") == {"zuid": 5}
    assert made.reader.totals(march, "rep") == {"bram": 5, "sanne": 3}
    assert overlay.rule == "call~mentor"


@pytest.mark.parametrize(("first", "then", "count"), [("100.00", "120.00", 1), ("100", "100.00", 0)])
def test_a_deal_with_another_amount_is_amended(first: str, then: str, count: int) -> None:
    rule = {"id": "kept", "on": {"deal": "amended"}, "credit": {"points": 1}}
    made = machine(playbook(rule))
    changes = [{"owner": "sanne", "amount": first, "currency": "EUR"}, {"amount": then}]
    facts = [
        Activity(f"crm:{n}", "crm", "deal", at(f"03-0{n} 10"), None, 1, DealChange("D-1", said))
        for n, said in enumerate(changes, 1)
    ]
    made.scorer.score(facts[::-1])
    assert points(made) == [1] * count


def test_a_rate_may_count_what_an_activity_carries() -> None:
    made = machine(playbook(call_rule(credit={"points": {"per": "data.duration_s", "each": 60, "give": 1}})))
    made.scorer.score([call("a", "03-02 09", duration_s=150), call("b", "03-02 10", duration_s="long")])
    assert points(made) == [3]


LIMITED = playbook(
    call_rule(
        limits={
            "once": [{"field": "data.counterparty", "every": "day"}],
            "steps": {"every": "day", "steps": [{"from": 1, "share": "1"}, {"from": 3, "share": "0.5"}]},
            "caps": [{"most": 14, "of": "points", "every": "day"}, {"most": 30, "of": "points", "every": "week"}],
        },
        mentor="0.1",
    ),
    {"id": "demo", "on": {"deal": "entered", "stage": "demo"}, "credit": {"points": 15}},
    SPLIT,
    caps=[{"id": "team", "most": 70, "of": "points", "per": "team", "every": "week", "rules": ["call", "demo"]}],
)


@st.composite
def histories(draw: st.DrawFn) -> list[Activity]:
    found: list[Activity] = []
    for n in range(draw(st.integers(1, 20))):
        when = at("06-29 00") + timedelta(hours=draw(st.integers(0, 96)))
        rep = draw(st.sampled_from(["sanne", "bram"]))
        if draw(st.integers(0, 3)):
            data = {"counterparty": draw(st.sampled_from(["x", "y", "z", f"n{n}"]))}
            found.append(Activity(f"crm:{n}", "crm", "call", when, rep, n, None, data))
        else:
            status = draw(st.sampled_from(["open", "deleted", None]))
            said = {"stage": draw(st.sampled_from(["lead", "demo", "won"])), "owner": rep, "status": status}
            said |= {"amount": "99.99", "currency": "EUR"}
            deal = DealChange(draw(st.sampled_from(["D-1", "D-2"])), said)
            found.append(Activity(f"crm:{n}", "crm", "deal", when, None, n, deal, {"caller": "bram"}))
    return found


def scored(batches: Sequence[Sequence[Activity]], *, playbook_last: bool = False) -> Machine:
    made = Machine()
    documents = [document("roster", MENTORED), document("playbook", LIMITED)]
    for each in documents[: 1 if playbook_last else 2]:
        made.put(each)
    for batch in batches:
        made.scorer.score(batch)
    for each in documents:
        made.put(each)
    settle(made)
    return made


def lines_of(made: Machine) -> Counter[Any]:
    sums: Counter[Any] = Counter()
    for line in made.reader.lines(EVER, 100_000):
        sums[line.subject, line.rule, line.metric, line.rep, line.team, line.at] += line.amount
    return Counter({key: total for key, total in sums.items() if total})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.randoms(), st.booleans())
def test_with_limits_too_order_batches_and_late_documents_leave_no_trace(
    history: list[Activity], random: Any, late: bool
) -> None:
    at_once = scored([sorted(history, key=lambda fact: fact.occurred_at)])
    arriving = [*history, *random.choices(history, k=len(history) // 2)]
    random.shuffle(arriving)
    in_pieces = scored([arriving[n : n + 3] for n in range(0, len(arriving), 3)], playbook_last=late)
    assert lines_of(in_pieces) == lines_of(at_once)
    caps_hold(at_once)


def caps_hold(made: Machine) -> None:
    days: Counter[Any] = Counter()
    of_reps: Counter[Any] = Counter()
    weeks: Counter[Any] = Counter()
    for (_, rule, metric, rep, team, moment), amount in lines_of(made).items():
        if metric == "points" and rule in ("call", "demo"):
            day = moment.astimezone(build_league(1, [document("roster", ROSTER)]).roster.zone).date()  # type: ignore[union-attr]
            weeks[team, day.isocalendar()[:2]] += amount
            if rule == "call":
                days[rep, day] += amount
                of_reps[rep, day.isocalendar()[:2]] += amount
    assert all(amount <= 14 for amount in days.values())
    assert all(amount <= 30 for amount in of_reps.values())
    assert all(amount <= 70 for amount in weeks.values())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_what_stands_is_what_a_check_computes_anew(history: list[Activity]) -> None:
    made = scored([history[::2], history[1::2]])
    league = build_league(2, [document("roster", MENTORED), document("playbook", LIMITED)])
    assert all(allow(asking, league) == kept for asking, kept in made.reader.windows())
