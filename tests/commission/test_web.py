"""Statements, payouts and plans over HTTP; the CSV opened again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from services.commission.settings import Settings
from services.commission.store import Books
from services.commission.web import create_app
from shared.auth import mint
from shared.settings import WebSettings
from tests.commission.lines import NOW, by_partition, line
from tests.commission.office import LINEAR, component, document, plan, playbook_body, roster_body, targets

HALF: dict[str, Any] = {"weight": "0.5", "curve": LINEAR}
BRAM = {"id": "bram", "name": '=HYPERLINK("evil";"Bram")', "memberships": [{"team": "noord", "from": "2026-01-01"}]}
NOA = {"id": "noa", "name": "Noa; de Wit", "memberships": [{"team": "zuid", "from": "2026-11-16"}]}
OLD = {"id": "old", "name": "Left Before", "memberships": [{"team": "noord", "from": "2020-01-01", "to": "2026-11-01"}]}
STATEMENT = "/commission/v1/statements/sanne?period=2026-11"
PAYOUTS = "/commission/v1/payouts?period=2026-11"


@pytest.fixture
def books(sqlite_books: Books) -> Books:
    sales = plan(
        component("own", label={"nl": "Eigen", "en": "Own"}, **HALF),
        component("team", "team", **HALF),
        label={"nl": "Verkoop", "en": "Sales"},
    )
    wanted = [
        *targets(sanne="10000", noord="50000"),
        {"rep": "bram", "metric": "revenue", "period": "2026-11", "amount": "30000"},
    ]
    sqlite_books.keep(
        [
            document("roster", roster_body(more=[BRAM, NOA, OLD])),
            document("playbook", playbook_body()),
            document("targets", {"targets": wanted}),
            document("plans", {"plans": [sales]}),
        ],
        NOW,
    )
    lines = [line(1, 12_000_00), line(2, 33_000_00, rep="bram"), line(3, 99_00, at=datetime(2026, 12, 5, tzinfo=UTC))]
    sqlite_books.apply(by_partition(lines), NOW)
    return sqlite_books


@pytest.fixture
def make_app(books: Books, tmp_path: Path) -> Callable[[], Flask]:
    web = WebSettings(tmp_path, tmp_path / "tokens.json", rate_limit=0)
    return lambda: create_app(Settings(str(books.engine.url), web), clock=lambda: NOW)


@pytest.fixture
def token(tmp_path: Path) -> str:
    return mint(tmp_path / "tokens.json", "hr", ["statements:read", "payouts:read", "operator"])


@pytest.fixture
def client(make_app: Callable[[], Flask], token: str) -> FlaskClient:
    client = make_app().test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline=""), delimiter=";"))


def test_a_statement_is_derived_step_by_step(client: FlaskClient) -> None:
    said: Any = client.get(STATEMENT).get_json()
    assert said["rep"] == {"id": "sanne", "name": "Sanne de Vries"}
    assert said["totals"] == [{"currency": "EUR", "amount": "1050.00", "minor": 105000}]
    assert (said["estimate"], said["ledger"], said["as_of"]) == (True, {"0": 3}, "2026-12-01T09:00:00Z")
    assert said["documents"] == {"roster": 1, "playbook": 1, "targets": 1, "plans": 1}
    assert said["period"] == {
        "id": "2026-11", "kind": "month", "start": "2026-10-31T23:00:00Z", "end": "2026-11-30T23:00:00Z",
        "zone": "Europe/Amsterdam",
    }  # fmt: skip
    own, team = said["lines"]
    assert (own["amount"], own["component"], own["attainment"]) == ("600.00", "own", {"value": "1.2", "unit": "ratio"})
    assert (team["amount"], team["team"], team["plan"]["version"]) == ("450.00", "noord", 1)
    assert [step["step"] for step in own["derivation"]] == [
        *("own-result", "own-target", "attainment", "linear", "incentive", "base", "payout", "rounded")
    ]
    assert own["derivation"][2]["sentence"] == {
        "nl": "EUR\u00a012.000,00 ÷ EUR\u00a010.000,00 = 120\u00a0% van het doel.",
        "en": "EUR\u00a012,000.00 ÷ EUR\u00a010,000.00 = 120% of the target.",
    }
    assert own["derivation"][0]["why"] == "/scoring/v1/credits?rep=sanne&metric=revenue&period=2026-11"
    assert team["derivation"][0]["why"] == "/scoring/v1/credits?team=noord&metric=revenue&period=2026-11"


def test_what_does_not_end_is_shown_as_a_fraction_too(client: FlaskClient) -> None:
    said: Any = client.get("/commission/v1/statements/bram?period=2026-11").get_json()
    assert said["lines"][0]["attainment"] == {"value": "1.1", "unit": "ratio"}
    assert said["lines"][0]["amount"] == "550.00"
    noa: Any = client.get("/commission/v1/statements/noa?period=2026-11").get_json()
    assert {found["code"] for found in noa["exceptions"]} == {"missing-target", "changed-in-period"}
    assert [found["blocks"] for found in noa["exceptions"]] == [False, True, True]


def test_payouts_list_everybody_with_control_totals(client: FlaskClient) -> None:
    said: Any = client.get(PAYOUTS).get_json()
    assert [payout["rep"]["id"] for payout in said["payouts"]] == ["bram", "noa", "sanne"]
    assert [payout["totals"][0]["amount"] for payout in said["payouts"]] == ["1000.00", "0.00", "1050.00"]
    assert said["control"] == [{"currency": "EUR", "amount": "2050.00", "minor": 205000, "payees": 3, "paid": 2}]
    assert client.get(said["payouts"][2]["statement"]).get_json()["totals"] == said["payouts"][2]["totals"]


def test_the_payroll_csv_equals_the_json_to_the_cent_and_has_no_zero_lines(client: FlaskClient) -> None:
    listed: Any = client.get(PAYOUTS).get_json()
    answer = client.get(PAYOUTS, headers={"Accept": "text/csv"})
    assert answer.content_type == "text/csv; charset=utf-8"
    assert 'filename="payouts-2026-11-payroll.csv"' in answer.headers["Content-Disposition"]
    found = {row["rep"]: Decimal(row["amount"].replace(",", ".")) for row in rows(answer.text)}
    assert found == {
        payout["rep"]["id"]: Decimal(payout["totals"][0]["amount"])
        for payout in listed["payouts"]
        if payout["totals"][0]["minor"]
    }
    assert sum(found.values()) == Decimal(listed["control"][0]["amount"])
    assert answer.headers["Control-Total"] == "EUR 2050.00; payees=3; paid=2"
    assert rows(answer.text)[1] == {
        "period": "2026-11", "rep": "sanne", "name": "Sanne de Vries", "team": "noord", "plan": "sales",
        "plan_version": "1", "currency": "EUR", "amount": "1050,00",
    }  # fmt: skip


def test_the_detail_csv_has_every_component_of_everybody(client: FlaskClient) -> None:
    found = rows(client.get(f"{PAYOUTS}&format=csv&variant=detail").text)
    assert [(row["rep"], row["component"], row["amount"]) for row in found] == [
        ("bram", "own", "550,00"), ("bram", "team", "450,00"), ("noa", "own", "0,00"), ("noa", "team", "0,00"),
        ("sanne", "own", "600,00"), ("sanne", "team", "450,00"),
    ]  # fmt: skip
    assert found[0]["attainment_percent"] == "110"
    assert (found[2]["name"], found[2]["exceptions"]) == ("Noa; de Wit", "missing-target")


@pytest.mark.parametrize("variant", ["payroll", "detail"])
def test_no_cell_is_a_formula(client: FlaskClient, variant: str) -> None:
    found = rows(client.get(f"{PAYOUTS}&format=csv&variant={variant}").text)
    assert found[0]["name"] == """'=HYPERLINK("evil";"Bram")"""
    assert not [cell for row in found for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_who_holds_this_state_is_not_sent_it_again(client: FlaskClient, books: Books) -> None:
    for path in (STATEMENT, PAYOUTS, f"{PAYOUTS}&format=csv", "/commission/v1/plans"):
        tag = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    held = client.get(STATEMENT).headers["ETag"]
    books.apply(by_partition([line(4, 100)]), NOW)
    assert client.get(STATEMENT, headers={"If-None-Match": held}).status_code == 200


def test_a_new_document_counts_at_once(client: FlaskClient, books: Books) -> None:
    client.get(STATEMENT)
    books.keep([document("targets", {"targets": targets(sanne="24000", noord="50000")}, 2)], NOW)
    said: Any = client.get(STATEMENT).get_json()
    assert said["lines"][0]["amount"] == "250.00"


def test_plans_are_in_words(client: FlaskClient) -> None:
    said: Any = client.get("/commission/v1/plans").get_json()
    assert (said["on"], said["version"], said["effective_from"]) == ("2026-12-01", 1, "2026-01-01")
    assert said["plans"][0]["words"]["en"][:6] == [
        "For Noord, Zuid.",
        "Pays by the month.",
        "The target incentive is EUR\u00a01,000.00 for a whole period.",
        "50% of it depends on the own result in revenue ÷ the own target. In direct proportion. Without a cap.",
        "50% of it depends on the team's result in revenue ÷ the team's target. In direct proportion. Without a cap.",
        "The components are added up.",
    ]
    assert client.get("/commission/v1/plans?on=2025-12-31").get_json()["plans"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/commission/v1/statements/nobody?period=2026-11", 404, "unknown-rep"),
        ("/commission/v1/statements/sanne", 422, "invalid-input"),
        ("/commission/v1/statements/sanne?period=November", 422, "invalid-input"),
        ("/commission/v1/payouts?period=2026-11&format=xls", 422, "invalid-input"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(client: FlaskClient, path: str, status: int, code: str) -> None:
    answer = client.get(path)
    said: Any = answer.get_json()
    assert (answer.status_code, said["code"]) == (status, code)


def test_without_a_roster_there_is_nobody_to_pay(tmp_path: Path, token: str) -> None:
    web = WebSettings(tmp_path, tmp_path / "tokens.json", rate_limit=0)
    client = create_app(Settings(f"sqlite:///{tmp_path / 'empty.db'}", web)).test_client()
    answer = client.get(PAYOUTS, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "no-roster")
    assert client.get("/commission/readyz").status_code == 200


@pytest.mark.parametrize(
    ("path", "scope"), [(STATEMENT, "payouts:read"), (PAYOUTS, "statements:read"), ("/commission/v1/plans", "screen")]
)
def test_each_route_needs_its_own_scope(make_app: Callable[[], Flask], tmp_path: Path, path: str, scope: str) -> None:
    other = mint(tmp_path / "tokens.json", "other", [scope])
    client = make_app().test_client()
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": f"Bearer {other}"}).status_code == 403


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_what_the_service_answers_is_what_it_describes(
    make_app: Callable[[], Flask], token: str, mode: GenerationMode
) -> None:
    app = make_app()
    estimates = r"^/commission/v1/(statements/\{rep\}|payouts|plans)$"
    schema = schemathesis.openapi.from_wsgi("/commission/openapi.json", app).include(path_regex=estimates)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) == 3

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.one_of(*(operation.as_strategy(generation_mode=mode) for operation in operations)))
    def check(case: Any) -> None:
        # a week 53 that the year does not have is refused, and no pattern can say so
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=[positive_data_acceptance])

    check()


@pytest.mark.parametrize("path", [STATEMENT, PAYOUTS, f"{PAYOUTS}&format=csv", "/commission/v1/plans"])
def test_a_real_answer_is_what_the_description_says(make_app: Callable[[], Flask], token: str, path: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/commission/openapi.json", make_app())
    route, _, query = path.partition("?")
    template = "/commission/v1/statements/{rep}" if "statements" in route else route
    parameters = dict(part.split("=") for part in query.split("&")) if query else {}
    case = schema[template]["GET"].Case(path_parameters={"rep": "sanne"}, query=parameters)
    assert case.call_and_validate(headers={"Authorization": f"Bearer {token}"}).status_code == 200
