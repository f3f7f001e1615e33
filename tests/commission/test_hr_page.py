"""Who sees what of HR's page: everybody's pay is for those only who may read payouts, whatever form they send."""

from __future__ import annotations

from pathlib import Path

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
