"""What the TV looks like: full, empty, on every size, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.office import TEAMS, Office
from tests.browser.server import Server

SIZES = ((1366, 768), (1920, 1080), (3840, 2160))
MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")
SMALLEST = 52  # px of a screen 1080 high: 16.5 minutes of arc at 5 m on 55 inch
INCIDENTAL = ".badge, .organisation"
FOUR = ("groningen", "utrecht", "eindhoven", "rotterdam")


def shown(page: Page, mode: str = "live") -> Page:
    """Wait until the screen is in this mode and its letters are there."""
    expect(page.locator("#screen")).to_have_attribute("data-mode", mode, timeout=20_000)
    page.evaluate("document.fonts.ready.then(() => true)")
    return page


def faults(page: Page, smallest: int = SMALLEST, margin: float = 0.05) -> Any:
    """Return what is wrong with the picture."""
    return page.evaluate(MEASURE, [smallest, INCIDENTAL, margin])


def violations(page: Page) -> list[str]:
    """Return what axe finds."""
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in Axe().run(page).response["violations"]]


SCENES = {
    "four": FOUR,
    "duel": FOUR[:2],
    "eight": tuple(TEAMS),
    "five": tuple(TEAMS)[:5],
    "one": FOUR[:1],
}


@pytest.mark.parametrize(
    ("scene", "language"),
    [("four", "nl"), ("four", "en"), ("duel", "nl"), ("eight", "en"), ("one", "nl")],
)
def test_everything_fits_and_can_be_read(
    shared_server: Server, office: Office, look: Open, scene: str, language: str
) -> None:
    office.fill(*SCENES[scene])
    page = shown(look(f"{shared_server.base}/tv?metric=revenue&lang={language}", reduced_motion="reduce"))
    assert page.locator(".team").count() == len(SCENES[scene])
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert faults(page) == [], f"{width} x {height}"
    assert violations(page) == []


@pytest.mark.parametrize(
    "query", ["by=per_fte", "by=attainment", "metric=points", "period=this-quarter", "period=today"]
)
def test_other_boards_fit_as_well(shared_server: Server, office: Office, look: Open, query: str) -> None:
    office.fill(*FOUR)
    page = shown(look(f"{shared_server.base}/tv?{query}", reduced_motion="reduce"))
    assert faults(page) == []


@pytest.mark.parametrize(("scale", "teams"), [("0.8", 8), ("1.28", 4), ("1.28", 3)])
def test_larger_type_for_a_smaller_or_farther_screen_fits(
    shared_server: Server, office: Office, look: Open, scale: str, teams: int
) -> None:
    office.fill(*list(TEAMS)[:teams])
    page = shown(look(f"{shared_server.base}/tv?metric=revenue&scale={scale}", reduced_motion="reduce"))
    assert faults(page, int(SMALLEST * float(scale))) == []


def test_a_duel_says_who_leads_by_how_much(shared_server: Server, office: Office, look: Open) -> None:
    office.fill("groningen", "utrecht")
    page = shown(look(f"{shared_server.base}/tv?metric=revenue"))
    first = page.locator(".team.first")
    expect(first.locator(".name")).to_have_text("Utrecht")
    expect(first.locator(".score")).to_have_text("€ 120.575")
    expect(page.locator("#together")).to_have_text("Utrecht staat € 65.975 voor")
    expect(first.locator(".of")).to_have_text("74% van € 162.500")
    expect(first.locator(".today")).to_have_text("vandaag +€ 4.400 · 1 deal")


def test_each_number_has_its_unit_and_period_in_both_languages(
    shared_server: Server, office: Office, look: Open
) -> None:
    office.fill(*FOUR)
    dutch = shown(look(f"{shared_server.base}/tv?metric=revenue&lang=nl"))
    expect(dutch.locator("#title")).to_have_text("Omzet · november 2026")
    expect(dutch.locator("#countdown")).to_have_text("nog 6 d 9 u")
    expect(dutch.locator("#together")).to_have_text("Samen 74% van € 454.500")
    expect(dutch.locator("#legend")).to_have_text("werkdag 17/21: 81% verwacht")
    expect(dutch.locator(".team .score").first).to_have_text("€ 120.575")
    expect(dutch.locator("#pill")).to_have_text(re.compile(r"^Live · stand van \d\d:\d\d$"))
    english = shown(look(f"{shared_server.base}/tv?metric=revenue&lang=en"))
    expect(english.locator("#title")).to_have_text("Revenue · November 2026")
    expect(english.locator("#countdown")).to_have_text("6 d 9 h left")
    expect(english.locator("#together")).to_have_text("Together 74% of €454,500")
    expect(english.locator("#legend")).to_have_text("workday 17/21: 81% expected")
    expect(english.locator(".team .score").first).to_have_text("€120,575")
    assert english.locator("html").get_attribute("lang") == "en"


def test_nobody_is_named_on_a_screen_whose_slides_name_nobody(
    shared_server: Server, office: Office, look: Open
) -> None:
    office.fill("utrecht", "groningen")
    page = shown(look(f"{shared_server.base}/tv?metric=revenue", reduced_motion="reduce"))
    office.sell("utrecht", 100, named=True)
    expect(page.locator(".win").first.locator(".who")).to_have_text("Utrecht")
    office.sell("utrecht", 101)
    expect(page.locator(".team.first .score")).to_have_text("€ 120.776")
    assert not {"Sanne", "Joost"} & set(page.locator("body").inner_text().split())


@pytest.mark.parametrize("language", ["nl", "en"])
def test_before_there_is_a_league_the_screen_says_what_to_do(
    shared_server: Server, office: Office, look: Open, language: str
) -> None:
    page = shown(look(f"{shared_server.base}/tv?metric=revenue&lang={language}", reduced_motion="reduce"))
    expect(page.locator("#notice code")).to_contain_text("/ingest/v1/league/roster")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert faults(page) == []
    assert violations(page) == []
    office.open(*FOUR)
    expect(page.locator(".team")).to_have_count(4)
    expect(page.locator("#wins")).to_have_text(
        "De eerste deal komt hier te staan" if language == "nl" else "The first deal will stand here"
    )
    assert faults(page) == []


def test_an_address_that_asks_for_something_impossible_says_so(
    shared_server: Server, office: Office, look: Open
) -> None:
    office.fill(*FOUR)
    page = shown(look(f"{shared_server.base}/tv?metric=luck"))
    expect(page.locator("#notice h2")).to_have_text("Deze telling is er niet")
    refused = shown(look(f"{shared_server.base}/tv?by=luck"), "error")
    expect(refused.locator("#notice h2")).to_have_text("Dit scherm vraagt iets wat niet kan")
    assert faults(page) + faults(refused) == []


def test_a_telephone_shows_the_same_one_under_the_other(shared_server: Server, office: Office, look: Open) -> None:
    office.fill(*FOUR)
    office.sell("groningen", 18_000)
    page = shown(look(f"{shared_server.base}/tv?metric=revenue", width=390, height=844, reduced_motion="reduce"))
    assert faults(page, smallest=0, margin=0.01) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    lefts = [page.locator(".team").nth(i).bounding_box() for i in range(4)]
    assert len({box["x"] for box in lefts if box}) == 1
    assert violations(page) == []


def test_without_scripts_the_page_says_so(shared_server: Server, look: Open) -> None:
    page = look(f"{shared_server.base}/tv?lang=en", java_script_enabled=False)
    expect(page.locator(".noscript")).to_contain_text("JavaScript")
