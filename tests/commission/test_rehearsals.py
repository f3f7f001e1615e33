"""A draft of the plans against the present ones: what it would have cost, and that nothing of it is kept."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from services.commission.cli import cli
from services.commission.domain.rehearsal import MOST_BINS, Change, distribution
from services.commission.store import Books
from tests.commission.life import Life
from tests.commission.office import component, plan
from tests.commission.paying import CAPPED, Office, sales

ADDRESS = "/commission/v1/rehearsals"


@pytest.fixture
def office(sqlite_books: Books, tmp_path: Path) -> Office:
    return Office.open(Life(sqlite_books), tmp_path).fill()


def order(*plans: Any, first: str = "2026-09", last: str = "2026-10") -> dict[str, Any]:
    return {"plans": {"plans": list(plans)}, "from": first, "to": last}


def test_the_present_plans_as_a_draft_change_nothing(office: Office) -> None:
    said: Any = office.client("hr").post(ADDRESS, json=order(sales())).get_json()
    (euros,) = said["currencies"]
    assert (euros["gain"], euros["lose"], euros["same"]) == (0, 0, 7)
    assert euros["total"]["difference"]["minor"] == 0
    assert [one["period"] for one in euros["periods"]] == said["periods"] == ["2026-09", "2026-10"]


def test_a_draft_says_what_each_period_costs_and_who_gains_and_loses(office: Office) -> None:
    draft = plan(component("eigen", weight="1", curve=CAPPED))
    said: Any = office.client("hr").post(ADDRESS, json=order(draft)).get_json()
    (euros,) = said["currencies"]
    payouts: Any = [
        office.client("hr").get(f"/commission/v1/payouts?period={one}").get_json() for one in said["periods"]
    ]
    assert [one["now"]["minor"] for one in euros["periods"]] == [one["control"][0]["minor"] for one in payouts]
    differences = [one["difference"]["minor"] for one in euros["payees"]]
    assert differences == sorted(differences, reverse=True)
    assert sum(differences) == euros["total"]["difference"]["minor"]
    chidi = next(one for one in euros["payees"] if one["rep"] == "chidi")
    assert (chidi["draft"]["minor"], chidi["name"], chidi["team"]) == (0, "Chidi Okafor", "noord")
    assert said["exceptions"]["missing-target"] == 2
    counted = sum(one["count"] for one in euros["distribution"])
    assert counted == euros["gain"] + euros["lose"] + euros["same"] == 7


def test_nothing_of_a_rehearsal_is_kept(office: Office) -> None:
    before: Any = office.client("hr").get("/commission/v1/payouts?period=2026-09").get_json()
    office.client("hr").post(ADDRESS, json=order(plan(component(rate="0.5"))))
    assert office.client("hr").get("/commission/v1/payouts?period=2026-09").get_json() == before
    assert office.client("hr").get("/commission/v1/trail").get_json() == {"events": []}


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"plans": {"plans": [{**sales(), "rounding": None}]}}, "/plans/plans/0/rounding"),
        ({"plans": {}}, "/plans/plans"),
        ({"to": "2026-08"}, "/to"),
        ({"to": "2026-Q4"}, "/to"),
        ({"from": "2020-01"}, "/to"),
    ],
)
def test_what_cannot_be_tried_is_refused_by_name(office: Office, changed: dict[str, Any], pointer: str) -> None:
    refused: Any = office.client("hr").post(ADDRESS, json={**order(sales()), **changed})
    assert refused.status_code == 422
    assert pointer in {one["pointer"] for one in refused.get_json()["errors"]}


def test_who_may_not_run_periods_may_not_rehearse(office: Office) -> None:
    assert office.client("finance").post(ADDRESS, json=order(sales())).status_code == 403


def test_the_command_prints_the_comparison(office: Office, tmp_path: Path) -> None:
    draft = tmp_path / "draft.json"
    draft.write_text(json.dumps({"plans": [plan(component("eigen", weight="1", curve=CAPPED))]}))
    environment = {"COMMISSION_DATABASE_URL": str(office.life.books.engine.url)}
    arguments = ["rehearse", "--plans", str(draft), "--from", "2026-09", "--to", "2026-10"]
    done = CliRunner().invoke(cli, arguments, env=environment)
    assert done.exit_code == 0, done.output
    assert "Chidi Okafor" in done.output
    assert done.output.splitlines()[-1].endswith("stay the same")
    draft.write_text('{"plans": [{"id": "x"}]}')
    refused = CliRunner().invoke(cli, arguments, env=environment)
    assert refused.exit_code == 1
    assert "/plans/plans/0/" in refused.output


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), max_size=60))
def test_every_payee_is_in_one_column_of_the_distribution(pairs: list[tuple[int, int]]) -> None:
    changes = [Change(str(n), "", "", "EUR", now, draft) for n, (now, draft) in enumerate(pairs)]
    columns = distribution(changes)
    assert sum(one.count for one in columns) == len(changes)
    assert len(columns) <= 2 * MOST_BINS + 1
    assert sum(one.count for one in columns if one.high > 0) == sum(one.difference > 0 for one in changes)
    assert sum(one.count for one in columns if one.low < 0) == sum(one.difference < 0 for one in changes)
    assert all(after.low >= one.low for one, after in pairwise(columns))
