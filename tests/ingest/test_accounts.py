from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete

from services.ingest.domain.accounts import Event
from services.ingest.handlers.documents import Draft, InvalidDocument, check
from services.ingest.store import Accounts, League
from services.ingest.store.account_tables import accounts, attempts, events, links, sign_ins
from shared.auth import SCOPES, mint
from shared.sessions import verify
from shared.sql import open_engine, writing
from tests.ingest.accounts import ADMIN, KEY, LEAD, PASSWORD, SANNE, Office, code_in, cookies, sign_in


@pytest.fixture
def office(engine: Engine, database_url: str, tmp_path: Path, roster: dict[str, Any]) -> Office:
    return with_roster(Office(engine, database_url, tmp_path), roster)


@pytest.fixture(scope="module")
def _plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("plain")
    url = f"sqlite:///{folder / 'front.db'}"
    engine = open_engine(url)
    yield Office(engine, url, folder)
    engine.dispose()


@pytest.fixture
def plain(_plain: Office, roster: dict[str, Any]) -> Office:
    """The same on one engine only, emptied: for what does not depend on it."""
    with writing(_plain.engine) as conn:
        for table in (sign_ins, links, events, attempts, accounts):
            conn.execute(delete(table))
    _plain.now = Office.now
    return with_roster(_plain, roster)


def with_roster(office: Office, roster: dict[str, Any]) -> Office:
    League(office.engine).add("roster", office.now.date(), "test", roster, office.now, after=None)
    return office


def session_of(client: FlaskClient) -> Any:
    cookie = client.get_cookie("samenspel_session")
    return cookie and verify(cookie.value, [KEY], Office.now)


def test_an_admin_adds_a_person_who_sets_a_password_by_the_link_and_is_in(office: Office) -> None:
    office.add(ADMIN)
    admin = office.signed_in(ADMIN)
    said = {"login": " Sanne@Example.NL", "name": "Sanne de Vries", "role": "seller", "rep": "sanne"}
    code = code_in(admin.post("/ingest/accounts", data=said))
    sanne = office.browser()
    answer = sanne.post("/ingest/invitation", data={"code": code, "password": "molen kaas fiets regen"})
    assert answer.status_code == 303
    caller = session_of(sanne).caller
    assert (caller.name, caller.role, caller.rep, caller.bounded) == ("sanne@example.nl", "seller", "sanne", True)
    assert sign_in(office.browser(), "SANNE@example.nl", "molen kaas fiets regen").status_code == 303
    history = [(event.what, event.by) for event in Accounts(office.engine).events(2, 9)]
    assert history == [("password", "sanne@example.nl"), ("invitation", ADMIN.login), ("added", ADMIN.login)]


def test_a_link_works_once_and_until_its_day_and_a_newer_one_takes_its_place(office: Office) -> None:
    office.add(ADMIN)
    number = office.add(SANNE, None)
    admin = office.signed_in(ADMIN)
    first = code_in(admin.post(f"/ingest/accounts/{number}/link"))
    second = code_in(admin.post(f"/ingest/accounts/{number}/link"))
    said = {"password": "molen kaas fiets regen"}
    assert office.browser().post("/ingest/invitation", data={**said, "code": first}).status_code == 401
    assert office.browser().post("/ingest/invitation", data={"code": second, "password": "kort"}).status_code == 422
    assert office.browser().post("/ingest/invitation", data={**said, "code": second}).status_code == 303
    assert office.browser().post("/ingest/invitation", data={**said, "code": second}).status_code == 401
    third = code_in(admin.post(f"/ingest/accounts/{number}/link"))
    office.now += timedelta(hours=24)
    assert office.browser().post("/ingest/invitation", data={**said, "code": third}).status_code == 401


