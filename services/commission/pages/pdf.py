"""A statement as PDF: A4, with the derivation of every euro; the same sheet always gives the same bytes.

Drawn with fpdf2 in Inter (SIL Open Font License 1.1), which is embedded: a payee can keep the file for ever.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, TextEmphasis, XPos, YPos
from fpdf.fonts import FontFace

from services.commission.pages.parts import Beside, Prize, Row, Said, Sheet

FONTS = Path(__file__).parent / "fonts"
INK, SOFT, RULE, ACCENT = (23, 25, 35), (91, 97, 115), (216, 220, 229), (35, 72, 160)
_MARGIN, _BODY, _SMALL = 18, 9.5, 8
_WIDTHS = (34, 17, 17, 13, 19)
"""Of the columns, in parts of a hundred: what for, result, target, attainment, amount."""


def write(sheet: Sheet, language: str, made: datetime | None) -> bytes:
    """Return the PDF; `made` is the moment that stands in its properties."""
    page = _Page(sheet, language, made)
    page.add_page()
    _head(page, sheet)
    _facts(page, sheet)
    _table(page, sheet.rows, sheet)
    if sheet.others:
        _others(page, sheet)
    if sheet.balances:
        _balances(page, sheet)
    _derivation(page, sheet)
    for prize in sheet.prizes:
        _prize(page, prize, sheet)
    if sheet.remarks:
        page.heading(sheet.columns["remarks"])
        page.sentences([Said(text) for text in sheet.remarks])
    return bytes(page.output())


class _Page(FPDF):
    """A4 in the house's letters, with a foot on every page."""

    def __init__(self, sheet: Sheet, language: str, made: datetime | None) -> None:
        super().__init__(format="A4")
        self._sheet = sheet
        self.add_font("Inter", "", FONTS / "Inter-Regular.ttf")
        self.add_font("Inter", "B", FONTS / "Inter-SemiBold.ttf")
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(True, 26)
        self.set_lang(language)
        self.set_title(f"{sheet.title} {sheet.period} {sheet.payee}")
        self.set_author(sheet.organisation)
        self.set_creation_date(made or datetime(2000, 1, 1, tzinfo=UTC))
        self.letters()

    def letters(self, size: float = _BODY, *, bold: bool = False, colour: tuple[int, int, int] = INK) -> None:
        """Choose the letters of what is written next."""
        self.set_font("Inter", "B" if bold else "", size)
        self.set_text_color(*colour)

    def line_of(self, text: str, height: float) -> None:
        """Write text over the whole width, as many lines as it needs."""
        self.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def heading(self, text: str) -> None:
        """Begin a part, never at the very foot of a page."""
        if self.will_page_break(28):
            self.add_page()
        self.ln(6)
        self.letters(12, bold=True)
        self.line_of(text, 7)
        self.ln(1)

    def sentences(self, said: Sequence[Said]) -> None:
        """Write sentences below one another."""
        self.letters()
        for sentence in said:
            self.line_of(sentence.text, 5)

    def footer(self) -> None:
        """Write at the foot of every page what it belongs to."""
        self.set_y(-22)
        self.letters(7, colour=SOFT)
        for text in self._sheet.foot:
            self.line_of(text, 3.4)
        self.set_y(-10)
        about = f"{self._sheet.payee} · {self._sheet.period} · {self.page_no()}/{{nb}}"
        self.cell(0, 4, about, align="R")


def _head(page: _Page, sheet: Sheet) -> None:
    page.letters(_SMALL, colour=SOFT)
    page.line_of(sheet.organisation, 5)
    page.letters(20, bold=True)
    page.line_of(f"{sheet.title} {sheet.period}", 10)
    page.letters(12)
    page.line_of(sheet.payee, 7)
    page.ln(3)
    page.letters(_SMALL, colour=SOFT)
    page.line_of(f"{sheet.columns['total']} · {sheet.status}", 5)
    page.letters(26, bold=True, colour=ACCENT)
    for total in sheet.totals:
        page.line_of(total, 12)
    page.ln(2)


def _facts(page: _Page, sheet: Sheet) -> None:
    for name, value in sheet.facts:
        page.letters(_SMALL, colour=SOFT)
        page.cell(34, 5, name)
        page.letters(_SMALL)
        page.multi_cell(0, 5, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.ln(4)


def _table(page: _Page, rows: Sequence[Row], sheet: Sheet) -> None:
    names = [sheet.columns[name] for name in ("component", "result", "target", "attainment", "amount")]
    cells = [[_name(row), row.result, row.target, row.attainment, row.amount] for row in rows]
    _grid(page, [names, *cells], _WIDTHS)


def _others(page: _Page, sheet: Sheet) -> None:
    page.heading(sheet.columns["others"])
    names = [sheet.columns[name] for name in ("component", "old", "new", "amount")]
    _grid(page, [names, *([_name(one), one.old, one.new, one.amount] for one in sheet.others)], (46, 17, 17, 20))


def _grid(page: _Page, rows: Sequence[Sequence[str]], widths: tuple[int, ...]) -> None:
    """Draw rows in columns, the first of them headings; all columns but the first to the right."""
    page.letters(_SMALL)
    page.set_draw_color(*RULE)
    with page.table(
        col_widths=widths,
        text_align=("LEFT", *("RIGHT" for _ in widths[1:])),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis=TextEmphasis.B, color=SOFT),
        line_height=5,
        padding=(1.2, 1),
    ) as table:
        for row in rows:
            table.row(row)


def _name(row: Row | Beside | Prize) -> str:
    return f"{row.label} ({row.about})" if row.about else row.label


def _balances(page: _Page, sheet: Sheet) -> None:
    page.heading(sheet.columns["balances"])
    names = (sheet.columns["balances"], sheet.columns["opening"], "", sheet.columns["closing"])
    cells = [(one.label, one.opening, "\n".join(one.movements), one.closing) for one in sheet.balances]
    _grid(page, [names, *cells], (30, 18, 34, 18))


def _derivation(page: _Page, sheet: Sheet) -> None:
    page.heading(sheet.columns["derivation"])
    rows: tuple[Row | Beside, ...] = (*sheet.rows, *sheet.others)
    for row in rows:
        if row.sentences:
            page.letters(bold=True)
            page.line_of(f"{_name(row)}: {row.amount}", 6)
            page.sentences(row.sentences)
            page.ln(2)


def _prize(page: _Page, prize: Prize, sheet: Sheet) -> None:
    page.heading(f"{sheet.columns['reward']}: {_name(prize)}")
    reached = f"{sheet.columns['reached']} {prize.reached} · {sheet.columns['needed']} {prize.needed}"
    page.sentences([Said(f"{reached} · {prize.state}"), *prize.sentences])
