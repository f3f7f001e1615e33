"""What each part of the playbook's language gives: a table of rules, what happens, and what stands."""

from typing import Any

import pytest

from shared.contracts.activity import Activity, DealChange
from tests.scoring.office import LABEL, at, document
from tests.scoring.test_laws import EVER, Machine
from tests.scoring.test_limits import MENTORED, call, call_rule, playbook, settle

DEAL = {"owner": "sanne", "amount": "1000", "currency": "EUR"}
HOUR = {
    "id": "hour", "label": LABEL, "from": "2026-03-02T09:00:00Z", "to": "2026-03-02T11:00:00Z", "metric": "points",
    "scope": "reps", "scoring": "total", "tie": "share", "published": True,
}  # fmt: skip
CALLS = [call(str(hour), f"03-02 {hour:02}", "bram", counterparty="x") for hour in (9, 10, 11, 12)]


def deals(*changes: dict[str, str]) -> list[Activity]:
    return [
        Activity(
            f"crm:{n}", "crm", "deal", at(f"03-02 {9 + n:02}"), None, n, DealChange("D", change), {"caller": "bram"}
        )
        for n, change in enumerate(({**DEAL, "stage": "lead"}, *changes))
    ]


def deal_rule(on: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"id": "deal", "on": on, "credit": {"points": 10}, **more}


def limited(**limits: Any) -> dict[str, Any]:
    return playbook(call_rule(limits=limits))


def prize(kind: str, **prize: Any) -> dict[str, Any]:
    given = {"id": "prize", "metric": "points", "credit": {"deals": 1}, "text": LABEL, **prize}
    return playbook(call_rule(), rhythm={kind: [given]})


RATE = {"points": {"per": "deal.amount", "each": "100", "give": 1}}
STEPS = {"every": "day", "steps": [{"from": 1, "share": "1"}, {"from": 3, "share": "0.5"}]}
SPLIT = [{"role": "caller", "share": "0.3"}, {"role": "owner", "share": "0.7"}]
TABLE: dict[str, tuple[dict[str, Any], list[Activity], dict[tuple[str, str], int]]] = {
    "an activity": (playbook(call_rule()), CALLS, {("bram", "points"): 20}),
    "a condition": (playbook(call_rule(when="data.duration_s > 60")), CALLS, {}),
    "entered once": (playbook(deal_rule({"deal": "entered", "stage": "demo"})),
                     deals({"stage": "demo"}, {"stage": "lead"}, {"stage": "demo"}), {("sanne", "points"): 10}),
    "won": (playbook(deal_rule({"deal": "won"})), deals({"stage": "won"}), {("sanne", "points"): 10}),
    "reopened": (playbook(deal_rule({"deal": "won"})), deals({"stage": "won"}, {"stage": "demo"}), {}),
    "lost": (playbook(deal_rule({"deal": "lost"})), deals({"stage": "lost"}), {("sanne", "points"): 10}),
    "amended": (playbook(deal_rule({"deal": "amended"})), deals({"amount": "900"}), {("sanne", "points"): 10}),
    "a rate": (playbook(deal_rule({"deal": "won"}, credit=RATE)), deals({"stage": "won"}), {("sanne", "points"): 10}),
    "the amount": (playbook(deal_rule({"deal": "won"}, credit={"revenue": "deal.amount"})), deals({"stage": "won"}),
                   {("sanne", "revenue"): 100_000}),
    "shares": (playbook(deal_rule({"deal": "won"}, to=SPLIT)), deals({"stage": "won"}),
               {("sanne", "points"): 7, ("bram", "points"): 3}),
    "a mentor": (playbook(call_rule(mentor="0.4")), CALLS, {("bram", "points"): 20, ("sanne", "points"): 8}),
    "once": (limited(once=[{"field": "data.counterparty", "every": "day"}]), CALLS, {("bram", "points"): 5}),
    "steps": (limited(steps=STEPS), CALLS, {("bram", "points"): 16}),
    "a cap": (limited(caps=[{"most": 12, "of": "points", "every": "day"}]), CALLS, {("bram", "points"): 12}),
    "a shared cap": (playbook(call_rule(), caps=[{"id": "c", "most": 7, "of": "points", "per": "team", "every": "week",
                                                  "rules": ["call"]}]), CALLS, {("bram", "points"): 7}),
    "a streak": (prize("streaks", at_least=5, length=2), [*CALLS, call("t", "03-03 09", "bram")],
                 {("bram", "points"): 25, ("bram", "deals"): 1}),
    "the first": (prize("firsts", every="day", scope="organisation"), [*CALLS, call("s", "03-02 08", "sanne")],
                  {("bram", "points"): 20, ("sanne", "points"): 5, ("sanne", "deals"): 1}),
    "a best": (prize("bests", every="day", after=1), [call("s", "03-01 08", "bram"), *CALLS],
               {("bram", "points"): 25, ("bram", "deals"): 1}),
    "a milestone": (prize("milestones", at=[10, 15]), CALLS, {("bram", "points"): 20, ("bram", "deals"): 2}),
    "a multiplier": (playbook(call_rule(), contests=[{**HOUR, "multipliers": [{"factor": 3}]}]), CALLS,
                     {("bram", "points"): 40}),
    "a rule of a contest": (playbook(call_rule(during="hour"), contests=[HOUR]), CALLS, {("bram", "points"): 10}),
    "who is eligible": (playbook(call_rule(during="hour"), contests=[{**HOUR, "eligible": ["sanne"]}]), CALLS, {}),
}  # fmt: skip


@pytest.mark.parametrize("feature", TABLE)
def test_a_part_of_the_language_gives_what_it_says(feature: str) -> None:
    book, facts, meant = TABLE[feature]
    made = Machine()
    for each in (document("roster", MENTORED), document("playbook", book)):
        made.put(each)
    made.scorer.score(facts)
    settle(made)
    sums: dict[tuple[str, str], int] = {}
    for line in made.reader.lines(EVER, 999):
        sums[line.rep, line.metric] = sums.get((line.rep, line.metric), 0) + line.amount
    assert {key: amount for key, amount in sums.items() if amount} == meant
