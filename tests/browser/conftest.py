"""A web process under gunicorn, and an office to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from redis import Redis

from services.leaderboard.store import Standings
from shared.auth import mint
from tests.browser.office import Office
from tests.browser.server import Server

DATABASE = 2
Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def fresh_redis_url(redis_url: str) -> str:
    """An empty database of the browser tests' own: the web process that they share looks at it until the end."""
    url = _database(redis_url)
    with Redis.from_url(url) as client:
        client.flushdb()
    return url


def _database(redis_url: str) -> str:
    return f"{redis_url.rpartition('/')[0]}/{DATABASE}"


@pytest.fixture
def office(fresh_redis_url: str) -> Iterator[Office]:
    """Empty standings."""
    standings = Standings.open(fresh_redis_url)
    yield Office(standings)
    standings.close()


@pytest.fixture
def serve(fresh_redis_url: str, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Return a function that makes a web process of this test's own; the TV is open unless said otherwise."""
    mint(tmp_path / "tokens.json", "nobody", [])
    made: list[Server] = []

    def make(**settings: str) -> Server:
        made.append(Server(tmp_path, fresh_redis_url, **{"SAMENSPEL_TV_ACCESS": "open", **settings}))
        return made[-1].start()

    yield make
    for server in made:
        server.kill()


@pytest.fixture(scope="session")
def shared_server(_redis_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One open web process for all tests that do nothing to it, on the database that `office` empties."""
    folder = tmp_path_factory.mktemp("tv")
    mint(folder / "tokens.json", "nobody", [])
    server = Server(folder, _database(_redis_server.url), SAMENSPEL_TV_ACCESS="open").start()
    yield server
    server.kill()


@pytest.fixture
def look(browser: Browser) -> Iterator[Open]:
    """Return a function that opens an address; nothing in it may fail or break the page's rules."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(address: str, *, width: int = 1920, height: int = 1080, **context: Any) -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **context))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
