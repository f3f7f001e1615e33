"""A run computed again from its stored inputs, and compared with what is stored: byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from services.commission.domain.balances import Account, Balance
from services.commission.domain.canonical import Reader, Writer
from services.commission.domain.paylines import RunLine
from services.commission.domain.runs import VERIFY, Event, Run
from services.commission.domain.settling import APART, Inputs, Settled, Settlement
from services.commission.handlers.calculating import MOST_IN_MEMORY, Desks, outputs_of
from services.commission.handlers.once import Request
from services.commission.store import Desk
from services.commission.store.runs import PayeeOfRun
from shared.errors import Broken


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it: `differences` names everything that is not as it was, nothing when all of it is.

    `engine` is the present one; where it is not the run's own, differences may come from the program.
    """

    run: Run
    engine: str
    payees: int
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Tell whether every byte is as it was."""
        return not self.differences


def verify(desks: Desks, run: str, request: Request, engine: str) -> Verdict:
    """Compute a run again and compare; the audit trail tells that it was done. UnknownRun when there is none."""
    with desks.reading() as desk:
        found = desk.runs.get(run)
        differences = _all_differences(desk, found)
    verdict = Verdict(found, engine, found.payees, differences)
    said = "the same" if verdict.same else f"{len(differences)} differences"
    about = {"engine": engine, "outcome": said}
    with desks.writing() as desk:
        state = found.state
        desk.trail.add(Event(request.now, request.actor, VERIFY, found.period.id, run, state, state, None, about))
    return verdict


def _all_differences(desk: Desk, run: Run) -> tuple[str, ...]:
    try:
        return tuple(_differences(desk, run))
    except Broken as damage:
        return (damage.detail,)


def _differences(desk: Desk, run: Run) -> Iterator[str]:
    reader, writer = Reader(desk.contents.read), Writer(APART)
    tables = _tables(desk, run)
    inputs = reader.get(Inputs, run.inputs)
    if writer.put(inputs) != run.inputs:
        yield "the stored inputs do not lead to their own address"
    stored = {one.rep: one for one in desk.runs.payees(run.id)}
    again: list[PayeeOfRun] = []
    totals: dict[str, int] = {}
    for one in Settlement(inputs).all():
        content = writer.put(one)
        if len(again) % MOST_IN_MEMORY == 0:
            writer.hand_over()
        again.append(PayeeOfRun(one.rep, one.name, content))
        for currency, amount in one.totals.items():
            totals[currency] = totals.get(currency, 0) + amount
        if one.rep in stored:
            yield from _of_payee(desk, stored[one.rep], one, content, tables.get(one.rep, _Rows()))
    yield from (f"{rep}: is in the run and was not computed again" for rep in stored.keys() - {p.rep for p in again})
    if writer.put(outputs_of(again, totals)) != run.outputs:
        yield f"the outcome as a whole has another address than {run.outputs}"


def _of_payee(desk: Desk, stored: PayeeOfRun, again: Settled, content: str, rows: _Rows) -> Iterator[str]:
    desk.contents.read(stored.content)  # Broken when it is not what its address says
    if stored.content != content:
        yield f"{stored.rep}: computed again it is {content}, stored is {stored.content}"
        return
    # why a line is there stands in the outcome only
    if rows.lines != {line.id: replace(line, credits=(), more=0, documents=()) for line in again.lines}:
        yield f"{stored.rep}: the lines in the table are not those of the stored outcome"
    closings = {one.account: one.closing for one in again.balances if one.closing}
    if rows.balances != {one.account: one for one in again.balances} or rows.closings != closings:
        yield f"{stored.rep}: the balances in the table are not those of the stored outcome"


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the tables say of a payee: lines by id, balances, and what of these is carried over."""

    lines: dict[str, RunLine] = field(default_factory=dict)
    balances: dict[Account, Balance] = field(default_factory=dict)
    closings: dict[Account, int] = field(default_factory=dict)


def _tables(desk: Desk, run: Run) -> Mapping[str, _Rows]:
    found: dict[str, _Rows] = {}
    for line in desk.runs.lines(run.id):
        found.setdefault(line.rep, _Rows()).lines[line.id] = line
    for balance in desk.runs.balances(run.id):
        found.setdefault(balance.account.rep, _Rows()).balances[balance.account] = balance
    for account, closing in desk.runs.closings(run.id).items():
        found.setdefault(account.rep, _Rows()).closings[account] = closing
    return found
