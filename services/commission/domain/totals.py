"""What a period costs, for finance: by team, plan and component, with sums that must be found again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from services.commission.domain.paylines import RunLine
from services.commission.domain.payroll import Amount, Cell

HEADER = ("period", "run", "team", "plan", "kind", "component", "currency", "payees", "lines", "amount")
LINES = (
    *("period", "run", "rep", "name", "team", "kind", "component", "plan", "plan_version", "origin_period"),
    *("currency", "amount", "reason"),
)
CONTROL = ("period", "run", "currency", "payees", "lines", "amount")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a payout: whose, in which team, for which component of which plan; `amount` in minor units."""

    rep: str
    team: str
    plan: str
    kind: str
    component: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Total:
    """The lines of a team, plan, kind and component (all "": those of a currency), added up."""

    team: str
    plan: str
    kind: str
    component: str
    currency: str
    payees: int
    lines: int
    amount: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of a period; `run` empty: an estimate. `control` holds one for each currency."""

    period: str
    run: str
    state: str
    rows: tuple[Total, ...]
    control: tuple[Total, ...]


def totals(period: str, run: str, state: str, items: Iterable[Item]) -> Totals:
    """Add the lines of all payouts up."""
    found = list(items)
    rows = _added(found, ("team", "plan", "kind", "component", "currency"))
    return Totals(period, run, state, tuple(rows), tuple(_added(found, ("currency",))))


def _added(items: Sequence[Item], names: Sequence[str]) -> Iterator[Total]:
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item in items:
        groups.setdefault(tuple(getattr(item, name) for name in names), []).append(item)
    for key, own in sorted(groups.items()):
        said = dict(zip(names, key, strict=True))
        team, plan, kind, component = (said.get(name, "") for name in ("team", "plan", "kind", "component"))
        payees, amount = len({item.rep for item in own}), sum(map(attrgetter("amount"), own))
        yield Total(team, plan, kind, component, said["currency"], payees, len(own), amount)


def lines_of(period: str, run: str, names: Mapping[str, str], lines: Iterable[RunLine]) -> Iterator[list[Cell]]:
    """Yield the cells of every line of a run, zeros included; `names` by rep id."""
    for line in lines:
        yield [
            *(period, run, line.rep, names.get(line.rep, line.rep), line.team, line.kind, line.component),
            *(line.plan, line.version, line.earned_in or line.origin_period),
            *(line.currency, Amount(line.amount, line.currency), line.reason),
        ]


def rows_of(found: Totals) -> Iterator[list[Cell]]:
    """Yield the cells of every total."""
    for one in found.rows:
        yield [*_named(found, one), *_counted(one)]


def control_of(found: Totals) -> Iterator[list[Cell]]:
    """Yield the cells of the sums of each currency."""
    for one in found.control:
        yield [found.period, found.run, one.currency, *_counted(one)]


def all_of(found: Totals) -> Iterator[list[Cell]]:
    """Yield every total, then the sums of each currency with no team, plan or component named."""
    for one in (*found.rows, *found.control):
        yield [*_named(found, one), *_counted(one)]


def _named(found: Totals, one: Total) -> list[Cell]:
    return [found.period, found.run, one.team, one.plan, one.kind, one.component, one.currency]


def _counted(one: Total) -> list[Cell]:
    return [one.payees, one.lines, Amount(one.amount, one.currency)]