def test_of_links_that_are_made_at_once_one_is_good(office: Office) -> None:
    number = office.add(SANNE, None)
    desk = Accounts(office.engine)
    event = Event(office.now, "test", "invitation", "")

    def send(code: bytes) -> None:
        desk.link(number, code, "invitation", office.now + timedelta(days=7), event)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, (b"a", b"b", b"c", b"d")))
    assert len([code for code in (b"a", b"b", b"c", b"d") if desk.linked(code, office.now)]) == 1


def test_a_wrong_password_an_unknown_name_and_a_disabled_account_are_told_the_same(plain: Office) -> None:
    plain.add(SANNE)
    number = plain.add(LEAD)
    Accounts(plain.engine).change(number, {"disabled_at": plain.now}, Accounts(plain.engine).events(number, 1)[0])
    answers = [
        sign_in(plain.browser(), login, password)
        for login, password in [(SANNE.login, "wrong"), ("nobody@example.nl", PASSWORD), (LEAD.login, PASSWORD)]
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text.replace(login, "") for answer, login in zip(answers, _LOGINS, strict=True)}) == 1


_LOGINS = (SANNE.login, "nobody@example.nl", LEAD.login)


def test_what_no_database_takes_as_text_is_nobodys_address(office: Office) -> None:
    assert sign_in(office.browser(), "\0@example.nl").status_code == 401


def test_after_five_wrong_passwords_even_the_right_one_waits(office: Office) -> None:
    office.add(SANNE)
    for _ in range(5):
        assert sign_in(office.browser(), SANNE.login, "wrong").status_code == 401
    refused = sign_in(office.browser(), SANNE.login)
    assert (refused.status_code, "15 minuten" in refused.text or "15 minutes" in refused.text) == (429, True)
    office.now += timedelta(minutes=15)
    assert sign_in(office.browser(), SANNE.login).status_code == 303
    assert sign_in(office.browser(), SANNE.login, "wrong").status_code == 401


def test_one_address_cannot_try_every_account(plain: Office) -> None:
    plain.add(SANNE)
    client = plain.browser()
    for _ in range(3):
        assert sign_in(client, SANNE.login).status_code == 303
    answers = []
    for number in range(31):
        plain.add(replace(SANNE, login=f"rep{number}@example.nl"))
        answers.append(sign_in(client, f"rep{number}@example.nl", "wrong").status_code)
    assert answers == [401] * 30 + [429]
    assert sign_in(client, SANNE.login).status_code == 429
    elsewhere = plain.browser()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    assert sign_in(elsewhere, SANNE.login).status_code == 303


