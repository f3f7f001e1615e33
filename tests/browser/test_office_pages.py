"""The pages of who looks after the office's screens: a TV is paired by its code, set up, told, and taken back."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect
from redis import Redis
from werkzeug.serving import make_server

from services.leaderboard.live import stop_all
from services.leaderboard.settings import Settings
from services.leaderboard.store import Standings
from services.leaderboard.web import create_app
from shared.auth import mint
from shared.settings import WebSettings
from tests.browser.conftest import Open, _database
from tests.browser.office import START, TEAMS, Office
from tests.browser.test_picture import violations
from tests.engines.engine import Engine

PICTURES = os.environ.get("PICTURES", "")
"""A folder for pictures of the pages, to be looked at."""


@pytest.fixture(scope="module")
def served(_redis_server: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve the screens of an office of four teams; return the address and a manager's token."""
    folder, url = tmp_path_factory.mktemp("office"), _database(_redis_server.url)
    with Redis.from_url(url) as client:
        client.flushdb()
    standings = Standings.open(url)
    Office(standings).open(*tuple(TEAMS)[:4])
    token, began = mint(folder / "tokens.json", "Els", ["screens:write", "boards:read"]), monotonic()
    settings = Settings(
        url, WebSettings(folder, folder / "tokens.json", rate_limit=0), f"sqlite:///{folder}/screens.db"
    )
    app = create_app(settings, lambda: START + timedelta(seconds=monotonic() - began))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", token
    stop_all()
    server.shutdown()
    thread.join(10)
    standings.close()


