"""How a screen behaves: it plays its slides, celebrates, follows its settings, and goes dark when the office does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.contracts.times import to_text
from tests.browser import canned
from tests.browser.canned import Told, celebration, settings, snapshot
from tests.browser.conftest import Open
from tests.browser.office import START
from tests.browser.server import Server
from tests.browser.test_picture import faults, shown, violations

Screen = Callable[..., tuple[Page, Told]]
PLAYLIST = snapshot(canned.race(4), canned.goal(), canned.wins())


@pytest.fixture
def screen(shared_server: Server, look: Open) -> Screen:
    """Return how to open a TV whose clock the test drives."""

    def opened(*events: tuple[str, Any], query: str = "", **context: Any) -> tuple[Page, Told]:
        page = look("about:blank", **context)
        page.clock.install()
        told = Told(page, *(events or (("snapshot", PLAYLIST),)))
        page.goto(f"{shared_server.base}/tv?{query}")
        shown(page)
        return page, told

    return opened


def slide(page: Page, kind: str) -> None:
    """Wait until this type of slide is shown."""
    expect(page.locator("#screen")).to_have_attribute("data-slide", kind, timeout=15_000)


def test_slides_follow_each_other_each_for_its_time(screen: Screen) -> None:
    page, _ = screen()
    slide(page, "teams")
    expect(page.locator("#progress li")).to_have_count(3)
    page.clock.fast_forward(10_000)
    slide(page, "teams")
    for kind in ("goal", "wins", "teams"):
        page.clock.fast_forward(21_000)
        slide(page, kind)
    expect(page.locator(".slide")).to_have_count(1)


def test_space_stops_everything_that_moves_by_itself_and_arrows_turn_the_pages(screen: Screen) -> None:
    page, _ = screen()
    page.keyboard.press(" ")
    expect(page.locator("#paused")).to_be_visible()
    page.clock.fast_forward(50_000)
    slide(page, "teams")
    page.keyboard.press("ArrowRight")
    slide(page, "goal")
    page.keyboard.press("ArrowLeft")
    slide(page, "teams")
    page.keyboard.press(" ")
    expect(page.locator("#paused")).to_be_hidden()
    page.clock.fast_forward(21_000)
    slide(page, "goal")


def test_a_slide_that_cannot_be_drawn_is_passed_over_and_reported(screen: Screen) -> None:
    page, told = screen(
        ("screen", settings()),
        ("snapshot", snapshot(canned.goal(), {**canned.race(4), "period": None}, canned.wins())),
    )
    slide(page, "goal")
    page.clock.fast_forward(21_000)
    slide(page, "wins")
    page.clock.fast_forward(60_000)
    expect(page.locator("#screen")).to_have_attribute("data-mode", "live")
    page.wait_for_timeout(300)
    beats = [beat for beat in told.beats if beat["errors"]]
    assert [beat["errors"][0].split(":")[0] for beat in beats] == ["teams"]
    assert beats[0]["viewport"] == "1920x1080"


def test_a_celebration_interrupts_once_and_the_playlist_goes_on(screen: Screen) -> None:
    page, told = screen(("snapshot", PLAYLIST), ("celebrate", celebration()), reduced_motion="reduce")
    expect(page.locator("#party .name")).to_have_text("Utrecht")
    expect(page.locator("#party")).to_contain_text("Deal gewonnen€ 12.500")
    page.clock.fast_forward(8_100)
    expect(page.locator("#party")).to_be_hidden()
    slide(page, "teams")
    connections = told.connections
    while told.connections < connections + 2:  # the same is told again and again
        page.wait_for_timeout(200)
        page.clock.run_for(1_000)
    expect(page.locator("#party")).to_be_hidden()
    page.reload()
    shown(page)
    expect(page.locator("#party")).to_be_hidden()


def test_nobody_celebrates_what_is_long_ago_or_in_quiet_hours(screen: Screen) -> None:
    old = celebration(expires_at=to_text(START - timedelta(seconds=1)))
    page, _ = screen(("snapshot", PLAYLIST), ("celebrate", old))
    expect(page.locator("#party")).to_be_hidden()
    quiet = settings(sound={"on": True, "volume": 0.3, "quiet": ["12:00-15:00"]})
    silent, _ = screen(("screen", quiet), ("snapshot", PLAYLIST), ("celebrate", celebration(2)))
    expect(silent.locator("#party")).to_be_hidden()


def test_more_than_a_few_at_once_are_one_celebration(screen: Screen) -> None:
    many = [
        ("celebrate", celebration(number, team=team["name"], letter=team["letter"], color=team["color"]))
        for number, team in enumerate(canned.TEAMS[:5])
    ]
    page, _ = screen(("snapshot", PLAYLIST), *many, reduced_motion="reduce")
    expect(page.locator("#party .name")).to_have_text("Groningen")
    page.clock.fast_forward(8_100)
    expect(page.locator("#party")).to_have_text(re.compile(r"^4successen tegelijk.*Zwolle$"))
    assert violations(page) == []
    page.clock.fast_forward(8_100)
    expect(page.locator("#party")).to_be_hidden()


def test_a_celebration_moves_only_where_movement_is_wanted(screen: Screen) -> None:
    still, _ = screen(("screen", settings(motion="off")), ("snapshot", PLAYLIST), ("celebrate", celebration()))
    expect(still.locator("#party .name")).to_be_visible()
    assert still.evaluate("document.getAnimations().length") == 0


def test_a_screen_follows_the_settings_that_its_manager_chooses(screen: Screen) -> None:
    page, told = screen(("screen", settings()), ("snapshot", PLAYLIST), reduced_motion="reduce")
    expect(page.locator("#title")).to_have_text("Omzet · november 2026")
    told.events = [("screen", settings(language="en", theme="light", scale=1.28)), ("identify", {}), ("next", {})]
    page.clock.run_for(1_500)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.locator("#identify")).to_contain_text("Utrecht, 2e verdieping")
    told.events = []
    page.clock.fast_forward(11_000)
    expect(page.locator("#identify")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    assert faults(page, 66) == []


def test_outside_its_hours_a_screen_is_black(screen: Screen, look: Open, shared_server: Server) -> None:
    page = look("about:blank")
    Told(page, ("screen", settings(hours="07:30-13:30")), ("snapshot", PLAYLIST))
    page.goto(f"{shared_server.base}/tv")
    expect(page.locator("#screen")).to_have_attribute("data-mode", "off")
    assert page.locator("body").inner_text().strip() == ""
    assert page.evaluate("getComputedStyle(document.getElementById('screen')).backgroundColor") == "rgb(0, 0, 0)"


def test_after_half_an_hour_without_the_server_a_clock_stands_there(screen: Screen) -> None:
    page, _ = screen()
    page.unroute_all()
    page.route(re.compile("/self/"), lambda route: route.abort())
    page.clock.fast_forward("31:00")
    expect(page.locator("#screen")).to_have_attribute("data-mode", "standby", timeout=15_000)
    expect(page.locator("#standby .time")).to_have_text(re.compile(r"^14:3\d$"))
    expect(page.locator("#standby .why")).to_have_text(re.compile(r"^Stand van 14:0\d · verbinding wordt gezocht$"))
    assert violations(page) == []


def test_a_browser_that_keeps_sound_back_is_told_about(screen: Screen, look: Open, shared_server: Server) -> None:
    page = look("about:blank")
    page.add_init_script(
        "window.AudioContext = class extends AudioContext {"
        " get state() { return window.touched ? 'running' : 'suspended'; } };"
    )
    loud = settings(sound={"on": True, "volume": 0.3, "quiet": []})
    Told(page, ("screen", loud), ("snapshot", PLAYLIST))
    page.goto(f"{shared_server.base}/tv")
    shown(page)
    expect(page.locator("#mute")).to_be_visible()
    page.evaluate("window.touched = true")
    expect(page.locator("#mute")).to_be_hidden()


def test_places_change_at_most_every_few_seconds(screen: Screen) -> None:
    page, told = screen(("snapshot", snapshot(canned.race(4))), reduced_motion="reduce")
    orders = [[0, 1, 2, 3], [1, 0, 2, 3], [0, 1, 2, 3]]
    names = [canned.standing(place)["name"] for place in range(4)]

    def show(version: int) -> None:
        teams = [canned.standing(place) for place in orders[version]]
        told.events = [("snapshot", snapshot({**canned.race(4), "teams": teams}, v=7 + version))]
        page.clock.run_for(1_200)
        page.wait_for_timeout(300)

    show(1)
    expect(page.locator(".team .name").first).to_have_text(names[1])
    show(2)
    expect(page.locator(".team .name").first).to_have_text(names[1])
    page.clock.fast_forward(5_000)
    expect(page.locator(".team .name").first).to_have_text(names[0])
