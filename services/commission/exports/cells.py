"""Cells as a Dutch spreadsheet and payroll package read them."""

import csv
import io
from collections.abc import Iterable, Sequence

from shared.money import to_major

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take text for a formula (OWASP, CSV injection; with the full-width forms)."""


def decimal_comma(minor: int, currency: str) -> str:
    """Write minor units as 1234,56; a minus sign for what is taken back, no thousands separators."""
    return to_major(minor, currency).replace(".", ",")


def text(value: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: a leading apostrophe where it would."""
    return f"'{value}" if value.lstrip(" ").startswith(FORMULA) else value


def table(rows: Iterable[Sequence[str]], mark: str = "") -> bytes:
    """Write rows as CSV: UTF-8 after the byte order mark given, `;` between cells, CR LF after each row."""
    out = io.StringIO(newline="")
    out.write(mark)
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
