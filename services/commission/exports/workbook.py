"""Workbooks for people with spreadsheets: real numbers, no formulas, the same bytes every time."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from services.commission.domain.payroll import Amount, Cell, text
from services.commission.exports.steady import steady
from shared.money import exponent, to_major

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NARROWEST, _WIDEST = 8, 48


class Sheet(NamedTuple):
    """One sheet: its name, the names of its columns, its rows."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return a workbook of these sheets; headings stay in sight, columns can be filtered."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for one in sheets:
        _fill(book.create_sheet(one.name), one)
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)  # noqa: DTZ001  a workbook has no zones
    out = io.BytesIO()
    book.save(out)
    return steady(out.getvalue())


def _fill(sheet: Worksheet, one: Sheet) -> None:
    widths = [max(_NARROWEST, len(name) + 2) for name in one.header]
    sheet.append(list(one.header))
    last = 1
    for last, row in enumerate(one.rows, start=2):
        for column, cell in enumerate(row):
            if cell is not None and cell != "":
                shown = _write(sheet.cell(last, column + 1), cell)
                widths[column] = min(max(widths[column], len(shown) + 2), _WIDEST)
    for square in sheet[1]:
        square.font = Font(bold=True)
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(one.header))}{last}"


def _write(square: Any, cell: Cell) -> str:
    """Write a cell, and return about what will be seen in it."""
    match cell:
        case Amount():
            # a spreadsheet's numbers are binary fractions; the nearest one to cents reads back as these cents
            square.value = float(to_major(cell.minor, cell.currency))
            places = exponent(cell.currency)
            square.number_format = "#,##0" + (f".{'0' * places}" if places else "")
        case Fraction():
            square.value = float(cell)
        case int():
            square.value = cell
        case str():
            square.value = text(cell)
            square.data_type = "s"
    return str(square.value)
