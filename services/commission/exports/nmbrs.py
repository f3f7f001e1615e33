"""Nmbrs: the sheet "Variabele Looncomponenten".

As on Nmbrs' help pages (articles 204052946 and 360015900692): columns A to G say whose line it is, from H on row 2
holds the codes of the wage components (L5100) and OpmerkingenL5100 beside each; values begin in row 3. No formulas,
and no zeros, since a zero is booked. The period is that of the company's current one.
"""

import io
from collections.abc import Iterator, Mapping
from datetime import datetime

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from services.commission.domain.booking import Booking
from services.commission.domain.payroll import text
from services.commission.exports.steady import steady
from shared.money import to_major

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = "Variabele Looncomponenten"
FIXED = ("Debiteurnr*", "Bedrijfnr*", "Persnr*", "Naam", "Periode*", "Dagen", "DagenVoorLC")

Cell = str | int | float | None


def write(booking: Booking) -> bytes:
    """Return the workbook; a row for each employee."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101  what a new book holds; tells mypy
    sheet.title = SHEET
    codes = [_code(component) for component in booking.components()]
    sheet.append([*FIXED, *(cell for _ in codes for cell in ("Looncomponent", "Opmerkingen"))])
    sheet.append([*(None for _ in FIXED), *(cell for code in codes for cell in (code, f"Opmerkingen{code}"))])
    for row in _rows(booking):
        sheet.append(row)
    for column in range(len(FIXED) + 1, sheet.max_column + 1, 2):
        for (cell,) in sheet.iter_rows(3, sheet.max_row, column, column):
            cell.number_format = "0.00"  # shown with a comma where the spreadsheet is Dutch
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)  # noqa: DTZ001  a workbook has no zones
    out = io.BytesIO()
    book.save(out)
    return steady(out.getvalue())


def _rows(booking: Booking) -> Iterator[list[Cell]]:
    employer, components, remarks = booking.employer, booking.components(), _remarks(booking)
    for number, sums in booking.by_employee().items():
        who = (int(employer.debtor or 0), int(employer.number), int(number), text(booking.name_of(number)))
        cells: list[Cell] = []
        for name in components:
            if name in sums:
                # a spreadsheet's numbers are binary fractions; the nearest one to cents reads back as these cents
                cells += [float(to_major(sums[name], employer.currency)), text(remarks[number, name])]
            else:
                cells += [None, None]
        yield [*who, booking.period.id, None, None, *cells]


def _remarks(booking: Booking) -> Mapping[tuple[str, str], str]:
    """Return what an amount is made of, by employee and component: the descriptions of its lines."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for entry in booking.entries:
        found.setdefault((entry.employment.number, entry.component), {})[entry.line.description] = None
    return {key: ", ".join(said) for key, said in found.items()}


def _code(component: str) -> str:
    return component if component.startswith("L") else f"L{component}"
