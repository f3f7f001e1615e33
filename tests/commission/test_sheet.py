"""A statement written out: what is on the page and on paper is what the statement says, to the cent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.commission.handlers import Leagues
from services.commission.handlers.answering import UnknownRep
from services.commission.handlers.stating import Told, told
from services.commission.pages import pdf
from services.commission.pages.parts import Reader, Sheet
from services.commission.pages.sheet import sheet
from services.commission.store import Books
from shared import periods
from shared.web.figures import Figures
from shared.web.words import words
from tests.commission.life import Life
from tests.commission.paying import Office

LOCALE = Path(__file__).parents[2] / "services/commission/locale"
SPACES = re.compile(r"[\u00a0\u202f]")


@pytest.fixture
def office(sqlite_books: Books, tmp_path: Path) -> Office:
    return Office.open(Life(sqlite_books), tmp_path).fill()


def found(office: Office, rep: str, period: str) -> Told:
    with office.life.desks.reading() as desk:
        return told(desk, Leagues(), rep, periods.parse(period))


def reader(one: Told, language: str) -> Reader:
    return Reader(words(language, LOCALE), Figures(language, one.league.roster.zone))


def written(office: Office, rep: str, period: str, language: str = "nl") -> Sheet:
    one = found(office, rep, period)
    return sheet(one, reader(one, language))


def plain(text: str) -> str:
    return SPACES.sub(" ", text)


def euros(minor: int) -> str:
    whole = f"{abs(minor) / 100:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"€ {'-' if minor < 0 else ''}{whole}"


def test_every_amount_is_that_of_the_statement(office: Office) -> None:
    said: Any = office.client("seller").get("/commission/v1/statements/noor?period=2026-10").get_json()
    one = written(office, "noor", "2026-10")
    assert [plain(total) for total in one.totals] == [euros(each["minor"]) for each in said["totals"]]
    assert [plain(row.amount) for row in one.rows] == [euros(line["minor"]) for line in said["lines"]]
    for row, line in zip(one.rows, said["lines"], strict=True):
        assert [each.text for each in row.sentences] == [step["sentence"]["nl"] for step in line["derivation"]]
        assert [each.credits for each in row.sentences] == [step["why"] for step in line["derivation"]]
    assert one.remarks == tuple(each["sentence"]["nl"] for each in said["exceptions"])


def test_an_estimate_says_that_it_is_one(office: Office) -> None:
    one = written(office, "sanne", "2026-10", "en")
    assert (one.status, one.others, one.balances) == ("estimate", (), ())
    assert one.foot == ("An estimate as things stand now: it can still grow or shrink until the period is approved.",)


def test_the_sheet_of_a_run_never_changes_and_names_what_it_rests_on(office: Office) -> None:
    run = office.life.close("2026-09")
    before = written(office, "amina", "2026-09")
    office.life.earn(-5_000, "2026-09-20", "amina", "zuid", deal="deal:amina-2026-09")
    assert written(office, "amina", "2026-09") == before
    assert before.status == "gesloten"
    assert run.inputs in before.foot[1]
    assert run.outputs in before.foot[1]


def test_a_late_difference_is_told_with_what_was_what_is_and_which_ledger_line_came(office: Office) -> None:
    office.life.close("2026-09")
    late = office.life.earn(-5_000, "2026-09-20", "amina", "zuid", deal="deal:amina-2026-09")
    run = office.life.calculate("2026-10")
    one = written(office, "amina", "2026-10")
    own, team = one.others
    assert (own.label, team.about) == ("Correctie Eigen omzet 2026-09", "Zuid")
    assert (plain(own.old), plain(own.new), plain(own.amount)) == ("€ 424,50", "€ 257,83", "€ -166,67")
    assert own.sentences[1].credits == f"/scoring/v1/credits/{late.id}"
    settled = office.life.settled(run, "amina")
    assert [plain(each) for each in one.totals] == [euros(settled.totals["EUR"])]
    assert [row.line for row in one.rows] == [line.id for line in settled.lines if line.kind == "earned"]


def test_draws_and_balances_are_told(office: Office) -> None:
    office.life.adjust("2026-10", -5_000, "chidi", "paid twice last year")
    office.life.calculate("2026-10")
    one = written(office, "chidi", "2026-10")
    assert [row.label for row in one.others] == ["Handmatige correctie 2026-10", "Later te verrekenen 2026-10"]
    assert one.others[0].sentences[0].text == "paid twice last year"
    (debt,) = one.balances
    assert (debt.label, plain(debt.opening)) == ("Later te verrekenen", "€ 0,00")
    assert plain(debt.closing) == plain(debt.movements[0]).removeprefix("tekort ")


def test_a_reward_is_told_and_is_in_no_total(office: Office) -> None:
    one = written(office, "sanne", "2026-10", "en")
    (prize,) = one.prizes
    assert (prize.label, prize.about, prize.needed, prize.won) == ("Team outing", "Noord", "110.00%", False)
    assert any("Sanne de Vries" in each.text for each in prize.sentences)
    assert any("€75.00 a head" in each.text for each in prize.sentences)


def test_who_is_in_neither_run_nor_roster_has_no_statement(office: Office) -> None:
    with pytest.raises(UnknownRep):
        found(office, "nobody", "2026-10")
    office.life.calculate("2026-10")
    with pytest.raises(UnknownRep):
        found(office, "nobody", "2026-10")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_pdf_of_a_sheet_always_has_the_same_bytes(office: Office, language: str) -> None:
    office.life.close("2026-09")
    one = written(office, "amina", "2026-09", language)
    at = datetime(2026, 10, 1, tzinfo=UTC)
    body = pdf.write(one, language, at)
    assert body == pdf.write(one, language, at)
    assert body.startswith(b"%PDF-")
    assert b"/Lang (" + language.encode() in body
    assert len(re.findall(rb"/Type /Page\b", body)) == len(re.findall(rb"/Contents ", body))


def test_the_pdf_over_http_is_that_of_the_page(office: Office) -> None:
    client = office.client("seller")
    answer = client.get("/commission/statements/noor.pdf?period=2026-10&lang=nl")
    assert answer.content_type == "application/pdf"
    assert 'filename="provisieoverzicht-2026-10-noor.pdf"' in answer.headers["Content-Disposition"]
    assert answer.data == client.get("/commission/statements/noor.pdf?period=2026-10&lang=nl").data
    page = client.get("/commission/statements/noor?period=2026-10&lang=nl", headers={"Accept": "text/html"}).text
    one = written(office, "noor", "2026-10")
    for text in (*one.totals, *(row.amount for row in one.rows)):
        assert text in page
    assert answer.data != client.get("/commission/statements/noor.pdf?period=2026-10&lang=en").data


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_sentence_of_the_pages_is_there_in_both_languages(language: str) -> None:
    own, other = words(language, LOCALE), words("en" if language == "nl" else "nl", LOCALE)
    assert own.keys() == other.keys()
