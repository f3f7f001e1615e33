"""Files for payroll packages from the lines of an export, by the payroll document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol, cast

from services.commission.domain.booking import book
from services.commission.domain.employers import Payroll, PayrollPeriod
from services.commission.domain.paylines import PayLine
from services.commission.exports import File, files
from services.commission.schemas.payroll import parse_payroll
from services.commission.store.payroll import PayrollVersion
from shared.contracts.league import BadDocument
from shared.errors import FieldProblem, InvalidInput, NotFound

_PERIOD = re.compile(r"([0-9]{4})-([0-9]{2})")


class NoPayroll(NotFound):
    """There is no payroll document yet: who is employed where, and which wage component is what."""


class Documents(Protocol):
    """Where the payroll document is."""

    def latest(self) -> PayrollVersion | None:
        """Return the version that holds."""
        ...


def payroll_of(documents: Documents) -> Payroll:
    """Return the payroll document that holds, read; raises NoPayroll."""
    held = documents.latest()
    if held is None:
        raise NoPayroll("put one with PUT /commission/v1/payroll")
    return parse_payroll(held.body, strict=False)


def checked(body: Any) -> Mapping[str, Any]:
    """Return the body of a payroll document that can be used; InvalidInput with every problem of it."""
    try:
        parse_payroll(body)
    except BadDocument as bad:
        problems = [FieldProblem(each.pointer, None, each.message) for each in bad.problems]
        raise InvalidInput("the payroll document cannot be used; nothing of it was kept", problems) from bad
    return cast("Mapping[str, Any]", body)


def booked(
    documents: Documents, periods: Mapping[str, str], day: date, export: str, lines: Sequence[PayLine]
) -> list[File]:
    """Return the files of an export: for each employer one in the layout of its package, and a control file.

    `periods` names the open payroll period of each employer (2026-11: the eleventh of 2026), `day` decides who employs
    a payee. Raises NoPayroll, or InvalidInput with every line that could not be booked.
    """
    payroll = payroll_of(documents)
    bookings, problems = book(lines, payroll, open_periods(payroll, periods), day)
    if problems:
        raise InvalidInput("payroll could not book everything, so nothing was exported", problems)
    return files(export, bookings)


def open_periods(payroll: Payroll, periods: Mapping[str, str]) -> dict[str, PayrollPeriod]:
    """Read the open payroll periods; raises InvalidInput with each that cannot be read."""
    found: dict[str, PayrollPeriod] = {}
    problems: list[FieldProblem] = []
    for name, text in periods.items():
        parts, employer = _PERIOD.fullmatch(text), payroll.employers.get(name)
        if employer is None:
            problems.append(FieldProblem(f"/periods/{name}", name, f"one of {', '.join(sorted(payroll.employers))}"))
        elif parts is None:
            problems.append(FieldProblem(f"/periods/{name}", text, "year and number of the payroll period: 2026-11"))
        else:
            found[name] = PayrollPeriod(int(parts[1]), int(parts[2]), employer.period_type)
    if problems:
        raise InvalidInput("the payroll periods cannot be read", problems)
    return found