def test_cookies_are_for_the_browser_alone_and_what_renews_goes_to_ingest_only(plain: Office) -> None:
    plain.add(SANNE)
    session, renewing, token = cookies(sign_in(plain.browser(), SANNE.login))
    assert session.startswith("samenspel_session=")
    assert all(word in session for word in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1770"))
    assert renewing.startswith("samenspel_signed_in=")
    assert all(word in renewing for word in ("HttpOnly", "SameSite=Lax", "Path=/ingest"))
    assert "Expires" not in renewing
    assert token.startswith("samenspel=;")
    _, renewing, _ = cookies(sign_in(plain.browser(), SANNE.login, stays="true"))
    assert "Expires=Thu, 24 Dec 2026" in renewing


def test_over_https_cookies_are_secure_and_bound_to_the_host(plain: Office) -> None:
    plain.add(SANNE)
    client = plain.browser()
    said = {"login": SANNE.login, "password": PASSWORD}
    session, renewing, _ = cookies(client.post("/ingest/sign-in", data=said, base_url="https://localhost"))
    assert session.startswith("__Host-samenspel_session=")
    assert renewing.startswith("__Secure-samenspel_signed_in=")
    assert "Secure" in session.split("; ") and "Secure" in renewing.split("; ")  # noqa: PT018  one sentence
    assert client.get("/ingest/account", base_url="https://localhost").status_code == 200


def test_another_sites_form_signs_nobody_in_or_out(plain: Office) -> None:
    plain.add(SANNE)
    client = plain.signed_in(SANNE)
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "cross-site"
    assert sign_in(client, SANNE.login).status_code == 403
    assert client.post("/ingest/sign-out").status_code == 403
    assert client.post("/ingest/invitation", data={"code": "x", "password": PASSWORD}).status_code == 403
    assert client.get("/ingest/account").status_code == 200


def test_a_session_is_renewed_without_a_word_while_the_person_is_signed_in(plain: Office) -> None:
    plain.add(SANNE)
    client = plain.signed_in(SANNE)
    plain.now += timedelta(hours=11)
    client.delete_cookie("samenspel_session")
    answer = client.get("/ingest/account", follow_redirects=True)
    assert answer.status_code == 200
    assert [each.request.path for each in answer.history] == ["/ingest/account", "/ingest/sign-in/renew"]
    plain.now += timedelta(hours=1)
    client.delete_cookie("samenspel_session")
    answer = client.get("/ingest/account?a=1&b=2", follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, "/ingest/sign-in")
    assert answer.request.args["next"] == "/ingest/account?a=1&b=2"


def test_a_script_renews_the_session_of_a_page_that_is_open(plain: Office) -> None:
    plain.add(SANNE)
    client = plain.signed_in(SANNE)
    asks = {"Accept": "application/json"}
    assert client.get("/ingest/sign-in/renew", headers=asks).status_code == 204
    client.delete_cookie("samenspel_signed_in", path="/ingest")
    assert client.get("/ingest/sign-in/renew", headers=asks).status_code == 401


def test_after_signing_in_people_come_where_they_wanted_but_never_to_another_site(plain: Office) -> None:
    plain.add(SANNE)
    said = {"login": SANNE.login, "password": PASSWORD}
    inside = plain.browser().post("/ingest/sign-in?next=/scoring/me%3Fx%3D1", data=said)
    assert inside.headers["Location"] == "/scoring/me?x=1"
    outside = plain.browser().post("/ingest/sign-in?next=//evil.example", data=said)
    assert "evil" not in outside.headers["Location"]


END: dict[str, Callable[[int], tuple[str, dict[str, str]]]] = {
    "disabled": lambda number: (f"/ingest/accounts/{number}/disable", {}),
    "signed out": lambda number: (f"/ingest/accounts/{number}/end", {}),
    "another team": lambda number: (
        f"/ingest/accounts/{number}",
        {"login": LEAD.login, "name": LEAD.name, "role": "manager", "teams": "zuid"},
    ),
}


@pytest.mark.parametrize("how", END)
def test_what_an_admin_changes_counts_here_at_once(plain: Office, how: str) -> None:
    plain.add(ADMIN)
    path, said = END[how](plain.add(LEAD))
    lead, admin = plain.signed_in(LEAD), plain.signed_in(ADMIN)
    assert lead.get("/ingest/account").status_code == 200
    assert admin.post(path, data=said).status_code == 303
    assert lead.get("/ingest/account").status_code == 401


def test_signing_out_everywhere_ends_every_browser_and_one_can_be_ended_alone(plain: Office) -> None:
    plain.add(SANNE)
    here, there, third = (plain.signed_in(SANNE) for _ in range(3))
    sign_ins = here.get("/ingest/account").text.count('name="only"')
    assert sign_ins == 2
    assert here.post("/ingest/account/sign-out", data={"only": session_of(there).mark}).status_code == 303
    assert [client.get("/ingest/account").status_code for client in (here, there, third)] == [200, 401, 200]
    assert here.post("/ingest/account/sign-out").headers["Location"].startswith("/ingest/sign-in?")
    assert here.get_cookie("samenspel_session") is None
    assert third.get("/ingest/account").status_code == 401


def test_signing_out_ends_the_sign_in_and_not_only_the_cookies(plain: Office) -> None:
    plain.add(SANNE)
    client = plain.signed_in(SANNE)
    stolen = client.get_cookie("samenspel_session")
    assert stolen
    client.post("/ingest/sign-out")
    thief = plain.browser()
    thief.set_cookie("samenspel_session", stolen.value)
    assert thief.get("/ingest/account").status_code == 401


def test_another_password_needs_the_present_one_and_signs_out_everywhere_else(plain: Office) -> None:
    plain.add(SANNE)
    here, there = plain.signed_in(SANNE), plain.signed_in(SANNE)
    wrong = here.post("/ingest/account/password", data={"present": "wrong", "password": "molen kaas fiets regen"})
    weak = here.post("/ingest/account/password", data={"present": PASSWORD, "password": "sanne-de-vries"})
    assert (wrong.status_code, weak.status_code) == (401, 422)
    right = here.post("/ingest/account/password", data={"present": PASSWORD, "password": "molen kaas fiets regen"})
    assert right.status_code == 303
    assert [client.get("/ingest/account").status_code for client in (here, there)] == [200, 401]
    assert sign_in(plain.browser(), SANNE.login).status_code == 401
    assert sign_in(plain.browser(), SANNE.login, "molen kaas fiets regen").status_code == 303


def test_a_link_is_no_good_once_the_person_has_set_another_password(plain: Office) -> None:
    plain.add(ADMIN)
    number = plain.add(SANNE)
    code = code_in(plain.signed_in(ADMIN).post(f"/ingest/accounts/{number}/link"))
    said = {"present": PASSWORD, "password": "molen kaas fiets regen"}
    assert plain.signed_in(SANNE).post("/ingest/account/password", data=said).status_code == 303
    spent = plain.browser().post("/ingest/invitation", data={"code": code, "password": "regen molen kaas fiets"})
    assert spent.status_code == 401


def test_the_last_admin_stays_and_nobody_locks_himself_out(office: Office) -> None:
    number = office.add(ADMIN)
    admin = office.signed_in(ADMIN)
    assert admin.post(f"/ingest/accounts/{number}/disable").status_code == 409
    said = {"login": ADMIN.login, "name": "Ada", "role": "hr"}
    assert admin.post(f"/ingest/accounts/{number}", data=said).status_code == 409
    other = office.add(replace(ADMIN, login="other@example.nl"))
    assert admin.post(f"/ingest/accounts/{other}/disable").status_code == 303
    token = office.app.test_client()
    token.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {mint(office.folder / 'tokens.json', 'ops', SCOPES)}"
    assert token.post(f"/ingest/accounts/{number}/disable").status_code == 409
    assert admin.get("/ingest/accounts").status_code == 200
    for nobody in (999, 10**30):
        assert admin.post(f"/ingest/accounts/{nobody}/end").status_code == 404


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"login": "no address", "role": "hr"}, "login"),
        ({"login": "a@example.nl", "role": "boss"}, "role"),
        ({"login": "a@example.nl", "role": "seller"}, "rep"),
        ({"login": "a@example.nl", "role": "seller", "rep": "nobody"}, "rep"),
        ({"login": "a@example.nl", "role": "manager"}, "teams"),
        ({"login": "a@example.nl", "role": "manager", "teams": "west"}, "teams"),
    ],
)
def test_an_account_says_only_what_the_roster_knows(plain: Office, said: dict[str, str], wrong: str) -> None:
    plain.add(ADMIN)
    answer = plain.signed_in(ADMIN).post("/ingest/accounts", data=said)
    assert answer.status_code == 422
    assert len(Accounts(plain.engine).all()) == 1
    assert wrong != "teams" or "Kies teams" in answer.text or "Choose teams" in answer.text


