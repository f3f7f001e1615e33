"""A period's life over HTTP: scopes, states and their refusals, keys, files, what if; as the description says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from services.commission.settings import Settings
from services.commission.store import Books
from services.commission.web import create_app
from shared.auth import mint
from shared.settings import WebSettings
from tests.commission.life import Life

ROOT = "/commission/v1"
NOW = datetime(2027, 2, 1, 9, tzinfo=UTC)
SCOPES = {
    "hr": ["runs:write", "payouts:read", "payouts:export", "statements:read"],
    "finance": ["runs:approve", "payouts:read", "disputes:write"],
    "sanne": ["statements:read", "disputes:write"],
}
LINE = "sanne:earned:sales.v1/own"


@pytest.fixture
def life(sqlite_books: Books) -> Life:
    made = Life(sqlite_books, now=NOW)
    made.league()
    made.earn(1000, "2026-10-05")
    return made


@pytest.fixture
def make_app(life: Life, tmp_path: Path) -> Callable[[], Flask]:
    web = WebSettings(tmp_path, tmp_path / "tokens.json", rate_limit=0)
    return lambda: create_app(Settings(str(life.books.engine.url), web), clock=lambda: NOW)


class Office:
    """Calls the API as one person or another."""

    def __init__(self, make_app: Callable[[], Flask], tokens: Path) -> None:
        self.tokens = {name: mint(tokens, name, scopes) for name, scopes in SCOPES.items()}
        self.client = make_app().test_client()

    def call(self, who: str, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.tokens[who]}", **headers}
        answer = self.client.open(f"{ROOT}{path}", method=method, json=body, headers=sent)
        assert answer.status_code == status, answer.text
        return answer.get_json() if answer.is_json else answer

    def step(self, who: str, run: str, action: str, status: int = 200, **more: Any) -> Any:
        return self.call(who, "POST", f"/runs/{run}/steps", {"action": action, **more}, status)

    def approved(self, period: str = "2026-10") -> str:
        run: str = self.call("hr", "POST", "/runs", {"period": period}, 201)["id"]
        self.step("hr", run, "submit")
        self.step("finance", run, "approve")
        return run


@pytest.fixture
def office(make_app: Callable[[], Flask], tmp_path: Path) -> Office:
    return Office(make_app, tmp_path / "tokens.json")


def test_a_period_goes_through_its_life(office: Office) -> None:
    assert office.call("hr", "GET", "/periods/2026-10")["state"] == "open"
    run = office.approved()
    made = office.call("hr", "POST", f"/runs/{run}/exports", {"format": "json"}, 201)
    assert made["sums"] == [{"currency": "EUR", "amount": "100.00", "minor": 10000, "lines": 1, "payees": 1}]
    [file] = made["files"]
    path = file["href"].removeprefix(ROOT)
    first, second = (office.call("hr", "GET", path) for _ in range(2))
    assert first == second
    assert [line["line_id"] for line in first["lines"]] == [LINE]
    office.call("hr", "POST", f"/exports/{made['id']}/confirmation")
    assert office.step("hr", run, "close")["state"] == "closed"
    estimate = office.call("hr", "GET", "/payouts?period=2026-10")
    assert (estimate["closed_in"], estimate["control"][0]["amount"]) == (run, "100.00")
    assert office.call("hr", "GET", "/payouts?period=2026-11")["closed_in"] is None
    standing = office.call("hr", "GET", "/periods/2026-10")
    assert (standing["state"], standing["stale"]) == ("closed", False)
    events = office.call("hr", "GET", f"/trail?run={run}")["events"]
    assert [event["action"] for event in events] == ["calculate", "submit", "approve", "export", "confirm", "close"]
    verdict = office.call("hr", "POST", f"/runs/{run}/verification")
    assert (verdict["same"], verdict["differences"]) == (True, [])


def test_what_is_paid_is_there_for_each_and_for_all(office: Office, life: Life) -> None:
    run = office.approved()
    payouts = office.call("hr", "GET", f"/runs/{run}/payouts")
    assert payouts["control"] == [{"currency": "EUR", "amount": "100.00", "minor": 10000, "payees": 3, "paid": 1}]
    mine = next(row for row in payouts["payouts"] if row["rep"]["id"] == "sanne")
    said = office.call("sanne", "GET", mine["statement"].removeprefix(ROOT))
    assert (said["totals"], said["pay"]) == (mine["totals"], mine["pay"])
    assert said["statement"]["lines"][0]["derivation"][-1]["sentence"]["en"].startswith("Rounded once")
    assert office.call("sanne", "GET", f"/runs/{run}/statements/nobody", status=404)["code"] == "unknown-rep"


def test_a_late_credit_shows_old_new_and_why(office: Office, life: Life) -> None:
    run = office.approved()
    made = office.call("hr", "POST", f"/runs/{run}/exports", {"format": "json"}, 201)
    office.call("hr", "POST", f"/exports/{made['id']}/confirmation")
    office.step("hr", run, "close")
    late = life.earn(-1000, "2026-10-05")
    november = office.approved("2026-11")
    said = office.call("hr", "GET", f"/runs/{november}/statements/sanne")
    [line] = [one for one in said["pay"] if one["kind"] == "adjustment"]
    assert (line["old"]["amount"], line["new"]["amount"], line["amount"]) == ("100.00", "0.00", "-100.00")
    assert (line["origin_period"], line["origin_line"]) == ("2026-10", LINE)
    assert line["why"] == {"credits": [late.id], "count": 1, "documents": []}
    listed = office.call("hr", "GET", f"/runs/{november}/payouts")["payouts"]
    mine = next(row for row in listed if row["rep"]["id"] == "sanne")
    assert {**line, "why": None} in mine["pay"]
    [debt] = office.call("hr", "GET", f"/balances?run={november}&rep=sanne")["balances"]
    assert (debt["kind"], debt["closing"]["amount"]) == ("debt", "100.00")


Refusal = tuple[str, str, str, Any, int, str]
"""Who, method, path, body; status and code of the answer."""

REFUSED: list[Refusal] = [
    ("hr", "POST", "/runs", {"period": "2027-Q1"}, 409, "not-over"),
    ("hr", "POST", "/runs", {"period": "yesterday"}, 422, "invalid-input"),
    ("finance", "POST", "/runs", {"period": "2026-10"}, 403, "forbidden"),
    ("hr", "POST", "/runs/2026-10.1/steps", {"action": "close"}, 409, "wrong-state"),
    ("hr", "POST", "/runs/2026-10.1/steps", {"action": "approve"}, 403, "forbidden"),
    ("hr", "POST", "/runs/2026-10.1/steps", {"action": "discard"}, 409, "no-reason"),
    ("hr", "POST", "/runs/2026-10.1/steps", {"action": "fly"}, 422, "invalid-input"),
    ("hr", "POST", "/runs/2026-10.9/steps", {"action": "submit"}, 404, "unknown-run"),
    ("hr", "GET", "/periods/soon", None, 404, "unknown-period"),
    ("hr", "POST", "/runs/2026-10.1/exports", {"format": "json"}, 409, "wrong-state"),
    ("hr", "GET", "/exports/none", None, 404, "unknown-export"),
    ("hr", "GET", "/exports/none/files/x", None, 404, "unknown-export"),
    ("sanne", "POST", "/disputes", {"run": "2026-10.1", "line": "?", "text": "?"}, 404, "unknown-line"),
    ("hr", "GET", "/disputes/7", None, 404, "unknown-dispute"),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_what_is_not_allowed_is_refused_with_a_problem_by_name(office: Office, refusal: Refusal) -> None:
    who, method, path, body, status, code = refusal
    office.call("hr", "POST", "/runs", {"period": "2026-10"}, 201)
    assert office.call(who, method, path, body, status)["code"] == code


def test_four_eyes_also_where_one_token_may_do_both(office: Office, tmp_path: Path) -> None:
    office.tokens["both"] = mint(tmp_path / "tokens.json", "both", ["runs:write", "runs:approve"])
    run = office.call("both", "POST", "/runs", {"period": "2026-10"}, 201)["id"]
    office.step("both", run, "submit")
    refused = office.step("both", run, "approve", 403)
    assert (refused["code"], refused["detail"]) == (
        "four-eyes",
        f"both calculated it: somebody else has to approve run {run}",
    )


def test_a_step_on_a_state_that_has_changed_is_refused(office: Office) -> None:
    office.call("hr", "POST", "/runs", {"period": "2026-10"}, 201)
    answer = office.client.get(f"{ROOT}/runs/2026-10.1", headers={"Authorization": f"Bearer {office.tokens['hr']}"})
    seen = answer.headers["ETag"]
    office.step("hr", "2026-10.1", "submit")
    body = {"action": "approve"}
    refused = office.call("finance", "POST", "/runs/2026-10.1/steps", body, 412, **{"If-Match": seen})
    assert refused["code"] == "outdated"


def test_a_request_sent_again_under_its_key_adds_nothing(office: Office) -> None:
    order = {"period": "2026-10", "rep": "sanne", "currency": "EUR", "amount": "12.50", "reason": "forgotten"}
    key = {"Idempotency-Key": "first"}
    once = office.call("hr", "POST", "/adjustments", order, 201, **key)
    assert office.call("hr", "POST", "/adjustments", order, 201, **key) == once
    assert len(office.call("hr", "GET", "/adjustments?rep=sanne")["adjustments"]) == 1
    other = {**order, "amount": "13.50"}
    assert office.call("hr", "POST", "/adjustments", other, 409, **key)["code"] == "key-used"


def test_a_dispute_from_objection_to_adjustment(office: Office) -> None:
    run = office.approved()
    order = {"run": run, "line": LINE, "text": "a deal is missing"}
    number = office.call("sanne", "POST", "/disputes", order, 201)["number"]
    grant = {"period": "2026-11", "currency": "EUR", "amount": "30.00"}
    entry = {"state": "approved", "text": "indeed", "grant": grant}
    assert office.call("sanne", "POST", f"/disputes/{number}/entries", entry, 403)["code"] == "forbidden"
    said = office.call("hr", "POST", f"/disputes/{number}/entries", entry, 201)
    assert (said["state"], said["entries"][-1]["adjustment"]) == ("approved", 1)
    [made] = office.call("hr", "GET", "/adjustments?period=2026-11")["adjustments"]
    assert (made["rep"], made["amount"], made["dispute"]) == ("sanne", "30.00", number)
    assert [one["state"] for one in office.call("sanne", "GET", "/disputes?rep=sanne")["disputes"]] == ["approved"]


def test_an_export_is_taken_back_with_its_reason(office: Office) -> None:
    run = office.approved()
    made = office.call("hr", "POST", f"/runs/{run}/exports", {"format": "json"}, 201)
    order = {"reason": "wrong employer", "imported": False}
    assert office.call("hr", "POST", f"/exports/{made['id']}/cancellation", order)["state"] == "void"
    again = office.call("hr", "POST", f"/runs/{run}/exports", {"format": "json"}, 201)
    assert (again["id"], again["sums"]) == (f"{run}-x2", made["sums"])
    assert len(office.call("hr", "GET", f"/runs/{run}/exports")["exports"]) == 2


def test_what_if_adds_to_the_live_estimate(office: Office) -> None:
    order = {"period": "2026-10", "deals": [{"metric": "revenue", "amount": "250.00", "on": "2026-10-30"}]}
    said = office.call("sanne", "POST", "/statements/sanne/what-if", order)
    assert [one["amount"] for one in (said["now"][0], said["more"][0], said["totals"][0])] == [
        "100.00",
        "25.00",
        "125.00",
    ]
    wrong = {"period": "2026-10", "deals": [{"metric": "revenue", "amount": "1", "on": "2027-01-01"}]}
    refused = office.call("sanne", "POST", "/statements/sanne/what-if", wrong, 422)
    assert refused["errors"][0]["pointer"] == "/deals/0/on"


def test_what_the_service_answers_is_what_it_describes(office: Office, make_app: Callable[[], Flask]) -> None:
    office.approved()
    schema = schemathesis.openapi.from_wsgi("/commission/openapi.json", make_app())
    mine = schema.include(
        path_regex="/commission/v1/(runs|exports|adjustments|disputes|balances|trail|periods|.*what-if)"
    )
    operations = [found.ok() for found in mine.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) >= 20
    headers = {"Authorization": f"Bearer {office.tokens['hr']}"}

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.one_of(*(operation.as_strategy() for operation in operations)))
    def check(case: Any) -> None:
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    check()
