"""What a run of ledger lines changes: sums per board and member, and deals won."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.leaderboard.domain.boards import IN_TEAM, REPS, TEAMS, Board, Win, kept_until
from shared import periods
from shared.contracts.credit import Credit, from_wire

LARGEST = 2**53
"""The largest sum that stays exact: Redis keeps scores as binary64."""

LONGEST_RUN = 1000
"""Lines applied in one step; as many members may change on one board (Lua unpacks twice that)."""

WON = "deals"
"""The metric whose lines are wins."""


class SequenceGap(Exception):
    """Lines of the ledger are missing: nothing after them may count until they have come."""

    def __init__(self, partition: int, seen: int, found: int) -> None:
        """Name the partition, the last line applied and the line that came instead of the next."""
        super().__init__(
            f"credits partition {partition}: line {found} came after line {seen}, the lines between are missing;"
            " after finding out why, `python -m services.leaderboard.cli rebuild` reads the ledger again from line 1"
        )


class SumTooLarge(Exception):
    """A sum would pass 2^53 of the smallest unit and could no longer be exact; nothing was applied."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is added on one board's totals; `expires` is in seconds since 1970, 0: never."""

    name: str
    expires: int
    amounts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WinChange:
    """What is added to one win; it stands while its sum is positive. `win` None: taken back."""

    key: str
    amount: int
    win: Win | None


def read_credit(wire: Mapping[str, object], partition: int) -> Credit:
    """Read a line; ValueError also for an amount that is no whole number up to 2^53."""
    credit = from_wire(wire, partition)
    if type(credit.amount) is not int or abs(credit.amount) > LARGEST:
        raise ValueError(f"line {credit.id}: amount {credit.amount!r} is no whole number up to 2^53")
    if type(credit.seq) is not int or credit.seq < 1:
        raise ValueError(f"line {credit.id}: lines are numbered 1, 2, 3 …")
    return credit


def runs(lines: Iterable[Credit], longest: int = LONGEST_RUN) -> Iterator[list[Credit]]:
    """Split one partition's lines into stretches numbered without a gap or a step back."""
    run: list[Credit] = []
    for credit in lines:
        if run and (credit.seq != run[-1].seq + 1 or len(run) == longest):
            yield run
            run = []
        run.append(credit)
    if run:
        yield run


def changes(run: Sequence[Credit], zone: ZoneInfo, now: datetime) -> list[Change]:
    """Return what the lines add, summed per board and member.

    Each line counts in its day, week, month, quarter and year in `zone`, among teams, among reps and among the reps of
    its team; a mentor's part on top counts for no team. Periods whose boards are no longer kept at `now` are left out.
    """
    boards: dict[tuple[str, str, str], Change] = {}
    for (metric, day, team, rep, overlay), amount in _sums(run, zone).items():
        for period, expires in _periods(day, zone):
            if expires and expires <= now.timestamp():
                continue
            of_team = () if overlay else ((TEAMS, team),)
            for scope, member in (*of_team, (REPS, rep), (IN_TEAM + team, rep)):
                key = (metric, period, scope)
                if key not in boards:
                    boards[key] = Change(Board(metric, period, scope).name, expires)
                amounts = boards[key].amounts
                amounts[member] = amounts.get(member, 0) + amount
    return list(boards.values())


def win_changes(run: Sequence[Credit]) -> list[WinChange]:
    """Return what the lines add to each win: a deal's line of one rule, rep, team and moment."""
    found: dict[str, WinChange] = {}
    for credit in run:
        if credit.metric == WON and _is_work(credit):
            key = f"{credit.subject}|{credit.rule}|{credit.rep}|{credit.team}|{credit.at.isoformat()}"
            before = found.get(key, WinChange(key, 0, None))
            win = _win(credit) if credit.amount > 0 else before.win
            found[key] = WinChange(key, before.amount + credit.amount, win)
    return list(found.values())


def _is_work(credit: Credit) -> bool:
    """Tell whether a line is what a rule gave for work; else a mentor, a contest, a correction or a prize gave it."""
    return "~" not in credit.rule and not credit.subject.startswith(("rhythm:", "first:"))


def _win(credit: Credit) -> Win:
    return Win(
        at=credit.at,
        booked_at=credit.booked_at,
        team=credit.team,
        rep=credit.rep,
        metric=credit.metric,
        amount=credit.amount,
        subject=credit.subject,
        credit=credit.id,
    )


def _sums(run: Sequence[Credit], zone: ZoneInfo) -> dict[tuple[str, date, str, str, bool], int]:
    """Add up what has the same metric, day, team and rep before it is spread over 15 boards."""
    sums: dict[tuple[str, date, str, str, bool], int] = {}
    for credit in run:
        key = (credit.metric, credit.at.astimezone(zone).date(), credit.team, credit.rep, credit.overlay)
        sums[key] = sums.get(key, 0) + credit.amount
    return sums


@lru_cache(maxsize=4096)
def _periods(day: date, zone: ZoneInfo) -> tuple[tuple[str, int], ...]:
    """Return the ids of the periods that hold `day`, and when their boards end."""
    found = (periods.of_day(day, kind) for kind in periods.KINDS)
    ends = ((period.id, kept_until(period, zone)) for period in found)
    return tuple((name, int(end.timestamp()) if end else 0) for name, end in ends)
