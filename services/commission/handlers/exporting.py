"""Handing a run over to payroll: once, however often it is asked for, and taken back with opposite lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.commission.domain.batches import (
    CONFIRMED,
    COUNTERED,
    MADE,
    VOID,
    Export,
    FileOfExport,
    NothingToExport,
    UnknownExport,
    check_made,
    counter_lines,
    export_id,
    is_taken_back,
    outstanding,
    sums_of,
)
from services.commission.domain.canonical import address
from services.commission.domain.paylines import PayLine, RunLine, pay_lines
from services.commission.domain.runs import APPROVED, CANCEL, CONFIRM, EXPORT, Run, next_state
from services.commission.handlers.calculating import Desks
from services.commission.handlers.once import Request, done_once
from services.commission.handlers.reviewing import locked, moved
from services.commission.store import Desk


class File(Protocol):
    """A file for payroll."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def content_type(self) -> str:
        """What it is."""
        ...

    @property
    def body(self) -> bytes:
        """Its bytes."""
        ...


Write = Callable[[str, Sequence[PayLine]], Sequence[File]]
"""Writes the files of an export, given its id and its lines; raises InvalidInput for lines payroll could not book."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is exported and how: the name of the `format`, and what `write`s its files."""

    format: str
    write: Write
    language: str = "nl"


def export(desks: Desks, run: str, order: Order, request: Request) -> Export:
    """Export what payroll was not handed of a run yet.

    Raises UnknownRun, WrongState, Outdated, or NothingToExport when all of it was handed over.
    """
    with desks.writing() as desk:
        return desk.exports.get(done_once(desk, request, lambda: _export(desk, run, order, request).id))


def _export(desk: Desk, name: str, order: Order, request: Request) -> Export:
    run = locked(desk, name, request)
    state = next_state(run, EXPORT, request.actor, None)
    before = desk.exports.of_run(name)
    lines = outstanding(desk.runs.lines(name), before)
    if before and not lines:
        raise NothingToExport(f"everything of run {name} is in {', '.join(one.id for one in before)}")
    made = _Making(desk, run, order, request).make(lines)
    moved(desk, run, request, EXPORT, state, export=made.id, lines=str(len(lines)))
    return made


def confirm(desks: Desks, export: str, request: Request) -> Export:
    """Note that payroll has taken an export in; raises UnknownExport, WrongState or ExportOver."""
    with desks.writing() as desk:
        return desk.exports.get(done_once(desk, request, lambda: _confirm(desk, export, request)))


def _confirm(desk: Desk, name: str, request: Request) -> str:
    run = locked(desk, desk.exports.get(name).run, request)
    one = desk.exports.get(name)
    state = next_state(run, CONFIRM, request.actor, None)
    check_made(one, CONFIRM)
    desk.exports.move(name, CONFIRMED)
    moved(desk, run, request, CONFIRM, _after(desk, run, state), export=name)
    return name


def cancel(desks: Desks, export: str, order: Order, request: Request, *, imported: bool) -> Export:
    """Take an export back and return what it is now: void, or countered by another with the opposite lines.

    `imported`: payroll has taken it in, or may have. Raises UnknownExport, WrongState, NoReason or ExportOver.
    """
    with desks.writing() as desk:
        name = done_once(desk, request, lambda: _cancel(desk, export, order, request, imported=imported))
        return desk.exports.get(name)


def _cancel(desk: Desk, name: str, order: Order, request: Request, *, imported: bool) -> str:
    run = locked(desk, desk.exports.get(name).run, request)
    one = desk.exports.get(name)
    state = next_state(run, CANCEL, request.actor, request.reason)
    check_made(one, CANCEL, (MADE, CONFIRMED) if imported else (MADE,))
    about = {"export": name}
    if imported:
        desk.exports.move(name, COUNTERED)
        lines = counter_lines(desk.runs.lines(run.id), one)
        about["counter"] = _Making(desk, run, order, request).make(lines, counters=name).id
    else:
        desk.exports.move(name, VOID)
    moved(desk, run, request, CANCEL, _after(desk, run, state), **about)
    return name


def _after(desk: Desk, run: Run, state: str) -> str:
    """Return the state of a run after one of its exports changed: approved again once payroll holds nothing of it."""
    return APPROVED if is_taken_back(desk.runs.lines(run.id), desk.exports.of_run(run.id)) else state


@dataclass(frozen=True, slots=True)
class _Making:
    """Makes exports of a run."""

    desk: Desk
    run: Run
    order: Order
    request: Request

    def make(self, lines: Sequence[RunLine], counters: str | None = None) -> Export:
        """Write the next export of the run, with these lines and their files."""
        number = len(self.desk.exports.of_run(self.run.id)) + 1
        name = export_id(self.run.id, number)
        files = self.order.write(name, self._pay_lines(lines))
        self.desk.contents.keep({address(file.body): file.body for file in files})
        made = Export(
            id=name,
            run=self.run.id,
            number=number,
            state=MADE,
            format=self.order.format,
            actor=self.request.actor,
            at=self.request.now,
            lines={line.id: line.amount for line in lines},
            sums=sums_of(lines),
            files=tuple(FileOfExport(f.name, f.content_type, address(f.body), len(f.body)) for f in files),
            counters=counters,
        )
        self.desk.exports.add(made)
        return made

    def _pay_lines(self, lines: Sequence[RunLine]) -> list[PayLine]:
        names = {one.rep: one.name for one in self.desk.runs.payees(self.run.id)}
        return list(pay_lines(self.run.id, lines, names.__getitem__, language=self.order.language))


def download(desk: Desk, export: str, file: str) -> tuple[FileOfExport, bytes]:
    """Return a file of an export with its bytes, the same every time; UnknownExport when there is none."""
    found = next((one for one in desk.exports.get(export).files if one.name == file), None)
    if found is None:
        raise UnknownExport(f"export {export} has no file {file!r}")
    return found, desk.contents.read(found.content)
