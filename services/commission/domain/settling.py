"""A period settled: from stored inputs to what everybody is paid, as a pure function.

The same inputs always give the same outcome, byte for byte once it is written (see `canonical`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from services.commission.domain.balances import Account, Balance, Outcome, Room, Slip, carry
from services.commission.domain.components import CAP
from services.commission.domain.differences import Difference, Key, Shadow, by_key, differences
from services.commission.domain.dues import draws_of, plan_rooms
from services.commission.domain.findings import Finding
from services.commission.domain.late import judge
from services.commission.domain.league import League, read_league
from services.commission.domain.paylines import ADJUSTMENT, EARNED, MANUAL, RunLine
from services.commission.domain.payout import MADE_UP
from services.commission.domain.results import Results
from services.commission.domain.rewards import Progress
from services.commission.domain.statements import Statement, payees, statement
from shared.contracts.league import LeagueDocument
from shared.contracts.plan import Component, Plan
from shared.contracts.roster import Rep
from shared.periods import Period

APART = (LeagueDocument, Results, Shadow, Plan, Component, Progress)
"""Types whose values are stored as contents of their own, once however often they occur."""


@dataclass(frozen=True, slots=True)
class Manual:
    """An adjustment made by hand, to be paid in the period: `id` names it, `author` answers for it.

    `origin` is the period that it is about, where it is about an earlier one.
    """

    id: str
    rep: str
    currency: str
    amount: int
    reason: str
    author: str
    reference: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a settlement is computed from.

    `documents` are today's roster and targets, and every version of playbook and plans. `ledger` says up to which line
    of each partition the results go. `openings` are the balances of the period closed before.
    """

    period: Period
    engine: str
    documents: tuple[LeagueDocument, ...]
    ledger: Mapping[int, int]
    results: Results
    shadows: tuple[Shadow, ...] = ()
    openings: Mapping[Account, int] = field(default_factory=dict)
    manual: tuple[Manual, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """What one payee is paid in the period: the lines add up to the payout; `statement` derives what was earned.

    `statement` is None for who has only corrections or balances.
    """

    rep: str
    name: str
    statement: Statement | None
    lines: tuple[RunLine, ...]
    balances: tuple[Balance, ...]
    notes: tuple[Finding, ...] = ()

    @property
    def totals(self) -> Mapping[str, int]:
        """The payout in minor units by currency."""
        sums = dict.fromkeys(self.statement.totals, 0) if self.statement else {}
        for line in self.lines:
            sums[line.currency] = sums.get(line.currency, 0) + line.amount
        return dict(sorted(sums.items()))


@dataclass(frozen=True, slots=True)
class Outputs:
    """What names everything that came out: the content of each payee by rep id, and the totals in minor units."""

    payees: Mapping[str, str]
    totals: Mapping[str, int]


@dataclass(frozen=True)
class Settlement:
    """The inputs, read and sorted by payee; `all()` computes."""

    inputs: Inputs

    @cached_property
    def league(self) -> League:
        """The documents, read."""
        return read_league(self.inputs.documents)

    @cached_property
    def _late(self) -> Mapping[str, list[tuple[Shadow, Difference]]]:
        found: dict[str, list[tuple[Shadow, Difference]]] = {}
        for shadow in self.inputs.shadows:
            for one in differences(shadow):
                found.setdefault(one.rep.id, []).append((shadow, one))
        return found

    @cached_property
    def _manual(self) -> Mapping[str, list[Manual]]:
        found: dict[str, list[Manual]] = {}
        for one in self.inputs.manual:
            found.setdefault(one.rep, []).append(one)
        return found

    @cached_property
    def _openings(self) -> Mapping[str, dict[Account, int]]:
        found: dict[str, dict[Account, int]] = {}
        for account, amount in self.inputs.openings.items():
            found.setdefault(account.rep, {})[account] = amount
        return found

    def all(self) -> Iterator[Settled]:
        """Yield the outcome of everybody who earned, was in a team, is corrected or has a balance, by rep id."""
        own = {rep.id: rep for rep in payees(self.inputs.period, self.league, self.inputs.results)}
        for rep in sorted({*own, *self._late, *self._manual, *self._openings}):
            yield self._of(rep, own.get(rep))

    def _of(self, rep_id: str, rep: Rep | None) -> Settled:
        inputs = self.inputs
        one = statement(rep, inputs.period, self.league, inputs.results) if rep else None
        posted, notes = judge(self._late.get(rep_id, ()), inputs.period, self.league)
        lines = (
            *(_earned(rep_id, inputs.period, one) if one else ()),
            *(_adjustment(shadow, difference) for shadow, difference in posted),
            *(_by_hand(each, inputs.period) for each in self._manual.get(rep_id, ())),
        )
        outcomes = list(self._carried(rep_id, one, lines))
        return Settled(
            rep_id,
            self._name(rep_id),
            one,
            (*lines, *chain.from_iterable(outcome.lines for outcome in outcomes)),
            tuple(chain.from_iterable(outcome.balances for outcome in outcomes)),
            tuple(notes),
        )

    def _carried(self, rep: str, one: Statement | None, lines: Sequence[RunLine]) -> Iterator[Outcome]:
        openings = self._openings.get(rep, {})
        draws = list(draws_of(one)) if one else []
        currencies = {line.currency for line in lines} | {account.currency for account in openings}
        for currency in sorted(currencies | {name for name, _ in draws}):
            own = [line for line in lines if line.currency == currency]
            yield carry(
                Slip(
                    rep=rep,
                    currency=currency,
                    period=self.inputs.period,
                    earned=sum(line.amount for line in own),
                    draws=tuple(due for name, due in draws if name == currency),
                    rooms=tuple(_rooms(one, self.league, own, currency)),
                    held=sum(line.held for line in own),
                    openings={account: amount for account, amount in openings.items() if account.currency == currency},
                )
            )

    def _name(self, rep: str) -> str:
        known = self.league.roster.reps.get(rep)
        late = self._late.get(rep, ())
        return known.name if known else next((one.rep.name for _, one in late), rep)


def _earned(rep: str, period: Period, one: Statement) -> Iterator[RunLine]:
    for key, now in by_key(one.lines).items():
        yield RunLine(
            id=f"{rep}:{EARNED}:{_path(key)}",
            rep=rep,
            kind=EARNED,
            currency=key.currency,
            amount=now.amount,
            origin_period=period.id,
            plan=key.plan,
            version=key.version,
            component=key.component,
            team=key.team or None,
            earned_in=key.earned_in or None,
            carried=now.carried,
            held=now.held,
        )


def _adjustment(shadow: Shadow, one: Difference) -> RunLine:
    return RunLine(
        id=f"{one.rep.id}:{ADJUSTMENT}:{shadow.period.id}:{_path(one.key)}",
        rep=one.rep.id,
        kind=ADJUSTMENT,
        currency=one.key.currency,
        amount=one.amount,
        origin_period=shadow.period.id,
        plan=one.key.plan,
        version=one.key.version,
        component=one.key.component,
        team=one.key.team or None,
        origin_run=shadow.run,
        origin_line=one.line,
        old=one.old,
        new=one.new,
        earned_in=one.key.earned_in or None,
        carried=one.carried,
        held=one.held,
        credits=one.credits,
        more=one.more,
        documents=shadow.changed,
    )


def _by_hand(one: Manual, period: Period) -> RunLine:
    return RunLine(
        id=f"{one.rep}:{MANUAL}:{one.id}",
        rep=one.rep,
        kind=MANUAL,
        currency=one.currency,
        amount=one.amount,
        origin_period=one.origin or period.id,
        reference=one.id,
        reason=one.reason,
    )


def _path(key: Key) -> str:
    """Name a line of a statement inside a payee's lines: plan and version, component, team where it has one."""
    return "/".join(p for p in (f"{key.plan}.v{key.version}", key.component, key.team, key.earned_in) if p)


def _rooms(one: Statement | None, league: League, lines: Sequence[RunLine], currency: str) -> Iterator[Room]:
    """Yield what caps keep of the lines, and the room that the period's own lines leave under them."""
    free: dict[str, int | None] = {}
    for line in one.lines if one else ():
        if line.plan.currency == currency and line.kind != CAP and line.origin is None:
            about = f"{line.plan.id}/{line.component.id}"
            held = free.get(about, 0)
            free[about] = None if line.room is None or held is None else held + line.room
    for plan, room in plan_rooms(one, league) if one else ():
        if plan.currency == currency:
            free[f"{plan.id}/{MADE_UP[CAP][0]}"] = room
    kept: dict[str, int] = {}
    for each in lines:
        if each.carried:
            about = f"{each.plan}/{each.component}"
            kept[about] = kept.get(about, 0) + each.carried
    for about in sorted(free.keys() | kept.keys()):
        yield Room(about, kept.get(about, 0), free.get(about, 0))
