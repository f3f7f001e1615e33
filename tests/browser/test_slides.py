"""Each slide of a playlist, drawn from what the server may say: every type, size, language and theme."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import canned
from tests.browser.canned import SLIDES, Told, snapshot
from tests.browser.conftest import Open
from tests.browser.server import Server
from tests.browser.test_picture import SIZES, SMALLEST, faults, shown, violations

ALL = list(SLIDES.values())
PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def tell(look: Open, server: Server, *events: tuple[str, object], query: str = "", **context: object) -> Page:
    """Open a TV that is told these events."""
    page = look("about:blank", **{"reduced_motion": "reduce", **context})
    Told(page, *events)
    page.goto(f"{server.base}/tv?{query}")
    return shown(page)


def calm(page: Page) -> None:
    """Wait until the letters are there and the slide has been fitted and painted with them."""
    page.evaluate(f"document.fonts.ready.then(() => {PAINTED}).then(() => {PAINTED})")


@pytest.mark.parametrize("look_of_it", ["lang=nl&theme=dark", "lang=en&theme=light"])
def test_every_slide_fits_and_can_be_read(shared_server: Server, look: Open, look_of_it: str) -> None:
    page = tell(look, shared_server, ("snapshot", snapshot(*ALL)), query=look_of_it)
    for name, slide in SLIDES.items():
        expect(page.locator("#screen")).to_have_attribute("data-slide", str(slide["type"]))
        for width, height in SIZES if "dark" in look_of_it else SIZES[1:2]:
            page.set_viewport_size({"width": width, "height": height})
            calm(page)
            assert faults(page) == [], f"{name} at {width} x {height}"
        assert violations(page) == [], name
        page.keyboard.press("ArrowRight")


@pytest.mark.parametrize(("scale", "smallest"), [("0.8", 41), ("1.28", 66), ("1.6", 69)])
def test_every_slide_fits_in_larger_type_for_a_screen_that_is_smaller_or_farther(
    shared_server: Server, look: Open, scale: str, smallest: int
) -> None:
    page = tell(look, shared_server, ("snapshot", snapshot(*ALL)), query=f"scale={scale}")
    for name, slide in SLIDES.items():
        expect(page.locator("#screen")).to_have_attribute("data-slide", str(slide["type"]))
        calm(page)
        assert faults(page, smallest) == [], name
        page.keyboard.press("ArrowRight")


def test_on_a_telephone_every_slide_stands_one_under_the_other(shared_server: Server, look: Open) -> None:
    page = tell(look, shared_server, ("snapshot", snapshot(*ALL)), width=390, height=844)
    for name, slide in SLIDES.items():
        expect(page.locator("#screen")).to_have_attribute("data-slide", str(slide["type"]))
        calm(page)
        assert faults(page, smallest=0, margin=0.01) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") == 390, name
        page.keyboard.press("ArrowRight")


def test_a_goal_says_how_far_how_fast_and_what_it_still_asks(shared_server: Server, look: Open) -> None:
    page = tell(look, shared_server, ("snapshot", snapshot(canned.goal())))
    expect(page.locator("#title")).to_have_text("Samen · omzet november 2026")
    expect(page.locator(".ring .percent")).to_have_text("78%")
    expect(page.locator(".story .amount")).to_have_text("€ 357.645")
    expect(page.locator(".facts")).to_have_text("op schemanog € 19.371 per dag, 5 werkdagenvandaag +€ 23.100")
    assert page.locator(".ring .arc").count() == 4


def test_a_contest_counts_down_each_second_of_its_last_hour_and_then_shows_who_won(
    shared_server: Server, look: Open
) -> None:
    running = tell(look, shared_server, ("snapshot", snapshot(canned.contest())))
    expect(running.locator("#countdown")).to_have_text(re.compile(r"^nog 42:\d\d$"))
    won = tell(look, shared_server, ("snapshot", snapshot(canned.contest("ended"))))
    expect(won.locator(".winner .name")).to_have_text("Utrecht")
    expect(won.locator(".winner .result").first).to_have_text("42 gesprekken")
    expect(won.locator("#countdown")).to_have_text("afgelopen")


def test_what_has_nothing_to_show_is_passed_over(shared_server: Server, look: Open) -> None:
    empty = {"type": "contest", "seconds": 20, "notice": {"key": "no_contest", "detail": ""}}
    page = tell(look, shared_server, ("snapshot", snapshot(empty, canned.wins(), empty)))
    expect(page.locator("#screen")).to_have_attribute("data-slide", "wins")
    expect(page.locator("#progress")).to_be_hidden()
    nothing = tell(look, shared_server, ("snapshot", snapshot(empty)))
    expect(nothing.locator("#notice h2")).to_have_text("Er loopt geen wedstrijd")
    assert faults(nothing) == []


def test_a_deal_in_wins_counts_up_and_stands_first(shared_server: Server, look: Open) -> None:
    page = look("about:blank", reduced_motion="reduce")
    told = Told(page, ("snapshot", snapshot(canned.wins(3))))
    page.goto(f"{shared_server.base}/tv")
    expect(page.locator(".deal")).to_have_count(3)
    newest = {**canned.win(9), "id": "new", "amount": 990_000}
    told.events = [("snapshot", snapshot({**canned.wins(3), "wins": [newest, canned.win(0)], "today": 4}, v=8))]
    expect(page.locator(".deal.first .score")).to_have_text("€ 9.900")
    expect(page.locator(".tally")).to_have_text("4deals vandaag")


def test_smallest_letters_are_those_that_can_be_read_across_a_room() -> None:
    assert SMALLEST == 52
