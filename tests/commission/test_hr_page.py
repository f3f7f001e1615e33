"""HR's page: who sees everybody's pay, and what is granted there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.commission.store import Books
from tests.commission.life import Life
from tests.commission.paying import Office

ROOT = "/commission/hr"
PAYEE = "Amina Hassan"
REFUSED = {
    "runs:write": ("2026-10/runs", {"what": "is that"}),
    "runs:approve": ("runs/2026-10.1/steps", {"action": "approve"}),
    "payouts:export": ("runs/2026-10.1/exports", {"format": "none"}),
}


@pytest.fixture
def office(sqlite_books: Books, tmp_path: Path) -> Office:
    made = Office.open(Life(sqlite_books), tmp_path).fill()
    made.life.calculate("2026-10")
    return made


def client(office: Office, *scopes: str) -> FlaskClient:
    made = office.app.test_client()
    made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {office.token_of('clerk', scopes)}"
    return made


@pytest.mark.parametrize("scope", REFUSED)
def test_a_refused_form_shows_the_page_only_to_those_who_may_open_it(office: Office, scope: str) -> None:
    path, said = REFUSED[scope]
    allowed = client(office, scope, "payouts:read").post(f"{ROOT}/{path}", data=said)
    assert allowed.status_code >= 400
    assert PAYEE in allowed.text
    blind = client(office, scope).post(f"{ROOT}/{path}", data=said)
    assert blind.status_code == allowed.status_code
    assert PAYEE not in blind.text


def test_what_is_granted_is_paid_in_the_currency_of_the_line(sqlite_books: Books, tmp_path: Path) -> None:
    office = Office.open(Life(sqlite_books), tmp_path).fill(currency="USD")
    run = office.life.calculate("2026-10")
    with office.life.desks.reading() as desk:
        line = next(one for one in desk.runs.lines(run.id) if one.rep == "amina")
    said = {"run": run.id, "line": line.id, "text": "a deal is missing"}
    made = office.client("manager").post("/commission/statements/amina/disputes", data=said)
    assert made.status_code == 303, made.text
    hr = office.client("hr")
    shown = hr.get(f"{ROOT}?period=2026-10").text
    form = re.findall(r'action="([^"]+/disputes/\d+)">(.*?)</form>', shown, re.DOTALL)[0]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[1]))
    answer = {**hidden, "state": "approved", "amount": "120.00", "period": "2026-10", "text": "right"}
    for of_the_payee in ("open", "escalated"):
        assert hr.post(form[0], data={**answer, "state": of_the_payee}).status_code == 422
    assert hr.post(form[0], data=answer).status_code == 303
    listed: Any = hr.get("/commission/v1/adjustments?period=2026-10").get_json()
    assert [(one["currency"], one["amount"]) for one in listed["adjustments"]] == [("USD", "120.00")]
