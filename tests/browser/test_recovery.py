"""What the TV does when something between it and the standings fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import monotonic

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.office import Office
from tests.browser.server import Server, Wire
from tests.browser.test_picture import FOUR, faults, shown, violations

PATIENCE = 30_000


def mode(page: Page, wanted: str) -> None:
    """Wait for a mode."""
    expect(page.locator("#screen")).to_have_attribute("data-mode", wanted, timeout=PATIENCE)


def test_a_screen_survives_a_server_that_is_killed_and_comes_back(
    serve: Callable[..., Server], office: Office, look: Open
) -> None:
    office.fill(*FOUR)
    server = serve()
    page = shown(look(f"{server.base}/tv?metric=revenue", reduced_motion="reduce"))
    server.kill()
    mode(page, "stale")
    expect(page.locator("#pill")).to_have_text(re.compile(r"^Verbinden … stand van \d\d:\d\d$"))
    assert faults(page) == []
    office.sell("utrecht", 1_000)
    server.start()
    mode(page, "live")
    expect(page.locator(".team .score").first).to_have_text("€ 121.575")


def test_after_a_longer_time_a_band_says_how_old_the_picture_is(
    serve: Callable[..., Server], office: Office, look: Open
) -> None:
    office.fill(*FOUR)
    server = serve()
    page = look("about:blank", reduced_motion="reduce")
    page.clock.install()
    page.goto(f"{server.base}/tv?metric=revenue")
    shown(page)
    server.kill()
    mode(page, "stale")
    page.clock.fast_forward("06:00")
    mode(page, "offline")
    expect(page.locator("#band")).to_have_text(re.compile(r"^Stand van \d\d:\d\d6 min oud · verbinding wordt gezocht$"))
    expect(page.locator("#countdown")).to_have_text("")
    assert faults(page) == []
    assert violations(page) == []


def test_a_connection_that_silently_died_is_noticed_and_replaced(
    shared_server: Server, office: Office, look: Open
) -> None:
    office.fill(*FOUR)
    wire = Wire(shared_server.port)
    page = shown(look(f"{wire.base}/tv?metric=revenue", reduced_motion="reduce"))
    wire.fall_silent()
    office.sell("utrecht", 1_000)
    mode(page, "stale")
    mode(page, "live")
    expect(page.locator(".team .score").first).to_have_text("€ 121.575")
    wire.close()


def test_a_screen_too_many_asks_for_what_it_would_be_told(
    serve: Callable[..., Server], office: Office, look: Open
) -> None:
    office.fill(*FOUR)
    server = serve(SAMENSPEL_TV_STREAMS="1")
    shown(look(f"{server.base}/tv?metric=revenue"))
    second = look(f"{server.base}/tv?metric=revenue", reduced_motion="reduce")
    mode(second, "live")
    office.sell("utrecht", 1_000)
    expect(second.locator(".team .score").first).to_have_text("€ 121.575", timeout=PATIENCE)


def test_the_last_picture_is_shown_with_its_age_while_the_stream_is_away(
    shared_server: Server, office: Office, look: Open
) -> None:
    office.fill(*FOUR)
    page = shown(look(f"{shared_server.base}/tv?metric=revenue"))
    page.route(re.compile("/self/(stream|state|poll)"), lambda route: route.abort())
    page.reload()
    mode(page, "stale")
    expect(page.locator("#pill")).to_have_text(re.compile(r"Verbinden … stand van \d\d:\d\d"))
    expect(page.locator(".team")).to_have_count(4)


def test_a_new_version_of_the_pages_is_taken_over_by_itself(shared_server: Server, office: Office, look: Open) -> None:
    office.fill(*FOUR)
    page = look("about:blank")
    page.clock.install()
    page.goto(f"{shared_server.base}/tv?metric=revenue")
    shown(page)
    page.evaluate("() => { document.getElementById('screen').dataset.app = 'older'; window.old = true; }")
    page.wait_for_timeout(1_500)
    page.clock.fast_forward("01:15")
    page.wait_for_timeout(1_500)
    shown(page)
    assert page.evaluate("window.old") is None
    assert page.locator("#screen").get_attribute("data-app") != "older"


def test_stopping_does_not_wait_for_screens(serve: Callable[..., Server], office: Office, look: Open) -> None:
    office.fill(*FOUR)
    server = serve()
    page = shown(look(f"{server.base}/tv?metric=revenue"))
    began = monotonic()
    assert server.stop() == 0
    assert monotonic() - began < 15  # a stream lives for minutes
    mode(page, "stale")
