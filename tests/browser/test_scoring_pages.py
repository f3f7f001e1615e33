"""The pages of the ledger and the playbook in a browser: nothing sticks out, axe finds nothing, forms work."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from services.scoring.handlers import Scorer
from services.scoring.settings import Settings
from services.scoring.store import PACKAGE, Ledger
from services.scoring.web import create_app
from shared import yaml12
from shared.auth import SCOPES, mint
from shared.contracts.activity import Activity, DealChange
from shared.contracts.league import LeagueDocument
from shared.settings import WebSettings
from shared.sql import migrate, open_engine
from tests.browser.conftest import Open
from tests.browser.test_picture import violations

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "deploy" / "example"
PICTURES = os.environ.get("SAMENSPEL_PICTURES", "")
"""A folder to put pictures in, for people who want to look."""


def october() -> list[Activity]:
    """Return a busy month and the days since: calls, visits, deals, a correction, a call that was deleted."""
    roster = yaml12.load((EXAMPLE / "roster.yaml").read_text("utf-8"))
    reps = [rep["id"] for rep in roster["reps"]][:6]
    facts: list[Activity] = []
    for day in range(1, 55):
        for n, rep in enumerate(reps):
            at = datetime(2026, 10, 1, 8, tzinfo=UTC) + timedelta(days=day - 1, minutes=7 * n)
            if at.weekday() > 4:
                continue
            for k in range(2 + (day + n) % 3 * 4):
                data: dict[str, Any] = {
                    "duration_s": 95 + 10 * k,
                    "direction": "outbound",
                    "counterparty": f"+31 20 {(k + n) % 9:07}",
                }
                name = f"crm:call-{day}-{n}-{k}"
                facts.append(Activity(name, "crm", "call", at + timedelta(minutes=20 * k), rep, 0, None, data))
            if (day + n) % 4 == 0:
                said = {"owner": rep, "pipeline": "nieuw", "amount": f"{1000 + 250 * n}.00", "currency": "EUR"}
                for hour, stage in enumerate(("lead", "demo", "voorstel", "won")):
                    about = DealChange(f"D-{day}-{n}", {**said, "stage": stage})
                    facts.append(
                        Activity(f"crm:{about.id}-{stage}", "crm", "deal", at + timedelta(hours=hour), None, 0, about)
                    )
    wrong = {"metric": "points", "amount": "-20", "reason": "dubbel geteld op een beurs"}
    facts.append(Activity("els:k", "els", "correction", NOW - timedelta(days=1), reps[0], 0, None, wrong, actor="els"))
    gone = {"of": "crm:call-54-0-0"}
    return [*facts, Activity("crm:gone", "crm", "retraction", NOW - timedelta(hours=1), None, 0, None, gone)]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve the ledger of the example office; return its address and a token."""
    folder = tmp_path_factory.mktemp("scoring")
    url, engine = f"sqlite:///{folder / 'scoring.db'}", open_engine(f"sqlite:///{folder / 'scoring.db'}")
    migrate(engine, PACKAGE)
    scorer = Scorer(Ledger(engine), lambda _: None, lambda: NOW)
    for kind in ("roster", "playbook"):
        body = yaml12.load((EXAMPLE / f"{kind}.yaml").read_text("utf-8"))
        start = datetime(2026, 1, 1, tzinfo=UTC)
        scorer.put_document(LeagueDocument(kind, 1, start.date(), "els", start, body))
    scorer.score(october())
    while scorer.refresh_some() or scorer.restate_some():
        pass
    token = mint(folder / "tokens.json", "Marieke", SCOPES)
    app = create_app(Settings(url, WebSettings(folder, folder / "tokens.json", rate_limit=0)), lambda: NOW)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", token
    server.shutdown()
    thread.join(10)
    engine.dispose()


def signed_in(look: Open, ledger: tuple[str, str], **context: object) -> Page:
    base, token = ledger
    page = look(f"{base}/scoring/enter?lang=nl#t={token}", **context)
    page.wait_for_url(f"{base}/scoring/teams")
    return page


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/scoring-{name}.png", full_page=True)


def rehearse(page: Page, base: str) -> None:
    """Rehearse November with half the points for a call."""
    page.goto(f"{base}/scoring/rehearsal")
    draft = (EXAMPLE / "playbook.yaml").read_text("utf-8").replace("{points: 5, calls: 1}", "{points: 3, calls: 1}")
    page.locator("#from").fill("2026-11-01")
    page.locator("#to").fill("2026-11-24")
    page.locator("#text").fill(draft)
    page.locator("form.card button.primary").click()
    expect(page.get_by_role("status")).to_be_visible()


@pytest.mark.parametrize(("width", "height", "scheme"), [(1920, 1080, "light"), (390, 844, "dark")])
def test_every_page_fits_and_axe_finds_nothing(
    ledger: tuple[str, str], look: Open, width: int, height: int, scheme: str
) -> None:
    base, page = ledger[0], signed_in(look, ledger, width=width, height=height, color_scheme=scheme)
    page.goto(f"{base}/scoring/credits?metric=points&period=2026-11")
    way = page.locator("tbody th a").nth(2).get_attribute("href")
    language = "nl" if width == 1920 else "en"
    for name, path in (
        ("playbook", "playbook"), ("lines", "credits?metric=points&period=2026-11"), ("line", str(way)[9:]),
        ("objections", "objections"), ("empty", "credits?period=2020"), ("wrong", "credits?period=x"),
    ):  # fmt: skip
        page.goto(f"{base}/scoring/{path}{'&' if '?' in path else '?'}lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert violations(page) == [], path
        picture(page, f"{name}-{width}-{language}")
    rehearse(page, base)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    picture(page, f"rehearsal-{width}-{language}")


def test_a_seller_objects_and_somebody_answers(ledger: tuple[str, str], look: Open) -> None:
    base, page = ledger[0], signed_in(look, ledger)
    page.goto(f"{base}/scoring/credits?period=2026-11&lang=en")
    page.locator("tbody th a").first.click()
    page.get_by_label("What is wrong?").fill("this was a demo")
    page.get_by_role("button", name="Object", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Your objection is kept.")
    page.get_by_text("Answer or decide").click()
    page.get_by_label("Answer or reason").fill("I will look")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator("#objections")).to_contain_text("I will look")
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    assert violations(page) == []
    page.goto(f"{base}/scoring/objections")
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_draft_with_mistakes_names_them(ledger: tuple[str, str], look: Open) -> None:
    base, page = ledger[0], signed_in(look, ledger)
    page.goto(f"{base}/scoring/rehearsal?lang=en")
    page.locator("#text").fill("metrics: []\nrules: []")
    page.locator("form.card button.primary").click()
    expect(page.get_by_role("alert").first).to_contain_text("/draft/metrics")
    assert page.locator("#text").input_value() == "metrics: []\nrules: []"
    assert violations(page) == []
