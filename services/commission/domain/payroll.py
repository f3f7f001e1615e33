"""Payouts of a period as payroll wants them: control totals, and CSV for a Dutch spreadsheet.

CSV is UTF-8 with a byte order mark, separated by `;`, decimals with a comma, no thousands separators. Text cells
that a spreadsheet would take for a formula are made text.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.commission.domain.components import Line
from services.commission.domain.quantities import Quantity, exact
from services.commission.domain.statements import Statement
from shared.money import to_major

BYTE_ORDER_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take text for a formula (OWASP, CSV injection; with the full-width forms)."""
_PERCENT_DECIMALS = 4

PAYROLL = ("period", "rep", "name", "team", "plan", "plan_version", "currency", "amount")
DETAIL = (
    *("period", "rep", "name", "plan", "plan_version", "component", "scope", "team", "metric"),
    *("result", "target", "attainment_percent", "currency", "amount", "exceptions"),
)


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in a cell, in minor units."""

    minor: int
    currency: str


Cell = str | int | Fraction | Amount | None


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """What must be found again after an import: payees, those of them with an amount, and the sum (minor units)."""

    currency: str
    payees: int
    paid: int
    sum: int


def control_totals(statements: Sequence[Statement]) -> tuple[ControlTotal, ...]:
    """Return the control totals of each currency that is paid in."""
    amounts: dict[str, list[int]] = {}
    for each in statements:
        for currency, amount in each.totals.items():
            amounts.setdefault(currency, []).append(amount)
    return tuple(
        ControlTotal(currency, len(found), sum(amount != 0 for amount in found), sum(found))
        for currency, found in sorted(amounts.items())
    )


def payroll_rows(statements: Iterable[Statement]) -> Iterator[list[Cell]]:
    """Yield the cells of a line for each payee and currency; who gets nothing has none (payroll would book a zero)."""
    return (row for each in statements for row in _payroll_rows(each))


def detail_rows(statements: Iterable[Statement]) -> Iterator[list[Cell]]:
    """Yield the cells of a line for each component of each payee, zeros included, with what it was computed from."""
    return (_detail_row(each, line) for each in statements for line in each.lines)


def decimal_comma(minor: int, currency: str) -> str:
    """Write minor units as 1234,56; a minus sign for what is taken back."""
    return to_major(minor, currency).replace(".", ",")


def text(value: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: a leading apostrophe where it would."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Write cells as CSV for a Dutch spreadsheet."""
    return table([header, *([_written(cell) for cell in row] for row in rows)], BYTE_ORDER_MARK)


def table(rows: Iterable[Sequence[str]], mark: str = "") -> str:
    """Write rows as CSV after the byte order mark given: `;` between cells, CR LF after each row."""
    out = io.StringIO(newline="")
    out.write(mark)
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Amount():
            return decimal_comma(cell.minor, cell.currency)
        case Fraction():
            return exact(cell).replace(".", ",")
        case int():
            return str(cell)
    return text(cell)


def _payroll_rows(one: Statement) -> Iterator[list[Cell]]:
    for currency, amount in one.totals.items():
        if amount:
            paid = [line for line in one.lines if line.plan.currency == currency]
            plans = {line.plan.id: str(line.version) for line in paid}
            teams = dict.fromkeys(part.team for part in one.segments)
            said = (one.period.id, one.rep.id, one.rep.name, _list(teams), _list(plans), _list(plans.values()))
            yield [*said, currency, Amount(amount, currency)]


def _detail_row(one: Statement, line: Line) -> list[Cell]:
    component, currency = line.component, line.plan.currency
    percent = None if line.attainment is None else round(line.attainment * 100, _PERCENT_DECIMALS)
    return [
        *(one.period.id, one.rep.id, one.rep.name, line.plan.id, line.version),
        *(component.id, component.scope, line.team or "", component.metric),
        *(_value(line.result), _value(line.target), percent),
        *(currency, Amount(line.amount, currency), _list(found.code for found in line.findings)),
    ]


def _value(quantity: Quantity | None) -> Fraction | None:
    return None if quantity is None else quantity.value


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
