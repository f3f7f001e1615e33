"""The neutral file: a line for each pay line, for packages without a layout of their own; and the control file.

UTF-8 with a byte order mark, `;` between cells, decimal comma, minus sign for what is taken back.
"""

from collections.abc import Iterable, Iterator, Sequence

from services.commission.domain.booking import Booking, Entry
from services.commission.domain.payroll import BYTE_ORDER_MARK, decimal_comma, table, text

CONTENT_TYPE = "text/csv; charset=utf-8"
HEADER = (
    *("employer_no", "employee_no", "wage_component_code", "amount", "year", "period", "period_type"),
    *("description", "run_id", "line_id"),
)
CONTROL = ("employer_no", "wage_component_code", "currency", "employees", "lines", "amount")


def write(booking: Booking) -> bytes:
    """Return the neutral file of an employer."""
    return _written([HEADER, *(_row(booking, entry) for entry in booking.entries if entry.line.amount)])


def control(booking: Booking) -> bytes:
    """Return the control file: totals to be found again after the import, then every line that is inside them."""
    return _written([CONTROL, *_totals(booking), (), HEADER, *(_row(booking, entry) for entry in booking.entries)])


def _written(rows: Iterable[Sequence[str]]) -> bytes:
    return table(rows, BYTE_ORDER_MARK).encode()


def _row(booking: Booking, entry: Entry) -> list[str]:
    line, period = entry.line, booking.period
    return [
        *(booking.employer.number, entry.employment.number, entry.component),
        *(decimal_comma(line.amount, line.currency), f"{period.year:04d}", f"{period.number:02d}", period.type),
        *(text(line.description), text(line.run), text(line.line_id)),
    ]


def _totals(booking: Booking) -> Iterator[list[str]]:
    """Yield a line for each wage component, then one for all of them (no component named)."""
    for component in booking.components():
        entries = [entry for entry in booking.entries if entry.component == component]
        yield _total(booking, component, entries)
    yield _total(booking, "", list(booking.entries))


def _total(booking: Booking, component: str, entries: list[Entry]) -> list[str]:
    employer, amount = booking.employer, sum(entry.line.amount for entry in entries)
    employees = len({entry.employment.number for entry in entries})
    counts = (str(employees), str(len(entries)))
    return [employer.number, component, employer.currency, *counts, decimal_comma(amount, employer.currency)]
