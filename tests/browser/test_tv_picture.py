"""The picture: everything in its place at every size, readable, in both languages, for everybody."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.looking import cut, live, names, outside, overlapping, rows, texts, too_small
from tests.browser.office import TEAMS, Office
from tests.browser.server import Server

pytestmark = pytest.mark.browser

SIZES = [(1366, 768), (1920, 1080), (3840, 2160)]
PHONE = (390, 844)
SHARES = dict(zip(TEAMS, (0.84, 0.71, 0.88, 0.62, 1.08, 0.79, 0.45, 0.91), strict=True))


def filled(office: Office, count: int) -> None:
    teams = list(TEAMS)[:count]
    office.open(*teams)
    office.fill({team: SHARES[team] for team in teams})


def flawless(page: Page) -> None:
    assert outside(page) == []
    assert cut(page) == []
    assert overlapping(page) == []
    assert too_small(page) == []


@pytest.mark.parametrize("count", [2, 3, 5, 8])
def test_nothing_is_cut_off_too_small_or_over_the_edge(office: Office, server: Server, tv: Open, count: int) -> None:
    filled(office, count)
    page = live(tv(f"{server.url}/tv"))
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(100)
        flawless(page)
        assert len(rows(page)) == count


@pytest.mark.parametrize(
    "asked", ["by=per_fte", "by=attainment", "metric=points", "period=today", "lang=en", "scale=1.28"]
)
def test_every_way_of_looking_fits(office: Office, server: Server, tv: Open, asked: str) -> None:
    filled(office, 4)
    flawless(live(tv(f"{server.url}/tv?{asked}")))


def test_on_a_telephone_everything_stands_below_each_other(office: Office, server: Server, tv: Open) -> None:
    filled(office, 4)
    page = live(tv(f"{server.url}/tv", PHONE))
    assert cut(page) == []
    assert overlapping(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert min(each.size for each in texts(page)) >= 14
    assert len(rows(page)) == 4


def test_the_standings_in_dutch(office: Office, server: Server, tv: Open) -> None:
    office.open("groningen", "utrecht", "eindhoven")
    office.sell("utrecht", 12_345)
    page = live(tv(f"{server.url}/tv"))
    first = rows(page)[0]
    assert (first["rank"], first["letter"], first["name"], first["score"]) == ("1", "B", "Utrecht", "€ 12.345")
    assert first["today"] == "vandaag +€ 12.345"
    assert "Omzet" in page.title()
    assert "Live" in page.locator("#pill").inner_text()
    assert page.locator("#wins").inner_text().startswith("Laatste deal")


def test_the_standings_in_english(office: Office, server: Server, tv: Open) -> None:
    office.open("groningen", "utrecht", "eindhoven")
    office.sell("utrecht", 12_345)
    page = live(tv(f"{server.url}/tv?lang=en"))
    first = rows(page)[0]
    assert (first["score"], first["today"]) == ("€12,345", "today +€12,345")
    assert "Revenue" in page.title()
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_name_is_on_the_screen_only_where_the_roster_allows_it(office: Office, server: Server, tv: Open) -> None:
    office.open("groningen", "utrecht")
    office.sell("utrecht", 100, rep=1)
    office.sell("groningen", 100, rep=0)
    everything = live(tv(f"{server.url}/tv")).locator("#screen").inner_text()
    assert "Femke" in everything
    assert "Joost" not in everything


def test_a_league_without_a_deal_stands_at_zero_and_says_what_comes(office: Office, server: Server, tv: Open) -> None:
    office.open("groningen", "utrecht", "eindhoven")
    page = live(tv(f"{server.url}/tv"))
    assert [row["score"] for row in rows(page)] == ["€ 0"] * 3
    assert "De eerste deal komt hier te staan" in page.locator("#wins").inner_text()
    flawless(page)


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "/ingest/v1/league/roster"), ("en", "/ingest/v1/league/roster")]
)
def test_without_a_league_the_screen_says_what_to_do_and_begins_by_itself(
    office: Office, server: Server, tv: Open, language: str, words: str
) -> None:
    page = live(tv(f"{server.url}/tv?lang={language}"))
    assert words in page.locator("#notice").inner_text()
    assert page.locator("#teams").is_hidden() or names(page) == []
    flawless(page)
    office.open("groningen", "utrecht")
    page.wait_for_selector("#teams > li")
    assert page.locator("#notice").is_hidden()


@pytest.mark.parametrize("asked", ["metric=smiles", "period=someday"])
def test_an_address_that_cannot_be_meant_says_what_can_be(office: Office, server: Server, tv: Open, asked: str) -> None:
    office.open("groningen", "utrecht")
    page = tv(f"{server.url}/tv?{asked}")
    page.wait_for_selector("#notice h2:visible")
    assert page.locator("#teams").is_hidden() or names(page) == []
    flawless(page)


@pytest.mark.parametrize(("count", "size"), [(2, (1920, 1080)), (5, (1920, 1080)), (4, PHONE), (0, (1920, 1080))])
def test_axe_finds_nothing_to_complain_about(
    office: Office, server: Server, tv: Open, count: int, size: tuple[int, int]
) -> None:
    if count:
        filled(office, count)
    page = live(tv(f"{server.url}/tv", size))
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
