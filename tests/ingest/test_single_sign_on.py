"""Against a small provider of our own that can lie; test_keycloak.py does the same against a real one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from services.ingest.domain.access import Rule, granted
from services.ingest.domain.accounts import Account, Event
from services.ingest.settings import SecretsSettings
from services.ingest.store import Accounts, League
from shared.sessions import verify
from shared.sql import migrate, open_engine
from tests.ingest.accounts import ADMIN, KEY, SANNE, Office
from tests.ingest.provider import CLIENT, SECRET, Provider, running

RULES = [
    {"group": "boards", "role": "admin"},
    {"group": "leads-noord", "role": "manager", "teams": ["noord"]},
    {"group": "leads-zuid", "role": "manager", "teams": ["zuid"]},
    {"group": "sales", "role": "seller"},
]
_KEY = RSAKey.generate_key(2048, {"kid": "one"})


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as made:
        made.key = _KEY
        yield made


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables and nothing in them."""
    path = tmp_path_factory.mktemp("front") / "empty.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine, "services.ingest")
    engine.dispose()
    return path


@pytest.fixture
def office(tmp_path: Path, empty: Path, provider: Provider, roster: dict[str, Any]) -> Iterator[Office]:
    url = f"sqlite:///{copy(empty, tmp_path / 'front.db')}"
    engine = open_engine(url)
    secrets = SecretsSettings({"SAMENSPEL_SECRET_OIDC": SECRET})
    made = Office(engine, url, tmp_path, now=datetime.now(UTC).replace(microsecond=0), secrets=secrets)
    League(engine).add("roster", made.now.date(), "test", roster, made.now, after=None)
    put(made, provider)
    yield made
    engine.dispose()


def put(office: Office, provider: Provider, **more: Any) -> None:
    oidc = {
        "issuer": provider.url,
        "client_id": CLIENT,
        "client_secret": "env:SAMENSPEL_SECRET_OIDC",
        "public_url": "http://localhost",
        "label": {"nl": "Aanmelden met Voorbeeld", "en": "Sign in with Voorbeeld"},
        "creates": True,
        "rules": RULES,
        **more,
    }
    League(office.engine).add("access", office.now.date(), "test", {"oidc": oidc}, office.now, after=None)


def arrive(office: Office, provider: Provider, client: FlaskClient | None = None, **change: str) -> TestResponse:
    """Go to the provider and come back with its answer."""
    client = client or office.browser()
    away = client.get("/ingest/sign-in/oidc?next=/ingest/account")
    assert away.status_code == 303, away.text
    answer = {**provider.answer(away.headers["Location"]), **change}
    return client.get("/ingest/sign-in/oidc/back", query_string=answer, headers={"Sec-Fetch-Site": "cross-site"})


def refused(answer: TestResponse) -> str:
    assert answer.status_code == 303
    path, _, query = answer.headers["Location"].partition("?")
    assert path == "/ingest/sign-in"
    assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if "samenspel_session=" in cookie]
    return query


def test_whom_the_provider_vouches_for_is_in_as_what_the_groups_say(office: Office, provider: Provider) -> None:
    client = office.browser()
    answer = arrive(office, provider, client)
    assert answer.headers["Location"] == "/ingest/account"
    cookie = client.get_cookie("samenspel_session")
    session = cookie and verify(cookie.value, [KEY], office.now)
    assert session
    caller = session.caller
    assert (caller.name, caller.role, caller.rep, caller.teams) == ("sanne@example.nl", "seller", "sanne", None)
    assert client.get("/ingest/account").status_code == 200
    assert provider.asked["scope"] == "openid email profile"
    assert provider.asked["code_challenge_method"] == "S256"


def test_other_groups_make_another_role_the_next_time(office: Office, provider: Provider) -> None:
    arrive(office, provider)
    provider.person["groups"] = ["leads-zuid", "leads-noord", "sales"]
    arrive(office, provider)
    (account,) = Accounts(office.engine).all()
    assert (account.person.role, account.person.teams) == ("manager", frozenset({"noord", "zuid"}))
    provider.person["groups"] = ["cooking"]
    assert refused(arrive(office, provider)) == "problem=no-role"


