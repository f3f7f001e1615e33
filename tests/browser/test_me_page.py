"""A seller's own page in a browser, beside the real neighbours that it asks: rank, pay, profile."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from werkzeug.serving import make_server

from deploy.onemachine import Dispatcher
from services.commission import web as commission
from services.commission.settings import Settings as PaySettings
from services.commission.store import Books
from services.leaderboard import web as leaderboard
from services.leaderboard.settings import Settings as BoardSettings
from services.leaderboard.store import Standings
from services.scoring import web as scoring
from services.scoring.handlers import Scorer
from services.scoring.settings import Settings as LedgerSettings
from services.scoring.store import PACKAGE, Asked, Ledger, Reader
from shared import yaml12
from shared.auth import ROLES, Caller, mint
from shared.contracts.activity import Activity
from shared.contracts.credit import Credit
from shared.contracts.league import LeagueDocument
from shared.sessions import Session, sign
from shared.settings import WebSettings
from shared.sql import migrate, open_engine
from shared.web.access import SESSION
from tests.browser.conftest import Open
from tests.browser.test_picture import violations
from tests.browser.test_scoring_pages import EXAMPLE, NOW, october
from tests.leaderboard.sample import apply

KEY = "only-for-the-tests-of-a-page-" * 2
PICTURES = os.environ.get("SAMENSPEL_PICTURES", "")
DATABASE = 5
SINCE = datetime(2026, 10, 26, tzinfo=UTC)
"""Less than what the ledger's own pages show is enough here."""
START = datetime(2026, 1, 1, tzinfo=UTC)
STATEMENT = "**/commission/v1/statements/**"


@dataclass
class Office:
    """Four services on one address, with the example office in them."""

    base: str
    scorer: Scorer
    reader: Reader

    def call(self, name: str) -> None:
        """Let Sanne talk with a customer, just now."""
        data: dict[str, Any] = {"duration_s": 95, "direction": "outbound", "counterparty": name}
        self.scorer.score([Activity(f"crm:{name}", "crm", "call", NOW - timedelta(minutes=1), "sanne", 0, None, data)])


def documents() -> list[LeagueDocument]:
    kinds = ("roster", "playbook", "targets", "plans")
    bodies = {kind: yaml12.load((EXAMPLE / f"{kind}.yaml").read_text("utf-8")) for kind in kinds}
    return [LeagueDocument(kind, 1, START.date(), "els", START, body) for kind, body in bodies.items()]


def lines_of(reader: Reader) -> dict[int, list[Credit]]:
    found: dict[int, list[Credit]] = defaultdict(list)
    for line in reader.lines(Asked(START, NOW + timedelta(days=60)), 1_000_000):
        found[line.partition].append(line)
    return {partition: sorted(lines, key=lambda line: line.seq) for partition, lines in found.items()}


def fill(folder: Path, redis: str) -> tuple[Scorer, Reader]:
    """Fill the ledger, the standings and the books."""
    engine = open_engine(f"sqlite:///{folder / 'scoring.db'}")
    migrate(engine, PACKAGE)
    scorer, reader = Scorer(Ledger(engine), lambda _: None, lambda: NOW), Reader(engine)
    for document in documents()[:3]:
        scorer.put_document(document)
    scorer.score([fact for fact in october() if fact.occurred_at >= SINCE])
    while scorer.refresh_some() or scorer.restate_some():
        pass
    standings, books = Standings.open(redis), Books.open(f"sqlite:///{folder / 'commission.db'}")
    books.migrate()
    for document in documents()[:3]:
        standings.put(document, NOW)
    books.keep(documents(), NOW)
    for lines in lines_of(reader).values():
        apply(standings, lines, NOW)
    books.apply(lines_of(reader), NOW)
    standings.close()
    books.close()
    return scorer, reader


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, _redis_server: Any) -> Iterator[Office]:
    """Serve the example office."""
    folder = tmp_path_factory.mktemp("me")
    redis = f"{_redis_server.url.rpartition('/')[0]}/{DATABASE}"
    scorer, reader = fill(folder, redis)
    mint(folder / "tokens.json", "nobody", [])
    web = WebSettings(folder, folder / "tokens.json", rate_limit=0, session_keys=(KEY,))
    url = f"sqlite:///{folder}/"
    applications = {
        "scoring": scoring.create_app(LedgerSettings(f"{url}scoring.db", web), lambda: NOW),
        "leaderboard": leaderboard.create_app(BoardSettings(redis, web, f"{url}screens.db"), lambda: NOW),
        "commission": commission.create_app(PaySettings(f"{url}commission.db", web), lambda: NOW),
    }
    server = make_server("127.0.0.1", 0, Dispatcher(applications, applications["scoring"]), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Office(f"http://127.0.0.1:{server.server_port}", scorer, reader)
    server.shutdown()
    thread.join(10)


def opened(look: Open, office: Office, path: str = "", *, rep: str | None = "sanne", **context: Any) -> Page:
    """Open the page as an account that belongs to a rep; None: to nobody."""
    who = Caller(
        "sanne@example.nl", ROLES["seller" if rep else "manager"], "seller" if rep else "manager", rep, None, "7"
    )
    session = sign(Session(who, NOW + timedelta(minutes=30)), KEY)
    page = look("about:blank", **context)
    page.context.add_cookies([{"name": SESSION, "value": session, "url": office.base}])
    page.goto(f"{office.base}/scoring/me{path}")
    return page


def whole(page: Page) -> Page:
    """Wait until every part is filled."""
    expect(page.locator("[aria-busy]")).to_have_count(0, timeout=15_000)
    return page


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(390, 844, "light"), (1920, 1080, "dark"), (3840, 2160, "light")]
)
def test_the_page_fits_in_both_languages_and_axe_finds_nothing(
    office: Office, look: Open, width: int, height: int, scheme: str
) -> None:
    for language in ("nl", "en") if width < 3840 else ("nl",):
        page = whole(opened(look, office, f"?lang={language}", width=width, height=height, color_scheme=scheme))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("body").inner_text().count("me.") == 0
        if (width, language) in ((390, "nl"), (1920, "en")):  # the same page: axe need not read each of them
            assert violations(page) == []
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/me-{width}-{language}.png", full_page=True)


