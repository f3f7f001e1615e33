"""What came late: a closed period computed once more, in its shadow, against what has been paid for it so far.

Frozen as they were at the close are the plans, the playbook and their exchange rates. Ledger, roster and targets are
today's; a rep or team that today's roster no longer has is taken from the roster of the close. The difference depends
on nothing but these and what was paid: computing it again after it was paid gives none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.commission.domain.components import Line
from services.commission.domain.dues import held_of
from services.commission.domain.league import League, read_league
from services.commission.domain.results import DealAmount, Results
from services.commission.domain.statements import payees, statement
from shared.contracts.league import ROSTER, LeagueDocument
from shared.contracts.plan import INDIVIDUAL, QUARTER, TEAM, YEAR
from shared.contracts.roster import Rep, parse_roster
from shared.periods import Period, of_day

MOST_CREDITS = 20
"""Credits named beside a difference; how many there were in all is said with them."""


@dataclass(frozen=True, slots=True)
class LateCredit:
    """A ledger line of a closed period that came after its close; `amount` in smallest units."""

    id: str
    rep: str
    team: str
    metric: str
    subject: str
    at: datetime
    amount: int


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Which line of a statement: a component of a plan's version, for a team where it is a team's.

    `earned_in` is the earlier period in which it was earned and since when it waited.
    """

    plan: str
    version: int
    component: str
    team: str
    currency: str
    earned_in: str = ""


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid so far for one line of a closed period, adjustments included.

    `carried` is what a cap kept, `held` what waited. `line` is the original line (None: there was none), and `first`
    what it said of the three.
    """

    rep: str
    key: Key
    amount: int
    carried: int = 0
    held: int = 0
    line: str | None = None
    first: tuple[int, int, int] = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Close:
    """What a closed period was computed from, for when another engine computed it."""

    documents: tuple[LeagueDocument, ...]
    results: Results


@dataclass(frozen=True, slots=True)
class Shadow:
    """Everything to compute a closed period again: frozen and present documents, present results, what was paid.

    `roster` is that of the close; `changed` says which documents are newer than then ("roster 1 → 2"). `close` is there
    when another engine closed the period: what the present one would say otherwise of the same is no difference.
    """

    period: Period
    run: str
    documents: tuple[LeagueDocument, ...]
    roster: LeagueDocument
    results: Results
    late: tuple[LateCredit, ...] = ()
    paid: tuple[Paid, ...] = ()
    changed: tuple[str, ...] = ()
    close: Close | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What one line of a closed period should be now beside what was paid for it, and why it differs."""

    rep: Rep
    key: Key
    old: int
    new: int
    carried: int
    held: int
    line: str | None
    credits: tuple[str, ...] = ()
    more: int = 0

    @property
    def amount(self) -> int:
        """What remains to be paid, or is taken back (negative), in minor units."""
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class Now:
    """What a line of a statement is: its amount, what a cap keeps of it, what waits, and the line itself."""

    amount: int = 0
    carried: int = 0
    held: int = 0
    lines: tuple[Line, ...] = ()


def shadow_league(shadow: Shadow) -> League:
    """Return the league of the shadow: today's roster, with whoever has been taken off it since the close."""
    league, closed = read_league(shadow.documents), parse_roster(shadow.roster.body)
    roster = league.roster
    whole = replace(roster, teams={**closed.teams, **roster.teams}, reps={**closed.reps, **roster.reps})
    return replace(league, roster=whole)


def differences(shadow: Shadow) -> Iterator[Difference]:
    """Yield every line of the closed period whose present value differs from what was paid, by rep and line."""
    league = shadow_league(shadow)
    closed = read_league(shadow.close.documents) if shadow.close else None
    before: dict[str, dict[Key, Paid]] = {}
    for paid in shadow.paid:
        before.setdefault(paid.rep, {})[paid.key] = paid
    reps = {rep.id: rep for rep in payees(shadow.period, league, shadow.results)}
    reps |= {rep: league.roster.reps[rep] for rep in before if rep in league.roster.reps}
    for _, rep in sorted(reps.items()):
        own = before.get(rep.id, {})
        now = by_key(statement(rep, shadow.period, league, shadow.results).lines)
        now = _without_the_engine(rep, now, own, shadow, closed) if closed else now
        yield from _of_rep(rep, shadow, league, now, own)


def _without_the_engine(
    rep: Rep, now: Mapping[Key, Now], before: Mapping[Key, Paid], shadow: Shadow, closed: League
) -> dict[Key, Now]:
    """Return the lines as the engine of the close would say them: its own words, and what has changed since."""
    then: dict[Key, Now] = {}
    if rep.id in closed.roster.reps and shadow.close:
        former = closed.roster.reps[rep.id]
        then = by_key(statement(former, shadow.period, closed, shadow.close.results).lines)
    found: dict[Key, Now] = {}
    for key in now.keys() | then.keys() | before.keys():
        new, old = now.get(key, Now()), then.get(key, Now())
        first = before[key].first if key in before else (0, 0, 0)
        said = zip(first, (new.amount, new.carried, new.held), (old.amount, old.carried, old.held), strict=True)
        amount, carried, held = (one + more - less for one, more, less in said)
        found[key] = Now(amount, carried, held, new.lines)
    return found


