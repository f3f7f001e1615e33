"""Exports of a run: which lines are still to be handed to payroll, and how an export is taken back.

For every line of a run: what its exports add up to is nothing or its amount, never more. An export that payroll never
took in is void; one that it did take in is countered by another with the opposite lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.commission.domain.paylines import RunLine
from shared.errors import Conflict, NotFound

MADE, CONFIRMED, VOID, COUNTERED = "made", "confirmed", "void", "countered"


class UnknownExport(NotFound):
    """There is no such export or file."""


class NothingToExport(Conflict):
    """Every line of the run has been exported."""


class ExportOver(Conflict):
    """The export is not in a state that allows this."""


class NotExported(Conflict):
    """Not every line has been exported and confirmed."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What must be found again after an import: lines, payees and the sum (minor units) of a currency."""

    lines: int
    payees: int
    amount: int


@dataclass(frozen=True, slots=True)
class FileOfExport:
    """A file of an export: `content` is the SHA-256 of its bytes, `size` their number."""

    name: str
    content_type: str
    content: str
    size: int


@dataclass(frozen=True, slots=True)
class Export:
    """One handing over to payroll: `lines` by id with their amounts, `sums` by currency.

    `counters` is the export that this one takes back.
    """

    id: str
    run: str
    number: int
    state: str
    format: str
    actor: str
    at: datetime
    lines: Mapping[str, int]
    sums: Mapping[str, Sum]
    files: tuple[FileOfExport, ...] = ()
    counters: str | None = None


def export_id(run: str, number: int) -> str:
    """Return the name of a run's export (2026-11.1-x1)."""
    return f"{run}-x{number}"


def exported(exports: Iterable[Export]) -> Mapping[str, int]:
    """Return what payroll was handed of each line, counter-lines deducted; void exports do not count."""
    found: dict[str, int] = {}
    for one in exports:
        for line, amount in one.lines.items() if one.state != VOID else ():
            found[line] = found.get(line, 0) + amount
    return found


def outstanding(lines: Iterable[RunLine], exports: Iterable[Export]) -> list[RunLine]:
    """Return what payroll still has to be handed: each line with what is left of it; nothing of zero."""
    done = exported(exports)
    left = (replace(line, amount=line.amount - done.get(line.id, 0)) for line in lines)
    return [line for line in left if line.amount]


def counter_lines(lines: Iterable[RunLine], export: Export) -> list[RunLine]:
    """Return the lines that take an export back: its own with the opposite sign."""
    return [replace(line, amount=-export.lines[line.id]) for line in lines if line.id in export.lines]


def sums_of(lines: Sequence[RunLine]) -> Mapping[str, Sum]:
    """Return the control sums by currency."""
    by_currency: dict[str, list[RunLine]] = {}
    for line in lines:
        by_currency.setdefault(line.currency, []).append(line)
    return {
        currency: Sum(len(own), len({line.rep for line in own}), sum(line.amount for line in own))
        for currency, own in sorted(by_currency.items())
    }


def check_made(export: Export, action: str, states: Sequence[str] = (MADE,)) -> None:
    """Raise ExportOver when an export is past the action."""
    if export.state not in states:
        raise ExportOver(f"export {export.id} is {export.state}; {action} needs it to be {' or '.join(states)}")


def check_complete(lines: Iterable[RunLine], exports: Sequence[Export]) -> None:
    """Raise NotExported while a line was not handed over, or an export is neither confirmed nor taken back."""
    waiting = [one.id for one in exports if one.state == MADE]
    if waiting:
        raise NotExported(f"confirm or cancel {', '.join(waiting)} first")
    left = outstanding(lines, exports)
    if left or not exports:
        raise NotExported(f"{len(left)} lines have not been exported")


def is_taken_back(lines: Iterable[RunLine], exports: Sequence[Export]) -> bool:
    """Tell whether payroll holds nothing of the run any more, for certain."""
    settled = all(one.state != MADE for one in exports)
    return settled and not any(exported(exports).values()) and bool(outstanding(lines, exports))
