"""Signing in, one's own account and the admin's pages in a browser."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from services.ingest.store import League
from shared.sql import migrate, open_engine
from tests.browser.conftest import Open
from tests.browser.test_people_pages import ROSTER
from tests.browser.test_picture import violations
from tests.ingest.accounts import ADMIN, LEAD, PASSWORD, SANNE, Office

PICTURES = os.environ.get("SAMENSPEL_TEST_PICTURES")
"""Where to keep what was seen; nowhere unless said."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, str]]:
    """A front door with three accounts, and its address."""
    folder = tmp_path_factory.mktemp("accounts")
    url = f"sqlite:///{folder / 'front.db'}"
    engine = open_engine(url)
    migrate(engine, "services.ingest")
    made = Office(engine, url, folder, now=datetime.now(UTC))
    League(engine).add("roster", made.now.date(), "test", ROSTER, made.now, after=None)
    for person in (ADMIN, LEAD, SANNE):
        made.add(person)
    server = make_server("127.0.0.1", 0, made.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    engine.dispose()


def signed_in(look: Open, base: str, login: str, **context: Any) -> Page:
    page = look(f"{base}/ingest/sign-in?lang=nl", **context)
    enter(page, login)
    page.wait_for_url(lambda url: "/ingest/sign-in" not in url)
    page.goto(f"{base}/ingest/account")
    return page


def enter(page: Page, login: str, password: str = PASSWORD) -> None:
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("width", "scheme"), [(1920, "light"), (390, "dark")])
def test_every_page_fits_and_axe_finds_nothing(office: tuple[Office, str], look: Open, width: int, scheme: str) -> None:
    _, base = office
    outside = look(base + "/ingest/sign-in?lang=nl", width=width, height=900, color_scheme=scheme)
    inside = signed_in(look, base, ADMIN.login, width=width, height=900, color_scheme=scheme)
    for page, path in (
        (outside, "sign-in?problem=no-role"),
        (outside, "invitation"),
        (inside, "account"),
        (inside, "accounts"),
        (inside, "accounts/2"),
    ):
        for language in ("nl", "en"):
            page.goto(f"{base}/ingest/{path}{'&' if '?' in path else '?'}lang={language}")
            assert page.url.startswith(f"{base}/ingest/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert (language == "nl") is (width == 390) or violations(page) == [], path  # in one of them is enough
            if PICTURES:
                name = path.replace("/", "-").partition("?")[0]
                page.screenshot(path=f"{PICTURES}/account-{name}-{language}-{width}.png", full_page=True)


def test_an_admin_invites_a_person_who_comes_in_by_the_link_and_sees_only_what_is_theirs(
    office: tuple[Office, str], look: Open
) -> None:
    _, base = office
    page = signed_in(look, base, ADMIN.login)
    page.goto(f"{base}/ingest/accounts?lang=en")
    page.get_by_label("E-mail address").fill("tom@example.nl")
    page.get_by_label("Name", exact=True).fill("Tom")
    page.get_by_label("Role").select_option("manager")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Choose teams, or all of them")).to_be_visible()
    page.get_by_label("Noord").check()
    page.get_by_role("button", name="Add").click()
    link = page.locator("pre").inner_text()

    guest = look(f"{link.replace('http://localhost', base)}")
    guest.wait_for_url(f"{base}/ingest/invitation")
    expect(guest.locator("[data-code]")).to_be_hidden()
    guest.locator("[name=password]").fill("wachtwoord2026!")
    guest.keyboard.press("Enter")
    expect(guest.get_by_role("alert")).to_be_visible()
    assert violations(guest) == []
    guest.locator("[name=password]").fill("molen kaas fiets regen")
    guest.keyboard.press("Enter")
    guest.wait_for_url(lambda url: "/ingest/invitation" not in url)
    guest.goto(f"{base}/ingest/account?lang=en")
    expect(guest.get_by_text("tom@example.nl").first).to_be_visible()
    expect(guest.locator("dl")).to_contain_text("Noord")
    guest.goto(f"{base}/ingest/inbox")
    expect(guest.locator(".status")).to_have_text("403")


def test_a_wrong_password_is_told_and_the_way_leads_back_to_the_page_that_was_wanted(
    office: tuple[Office, str], look: Open
) -> None:
    made, base = office
    page = look(f"{base}/ingest/account?lang=en")
    page.wait_for_url(f"{base}/ingest/sign-in?next=*")
    enter(page, SANNE.login, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("not those of an account")
    expect(page.locator("[name=login]")).to_have_value(SANNE.login)
    enter(page, SANNE.login)
    page.wait_for_url(f"{base}/ingest/account?lang=en")
    made.now += timedelta(minutes=31)
    page.context.clear_cookies(name="samenspel_session")
    page.goto(f"{base}/ingest/account")
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("status")).to_contain_text("signed out everywhere")
    page.goto(f"{base}/ingest/account")
    page.wait_for_url(f"{base}/ingest/sign-in?next=*")
