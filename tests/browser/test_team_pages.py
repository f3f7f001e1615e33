"""The pages of teams and people in a browser: every size, both languages, kept true, and honest when they cannot be."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from services.ingest import settings as ingest_settings
from services.ingest import web as ingest
from services.scoring import web as scoring
from services.scoring.handlers import Scorer
from services.scoring.settings import Settings
from services.scoring.store import Ledger
from shared import yaml12
from shared.auth import SCOPES, mint
from shared.contracts.activity import Activity, DealChange
from shared.settings import WebSettings
from shared.sql import open_engine
from shared.web.access import COOKIE
from tests.browser.conftest import Open
from tests.browser.test_picture import violations
from tests.scoring.sellers import EXAMPLE, ledger

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PICTURES = os.environ.get("SAMENSPEL_PICTURES", "")
"""A folder to put pictures in, for people who want to look."""

AXE = {1920: ("teams", "team", "rep", "move"), 390: ("team", "rep", "empty"), 3840: ()}
"""Where axe looks: it is slow on pages of this length, and larger pages have nothing else in them."""

PAGES = {
    "teams": "teams",
    "team": "teams/utrecht",
    "year": "teams/utrecht?period=2026",
    "rep": "teams/utrecht/reps/daan",
    "move": "teams/utrecht/move?rep=daan&to=groningen",
    "empty": "teams/rotterdam?metric=calls",
}


DRAWN = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((value) => value > 0)"


@dataclass
class Place:
    """Where the pages are served, and what is behind them."""

    base: str
    token: str
    database: str

    def sell(self, name: str, amount: str) -> None:
        """Let Sanne win a deal, as the consumer books it."""
        engine = open_engine(self.database)
        said = {"owner": "sanne", "pipeline": "nieuw", "stage": "won", "amount": amount, "currency": "EUR"}
        at = NOW - timedelta(minutes=5)
        fact = Activity(f"crm:{name}", "crm", "deal", at, None, 0, DealChange(name, said))
        Scorer(Ledger(engine), lambda _: None, lambda: NOW).score([fact])
        engine.dispose()


def front_door(folder: Path, web: WebSettings, token: str) -> Any:
    """Return a front door at which one call and one question about Daan wait."""
    app = ingest.create_app(ingest_settings.Settings(f"sqlite:///{folder / 'front.db'}", web), lambda: NOW)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    for kind in ("roster", "playbook"):
        body = yaml12.load((EXAMPLE / f"{kind}.yaml").read_text("utf-8"))
        put = client.put(f"/ingest/v1/league/{kind}?effective_from=2026-01-01", json=body)
        assert put.status_code == 201, put.text
    at = (NOW - timedelta(hours=1)).isoformat()
    daan = {"type": "deal", "occurred_at": at, "owner": "daan.vandenberg@voorbeeld.example"}
    sent = [
        {**daan, "id": "a-1", "deal": {"id": "Q-1", "pipeline": "nieuw", "stage": "demo"}},
        {**daan, "id": "a-2", "deal": {"id": "Q-2", "pipeline": "nieuw", "stage": "somewhere", "amount": "900.00"}},
    ]
    assert client.post("/ingest/v1/activities", json=sent).status_code == 202
    return app


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Serve scoring and the front door of an office on one origin."""
    folder = tmp_path_factory.mktemp("teams")
    database = f"sqlite:///{folder / 'scoring.db'}"
    ledger(database, NOW)
    token = mint(folder / "tokens.json", "Marieke", SCOPES)
    web = WebSettings(folder, folder / "tokens.json", rate_limit=0)
    app = scoring.create_app(Settings(database, web), lambda: NOW)
    whole = DispatcherMiddleware(app, {"/ingest": _unmounted(front_door(folder, web, token))})
    server = make_server("127.0.0.1", 0, whole, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Place(f"http://127.0.0.1:{server.server_port}", token, database)
    server.shutdown()
    thread.join(10)


def _unmounted(app: Any) -> Any:
    """Return an application that knows its own first segment: what the dispatcher took off is put back."""

    def call(environ: dict[str, Any], start: Any) -> Any:
        environ["PATH_INFO"] = environ["SCRIPT_NAME"] + environ["PATH_INFO"]
        environ["SCRIPT_NAME"] = ""
        return app(environ, start)

    return call


def signed_in(look: Open, place: Place, path: str, **context: Any) -> Page:
    """Open a page as Marieke."""
    page = look("about:blank", **context)
    page.context.add_cookies([{"name": COOKIE, "value": place.token, "url": place.base}])
    page.goto(f"{place.base}/scoring/{path}")
    return page


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/manager-{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("width", "height", "scheme", "language"),
    [(1920, 1080, "light", "nl"), (3840, 2160, "light", "en"), (390, 844, "dark", "en")],
)
def test_every_page_fits_and_axe_finds_nothing(  # noqa: PLR0917  a row of the table
    place: Place, look: Open, width: int, height: int, scheme: str, language: str
) -> None:
    page = signed_in(look, place, f"teams?lang={language}", width=width, height=height, color_scheme=scheme)
    shown = PAGES if width < 3840 else {name: PAGES[name] for name in ("teams", "team")}
    for name, path in shown.items():
        page.goto(f"{place.base}/scoring/{path}")
        expect(page.locator("main h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert name not in AXE[width] or violations(page) == [], path
        picture(page, f"{name}-{width}-{language}")


def test_a_full_page_says_goal_forecast_signals_and_who_can_help(place: Place, look: Open) -> None:
    page = signed_in(look, place, "teams/utrecht?lang=en", width=1280, height=900)
    expect(page.locator("[data-part=forecast]")).to_contain_text("fell within the range")
    expect(page.locator("[data-part=signals]")).to_contain_text("Daan takes fewer deals past Demo")
    expect(page.locator("[data-part=mentors]")).to_contain_text("Sanne can help Daan with Demo")
    expect(page.locator("[data-part=members] tbody tr")).to_have_count(7)
    assert page.locator("[data-plot] canvas").evaluate(DRAWN)
    page.locator("[data-part=course] summary").click()
    expect(page.locator("[data-part=course] tbody tr")).to_have_count(30)


def test_a_deal_that_is_won_shows_without_a_reload_and_what_was_open_stays_open(place: Place, look: Open) -> None:
    page = signed_in(look, place, "teams/utrecht/reps/sanne?lang=en", width=1280, height=900)
    sum_ = page.locator("[data-part=goal] .sum")
    before = sum_.inner_text()
    how = page.locator("[data-part=pace] details")
    how.locator("summary").click()
    how.locator("summary").focus()
    page.evaluate("window.same = true")
    place.sell("N-1", "12345.00")
    expect(sum_).not_to_have_text(before, timeout=15_000)
    assert page.evaluate("window.same")
    expect(how).to_have_attribute("open", "")
    expect(how.locator("summary")).to_be_focused()


def test_a_signal_is_marked_and_unmarked(place: Place, look: Open) -> None:
    page = signed_in(look, place, "teams/utrecht/reps/daan?lang=en", width=390, height=844)
    signals = page.locator("[data-part=signals]")
    signals.get_by_role("button", name="Done").first.click()
    expect(page.locator("p[role=status].notice")).to_have_text("Marked as done.")
    expect(signals).to_contain_text("Done by Marieke")
    signals.get_by_role("button", name="Not after all").click()
    expect(signals).not_to_contain_text("Done by Marieke")


def test_what_waits_at_the_front_door_is_counted(place: Place, look: Open) -> None:
    page = signed_in(look, place, "teams/utrecht?lang=en", width=1280, height=900)
    for kind in ("parked", "flags"):
        expect(page.locator(f"[data-waiting={kind}] [data-count]")).to_have_text("1")
    page.goto(f"{place.base}/scoring/teams/groningen")
    expect(page.locator("[data-waiting=flags] [data-count]")).to_have_text("0")


def test_without_a_connection_the_page_says_as_of_when_it_is_and_comes_back(place: Place, look: Open) -> None:
    page = signed_in(look, place, "teams/utrecht?lang=en", width=1280, height=900)
    fresh = page.locator("[data-fresh]")
    expect(fresh).to_contain_text("Updated")
    page.context.set_offline(True)
    expect(fresh).to_contain_text("No connection. This is as of", timeout=15_000)
    expect(page.get_by_role("button", name="Done").first).to_be_disabled()
    assert violations(page) == []
    picture(page, "offline-1280-en")
    page.context.set_offline(False)
    expect(fresh).to_contain_text("Updated", timeout=15_000)
    expect(page.get_by_role("button", name="Done").first).to_be_enabled()


def test_an_answer_that_failed_is_named_by_its_reference_and_numbers_stay(place: Place, look: Open) -> None:
    page = signed_in(look, place, "teams/utrecht?lang=en", width=1280, height=900)
    page.route("**/scoring/teams/utrecht*", lambda route: route.fulfill(status=500, headers={"X-Request-ID": "ref-77"}))
    page.route("**/ingest/v1/quality", lambda route: route.abort())
    expect(page.locator("[data-fresh]")).to_contain_text("reference ref-77", timeout=15_000)
    expect(page.locator("[data-part=goal] .sum")).to_contain_text("€")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-fresh]")).to_contain_text("Updated")


def test_on_paper_the_figures_are_there_and_the_buttons_are_not(place: Place, look: Open) -> None:
    page = signed_in(look, place, "teams/utrecht?lang=nl", width=794, height=1123)
    page.emulate_media(media="print")
    page.evaluate("document.fonts.ready")
    expect(page.locator("[data-part=goal] .sum")).to_be_visible()
    for hidden in (".switches", "[data-part=signals] form", ".places"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 794
    picture(page, "print-794-nl")
