"""The pages of pay in a browser: a statement is understood, a period is paid by two people, a plan is tried."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from services.commission.store import Books
from services.commission.store.payroll import PayrollDocuments
from tests.browser.conftest import Open
from tests.browser.test_picture import violations
from tests.commission.life import Life
from tests.commission.paying import NOW, PEOPLE, Office, payroll

PAGES = (
    *("statements?period=2026-10", "statements?period=2026-10&team=zuid", "statements?period=2020-01", "statements"),
    *("statements/amina?period=2026-10", "statements/noor?period=2026-11", "statements/nobody", "hr?period=2026-10"),
    *("hr?period=2026-09", "hr?period=2026-11", "rehearsals"),
)
EVERYTHING = tuple({scope for scopes in PEOPLE.values() for scope in scopes})


@contextmanager
def served(office: Office) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/commission"
    server.shutdown()
    thread.join(10)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    opened = Books.open(f"sqlite:///{tmp_path / 'commission.db'}")
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def office(books: Books, tmp_path: Path) -> Office:
    """September is closed, something came late, October is calculated and has everything that needs a look."""
    made = Office.open(Life(books), tmp_path).fill()
    life = made.life
    life.close("2026-09")
    life.earn(-5_000, "2026-09-20", "amina", "zuid", deal="deal:amina-2026-09")
    life.earn(-30_000, "2026-10-20", "femke", "zuid", deal="deal:femke-x")
    life.adjust("2026-10", 120, "chidi", "Bonus beursweekend")
    life.earn(9_000, "2026-11-10")
    life.calculate("2026-10")
    return made


@pytest.fixture
def base(office: Office) -> Iterator[str]:
    with served(office) as address:
        yield address


def enter(page: Page, base: str, token: str, language: str = "nl") -> None:
    page.goto(f"{base}/enter?lang={language}#t={token}")
    page.wait_for_url(lambda address: "/enter" not in address)


@pytest.fixture
def somebody(browser: Browser, base: str, office: Office) -> Iterator[Callable[[str], Page]]:
    """Return a function that opens a browser for somebody, signed in."""
    contexts = []

    def opened(name: str) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True))
        page = contexts[-1].new_page()
        enter(page, base, office.tokens[name])
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1920, "light"), (390, "dark")])
def test_every_page_fits_and_axe_finds_nothing(base: str, office: Office, look: Open, width: int, scheme: str) -> None:
    token = office.token_of("everybody", EVERYTHING)
    page = look(f"{base}/enter", width=width, height=844, color_scheme=scheme)
    enter(page, base, token)
    language = "nl" if width == 1920 else "en"
    for path in PAGES:
        page.goto(f"{base}/{path}{'&' if '?' in path else '?'}lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert violations(page) == [], path


def test_books_without_a_roster_say_how_to_begin(books: Books, tmp_path: Path, look: Open) -> None:
    empty = Office.open(Life(books), tmp_path)
    with served(empty) as base:
        page = look(f"{base}/enter")
        enter(page, base, empty.tokens["hr"])
        for path in ("statements", "hr", "rehearsals"):
            page.goto(f"{base}/{path}?lang=nl")
            expect(page.get_by_text("Er zijn nog geen mensen om te betalen")).to_be_visible()
            assert violations(page) == []


def test_a_seller_sees_how_each_euro_came_about_and_takes_it_along(somebody: Callable[[str], Page], base: str) -> None:
    page = somebody("seller")
    page.goto(f"{base}/statements/amina?period=2026-10&lang=nl")
    expect(page.get_by_role("heading", level=1)).to_have_text("Amina Hassan, oktober 2026")
    expect(page.get_by_role("table", name="Correcties en verrekeningen")).to_contain_text(
        "Correctie Eigen omzet 2026-09"
    )
    expect(page.get_by_role("link", name="boekingen").first).to_have_attribute(
        "href", "/scoring/v1/credits?rep=amina&metric=revenue&period=2026-10"
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename == "provisieoverzicht-2026-10-amina.pdf"
    expect(page.get_by_text("Klopt dit niet?")).to_have_count(0)  # a seller's own token may look, no more


def test_an_objection_is_made_answered_by_another_and_paid_as_an_adjustment(
    somebody: Callable[[str], Page], base: str, office: Office
) -> None:
    page = somebody("manager")
    page.goto(f"{base}/statements/bram?period=2026-10&lang=nl")
    page.get_by_text("Klopt dit niet?").first.click()
    page.get_by_label("Wat klopt er niet, en waarom?").first.fill("Deal 12 hoort bij Bram")
    page.get_by_role("button", name="Bezwaar indienen").first.click()
    expect(page.get_by_role("status")).to_contain_text("Het bezwaar is ingediend")
    expect(page.get_by_text("Deal 12 hoort bij Bram")).to_be_visible()
    hr = somebody("hr")
    hr.goto(f"{base}/hr?period=2026-10&lang=nl")
    expect(hr.get_by_role("table", name="Mensen, uitzonderingen eerst")).to_contain_text("bezwaar open")
    hr.locator("#disputes summary").click()
    hr.get_by_label("Status").select_option("approved")
    hr.get_by_label("Bedrag").fill("150.00")
    hr.get_by_label("Betaald in").fill("2026-10")
    hr.locator("#disputes").get_by_label("Reden").fill("Klopt, staat in het CRM")
    hr.get_by_role("button", name="Beantwoorden").click()
    expect(hr.get_by_role("status")).to_have_text("Het bezwaar is beantwoord.")
    hr.get_by_role("button", name="Bereken opnieuw").click()
    hr.goto(f"{base}/statements/bram?period=2026-10&lang=nl")
    expect(hr.get_by_role("table", name="Correcties en verrekeningen")).to_contain_text("150,00")


def test_two_people_take_a_period_from_calculated_to_closed(
    somebody: Callable[[str], Page], base: str, office: Office
) -> None:
    hr, finance = somebody("hr"), somebody("finance")
    hr.goto(f"{base}/hr?period=2026-10&lang=nl")
    first = hr.get_by_role("table", name="Mensen, uitzonderingen eerst").get_by_role("row").nth(1)
    expect(first).to_contain_text("geen doel")
    hr.get_by_role("button", name="Leg ter controle voor").click()
    expect(hr.get_by_text("Jij hoort daarbij.")).to_be_visible()
    expect(hr.get_by_role("button", name="Keur goed")).to_have_count(0)
    finance.goto(f"{base}/hr?period=2026-10&lang=nl")
    finance.get_by_role("button", name="Keur goed").click()
    expect(finance.locator(".life [aria-current]")).to_have_text("goedgekeurd")
    hr.reload()
    expect(hr.get_by_text("Eerst is een payrolldocument nodig")).to_be_visible()
    hr.get_by_text("Nieuwe versie plaatsen").click()
    hr.get_by_label("Document").fill("employers: []")
    hr.get_by_role("button", name="Plaatsen").click()
    expect(hr.get_by_role("alert")).to_contain_text("/employers")
    PayrollDocuments(office.life.books.engine).put(payroll(), "hr", NOW, None)
    hr.goto(f"{base}/hr?period=2026-10&lang=nl")
    expect(hr.get_by_label("Open tijdvak bij Verkoop BV")).to_have_value("2026-11")
    hr.get_by_role("button", name="Exporteer").click()
    with hr.expect_download() as download:
        hr.get_by_role("link", name="2026-10.1-x1-verkoop-2026-11.xlsx").click()
    assert download.value.path().read_bytes().startswith(b"PK")
    hr.get_by_role("button", name="Payroll heeft het ingelezen").click()
    hr.get_by_label("Typ 2026-10 om te sluiten").fill("oktober")
    hr.get_by_role("button", name="Sluit het tijdvak").click()
    expect(hr.get_by_role("alert")).to_contain_text("Er is niets veranderd")
    hr.get_by_label("Typ 2026-10 om te sluiten").fill("2026-10")
    hr.get_by_role("button", name="Sluit het tijdvak").click()
    expect(hr.locator(".life [aria-current]")).to_have_text("gesloten")
    expect(hr.get_by_role("table", name="Logboek").get_by_role("row")).to_have_count(8)


def test_what_somebody_else_changed_meanwhile_is_said_and_nothing_is_done(
    somebody: Callable[[str], Page], base: str
) -> None:
    one, other = somebody("hr"), somebody("hr")
    for page in (one, other):
        page.goto(f"{base}/hr?period=2026-10&lang=en")
    one.get_by_role("button", name="Hand in for review").click()
    other.get_by_role("button", name="Hand in for review").click()
    expect(other.get_by_role("alert")).to_contain_text("Somebody else was just ahead")
    other.get_by_text("Discard …").click()
    other.get_by_label("Reason").fill("the target of Chidi is missing")
    other.get_by_role("button", name="Discard").click()
    expect(other.locator(".life [aria-current]")).to_have_text("open")
    expect(other.get_by_role("table", name="Audit trail")).to_contain_text("the target of Chidi is missing")


def test_a_draft_is_tried_and_what_it_leaves_open_is_asked(somebody: Callable[[str], Page], base: str) -> None:
    page = somebody("hr")
    page.goto(f"{base}/rehearsals?lang=nl")
    draft = page.get_by_label("Plannen, als YAML of JSON").input_value()
    page.get_by_label("Van tijdvak").fill("2026-09")
    page.get_by_label("Plannen, als YAML of JSON").fill(draft.replace("weight: '0.5'", "weight: '0.6'", 1))
    page.get_by_role("button", name="Reken door").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Plannen, als YAML of JSON").fill(draft.replace("cap: '1.5'", "cap: '1.1'"))
    page.get_by_role("button", name="Reken door").click()
    expect(page.get_by_role("img", name="mensen krijgen minder")).to_be_visible()
    expect(page.get_by_role("table", name="Kosten per tijdvak").get_by_role("row")).to_have_count(3)
    assert violations(page) == []
