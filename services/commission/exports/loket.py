"""Loket.nl: a CSV with a column for each wage component, numbers only.

Columns as on Loket's help pages (article 205729448): aanslnr, persnr (personeelsnummer verloning), ploeg, then the
numbers of the wage components. The payroll period is chosen on the import screen.
"""

from collections.abc import Iterator

from services.commission.domain.booking import Booking
from services.commission.domain.payroll import decimal_comma, table

CONTENT_TYPE = "text/csv; charset=utf-8"
FIXED = ("aanslnr", "persnr", "ploeg")


def write(booking: Booking) -> bytes:
    """Return the file; a line for each employee, an empty cell where nothing is booked on a component."""
    return table([[*FIXED, *booking.components()], *_rows(booking)]).encode()


def _rows(booking: Booking) -> Iterator[list[str]]:
    employer, components = booking.employer, booking.components()
    for number, sums in booking.by_employee().items():
        amounts = (decimal_comma(sums[name], employer.currency) if name in sums else "" for name in components)
        yield [employer.number, number, employer.shift or "1", *amounts]
