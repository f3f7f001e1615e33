"""From pay lines to entries of a payroll package: which employer, which number, which wage component."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.commission.domain.employers import HIGHEST, Employer, Employment, Payroll, PayrollPeriod
from services.commission.domain.paylines import PayLine
from shared.errors import FieldProblem
from shared.money import to_major


@dataclass(frozen=True, slots=True)
class Entry:
    """One pay line under the names of the payroll package."""

    employment: Employment
    component: str
    line: PayLine


@dataclass(frozen=True, slots=True)
class Booking:
    """The entries of one employer; all of them are paid in the open payroll period, whatever period they stem from."""

    employer: Employer
    period: PayrollPeriod
    entries: tuple[Entry, ...]

    @property
    def total(self) -> int:
        """The entries added up, in minor units of the employer's currency."""
        return sum(entry.line.amount for entry in self.entries)

    def sums(self) -> Mapping[tuple[str, str], int]:
        """Return what each (employee number, wage component) gets in all, in minor units; sums of zero are left out."""
        found: dict[tuple[str, str], int] = {}
        for entry in self.entries:
            key = (entry.employment.number, entry.component)
            found[key] = found.get(key, 0) + entry.line.amount
        return {key: amount for key, amount in sorted(found.items()) if amount}

    def components(self) -> list[str]:
        """Return the wage components that something is booked on, in their order."""
        return sorted({component for _, component in self.sums()})

    def by_employee(self) -> Mapping[str, Mapping[str, int]]:
        """Return the sums by employee number, then by wage component."""
        found: dict[str, dict[str, int]] = {}
        for (number, component), amount in self.sums().items():
            found.setdefault(number, {})[component] = amount
        return found

    def name_of(self, number: str) -> str:
        """Return the name that goes with an employee number."""
        return next(entry.line.name for entry in self.entries if entry.employment.number == number)


def book(
    lines: Sequence[PayLine], payroll: Payroll, open_periods: Mapping[str, PayrollPeriod], day: date
) -> tuple[list[Booking], list[FieldProblem]]:
    """Sort pay lines out by employer, and name every line that payroll could not book.

    `open_periods` holds the open payroll period by employer, `day` decides who employs a payee.
    """
    entries: dict[str, list[Entry]] = {}
    problems: list[FieldProblem] = []
    for line in lines:
        found = _entry(line, payroll, day)
        if isinstance(found, FieldProblem):
            problems.append(found)
        else:
            entries.setdefault(found.employment.employer, []).append(found)
    problems += _closed(entries, payroll, open_periods)
    bookings = [
        Booking(payroll.employers[name], open_periods[name], tuple(own))
        for name, own in sorted(entries.items())
        if name in open_periods
    ]
    return bookings, problems


def _entry(line: PayLine, payroll: Payroll, day: date) -> Entry | FieldProblem:
    where = f"/lines/{line.line_id}"
    employment = payroll.employment(line.rep, day)
    if employment is None:
        return FieldProblem(where, line.rep, f"an employment that had begun on {day}: add one to the payroll document")
    employer = payroll.employers[employment.employer]
    component = employer.component(line.code, line.kind)
    if component is None:
        remedy = f"add {line.code!r}, {line.kind!r} or '*' to its components"
        return FieldProblem(where, line.code, f"a wage component at {employer.name}: {remedy}")
    if line.currency != employer.currency:
        amount = f"{line.currency} {to_major(line.amount, line.currency)}"
        return FieldProblem(where, amount, f"{employer.currency}: {employer.name} pays in nothing else")
    return Entry(employment, component, line)


def _closed(
    employers: Iterable[str], payroll: Payroll, open_periods: Mapping[str, PayrollPeriod]
) -> Iterator[FieldProblem]:
    for name in sorted(employers):
        employer, period = payroll.employers[name], open_periods.get(name)
        if period is None:
            yield FieldProblem(f"/periods/{name}", None, "the payroll period that is open there, such as 2026-12")
        elif period.type != employer.period_type or not 1 <= period.number <= HIGHEST[period.type]:
            highest = HIGHEST[employer.period_type]
            yield FieldProblem(f"/periods/{name}", period.id, f"a {employer.period_type} from 01 to {highest}")
