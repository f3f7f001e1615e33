"""Sign in at a real identity provider, from the button to the account and back again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests

from services.ingest.settings import SecretsSettings
from services.ingest.store import Accounts, League
from shared.sql import migrate, open_engine
from tests.conftest import _session
from tests.engines import Engine, keycloak
from tests.engines.keycloak import CLIENT, PASSWORD, PERSON, SECRET
from tests.ingest.accounts import Office

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def provider() -> Iterator[Engine]:
    yield from _session(keycloak.start)


def agreed(url: str, password: str) -> str:
    """Sign in at the provider as its own page wants it; return where it sends the browser then, or nothing."""
    with requests.Session() as browser:
        page = browser.get(url, timeout=30)
        form = re.search(r'<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"', page.text)
        assert form, page.text
        for cookie in browser.cookies:
            cookie.secure = False  # browsers, too, send those to this machine without https
        said = {"username": PERSON, "password": password}
        answer = browser.post(unescape(form[1]), data=said, timeout=30, allow_redirects=False)
        return answer.headers.get("Location", "")


def test_a_person_of_the_organisation_signs_in_with_its_own_account(
    tmp_path: Path, roster: dict[str, Any], provider: Engine
) -> None:
    url = f"sqlite:///{tmp_path / 'front.db'}"
    engine = open_engine(url)
    migrate(engine, "services.ingest")
    now = datetime.now(UTC)
    oidc = {
        "issuer": provider.url,
        "client_id": CLIENT,
        "client_secret": "env:SAMENSPEL_SECRET_OIDC",
        "public_url": "http://localhost",
        "label": {"nl": "Aanmelden met Voorbeeld", "en": "Sign in with Voorbeeld"},
        "creates": True,
        "rules": [{"group": "leads-noord", "role": "manager", "teams": ["noord"]}],
    }
    League(engine).add("roster", now.date(), "test", roster, now, after=None)
    League(engine).add("access", now.date(), "test", {"oidc": oidc}, now, after=None)
    office = Office(engine, url, tmp_path, now, SecretsSettings({"SAMENSPEL_SECRET_OIDC": SECRET}))
    client = office.browser()
    assert "Aanmelden met Voorbeeld" in client.get("/ingest/sign-in?lang=nl").text

    question = client.get("/ingest/sign-in/oidc?next=/ingest/account").headers["Location"]
    assert agreed(question, "wrong") == ""
    back = agreed(question, PASSWORD)
    assert back.startswith("http://localhost/ingest/sign-in/oidc/back?")
    thief = office.browser().get(back)
    assert "problem=sign-in-refused" in thief.headers["Location"]
    assert client.get(back).headers["Location"] == "/ingest/account"
    assert client.get("/ingest/account").status_code == 200
    (account,) = Accounts(engine).all()
    person = account.person
    assert (person.login, person.name, person.rep) == ("sanne@example.nl", "Sanne de Vries", "sanne")
    assert (person.role, person.teams) == ("manager", frozenset({"noord"}))
    assert "problem=" in client.get(back).headers["Location"]  # the code is spent
    engine.dispose()
