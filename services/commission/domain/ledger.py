"""Lines of the ledger on their way into the books: which are new, and what they add."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from shared.contracts.credit import Credit, from_wire

LARGEST = 2**53
"""Amounts beyond this are no ledger amounts: other readers of the ledger could not keep them exactly."""


class SequenceGap(Exception):
    """Lines of the ledger are missing: nothing after them may count until they have come."""

    def __init__(self, partition: int, seen: int, found: int) -> None:
        """Name the partition, the last line applied and the line that came instead of the next."""
        super().__init__(
            f"credits partition {partition}: line {found} came after line {seen}, the lines between are missing;"
            " after finding out why, `python -m services.commission.cli republish` has the ledger sent again"
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """The lines of one partition that are next in order, and whether lines had to be `skipped` before them."""

    lines: Sequence[Credit]
    skipped: bool


def read_credit(wire: Mapping[str, object], partition: int) -> Credit:
    """Read a line; ValueError also for an amount or a number that is no whole number of the ledger's range.

    A mentor's part on top counts for the rep and in no sum of a team: it is kept under no team.
    """
    credit = from_wire(wire, partition)
    if type(credit.amount) is not int or abs(credit.amount) > LARGEST:
        raise ValueError(f"line {credit.id}: amount {credit.amount!r} is no whole number up to 2^53")
    if type(credit.seq) is not int or credit.seq < 1:
        raise ValueError(f"line {credit.id}: lines are numbered 1, 2, 3 …")
    return replace(credit, team="") if credit.overlay else credit


def take(seen: int, lines: Iterable[Credit], *, waiting: bool) -> Taken:
    """Return the lines that follow `seen` without a gap; what was applied before is passed over.

    Books that are empty, or `waiting` for lines they have asked for, pass over what comes too early; else
    SequenceGap is raised.
    """
    taken: list[Credit] = []
    skipped = False
    for line in lines:
        last = seen + len(taken)
        if line.seq == last + 1:
            taken.append(line)
        elif line.seq > last:
            if last > seen or not (waiting or seen == 0):
                raise SequenceGap(line.partition, last, line.seq)
            skipped = True
    return Taken(taken, skipped)


def sums(lines: Iterable[Credit]) -> Mapping[tuple[date, str, str, str], int]:
    """Return what the lines add by (UTC day, team, metric, rep).

    Days are those of UTC, so that no total depends on when the roster's time zone becomes known.
    """
    added: dict[tuple[date, str, str, str], int] = {}
    for line in lines:
        key = (line.at.date(), line.team, line.metric, line.rep)
        added[key] = added.get(key, 0) + line.amount
    return added


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of time as whole UTC days, from `first` up to and without `last`, and the `edges` beside them.

    Edges are half-open stretches of instants. Days and edges together are the stretch, each part once.
    """

    first: date
    last: date
    edges: tuple[tuple[datetime, datetime], ...]


def cut(start: datetime, end: datetime) -> Cut:
    """Cut the stretch from `start` up to and without `end` at the midnights of UTC."""
    first, last = _day_from(start), end.astimezone(UTC).date()
    if first >= last:
        return Cut(first, first, ((start, end),))
    edges = ((start, _midnight(first)), (_midnight(last), end))
    return Cut(first, last, tuple((a, b) for a, b in edges if a < b))


def _day_from(at: datetime) -> date:
    """Return the first UTC day that begins at or after `at`."""
    day = at.astimezone(UTC).date()
    return day if _midnight(day) == at else day + timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
