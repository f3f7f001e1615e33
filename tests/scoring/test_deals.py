"""How a deal is folded: when a stage says something about the status, and odd amounts."""

from collections.abc import Sequence

import pytest

from services.scoring.domain.amounts import exact
from services.scoring.domain.deals import fold
from services.scoring.domain.rules import judge
from services.scoring.handlers import build_league
from shared.contracts.activity import Activity, DealChange
from tests.scoring.office import DOCUMENTS, LEAGUE, PLAYBOOK, WON, at, deal, document

METRICS = PLAYBOOK["metrics"]
Said = dict[str, str | None]

HISTORIES: dict[str, tuple[Sequence[Said], str]] = {
    "nothing said is open": ([{"name": "De Boer"}], "open"),
    "a stage that closes gives the status": ([{"stage": "won"}], "won"),
    "another stage that closes gives another": ([{"stage": "won"}, {"stage": "lost"}], "lost"),
    "moving back out of a closing stage reopens": ([{"stage": "won"}, {"stage": "demo"}], "open"),
    "and when won was said as well": ([{"stage": "won", "status": "won"}, {"stage": "demo"}], "open"),
    "a status said apart from the stage stays": ([{"stage": "demo"}, {"status": "won"}, {"stage": "demo"}], "won"),
    "and no move between open stages changes it": ([{"stage": "lead"}, {"status": "won"}, {"stage": "demo"}], "won"),
    "a stage repeated says nothing new": ([{"stage": "won"}, {"status": "open"}, {"stage": "won"}], "open"),
    "a stage nobody knows says nothing": ([{"stage": "won"}, {"stage": "elsewhere"}], "won"),
    "nor brings it back what stood before": ([{"stage": "won"}, {"status": "open"}, {"stage": "elsewhere"}], "open"),
    "a status that is taken away changes nothing": ([{"status": "won"}, {"status": None}], "won"),
    "what was deleted stays deleted": ([{"status": "deleted"}, {"stage": "won"}], "deleted"),
    "until a status is said": ([{"status": "deleted"}, {"status": "open"}, {"stage": "won"}], "won"),
    "or the deletion is taken away": ([{"stage": "won"}, {"status": "deleted"}, {"status": None}], "won"),
    "whatever was said meanwhile counts": ([{"status": "deleted"}, {"stage": "won"}, {"status": None}], "won"),
}  # fmt: skip


def _history(changes: Sequence[Said]) -> list[Activity]:
    return [
        Activity(f"crm:{n}", "crm", "deal", at(f"03-0{n + 1} 09"), None, n, DealChange("D-1", said))
        for n, said in enumerate(changes)
    ]


@pytest.mark.parametrize("name", HISTORIES, ids=lambda name: name.replace(" ", "_"))
def test_the_status_of_a_deal(name: str) -> None:
    changes, status = HISTORIES[name]
    assert fold(_history(changes), LEAGUE.status_of).status == status
    assert fold(_history(changes)[::-1], LEAGUE.status_of).status == status


def test_won_counts_from_the_last_time_it_became_so() -> None:
    history = _history([{"stage": "won"}, {"stage": "won", "status": "won"}, {"status": "lost"}, {"status": "won"}])
    assert fold(history[:2], LEAGUE.status_of).since == history[0]
    assert fold(history, LEAGUE.status_of).since == history[3]


def test_a_deletion_that_is_undone_leaves_the_moment_of_winning_where_it_was() -> None:
    history = _history([{"stage": "won"}, {"status": "deleted"}, {"status": "deleted"}, {"status": None}])
    assert fold(history[:3], LEAGUE.status_of).since == history[1]
    assert fold(history, LEAGUE.status_of).since == history[0]


@pytest.mark.parametrize("amount", ["", "veel", "NaN", "Infinity", "1e400", "1e15", "1e-13", None])
def test_an_amount_that_cannot_be_reckoned_with_gives_the_deal_and_no_money(amount: str | None) -> None:
    verdict = judge([*WON, deal("odd", "03-08 09", amount=amount)], LEAGUE)
    assert {key.metric for key in verdict.due if key.rule == "won"} == {"deals"}
    assert {(missing.metric, missing.why) for missing in verdict.missing} == {
        ("revenue", "amount"),
        ("points", "amount"),
    }


def test_large_and_fine_amounts_are_exact() -> None:
    assert exact("999999999999999.99") is not None
    due = judge([*WON, deal("fine", "03-08 09", amount="0.005")], LEAGUE).due
    assert [entry.amount for key, entry in due.items() if key.metric == "revenue"] == [1]  # half up, once


def test_a_call_about_a_deal_is_the_callers_work_whatever_becomes_of_the_deal() -> None:
    about = DealChange("D-1", {"stage": "demo"})
    call = Activity("tel:1", "tel", "call", at("03-02 12"), "bram", 1, about, {"duration_s": 90})
    earned = {(key.rule, key.rep): due.amount for key, due in judge([*WON, call], LEAGUE).due.items()}
    assert earned["call", "bram"] == 5
    assert earned["demo", "sanne"] == 15
    gone = deal("gone", "03-07 09", status="deleted")
    assert {(key.rule, key.rep) for key in judge([*WON, call, gone], LEAGUE).due} == {("call", "bram")}


@pytest.mark.parametrize(
    ("currency", "unit", "amount"),
    [
        ("EUR", "EUR", 100_000),
        ("USD", "EUR", 50_000),
        ("EUR", "USD", 200_000),
        ("USD", "USD", 100_000),
        ("SEK", "SEK", 100_000),
        ("SEK", "EUR", None),
        ("EUR", "SEK", None),
        ("EUR", "points", 1_000),
        ("USD", "points", 500),
    ],
)
def test_revenue_is_counted_in_the_metrics_own_currency(currency: str, unit: str, amount: int | None) -> None:
    label = {"nl": "omzet", "en": "revenue"}
    metrics = [{"id": "revenue", "unit": unit, "label": label} if m["id"] == "revenue" else m for m in METRICS]
    league = build_league(2, [DOCUMENTS[0], document("playbook", {**PLAYBOOK, "metrics": metrics})])
    verdict = judge([*WON, deal("cur", "03-08 09", currency=currency)], league)
    given = [due.amount for key, due in verdict.due.items() if key.metric == "revenue"]
    assert given == ([] if amount is None else [amount])
    assert ("revenue", "rate") in {(m.metric, m.why) for m in verdict.missing} or amount is not None


def test_a_result_that_no_ledger_could_hold_is_not_given() -> None:
    metrics = [{**m, "decimals": 6} if m["id"] == "points" else m for m in METRICS]
    rules = [{**r, "credit": {"points": "99999999999999"}} if r["id"] == "demo" else r for r in PLAYBOOK["rules"]]
    league = build_league(2, [DOCUMENTS[0], document("playbook", {**PLAYBOOK, "metrics": metrics, "rules": rules})])
    assert {m.rule: m.why for m in judge(WON, league).missing} == {"demo": "amount"}
