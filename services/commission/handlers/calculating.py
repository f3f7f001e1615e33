"""Calculating a period: inputs are gathered from one state of the books, settled, and kept with what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from services.commission.domain.balances import Balance
from services.commission.domain.canonical import Writer
from services.commission.domain.paylines import RunLine
from services.commission.domain.runs import (
    CALCULATE,
    CALCULATED,
    DISCARD,
    DISCARDED,
    OPEN,
    Event,
    Run,
    check_order,
    check_over,
    run_id,
)
from services.commission.domain.settling import APART, Inputs, Outputs, Settled, Settlement
from services.commission.handlers.gathering import Gathered, gather_inputs
from services.commission.handlers.once import Request, answered, once
from services.commission.store import Desk
from services.commission.store.runs import PayeeOfRun
from shared.contracts.league import PLANS
from shared.periods import Period

MOST_IN_MEMORY = 500
"""Payees whose parts are kept at a time: a large run hands them over to the store as it goes."""


class Desks(Protocol):
    """What the handlers need of the store."""

    def reading(self) -> AbstractContextManager[Desk]:
        """Open a desk that cannot write."""
        ...

    def trying(self) -> AbstractContextManager[Desk]:
        """Open a desk whose work is never kept."""
        ...

    def writing(self) -> AbstractContextManager[Desk]:
        """Open a desk whose work is kept as a whole or not at all."""
        ...

    def keep(self, contents: Mapping[str, bytes]) -> None:
        """Keep contents by themselves."""
        ...


@dataclass
class _Made:
    """What a settlement came to, without the derivations, which are kept already."""

    inputs: str
    outputs: str = ""
    payees: list[PayeeOfRun] = field(default_factory=list)
    lines: list[RunLine] = field(default_factory=list)
    balances: list[Balance] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)


def calculate(desks: Desks, period: Period, request: Request, engine: str) -> Run:
    """Calculate a period; a calculation that is not under review yet is replaced by a new one.

    Raises OutOfOrder, AnotherRun, WrongState or NotOver when it is not this period's turn, NoRoster without a roster.
    Asked again with nothing changed, the present run is returned.
    """
    with desks.reading() as desk:
        known = answered(desk, request)
        if known is not None:
            return desk.runs.get(known)
        _check_turn(desk, period)
        read = gather_inputs(desk, period, engine)
    check_over(period, period.end(read.league.roster.zone), request.now)
    made = _settle(read.inputs, desks.keep)
    with desks.writing() as desk:
        return once(desk, request, lambda: _keep(desk, read, made, request))


def _check_turn(desk: Desk, period: Period) -> Run | None:
    closed = desk.runs.closed(period.kind)
    active = desk.runs.active(period.kind)
    check_order(period, active, closed[-1].period if closed else None)
    return active


def _keep(desk: Desk, read: Gathered, made: _Made, request: Request) -> Run:
    period = read.inputs.period
    desk.runs.lock_chain(period.kind)
    active = _check_turn(desk, period)
    if active and (active.inputs, active.outputs) == (made.inputs, made.outputs):
        return active
    if active:
        desk.runs.move(active, DISCARDED, active.events + 1)
        desk.trail.add(_event(request, DISCARD, active, (active.state, DISCARDED), "calculated again"))
    number = 1 + max((run.number for run in desk.runs.of_period(period.id)), default=0)
    run = _header(read, made, request, number)
    desk.runs.add(run)
    desk.runs.add_payees(run.id, made.payees)
    desk.runs.add_lines(run.id, made.lines)
    desk.runs.add_balances(run.id, made.balances)
    desk.runs.move(run, CALCULATED, 1)
    desk.trail.add(_event(request, CALCULATE, run, (OPEN, CALCULATED)))
    return desk.runs.get(run.id)


def _event(request: Request, action: str, run: Run, states: tuple[str, str], reason: str | None = None) -> Event:
    about = {"inputs": run.inputs, "outputs": run.outputs}
    return Event(request.now, request.actor, action, run.period.id, run.id, *states, reason, about)


def _header(read: Gathered, made: _Made, request: Request, number: int) -> Run:
    versions = {line.version for line in made.lines if line.version is not None}
    authors = {one.version: one.author for one in read.inputs.documents if one.kind == PLANS}
    plans = {version: authors[version] for version in sorted(versions) if version in authors}
    return Run(
        id=run_id(read.inputs.period, number),
        period=read.inputs.period,
        number=number,
        state=CALCULATED,
        engine=read.inputs.engine,
        operator=request.actor,
        calculated_at=request.now,
        as_of=read.as_of,
        plans=plans,
        makers=frozenset({request.actor, *plans.values(), *(one.author for one in read.inputs.manual)}),
        ledger=read.inputs.ledger,
        documents=read.documents,
        inputs=made.inputs,
        outputs=made.outputs,
        payees=len(made.payees),
        totals=dict(sorted(made.totals.items())),
    )


def _settle(inputs: Inputs, keep: Callable[[Mapping[str, bytes]], None]) -> _Made:
    """Settle the inputs; inputs and parts are kept as it goes."""
    writer = Writer(APART)
    made = _Made(writer.put(inputs))
    for one in Settlement(inputs).all():
        _take_in(made, one, writer.put(one))
        if len(made.payees) % MOST_IN_MEMORY == 0:
            keep(writer.hand_over())
    made.outputs = writer.put(outputs_of(made.payees, made.totals))
    keep(writer.hand_over())
    return made


def outputs_of(payees: Iterable[PayeeOfRun], totals: Mapping[str, int]) -> Outputs:
    """Return what names everything that came out."""
    return Outputs({one.rep: one.content for one in payees}, dict(sorted(totals.items())))


def _take_in(made: _Made, one: Settled, content: str) -> None:
    made.payees.append(PayeeOfRun(one.rep, one.name, content))
    made.lines += one.lines
    made.balances += one.balances
    for currency, amount in one.totals.items():
        made.totals[currency] = made.totals.get(currency, 0) + amount