LIES: dict[str, dict[str, Any]] = {
    "nonce of another question": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "for another client": {"claims": {"aud": "other-app"}},
    "for several, handed to another": {"claims": {"aud": [CLIENT, "other-app"], "azp": "other-app"}},
    "over": {"claims": {"exp": int(time.time()) - 120}},
    "never over": {"claims": {"exp": None}},
    "nobody": {"claims": {"sub": None}},
    "unsigned": {"algorithm": "none"},
    "signed with what everybody knows": {"algorithm": "HS256"},
    "signed with another key of that name": {"key": RSAKey.generate_key(2048, {"kid": "one"})},
    "another access token's": {"claims": {"at_hash": "bm90IHRoaXMgb25lIQ"}},
}


def test_a_token_that_lies_in_one_point_lets_nobody_in(office: Office, provider: Provider) -> None:
    for lie, told in LIES.items():
        provider.claims, provider.algorithm, provider.key = {}, "RS256", _KEY
        for name, value in told.items():
            setattr(provider, name, value)
        assert refused(arrive(office, provider)) == "problem=sign-in-refused", lie
        assert Accounts(office.engine).all() == [], lie
    provider.claims, provider.key = {}, _KEY
    assert arrive(office, provider).headers["Location"] == "/ingest/account"


def test_an_answer_to_another_question_lets_nobody_in(office: Office, provider: Provider) -> None:
    assert refused(arrive(office, provider, state="another")) == "problem=sign-in-refused"
    assert refused(arrive(office, provider, iss="https://evil.example")) == "problem=sign-in-refused"
    assert refused(arrive(office, provider, code="stolen")) == "problem=sign-in-refused"


def test_an_answer_in_another_browser_or_twice_or_too_late_lets_nobody_in(office: Office, provider: Provider) -> None:
    victim, thief = office.browser(), office.browser()
    answer = provider.answer(thief.get("/ingest/sign-in/oidc").headers["Location"])
    back = "/ingest/sign-in/oidc/back"
    assert refused(victim.get(back, query_string=answer)) == "problem=sign-in-refused"
    assert thief.get(back, query_string=answer).headers["Location"] != "/ingest/sign-in"
    assert refused(thief.get(back, query_string=answer)) == "problem=sign-in-refused"
    late = office.browser()
    answer = provider.answer(late.get("/ingest/sign-in/oidc").headers["Location"])
    office.now = datetime.fromtimestamp(office.now.timestamp() + 601, UTC)
    assert refused(late.get(back, query_string=answer)) == "problem=sign-in-refused"


def test_who_cancels_at_the_provider_is_told_so(office: Office, provider: Provider) -> None:
    client = office.browser()
    state = provider.answer(client.get("/ingest/sign-in/oidc").headers["Location"])["state"]
    said = {"error": "access_denied", "state": state}
    assert refused(client.get("/ingest/sign-in/oidc/back", query_string=said)) == "problem=sign-in-refused"


def test_a_provider_that_is_away_or_another_or_without_https_is_named_as_the_cause(
    office: Office, provider: Provider
) -> None:
    provider.away = True
    assert refused(office.browser().get("/ingest/sign-in/oidc")) == "problem=provider-away"
    provider.away, provider.about = False, {"issuer": "https://other.example"}
    assert refused(office.browser().get("/ingest/sign-in/oidc")) == "problem=provider-away"
    provider.about = {"jwks_uri": "http://elsewhere.example/keys"}
    assert refused(office.browser().get("/ingest/sign-in/oidc")) == "problem=provider-away"


def test_an_invited_person_keeps_the_account_when_arriving_by_the_provider(office: Office, provider: Provider) -> None:
    number = office.add(replace(SANNE, name="Sanne"), None)
    arrive(office, provider)
    (account,) = Accounts(office.engine).all()
    assert (account.id, account.subject, account.person.name) == (number, "u-1", "Sanne de Vries")


