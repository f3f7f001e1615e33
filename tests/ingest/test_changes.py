"""What differs between two versions is told in sentences that a person can check."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.changes import changes
from services.ingest.domain.crosschecks import crosschecks

LEAVES = st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "b"])
BODIES = st.dictionaries(
    st.sampled_from(["reps", "rules", "id", "memberships", "x"]),
    st.recursive(
        LEAVES,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "reps"]), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=4,
)


@pytest.fixture
def after(roster: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(roster)


def membership(team: str, start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    return {"team": team, "from": start, **({"to": end} if end else {}), **more}


def test_the_first_version_says_so(roster: dict[str, Any]) -> None:
    assert changes(None, roster) == ["first version"]


def test_a_move_to_another_team_is_one_sentence(roster: dict[str, Any], after: dict[str, Any]) -> None:
    after["reps"][0]["memberships"] = [
        membership("noord", "2026-01-01", "2026-11-01"),
        membership("zuid", "2026-11-01", fte="0.8"),
    ]
    assert changes(roster, after) == ["rep sanne: team noord → zuid from 2026-11-01"]


@pytest.mark.parametrize(
    ("memberships", "sentence"),
    [
        ([membership("noord", "2026-01-01", "2026-12-01")], "team noord until 2026-12-01"),
        ([membership("noord", "2026-01-01", fte="0.6")], "team noord: fte 1 → 0.6"),
        (
            [membership("noord", "2026-01-01", "2026-06-01"), membership("zuid", "2026-08-01")],
            "team noord until 2026-06-01; rep sanne: team joins zuid from 2026-08-01",
        ),
        ([], "team noord from 2026-01-01 taken out"),
    ],
)
def test_every_change_of_membership_is_told(
    roster: dict[str, Any], after: dict[str, Any], memberships: list[dict[str, Any]], sentence: str
) -> None:
    after["reps"][0]["memberships"] = memberships
    assert "; ".join(changes(roster, after)) == f"rep sanne: {sentence}"


def test_items_are_matched_by_their_id_and_not_by_their_place(roster: dict[str, Any], after: dict[str, Any]) -> None:
    after["reps"].insert(0, {"id": "bram", "name": "Bram"})
    after["reps"][1]["display_name"] = "San"
    after["reps"][1]["identities"] = ["sanne@example.nl", "hubspot:51"]
    after["teams"].reverse()
    assert changes(roster, after) == [
        "teams in another order: zuid, noord",
        "rep bram: new",
        "rep sanne: identities: hubspot:51 added",
        "rep sanne: display_name (none) → San",
    ]


def test_a_change_deep_inside_says_where(playbook: dict[str, Any]) -> None:
    after = copy.deepcopy(playbook)
    after["rules"][0]["credit"]["points"] = 6
    after["pipelines"][0]["stages"].pop(0)
    assert changes(playbook, after) == ["pipeline nieuw: stage demo: gone", "rule gesprek: credit: points 5 → 6"]


def test_targets_are_named_by_owner_metric_and_period() -> None:
    def targets(amount: int) -> dict[str, Any]:
        return {"targets": [{"team": "noord", "metric": "revenue", "period": "2026-11", "amount": amount}]}

    assert changes(targets(1), targets(2)) == ["target noord revenue 2026-11: amount 1 → 2"]


@given(BODIES, BODIES)
def test_equal_bodies_and_only_those_give_no_sentence(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert changes(before, before) == []
    assert bool(changes(before, after)) == (before != after)


def test_names_that_the_other_documents_do_not_have_are_warned_of(
    roster: dict[str, Any], playbook: dict[str, Any]
) -> None:
    target = {"rep": "els", "metric": "omzet", "period": "2026-11", "amount": 1}
    plan = {
        "who": {"teams": ["west"], "reps": ["sanne"]},
        "incentives": {"els": "1"},
        "components": [{"metric": "omzet"}],
    }
    bodies = {"roster": roster, "playbook": playbook, "targets": {"targets": [target]}, "plans": {"plans": [plan]}}
    assert [warned.pointer for warned in crosschecks("targets", bodies)] == ["/targets/0/rep", "/targets/0/metric"]
    assert [warned.pointer for warned in crosschecks("plans", bodies)] == [
        "/plans/0/who/teams/0",
        "/plans/0/incentives/els",
        "/plans/0/components/0/metric",
    ]
    assert [warned.kind for warned in crosschecks("roster", bodies)] == ["targets", "plans", "plans"]
    assert crosschecks("targets", {"targets": {"targets": [target]}}) == []
