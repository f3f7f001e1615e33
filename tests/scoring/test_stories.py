"""What a deal's story earns, told as tables: (story, what stands at its end)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from services.scoring.domain.rules import judge
from services.scoring.handlers import build_league
from shared.contracts.activity import Activity
from tests.scoring.office import DOCUMENTS, LEAGUE, PLAYBOOK, ROSTER, WON, at, call, deal, document, later

SANNE_DEMO = ("demo", "points", "sanne", "noord", "03-02 09", 15)
SANNE_WON = [
    ("won", "deals", "sanne", "noord", "03-03 09", 1),
    ("won", "points", "sanne", "noord", "03-03 09", 10),
    ("won", "revenue", "sanne", "noord", "03-03 09", 100_000),
]

Due = tuple[str, str, str, str, str, int]


def _due(history: Sequence[Activity]) -> list[Due]:
    verdict = judge(history, LEAGUE)
    return sorted((*key[:4], key.at.strftime("%m-%d %H"), due.amount) for key, due in verdict.due.items())


STORIES: dict[str, tuple[Sequence[Activity], list[Due]]] = {
    "a won deal gives its demo, its deal, its revenue": (WON, [SANNE_DEMO, *SANNE_WON]),
    "a reopened deal takes its win back and keeps the demo": (
        [*WON, deal("re", "03-04 09", stage="demo")],
        [SANNE_DEMO],
    ),
    "won again counts once, when it was won last": (
        [*WON, deal("re", "03-04 09", stage="demo"), deal("again", "04-05 09", stage="won")],
        [SANNE_DEMO, *[(*line[:4], "04-05 09", line[5]) for line in SANNE_WON]],
    ),
    "said to be won twice counts once, when it was won first": (
        [*WON, deal("again", "03-05 09", stage="won", status="won")],
        [SANNE_DEMO, *SANNE_WON],
    ),
    "a lost deal after a win takes the win back": (
        [*WON, deal("lost", "03-06 10", stage="lost")],
        [SANNE_DEMO, ("lost", "lost", "sanne", "noord", "03-06 10", 1)],
    ),
    "a deleted deal leaves nothing": ([*WON, deal("gone", "03-07 09", status="deleted")], []),
    "a re-valued deal is worth its last amount": (
        [*WON, deal("more", "03-08 09", amount="2500.50")],
        [SANNE_DEMO, SANNE_WON[0], (*SANNE_WON[1][:5], 25), (*SANNE_WON[2][:5], 250_050)],
    ),
    "a cleared amount gives the deal and no money": (
        [*WON, deal("less", "03-08 09", amount=None)],
        [SANNE_DEMO, SANNE_WON[0]],
    ),
    "another currency is turned into the organisation's": (
        [*WON, deal("usd", "03-08 09", currency="USD")],
        [SANNE_DEMO, SANNE_WON[0], (*SANNE_WON[1][:5], 5), (*SANNE_WON[2][:5], 50_000)],
    ),
    "a re-assigned deal moves all it gave": (
        [*WON, deal("move", "03-09 09", owner="bram")],
        [(line[0], line[1], "bram", "zuid", *line[4:]) for line in [SANNE_DEMO, *SANNE_WON]],
    ),
    "a win after a transfer is the new team's": (
        [*WON[:2], deal("won", "07-02 09", stage="won")],
        [SANNE_DEMO, *[(*line[:3], "zuid", "07-02 09", line[5]) for line in SANNE_WON]],
    ),
    "who is in no team earns nothing": ([*WON, deal("move", "03-09 09", owner="noor")], []),
    "the status said outranks the stage's": (
        [*WON[:2], deal("won", "03-03 09", stage="demo", status="won")],
        [SANNE_DEMO, *SANNE_WON],
    ),
    "of one moment the higher sequence is later": (
        [*WON[:2], later(deal("a", "03-03 09", stage="won"), 2), later(deal("b", "03-03 09", stage="demo"), 1)],
        [SANNE_DEMO, *SANNE_WON],
    ),
    "a call of a minute counts": ([call("c", "03-02 10")], [("call", "points", "sanne", "noord", "03-02 10", 5)]),
    "a shorter call does not": ([call("c", "03-02 10", duration_s=59)], []),
    "a call without a duration does not": ([replace(call("c", "03-02 10"), data={})], []),
    "a call with a nonsense duration does not": ([call("c", "03-02 10", duration_s="long")], []),
}


@pytest.mark.parametrize("story", STORIES, ids=lambda name: name.replace(" ", "_"))
def test_a_story_earns(story: str) -> None:
    history, due = STORIES[story]
    assert _due(history) == sorted(due)
    assert _due(history[::-1]) == sorted(due)


@pytest.mark.parametrize(
    ("history", "why"),
    [
        ([deal("won", "03-03 09", stage="won", amount="1", currency="EUR")], {"owner"}),
        ([deal("won", "03-03 09", stage="won", owner="noor")], {"team"}),
        ([deal("won", "03-03 09", stage="won", owner="sanne")], {"amount"}),
        ([deal("won", "03-03 09", stage="won", owner="sanne", amount="5")], {"currency"}),
        ([deal("won", "03-03 09", stage="won", owner="sanne", amount="5", currency="SEK")], {"rate"}),
        ([call("c", "03-02 10", duration_s=3)], {"condition"}),
        (WON, set()),
    ],
)
def test_what_is_missing_is_named(history: Sequence[Activity], why: set[str]) -> None:
    assert {missing.why for missing in judge(history, LEAGUE).missing} == why


def test_the_playbook_of_the_day_decides() -> None:
    rules = [{**rule, "credit": {"points": 40}} if rule["id"] == "demo" else rule for rule in PLAYBOOK["rules"]]
    newer = document("playbook", {**PLAYBOOK, "rules": rules}, 2, date(2026, 4, 1))
    league = build_league(3, [*DOCUMENTS, newer])
    march = judge([*WON[:1], deal("demo", "03-31 21", stage="demo")], league)
    april = judge([*WON[:1], deal("demo", "03-31 22", stage="demo")], league)  # midnight in Amsterdam
    assert [due.amount for due in march.due.values()] == [15]
    assert [(due.amount, due.playbook) for due in april.due.values()] == [(40, 2)]


def test_a_transfer_entered_afterwards_moves_what_was_earned() -> None:
    moved = {**ROSTER["reps"][0], "memberships": [{"team": "zuid", "from": "2026-01-01"}]}
    roster = document("roster", {**ROSTER, "reps": [moved, *ROSTER["reps"][1:]]}, 2)
    due = judge(WON, build_league(3, [*DOCUMENTS, roster])).due
    assert {(key.team, key.at) for key in due} == {("zuid", at("03-02 09")), ("zuid", at("03-03 09"))}


def test_without_a_roster_or_playbook_nobody_earns() -> None:
    assert not judge(WON, build_league(1, DOCUMENTS[:1])).due
    assert not judge(WON, build_league(1, DOCUMENTS[1:])).due
