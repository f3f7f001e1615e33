"""What senders say is read into claims, and claims become activities."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain import claims
from services.ingest.domain.claims import Claim
from services.ingest.schemas.activities import read
from shared.contracts.activity import DealChange

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def only(item: Any) -> Any:
    return read([item])[0]


def pointers(item: Any) -> set[str]:
    return {problem.pointer for problem in only(item)}


def test_the_words_of_the_interface_become_a_claim(call: dict[str, Any]) -> None:
    assert only({**call, "actor": "admin@example.nl", "sequence": 3}) == Claim(
        id="8812",
        type="call",
        occurred_at=datetime(2026, 11, 24, 13, 52, tzinfo=UTC),
        owner="sanne@example.nl",
        owner_said=True,
        actor="admin@example.nl",
        data={"duration_s": 340, "direction": "outbound"},
        sequence=3,
    )


def test_only_what_is_said_of_a_deal_is_set_and_null_clears_it(won: dict[str, Any]) -> None:
    assert only({**won, "deal": {"id": "D-1", "amount": None}}).deal == DealChange("D-1", {"amount": None})


def test_every_problem_of_an_item_is_named_at_once() -> None:
    bad = {"id": "", "type": "Call", "occurred_at": "2026-11-24T14:52:00", "tpyo": 1, "deal": {"amount": "1e5"}}
    assert pointers(bad) == {"/id", "/type", "/occurred_at", "/tpyo", "/deal/id", "/deal/amount"}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"id": 8812}, "/id"),
        ({"id": "x" * 421}, "/id"),
        ({"id": "a\x00b"}, "/id"),
        ({"id": "  "}, "/id"),
        ({"type": None}, "/type"),
        ({"occurred_at": "2026-11-24"}, "/occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "/occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "/occurred_at"),
        ({"occurred_at": 1764000000}, "/occurred_at"),
        ({"owner": None}, "/owner"),
        ({"sequence": -1}, "/sequence"),
        ({"sequence": True}, "/sequence"),
        ({"data": []}, "/data"),
        ({"data": {"a": {}}}, "/data/a"),
        ({"data": {"a": 2**53 + 1}}, "/data/a"),
        ({"data": {"a": "x" * 2001}}, "/data/a"),
        ({"data": {str(n): n for n in range(65)}}, "/data"),
        ({"type": "deal"}, "/deal"),
        ({"deal": {"id": "D-1", "amount": True}}, "/deal/amount"),
        ({"deal": {"id": "D-1", "amount": "1234.505", "currency": "EUR"}}, "/deal/amount"),
        ({"deal": {"id": "D-1", "amount": "0.5", "currency": "JPY"}}, "/deal/amount"),
        ({"deal": {"id": "D-1", "amount": "12345678901234567"}}, "/deal/amount"),
        ({"deal": {"id": "D-1", "status": None}}, "/deal/status"),
        ({"deal": {"id": "D-1", "status": "closed"}}, "/deal/status"),
        ({"deal": {"id": "D-1", "currency": "eur"}}, "/deal/currency"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_with_its_value(
    call: dict[str, Any], change: dict[str, Any], pointer: str
) -> None:
    assert pointers({**call, **change}) == {pointer}


def test_amounts_may_be_numbers_and_stay_exact(won: dict[str, Any]) -> None:
    amounts = [
        only({**won, "deal": {"id": "D-1", "amount": given}}).deal.set["amount"] for given in (1234.5, 12, "-0.10")
    ]
    assert amounts == ["1234.5", "12", "-0.10"]


def test_a_deal_may_have_no_owner_and_a_call_may_not(won: dict[str, Any], call: dict[str, Any]) -> None:
    del won["owner"], call["owner"]
    assert not only(won).owner_said
    assert pointers(call) == {"/owner"}


def test_problems_stay_with_their_item(call: dict[str, Any]) -> None:
    good, bad, better = read([call, 3, {**call, "id": "9"}])
    assert isinstance(good, Claim)
    assert isinstance(better, Claim)
    assert isinstance(bad, list)
    assert (good.id, better.id, bad[0].pointer) == ("8812", "9", "")


def test_an_endlessly_nested_value_is_named_by_its_kind_only(call: dict[str, Any]) -> None:
    nested: Any = []
    for _ in range(900):
        nested = [nested]
    (problem,) = only({**call, "id": nested})
    assert problem.value == "(a list with 1 parts)"


def test_a_swarm_of_unknown_fields_gets_a_bounded_answer(call: dict[str, Any]) -> None:
    assert len(only({**call, **{f"x{n}": n for n in range(1000)}})) == 25


@given(st.lists(JSON, max_size=4))
def test_anything_is_read_as_a_claim_or_as_problems(items: list[Any]) -> None:
    assert len(read(items)) == len(items)


@given(JSON, st.sampled_from(["id", "type", "occurred_at", "owner", "actor", "deal", "data", "sequence"]))
def test_any_value_in_a_field_is_taken_exactly_or_named(value: Any, field: str) -> None:
    base = {"id": "1", "type": "call", "occurred_at": "2026-11-24T13:52:00Z", "owner": "sanne"}
    claim = only({**base, field: value})
    if isinstance(claim, Claim):
        stored = orjson.loads(orjson.dumps(claims.to_json(claim)))
        assert claims.from_json(stored) == Claim(
            **{
                **{name: getattr(claim, name) for name in Claim.__slots__},
                "data": claim.data or None,
                "actor": claim.actor,
            }
        )
    else:
        assert all(problem.pointer.startswith(f"/{field}") or problem.pointer == "/deal" for problem in claim)


def test_a_call_about_a_deal_does_not_move_the_deal_to_the_caller(call: dict[str, Any]) -> None:
    activity = claims.to_activity(only({**call, "deal": {"id": "D-1"}}), "telephony", "sanne")
    assert activity.deal == DealChange("D-1", {})
    assert (activity.id, activity.source, activity.rep, activity.key) == ("telephony:8812", "telephony", "sanne", "D-1")


def test_a_change_of_a_deal_sets_its_owner_and_null_takes_it_away(won: dict[str, Any]) -> None:
    moved = claims.to_activity(only(won), "crm", "sanne")
    cleared = claims.to_activity(only({**won, "owner": None}), "crm", None)
    assert moved.deal
    assert moved.deal.set["owner"] == "sanne"
    assert cleared.deal
    assert cleared.deal.set["owner"] is None
    silent = {name: value for name, value in won.items() if name != "owner"}
    unsaid = claims.to_activity(only(silent), "crm", None)
    assert unsaid.deal
    assert "owner" not in unsaid.deal.set
