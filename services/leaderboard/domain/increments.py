"""What a run of ledger lines changes: sums per board and member, of each piece of work, deals won, moments."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.leaderboard.domain.boards import IN_TEAM, OVERLAYS, REPS, TEAMS, Board, Moment, Win, kept_until
from shared import periods
from shared.contracts.credit import Credit, from_wire
from shared.contracts.times import to_text

LARGEST = 2**53
"""The largest sum that stays exact: Redis keeps scores as binary64."""

LONGEST_RUN = 1000
"""Lines applied in one step; as many members may change on one board (Lua unpacks twice that)."""

WON = "deals"
"""The metric whose lines are wins."""

MADE_TOGETHER = ("rhythm:", "first:")
"""Begin the subjects of what is derived from other lines."""


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
class FeedChange:
    """What is added to one win or moment; it stands while its sum is positive. `facts` None: taken back."""

    key: str
    amount: int
    facts: Win | Moment | None


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
    its team; a mentor's part on top counts for no team, and stands apart. Periods whose boards are no longer kept at
    `now` are left out.
    """
    boards: dict[tuple[str, str, str], Change] = {}
    for (metric, day, team, rep, overlay), amount in _sums(run, zone).items():
        for period, expires in _periods(day, zone):
            if expires and expires <= now.timestamp():
                continue
            for scope, member in ((OVERLAYS if overlay else TEAMS, team), (REPS, rep), (IN_TEAM + team, rep)):
                key = (metric, period, scope)
                if key not in boards:
                    boards[key] = Change(Board(metric, period, scope).name, expires)
                amounts = boards[key].amounts
                amounts[member] = amounts.get(member, 0) + amount
    return list(boards.values())


def entry_changes(run: Sequence[Credit], zone: ZoneInfo, now: datetime) -> list[Change]:
    """Return what the lines add to each piece of work, by metric and day: a line's moment, team, rep, subject and rule.

    They say what the boards of days cannot: when on the day, and what belongs together.
    """
    days: dict[tuple[str, date], Change] = {}
    for credit in run:
        day = credit.at.astimezone(zone).date()
        name, expires = _periods(day, zone)[0]
        if expires and expires <= now.timestamp():
            continue
        amounts = days.setdefault((credit.metric, day), Change(f"{credit.metric}:{name}", expires)).amounts
        key = entry_key(credit, "" if credit.overlay else credit.team)
        amounts[key] = amounts.get(key, 0) + credit.amount
    return list(days.values())


def entry_key(work: Credit | Win, team: str) -> str:
    """Return the name of a piece of work that counts for a team; empty: for none."""
    return f"{to_text(work.at)}|{team}|{work.rep}|{work.rule}|{work.subject}"


def win_changes(run: Sequence[Credit]) -> list[FeedChange]:
    """Return what the lines add to each win: a deal's line of one rule, rep, team and moment."""
    return _feed((credit for credit in run if credit.metric == WON and is_work(credit)), _win)


def moment_changes(run: Sequence[Credit]) -> list[FeedChange]:
    """Return what the lines add to each moment; its sum is over all metrics that the prize gives."""
    return _feed((credit for credit in run if credit.subject.startswith(MADE_TOGETHER)), _moment)


def is_work(credit: Credit) -> bool:
    """Tell whether a line is what a rule gave for work; else a mentor, a contest, a correction or a prize gave it."""
    return "~" not in credit.rule and not credit.subject.startswith(MADE_TOGETHER)


def _feed(lines: Iterable[Credit], facts: Callable[[Credit], Win | Moment]) -> list[FeedChange]:
    found: dict[str, FeedChange] = {}
    for credit in lines:
        key = f"{credit.subject}|{credit.rule}|{credit.rep}|{credit.team}|{credit.at.isoformat()}"
        before = found.get(key, FeedChange(key, 0, None))
        said = facts(credit) if credit.amount > 0 else before.facts
        found[key] = FeedChange(key, before.amount + credit.amount, said)
    return list(found.values())


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
        rule=credit.rule,
    )


def _moment(credit: Credit) -> Moment:
    return Moment(
        at=credit.at,
        booked_at=credit.booked_at,
        team=credit.team,
        rep=credit.rep,
        subject=credit.subject,
        credit=credit.id,
        rule=credit.rule,
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