def test_rank_pay_and_team_come_from_the_services_that_know_them(office: Office, look: Open) -> None:
    page = whole(opened(look, office, "?lang=en"))
    expect(page.locator("#rank .around .mine")).to_contain_text("you")
    expect(page.locator("#rank")).to_contain_text("of 7")
    total = page.locator("#total .sum").inner_text()
    assert total == f"{page.locator('#rank .mine .num').inner_text()} points"
    expect(page.locator("#pay .sum")).to_contain_text("€")
    page.locator("#pay .lines summary").first.click()
    expect(page.locator("#pay .derivation li").first).to_contain_text("result")
    expect(page.locator("#standing")).to_contain_text("of 4 teams")


def test_a_line_opens_its_explanation_and_takes_an_objection(office: Office, look: Open) -> None:
    page = whole(opened(look, office, "?lang=nl", width=390, height=844))
    page.locator("#why summary").first.click()
    page.get_by_label("Wat klopt er niet?").first.fill("dit was een demo")
    page.get_by_role("button", name="Bezwaar maken").first.click()
    expect(page.get_by_role("status").first).to_have_text("Je bezwaar is vastgelegd.")
    page.goto(f"{office.base}/scoring/me")
    expect(page.locator("#objections")).to_contain_text("dit was een demo")


def test_the_page_follows_and_keeps_what_is_being_written(office: Office, look: Open) -> None:
    page = whole(opened(look, office, "?lang=en"))
    before = page.locator("#total .sum").inner_text()
    page.locator("#why summary").nth(1).click()
    page.get_by_label("What is wrong?").nth(1).fill("half a sentence")
    office.call("mid-sentence")
    expect(page.locator("#total .sum")).not_to_have_text(before, timeout=15_000)
    assert page.get_by_label("What is wrong?").nth(1).input_value() == "half a sentence"


def test_choices_for_the_tv_are_kept(office: Office, look: Open) -> None:
    page = whole(opened(look, office, "?lang=en"))
    page.get_by_label("Show me on the TV").check()
    page.get_by_label("Nickname on the TV").fill("Snelle San")
    page.locator("#profile").get_by_text("otter", exact=True).click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#profile").get_by_role("status")).to_have_text("Saved.")
    page.reload()
    whole(page)
    expect(page.get_by_label("Show me on the TV")).to_be_checked()
    assert page.get_by_label("Nickname on the TV").input_value() == "Snelle San"
    page.get_by_label("Nickname on the TV").fill("Joost")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#profile").get_by_role("status")).to_contain_text("Not saved")


def test_one_part_that_fails_says_so_and_leaves_the_others(office: Office, look: Open) -> None:
    page = opened(look, office, "?lang=en")
    refused = {"status": 500, "content_type": "application/problem+json", "body": '{"request_id": "9f2c11aa"}'}
    page.route(STATEMENT, lambda route: route.fulfill(**refused))
    page.reload()
    whole(page)
    expect(page.locator("#pay")).to_contain_text("cannot be had at the moment")
    expect(page.locator("#pay")).to_contain_text("9f2c11aa")
    expect(page.locator("#rank .around .mine")).to_be_visible()
    page.unroute(STATEMENT)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#pay .sum")).to_contain_text("€")


def test_without_a_connection_the_numbers_stay_with_their_time_and_nothing_can_be_sent(
    office: Office, look: Open
) -> None:
    page = whole(opened(look, office, "?lang=en"))
    page.locator("#why summary").first.click()
    total = page.locator("#total .sum").inner_text()
    page.context.set_offline(True)
    expect(page.locator(".fresh")).to_have_attribute("data-state", "offline", timeout=20_000)
    assert page.locator("#total .sum").inner_text() == total
    expect(page.get_by_role("button", name="Object").first).to_be_disabled()
    page.context.set_offline(False)
    expect(page.locator(".fresh")).to_have_attribute("data-state", "live", timeout=20_000)


def test_while_a_part_is_asked_its_place_is_kept(office: Office, look: Open) -> None:
    page = opened(look, office)
    waiting: list[Route] = []
    page.route(STATEMENT, lambda route: waiting.append(route))  # noqa: PLW0108  playwright marks what it is given
    page.reload()
    expect(page.locator("#pay .wait")).to_have_css("opacity", "1")
    expect(page.locator("#pay")).to_have_attribute("aria-busy", "true")
    for route in waiting:
        route.continue_()
    page.unroute(STATEMENT)
    whole(page)


def test_where_nothing_is_yet_the_page_says_how_the_first_point_comes(office: Office, look: Open) -> None:
    page = whole(opened(look, office, "?lang=en", rep="noor", width=390, height=844))
    expect(page.locator("#why")).to_contain_text("Your first line will stand here")
    assert violations(page) == []
    page = opened(look, office, "?lang=en", rep="nobody")
    expect(page.locator("main")).to_contain_text("You are not on the roster")
    page = opened(look, office, "?lang=en", rep=None)
    expect(page.locator("main")).to_contain_text("This page belongs to a seller")
    assert violations(page) == []