def test_an_address_that_nobody_verified_takes_no_account_over(office: Office, provider: Provider) -> None:
    office.add(ADMIN)
    for verified in (False, None, "no"):
        provider.person |= {"email": ADMIN.login, "email_verified": verified, "groups": ["boards"]}
        assert refused(arrive(office, provider)) == "problem=no-role"


def test_a_provider_may_be_trusted_with_addresses_that_it_does_not_speak_of(office: Office, provider: Provider) -> None:
    put(office, provider, trusts_email=True)
    provider.person["email_verified"] = False
    assert refused(arrive(office, provider)) == "problem=no-role"
    del provider.person["email_verified"]
    assert arrive(office, provider).headers["Location"] == "/ingest/account"


def test_another_person_with_the_same_address_is_not_the_first_one(office: Office, provider: Provider) -> None:
    arrive(office, provider)
    provider.person["sub"] = "u-2"
    assert refused(arrive(office, provider)) == "problem=no-role"


def test_after_another_provider_was_chosen_people_keep_their_accounts(office: Office, provider: Provider) -> None:
    number = office.add(SANNE, None)
    earlier = {"issuer": "https://earlier.example.nl", "subject": "s-9"}
    Accounts(office.engine).change(number, earlier, Event(office.now, "test", "arrived", ""))
    assert arrive(office, provider).headers["Location"] == "/ingest/account"
    (account,) = Accounts(office.engine).all()
    assert (account.id, account.issuer, account.subject) == (number, provider.url, "u-1")


def test_who_arrives_twice_at_once_for_the_first_time_has_one_account(
    office: Office, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, slow = Accounts.of_subject, [2]

    def late(accounts: Accounts, issuer: str, subject: str) -> Account | None:
        slow[0] -= 1
        return None if slow[0] == 0 else known(accounts, issuer, subject)

    monkeypatch.setattr(Accounts, "of_subject", late)
    monkeypatch.setattr(Accounts, "of_login", lambda *_: None)
    assert arrive(office, provider).headers["Location"] == "/ingest/account"
    assert arrive(office, provider).headers["Location"] == "/ingest/account"
    assert len(Accounts(office.engine).all()) == 1


def test_a_disabled_account_stays_out_and_a_seller_must_be_on_the_roster(office: Office, provider: Provider) -> None:
    arrive(office, provider)
    accounts = Accounts(office.engine)
    (account,) = accounts.all()
    accounts.change(account.id, {"disabled_at": office.now}, accounts.events(account.id, 1)[0])
    assert refused(arrive(office, provider)) == "problem=no-role"
    provider.person |= {"sub": "u-3", "email": "stranger@example.nl"}
    assert refused(arrive(office, provider)) == "problem=no-role"


def test_without_creates_only_those_who_have_an_account_come_in(office: Office, provider: Provider) -> None:
    put(office, provider, creates=False)
    assert refused(arrive(office, provider)) == "problem=no-role"
    office.add(SANNE, None)
    assert arrive(office, provider).headers["Location"] == "/ingest/account"


def test_groups_that_only_userinfo_tells_count_when_they_are_of_the_same_person(
    office: Office, provider: Provider
) -> None:
    provider.person.pop("groups")
    provider.userinfo = {"groups": ["sales"]}
    assert arrive(office, provider).headers["Location"] == "/ingest/account"
    provider.userinfo = {"groups": ["boards"], "sub": "u-9"}
    assert refused(arrive(office, provider)) == "problem=sign-in-refused"


def test_the_first_rule_that_fits_gives_the_role_and_all_of_that_role_the_teams() -> None:
    rules = [Rule("a", "hr"), Rule("n", "manager", frozenset({"noord"})), Rule("z", "manager", frozenset({"zuid"}))]
    assert granted(rules, ["z", "n", "x"]) == Rule("n", "manager", frozenset({"noord", "zuid"}))
    assert granted(rules, ["n", "a"]) == Rule("a", "hr")
    assert granted([*rules, Rule("all", "manager")], ["n", "all"]) == Rule("n", "manager")
    assert granted(rules, []) is None
