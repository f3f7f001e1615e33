"""The pages of the front door in a browser: nothing sticks out, axe finds nothing, keys and forms work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from services.ingest.settings import Settings
from services.ingest.web import create_app
from shared.auth import SCOPES, mint
from shared.settings import WebSettings
from tests.browser.conftest import Open
from tests.browser.test_picture import violations

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PAGES = ("inbox", "inbox/1", "inbox/3", "inbox?deal=none", "inbox?from=x", "parked", "quality", "enter", "inbox/99")
LABEL = {"nl": "…", "en": "…"}
ROSTER = {
    "organisation": {"name": "Voorbeeld BV", "timezone": "Europe/Amsterdam", "currency": "EUR"},
    "teams": [{"id": "noord", "name": "Noord"}],
    "reps": [{"id": "sanne", "name": "Sanne de Vries", "memberships": [{"team": "noord", "from": "2026-01-01"}]}],
}
PLAYBOOK = {
    "pipelines": [{"id": "nieuw", "label": LABEL, "stages": [{"id": "demo", "label": LABEL}]}],
    "metrics": [{"id": "points", "unit": "points", "label": LABEL}],
    "rules": [],
}


def item(number: int, **more: Any) -> dict[str, Any]:
    at = NOW - timedelta(minutes=number)
    return {"id": f"a-{number}", "type": "call", "occurred_at": at.isoformat(), "owner": "sanne", **more}


SENT = [
    item(1, data={"duration_s": 340, "token": "s3cret"}),
    item(2, type="deal", deal={"id": "D-1", "stage": "demo"}),
    item(3, owner="a.very.long.name.that.nobody.knows@a-very-long-domain.example"),
    item(4, type="deal", deal={"id": "D-2", "stage": "signing", "amount": "900.00", "currency": "EUR"}),
]


@pytest.fixture
def front_door(tmp_path: Path) -> Iterator[Callable[[], tuple[str, str]]]:
    """Return a function that serves a filled front door and gives its address and a token."""
    servers: list[tuple[Any, threading.Thread]] = []

    def serve(*, empty: bool = False) -> tuple[str, str]:
        token = mint(tmp_path / "tokens.json", "Marieke", SCOPES)
        web = WebSettings(tmp_path, tmp_path / "tokens.json", rate_limit=0)
        app = create_app(Settings(f"sqlite:///{tmp_path / 'front.db'}", web), lambda: NOW)
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        if not empty:
            for kind, body in (("roster", ROSTER), ("playbook", PLAYBOOK)):
                assert client.put(f"/ingest/v1/league/{kind}?effective_from=2026-01-01", json=body).status_code == 201
            assert client.post("/ingest/v1/activities", json=SENT).status_code == 202
        server = make_server("127.0.0.1", 0, app, threaded=True)
        servers.append((server, threading.Thread(target=server.serve_forever)))
        servers[-1][1].start()
        return f"http://127.0.0.1:{server.server_port}", token

    yield serve
    for server, thread in servers:
        server.shutdown()
        thread.join(10)


def signed_in(look: Open, base: str, token: str, **context: Any) -> Page:
    page = look(f"{base}/ingest/enter?lang=nl#t={token}", **context)
    page.wait_for_url(f"{base}/ingest/inbox")
    return page


@pytest.mark.parametrize(("width", "scheme"), [(1920, "light"), (390, "dark")])
def test_every_page_fits_and_axe_finds_nothing(
    front_door: Callable[..., tuple[str, str]], look: Open, width: int, scheme: str
) -> None:
    base, token = front_door()
    page = signed_in(look, base, token, width=width, height=900, color_scheme=scheme)
    language = "nl" if width == 1920 else "en"
    for path in PAGES:
        page.goto(f"{base}/ingest/{path}{'&' if '?' in path else '?'}lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert violations(page) == [], path


def test_an_empty_front_door_says_how_to_begin(front_door: Callable[..., tuple[str, str]], look: Open) -> None:
    base, token = front_door(empty=True)
    page = signed_in(look, base, token)
    for path, words in (
        ("inbox", "Er is nog niets binnengekomen"),
        ("parked", "Er is niets geparkeerd"),
        ("quality", "Niets om te bekijken"),
    ):
        page.goto(f"{base}/ingest/{path}")
        expect(page.get_by_text(words)).to_be_visible()
        assert violations(page) == []


def test_somebody_signs_in_by_hand_looks_lets_through_and_leaves(
    front_door: Callable[..., tuple[str, str]], look: Open
) -> None:
    base, token = front_door()
    page = look(f"{base}/ingest/parked?lang=en")
    page.get_by_role("link", name="Sign in").last.click()
    page.get_by_label("Token").fill("made-up")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not valid")
    page.get_by_label("Token").fill(token)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/ingest/parked")
    page.get_by_role("button", name="Let through: nieuw").or_(
        page.get_by_role("button", name="Let through")
    ).first.click()
    expect(page.get_by_role("status")).to_have_text("1 activity released. 0 stay parked.")
    page.get_by_role("link", name="Inbox").click()
    page.get_by_label("Deal").fill("D-2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{base}/ingest/enter")
    page.goto(f"{base}/ingest/inbox")
    expect(page.locator("h1")).to_have_text("Sign in to see this")


def test_the_first_key_leads_past_the_menu(front_door: Callable[..., tuple[str, str]], look: Open) -> None:
    base, token = front_door()
    page = signed_in(look, base, token)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
