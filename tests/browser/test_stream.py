"""How a browser follows the stream through everything that stands or falls between it and the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from services.leaderboard.domain.told import Told
from shared.contracts.times import to_text
from tests.browser.conftest import Open
from tests.browser.office import Office, now
from tests.browser.server import Server, Wire

SILENCE = 1_500
RECOVERED = 30_000
FOLLOW = """async ([files, silence]) => {
    const {follow} = await import(`${files}/stream.js`);
    window.said = [];
    const note = name => data => window.said.push([name, data]);
    const names = ['screen', 'celebrate', 'reload', 'revoked', 'identify', 'next'];
    const on = Object.fromEntries(names.map(name => [name, note(name)]));
    const own = {onBeat: note('hb'), onSnapshot: note('snapshot'), onRefused: note('refused'), on, silence};
    window.stream = follow('/leaderboard/v1/screens/self/stream', own);
}"""


@pytest.fixture
def wire(shared_server: Server) -> Iterator[Wire]:
    made = Wire(shared_server.port)
    yield made
    made.close()


def follow(look: Open, base: str, silence: int = SILENCE, *, clock: bool = False) -> Page:
    """Follow the stream on a page that does nothing else."""
    page = look("about:blank")
    if clock:
        page.clock.install()
    page.goto(f"{base}/tv/enter")
    files = page.locator("link[rel=stylesheet]").get_attribute("href") or ""
    page.evaluate(FOLLOW, [files.rpartition("/")[0], silence])
    hears(page, "snapshot")
    return page


def hears(page: Page, name: str) -> Any:
    """Wait for the next event of a name, and return its data; what was said so far is forgotten."""
    page.wait_for_function("name => window.said.some(([said]) => said === name)", arg=name, timeout=RECOVERED)
    return page.evaluate(
        "name => { const all = window.said.splice(0); return all.findLast(([said]) => said === name)[1]; }", name
    )


def hears_version(page: Page, version: int) -> None:
    """Wait for a state of a version, at least."""
    newest = "v => window.said.some(([name, data]) => name === 'snapshot' && data.v >= v)"
    page.wait_for_function(newest, arg=version, timeout=RECOVERED)


def way(page: Page) -> str:
    found: str = page.evaluate("window.stream.way()")
    return found


def is_broken(page: Page) -> None:
    page.wait_for_function("() => window.stream.broken() > 0", timeout=RECOVERED)


def sell(office: Office) -> int:
    """Sell something; return the version that shows it."""
    office.sell("utrecht", 1_000)
    return office.standings.version()


@pytest.mark.long  # the whole way of it is in test_recovery.py
def test_a_server_that_is_killed_is_found_again_as_soon_as_it_is_back(
    serve: Callable[..., Server], office: Office, look: Open
) -> None:
    office.fill("utrecht", "zwolle")
    server = serve()
    page = follow(look, server.base)
    server.kill()
    is_broken(page)
    version = sell(office)
    server.start()
    hears_version(page, version)
    assert page.evaluate("window.stream.broken()") == 0


def test_a_connection_that_was_cut_without_a_word_is_replaced(wire: Wire, office: Office, look: Open) -> None:
    office.fill("utrecht", "zwolle")
    page = follow(look, wire.base)
    wire.fall_silent()
    hears_version(page, sell(office))
    assert way(page) == "stream"


def test_a_gateway_that_answered_503_for_a_while_is_asked_again(wire: Wire, office: Office, look: Open) -> None:
    office.fill("utrecht", "zwolle")
    page = follow(look, wire.base)
    wire.refuse()
    page.wait_for_function("() => window.stream.broken() > 1000", timeout=RECOVERED)
    wire.refuses = False
    hears_version(page, sell(office))
    assert way(page) == "stream"


def test_through_a_proxy_that_keeps_streams_to_itself_the_same_events_are_asked_for(
    wire: Wire, office: Office, look: Open
) -> None:
    office.fill("utrecht", "zwolle")
    page = follow(look, wire.base, clock=True)
    wire.collect()
    page.evaluate("dispatchEvent(new Event('online'))")  # at once, instead of after the browser's own pause
    page.wait_for_function("() => window.stream.way() === 'poll'", timeout=RECOVERED)
    hears(page, "hb")
    hears_version(page, sell(office))
    wire.collects = False
    page.clock.fast_forward("05:10")
    page.wait_for_function("() => window.stream.way() === 'stream'", timeout=RECOVERED)
    hears_version(page, sell(office))


def test_what_was_celebrated_meanwhile_is_heard_and_what_is_known_is_not_sent_again(
    shared_server: Server, wire: Wire, office: Office, look: Open
) -> None:
    office.fill("utrecht", "zwolle")
    page = follow(look, wire.base)
    other = follow(look, shared_server.base)
    wire.refuse()
    is_broken(page)
    office.standings.news.tell(Told("celebrate", {"id": "c", "expires_at": to_text(now() + timedelta(minutes=5))}))
    assert hears(other, "celebrate")["id"] == "c"
    page.evaluate("window.said.length = 0")
    wire.refuses = False
    assert hears(page, "celebrate")["id"] == "c"
    assert "snapshot" not in [name for name, _ in page.evaluate("window.said")]


def test_orders_from_afar_reach_the_page(shared_server: Server, office: Office, look: Open) -> None:
    office.fill("utrecht", "zwolle")
    page = follow(look, shared_server.base)
    for event in ("reload", "identify", "next"):
        office.standings.news.tell(Told(event, {"n": event}))
        assert hears(page, event) == {"n": event}