def _of_rep(
    rep: Rep, shadow: Shadow, league: League, now: Mapping[Key, Now], before: Mapping[Key, Paid]
) -> Iterator[Difference]:
    for key in sorted(now.keys() | before.keys()):
        new, paid = now.get(key, Now()), before.get(key) or Paid(rep.id, key, 0)
        if (new.amount, new.carried, new.held) != (paid.amount, paid.carried, paid.held):
            why = _why(shadow, rep, key, new.lines, league)
            yield Difference(
                *(rep, key, paid.amount, new.amount, new.carried - paid.carried, new.held - paid.held, paid.line),
                *(tuple(why[:MOST_CREDITS]), len(why)),
            )


def key_of(line: Line) -> Key:
    """Return which line of a statement this is."""
    earned_in = line.origin.id if line.origin else ""
    return Key(line.plan.id, line.version, line.component.id, line.team or "", line.plan.currency, earned_in)


def by_key(lines: Iterable[Line]) -> dict[Key, Now]:
    """Add up lines that are the same line of the statement, such as those of several segments."""
    found: dict[Key, Now] = {}
    for line in lines:
        held = found.get(key_of(line), Now())
        found[key_of(line)] = Now(
            *(held.amount + line.amount, held.carried + line.carried, held.held + held_of(line)),
            (*held.lines, line),
        )
    return found


def _why(shadow: Shadow, rep: Rep, key: Key, lines: Sequence[Line], league: League) -> list[str]:
    """Name the new credits that touch a line: of its metric and its time, by the rep or the group that it is about."""
    zone, found = league.roster.zone, list[str]()
    for one in shadow.late:
        day = one.at.astimezone(zone).date()
        # without a line any more, whatever the rep did in the period may be why
        gone = not lines and one.rep == rep.id and day >= shadow.period.first
        if gone or any(_counts(one, rep, key, line) and day >= _since(line, shadow.period) for line in lines):
            found.append(one.id)
    return found


def _counts(one: LateCredit, rep: Rep, key: Key, line: Line) -> bool:
    """Tell whether a credit counts in a line, by its metric and whose it is."""
    component = line.component
    if one.metric != component.metric and not (component.holdback and one.metric == component.holdback.until):
        return False
    if component.scope == INDIVIDUAL:
        return one.rep == rep.id
    return component.scope != TEAM or one.team == key.team


def _since(line: Line, period: Period) -> date:
    """Return the first day whose credits a line of the period looks at."""
    if line.origin is not None:
        return line.origin.first
    over = {line.component.accumulate, line.component.resets}
    return of_day(period.first, YEAR if YEAR in over else QUARTER if QUARTER in over else period.kind).first


def with_earned(present: Results, closed: Results) -> Results:
    """Return present results that know what was taken back of each deal since the close.

    Of a deal that has become smaller `earned` is what it added when the period was closed: a component that reverses
    at the original rate takes back what that part was paid, and the other deals keep their rates.
    """
    others = {name: with_earned(one, closed.others.get(name, Results())) for name, one in present.others.items()}
    return replace(
        present,
        deals=_earned(present.deals, closed.deals),
        team_deals=_earned(present.team_deals, closed.team_deals),
        others=others,
    )


Deals = Mapping[tuple[str, str], tuple[DealAmount, ...]]


def _earned(present: Deals, closed: Deals) -> Deals:
    found = dict(present)
    for key, before in closed.items():
        now = {deal.deal: deal for deal in present.get(key, ())}
        for deal in before:
            held = now.get(deal.deal) or replace(deal, amount=0, whole=deal.whole - deal.amount)
            if 0 <= held.amount < deal.amount:
                now[deal.deal] = replace(held, at=deal.at, earned=deal.amount)
        found[key] = tuple(sorted(now.values(), key=lambda deal: (deal.at, deal.deal)))
    return {key: deals for key, deals in found.items() if deals}


def frozen(documents: Iterable[LeagueDocument], present: Iterable[LeagueDocument]) -> tuple[LeagueDocument, ...]:
    """Return the documents of a shadow: those of the close, with today's roster and targets in place of theirs."""
    now = tuple(present)
    kinds = {document.kind for document in now}
    return (*(document for document in documents if document.kind not in kinds), *now)


def roster_of(documents: Iterable[LeagueDocument]) -> LeagueDocument:
    """Return the roster among the documents."""
    return next(document for document in documents if document.kind == ROSTER)
