"""A TV box whose clock is set, or that slept, while its connection dies: it never calls old standings live."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.office import Office
from tests.browser.server import Server, Wire
from tests.browser.test_picture import shown

ADJUSTABLE = "const real = Date.now.bind(Date); window.moved = 0; Date.now = () => real() + window.moved;"
HOUR = 3_600_000


def test_a_clock_that_is_set_back_while_the_connection_dies_hides_nothing(
    shared_server: Server, office: Office, look: Open
) -> None:
    office.fill("groningen", "utrecht", "eindhoven")
    wire = Wire(shared_server.port)
    page = look("about:blank")
    page.add_init_script(ADJUSTABLE)
    page.goto(f"{wire.base}/tv?metric=revenue")
    shown(page)

    wire.fall_silent()
    page.evaluate("back => { window.moved = -back; }", HOUR)
    office.sell("utrecht", 1_000)

    expect(page.locator(".team .score").first).to_have_text("€ 121.575", timeout=30_000)
    shown(page)
    wire.close()


def test_a_clock_that_is_set_changes_nothing_on_a_screen_that_is_connected(
    shared_server: Server, office: Office, look: Open
) -> None:
    office.fill("groningen", "utrecht", "eindhoven")
    page = look("about:blank")
    page.add_init_script(ADJUSTABLE)
    page.goto(f"{shared_server.base}/tv?metric=revenue")
    before = shown(page).locator("#countdown").inner_text()

    page.evaluate("moved => { window.moved = moved; }", 5 * HOUR)
    page.wait_for_timeout(2_500)

    shown(page)
    expect(page.locator("#countdown")).to_have_text(before)
    assert page.locator("#band").is_hidden()
