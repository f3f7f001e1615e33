"""A TV that nobody loads again: hours pass, slides go round, connections come and go, and nothing piles up."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import CDPSession, Page

from tests.browser.conftest import Open
from tests.browser.office import TEAMS, Office
from tests.browser.server import Server
from tests.browser.test_picture import shown

HOURS = int(os.environ.get("SAMENSPEL_SOAK_HOURS", "1"))
"""How long it hangs there; a week is 168."""
STRETCH, STEP = 20, 61
"""Minutes between two changes of the standings, and seconds that pass at once: longer than a slide is shown."""


@dataclass(frozen=True)
class Held:
    """What a page holds after its garbage was collected."""

    nodes: int
    listeners: int
    heap: int

    @classmethod
    def by(cls, page: Page, session: CDPSession) -> Held:
        page.wait_for_timeout(700)  # what moves has come to rest
        session.send("HeapProfiler.collectGarbage")
        found = {each["name"]: int(each["value"]) for each in session.send("Performance.getMetrics")["metrics"]}
        return cls(found["Nodes"], found["JSEventListeners"], found["JSHeapUsedSize"])


@pytest.mark.long
def test_nothing_piles_up_while_hours_pass(serve: Callable[..., Server], office: Office, look: Open) -> None:
    office.fill(*TEAMS)
    server = serve(SAMENSPEL_TV_HEARTBEAT="30")
    page = look("about:blank", reduced_motion="reduce")
    page.clock.install()
    page.goto(f"{server.base}/tv")
    page.evaluate("sessionStorage.setItem('samenspel.reloaded', Date.now() + 1e12)")  # not even once a day
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    hang(page, office, STRETCH)
    begun = Held.by(page, session)
    page.evaluate("window.never = 'loaded again'")
    hang(page, office, HOURS * 60)
    ended = Held.by(page, session)
    assert page.evaluate("window.never") == "loaded again"
    assert ended.nodes <= begun.nodes * 1.2, (begun, ended)
    assert ended.listeners <= begun.listeners * 1.2, (begun, ended)
    assert ended.heap <= begun.heap * 1.2 + 1_000_000, (begun, ended)


def hang(page: Page, office: Office, minutes: int) -> None:
    """Let time pass on the wall, with a sale now and then."""
    for _ in range(minutes // STRETCH):
        for _ in range(STRETCH * 60 // STEP):
            page.clock.fast_forward(STEP * 1000)
        office.sell("utrecht", 100)
        shown(page)
