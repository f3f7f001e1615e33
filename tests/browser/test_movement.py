"""What happens on the TV when something happens in the office."""

from __future__ import annotations

from time import monotonic

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.office import Office, now
from tests.browser.server import Server
from tests.browser.test_picture import FOUR, shown

MOVING = "document.getAnimations().filter(each => each.effect.target.matches('.team')).length"


def test_a_change_is_pushed_to_the_screen_and_not_waited_for(shared_server: Server, office: Office, look: Open) -> None:
    office.fill(*FOUR)
    page = shown(look(f"{shared_server.base}/tv?metric=revenue"))
    took = []
    for euros in range(120_575 + 1_000, 120_575 + 6_000, 1_000):
        began = monotonic()
        office.sell("utrecht", 1_000)
        expect(page.locator(".team .score").first).to_have_text(f"€ {euros // 1000}.575", timeout=10_000)
        took.append(monotonic() - began)
    assert min(took) < 1, took  # the best of five: a busy machine may hold some up, a design that waits holds up all


def test_whoever_overtakes_moves_up_and_shows_it(shared_server: Server, office: Office, look: Open) -> None:
    office.fill(*FOUR)
    page = shown(look(f"{shared_server.base}/tv?metric=revenue"))
    rotterdam = page.locator(".team", has_text="Rotterdam")
    expect(page.locator(".team").nth(2)).to_contain_text("Rotterdam")
    office.sell("rotterdam", 30_000)
    expect(page.locator(".team").nth(1)).to_contain_text("Rotterdam")
    assert page.evaluate(MOVING) > 0
    expect(rotterdam.locator(".move")).to_have_attribute("aria-label", "1 omhoog sinds vanochtend")
    expect(rotterdam.locator(".move")).to_have_class("move up")
    expect(rotterdam.locator(".score")).to_have_text("€ 102.450")
    expect(page.locator(".team", has_text="Eindhoven").locator(".move")).to_have_class("move down")


def test_nothing_moves_for_whoever_asked_for_less_movement(shared_server: Server, office: Office, look: Open) -> None:
    office.fill(*FOUR)
    page = shown(look(f"{shared_server.base}/tv?metric=revenue", reduced_motion="reduce"))
    office.sell("rotterdam", 30_000)
    expect(page.locator(".team").nth(1)).to_contain_text("€ 102.450")
    assert page.evaluate("document.getAnimations().length") == 0


def test_standings_that_were_rebuilt_are_taken_over_without_a_show(
    shared_server: Server, office: Office, look: Open
) -> None:
    office.fill(*FOUR)
    page = shown(look(f"{shared_server.base}/tv?metric=revenue"))
    page.evaluate("""() => {
        window.most = 0;
        const moving = () => document.getAnimations().filter(each => each.effect.target.closest('.team'));
        const count = () => { window.most = Math.max(window.most, moving().length); };
        new MutationObserver(count).observe(document.querySelector('#teams'), {childList: true, subtree: true});
    }""")
    office.standings.wipe(now())
    expect(page.locator("#pill")).to_have_text("Stand wordt opnieuw opgebouwd")
    expect(page.locator(".team .score").first).to_have_text("€ 0")
    assert page.evaluate("window.most") == 0