def test_a_manager_of_all_teams_is_one_only_when_that_was_said(plain: Office) -> None:
    plain.add(ADMIN)
    said = {"login": "chief@example.nl", "role": "manager", "all_teams": "true", "rep": "sanne"}
    assert plain.signed_in(ADMIN).post("/ingest/accounts", data=said).status_code == 200
    chief = Accounts(plain.engine).of_login("chief@example.nl")
    assert chief is not None
    assert (chief.person.teams, chief.person.rep) == (None, "sanne")


def test_accounts_are_the_admins_business_alone(plain: Office) -> None:
    for person in (SANNE, LEAD):
        plain.add(person)
        client = plain.signed_in(person)
        assert client.get("/ingest/accounts").status_code == 403
        assert client.post("/ingest/accounts", data={"login": "x@example.nl", "role": "admin"}).status_code == 403


def test_without_a_key_there_are_no_accounts_and_the_page_says_so(new_client: Callable[..., FlaskClient]) -> None:
    client = new_client()
    page = client.get("/ingest/sign-in", headers={"Accept": "text/html"})
    assert "SAMENSPEL_SESSION_KEY" in page.text
    said = {"login": SANNE.login, "password": PASSWORD}
    assert client.post("/ingest/sign-in", data=said, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 404


DOCUMENT: dict[str, Any] = {
    "passwords": False,
    "oidc": {
        "issuer": "https://login.example.com/realms/office",
        "client_id": "samenspel",
        "client_secret": "env:SAMENSPEL_SECRET_OIDC",
        "public_url": "https://samenspel.example.nl",
        "label": {"nl": "Aanmelden met Voorbeeld", "en": "Sign in with Voorbeeld"},
        "rules": [{"group": "sales", "role": "seller"}],
    },
}


def test_only_who_may_make_accounts_may_say_who_gets_a_role(new_client: Callable[..., FlaskClient]) -> None:
    manager, admin = new_client("manager", "league:write", "league:read"), new_client("admin", "accounts:write")
    assert manager.put("/ingest/v1/league/access", json=DOCUMENT).status_code == 403
    assert manager.get("/ingest/v1/league/access").status_code == 403
    assert admin.put("/ingest/v1/league/access", json=DOCUMENT).status_code == 201
    assert admin.get("/ingest/v1/league/access").status_code == 200
    assert admin.put("/ingest/v1/league/roster", json={}).status_code == 403
    assert admin.get("/ingest/v1/league/plans/versions").status_code == 403


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"client_secret": "hunter2"}, "/oidc/client_secret"),
        ({"issuer": "http://login.example.com"}, "/oidc/issuer"),
        ({"algorithms": ["none"]}, "/oidc/algorithms/0"),
        ({"algorithms": ["HS256"]}, "/oidc/algorithms/0"),
        ({"scopes": ["email"]}, "/oidc/scopes"),
        ({"rules": [{"group": "sales", "role": "boss"}]}, "/oidc/rules/0/role"),
        ({"rules": [{"group": "sales", "role": "seller", "teams": ["noord"]}]}, "/oidc/rules/0/teams"),
        ({"colour": "blue"}, "/oidc/colour"),
    ],
)
def test_a_document_of_access_that_is_not_safe_is_refused_at_its_place(change: dict[str, Any], pointer: str) -> None:
    said = {**DOCUMENT, "oidc": {**DOCUMENT["oidc"], **change}}
    with pytest.raises(InvalidDocument) as refused:
        check(Draft("access", "test", said), Office.now)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]
    assert "hunter2" not in repr(refused.value.problems)


def test_without_passwords_only_admins_still_use_one(office: Office) -> None:
    number = office.add(SANNE)
    office.add(ADMIN)
    before, admin = office.signed_in(SANNE, stays="true"), office.signed_in(ADMIN)
    code = code_in(admin.post(f"/ingest/accounts/{number}/link"))
    League(office.engine).add("access", office.now.date(), "test", DOCUMENT, office.now, after=None)
    refused = sign_in(office.browser(), SANNE.login)
    assert refused.status_code == 403
    assert "/ingest/sign-in/oidc" in refused.text
    assert sign_in(office.browser(), ADMIN.login).status_code == 303
    by_link = office.browser().post("/ingest/invitation", data={"code": code, "password": "molen kaas fiets regen"})
    assert by_link.status_code == 403
    renewed = {"Accept": "application/json"}
    assert [client.get("/ingest/sign-in/renew", headers=renewed).status_code for client in (before, admin)] == [
        401,
        204,
    ]
