"""How a screen comes to its cookie."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from shared.auth import mint
from tests.browser.conftest import Open
from tests.browser.office import Office
from tests.browser.server import Server
from tests.browser.test_picture import FOUR, shown, violations


def test_a_screen_signs_in_once_with_the_link_it_was_given(
    serve: Callable[..., Server], office: Office, look: Open, tmp_path: Path
) -> None:
    office.fill(*FOUR)
    server = serve(SAMENSPEL_TV_ACCESS="screens")
    page = look(f"{server.base}/tv?lang=en")
    expect(page.locator("h1")).to_have_text("Pair this screen")
    assert violations(page) == []
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        urllib.request.urlopen(f"{server.base}/leaderboard/v1/screens/self/stream", timeout=10)  # noqa: S310  http only
    assert refused.value.headers["Content-Type"] == "application/problem+json"
    refused.value.close()

    page.goto(f"{server.base}/tv/enter?lang=en#t=made-up")
    expect(page.locator("[data-outcome=refused]")).to_be_visible()
    assert "made-up" not in page.url
    assert violations(page) == []

    token = mint(tmp_path / "tokens.json", "tv", ["screen"])
    page.goto("about:blank")
    page.goto(f"{server.base}/tv/enter?lang=en#t={token}")
    shown(page)
    assert page.url == f"{server.base}/tv?lang=en"
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