class Api:
    """Calls the interface beside a page."""

    def __init__(self, base: str, token: str = "") -> None:
        self.session, self.base = requests.Session(), base
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, **json: Any) -> Any:
        answer = self.session.request(method, f"{self.base}/leaderboard/v1{path}", json=json or None, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None


@pytest.fixture(scope="module")
def furnished(served: tuple[str, str]) -> dict[str, str]:
    """Four screens (live, waiting, off, live with mistakes), two playlists and two messages; the ids by name."""
    base, token = served
    manager = Api(base, token)
    slides = [{"type": "duel"}, {"type": "goal", "seconds": 40}, {"type": "message", "text": {"nl": "Vrijdag taart"}}]
    made = {"Ochtend": manager.call("POST", "/playlists", name="Ochtend", slides=slides)["id"]}
    made["Utrecht"] = manager.call("POST", "/playlists", name="Utrecht", team="utrecht", slides=[{"type": "wins"}])[
        "id"
    ]
    for team, text in ((None, "Vrijdag om vier uur is er taart in de kantine"), ("utrecht", "Welkom terug, Joost!")):
        days = {"from": "2026-11-24", "until": "2026-11-27"}
        manager.call("POST", "/messages", text={"nl": text, "en": "Cake on Friday"}, team=team, **days)
    for name, slide, more in (
        ("Utrecht 2e verdieping", "duel", {"team": "utrecht", "playlist": made["Ochtend"]}),
        ("Kantine", "top", {"distance": "6", "inches": 43, "sound": True, "quiet": ["12:00-13:00"]}),
        ("Receptie", None, {"theme": "light"}),
        ("Magazijn", "teams", {"hours": "06:00-13:30"}),
    ):
        made[name] = paired(base, manager, slide, name=name, **more)
    return made


def paired(base: str, manager: Api, slide: str | None, **setup: Any) -> str:
    """Pair a screen that then says what it shows; return its id."""
    screen = Api(base)
    begun = screen.call("POST", "/pairings")
    made: dict[str, Any] = manager.call("POST", "/pairings/confirm", code=begun["user_code"], **setup)
    screen.call("POST", "/pairings/collect", device_code=begun["device_code"])
    errors = ["slide top: TypeError: rows is undefined"] if slide == "top" else []
    said = {"app": "an-older-one" if errors else "", "viewport": "1920x1080", "uptime_s": 93_784, "errors": errors}
    screen.call("POST", "/screens/self/beat", slide=slide, **said)
    return str(made["id"])


def signed_in(look: Open, served: tuple[str, str], **context: Any) -> Page:
    base, token = served
    page = look(f"{base}/leaderboard/enter?lang=nl&next=/leaderboard/screens#t={token}", **context)
    page.wait_for_url(f"{base}/leaderboard/screens")
    return page


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/office-{name}.png", full_page=True)


@pytest.mark.parametrize(("width", "scheme"), [(1920, "light"), (390, "dark")])
def test_every_page_fits_and_axe_finds_nothing(
    served: tuple[str, str], furnished: dict[str, str], look: Open, width: int, scheme: str
) -> None:
    page = signed_in(look, served, width=width, height=1000, color_scheme=scheme)
    kitchen, morning = furnished["Kantine"], furnished["Ochtend"]
    ways = ("screens", "screens/pair?code=BCDF-GHJK", f"screens/{kitchen}", "playlists", f"playlists/{morning}")
    for place, path in enumerate(ways):
        language = ("nl", "en")[(place + (width < 1000)) % 2]
        page.goto(f"{served[0]}/leaderboard/{path}{'&' if '?' in path else '?'}lang={language}")
        picture(page, f"{place}-{language}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert "office." not in page.locator("main").inner_text(), path
        assert (place and width < 1000) or violations(page) == [], path  # dark: of one page, they share their colours


def test_a_tv_is_paired_by_hand_set_up_and_taken_back(served: tuple[str, str], look: Open) -> None:
    base, tv = served[0], look(f"{served[0]}/tv")
    tv.clock.install()
    tv.reload()
    expect(tv.locator("#pairing .code span")).to_have_count(2)
    code = "-".join(tv.locator("#pairing .code span").all_inner_texts())
    page = signed_in(look, served)
    page.get_by_role("link", name="Scherm koppelen").first.click()
    page.get_by_label("Code op het scherm").fill("BBBBBBBB")
    page.get_by_label("Naam").fill("Hal")
    page.get_by_role("button", name="Koppelen").click()
    expect(page.get_by_role("alert")).to_contain_text("Geen scherm toont deze code")
    page.get_by_label("Code op het scherm").fill(code.lower())
    page.get_by_label("Beelddiagonaal").fill("43")
    expect(page.locator("#scale output")).to_have_text("1,28 keer zo groot als gewoon")
    page.keyboard.press("Enter")
    expect(page.locator(".notice.good")).to_contain_text("gekoppeld")
    expect(page.locator("h1")).to_have_text("Hal")
    tv.clock.fast_forward(5_000)
    expect(tv.locator("#screen")).to_be_visible(timeout=15_000)
    assert tv.url == f"{base}/tv"
    page.get_by_label("Aan van").fill("altijd")
    page.get_by_role("button", name="Bewaren").click()
    expect(page.get_by_text("Schrijf het als 07:30-18:30.")).to_be_visible()
    page.get_by_text("Scherm intrekken").click()
    page.get_by_role("button", name="Ja, trek dit scherm in").click()
    expect(page.get_by_role("status")).to_contain_text("ingetrokken")
    expect(tv.locator("#pairing .code span")).to_have_count(2, timeout=15_000)


def test_the_list_follows_what_screens_say(served: tuple[str, str], furnished: dict[str, str], look: Open) -> None:
    base, token = served
    page = signed_in(look, served)
    page.clock.install()
    page.reload()
    screen = Api(base)
    begun = screen.call("POST", "/pairings")
    Api(base, token).call("POST", "/pairings/confirm", code=begun["user_code"], name="Zolder")
    card = page.locator("li.screen", has_text="Zolder")
    page.clock.fast_forward(5_000)
    expect(card).to_contain_text("Wacht op inhoud")
    screen.call("POST", "/pairings/collect", device_code=begun["device_code"])
    screen.call("POST", "/screens/self/beat", slide="goal")
    page.clock.fast_forward(5_000)
    expect(card).to_contain_text("Doel")
    expect(card).to_contain_text("Live")


def test_a_playlist_is_put_together_with_the_keyboard(served: tuple[str, str], look: Open) -> None:
    page = signed_in(look, served)
    page.goto(f"{served[0]}/leaderboard/playlists/new")
    titles = page.locator(".slide h2")
    before = titles.all_inner_texts()
    page.get_by_role("button", name=f"Verwijderen: 7. {before[6].split(maxsplit=1)[1]}").press("Enter")
    page.get_by_role("button", name="+ Bericht").press("Enter")
    expect(titles).to_have_count(7)
    page.get_by_label("Tekst (Nederlands)").fill("Vrijdag taart")
    page.get_by_role("button", name="Naar voren: 7. Bericht").press("Enter")
    expect(page.get_by_role("button", name="Naar voren: 6. Bericht")).to_be_focused()
    page.get_by_label("Naam").fill("Feest")
    for which in ("Eerste team", "Tweede team"):
        page.get_by_label(which).select_option("Utrecht")
    page.get_by_role("button", name="Bewaren").click()
    expect(page.get_by_text("Kies twee verschillende teams, of geen.")).to_be_visible()
    page.get_by_label("Tweede team").select_option("Groningen")
    page.get_by_role("button", name="Bewaren").click()
    expect(page.get_by_role("status")).to_have_text("De afspeellijst is bewaard.")
    expect(page.locator(".screens .card", has_text="Feest").locator(".strip li").nth(5)).to_have_text("Bericht")
