"""A stretch of time is summed exactly: from boards of whole periods, and from single work of the days that it cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.leaderboard.domain.boards import REPS, TEAMS, Board, Entry
from services.leaderboard.domain.stretch import last_moments, stretch
from services.leaderboard.handlers.looking import sums

ZONE = ZoneInfo("Europe/Amsterdam")
YEAR = datetime(2093, 1, 1, tzinfo=UTC)

moments = st.integers(0, 366 * 24 * 4).map(lambda quarter: YEAR + timedelta(minutes=15 * quarter))
work = st.builds(
    Entry,
    at=moments,
    team=st.sampled_from(["noord", "zuid", ""]),
    rep=st.sampled_from(["anna", "daan"]),
    subject=st.sampled_from(["D-1", "D-2"]),
    rule=st.just("won"),
    amount=st.integers(-5, 9).filter(bool),
)


@dataclass
class Ledger:
    """What stands, and the boards of it."""

    lines: Sequence[Entry]

    def sum_of(self, boards: Sequence[Board]) -> dict[str, int]:
        found: dict[str, int] = {}
        for board in boards:
            for each in self.lines:
                member = each.team if board.scope == TEAMS else each.rep
                if member and board.period.contains(each.at, ZONE):
                    found[member] = found.get(member, 0) + each.amount
        return found

    def entries(self, _metric: str, days: Sequence[date]) -> list[list[Entry]]:
        return [[each for each in self.lines if each.at.astimezone(ZONE).date() == day] for day in days]


@given(st.lists(work, max_size=30), moments, moments, st.sampled_from([TEAMS, REPS]))
def test_a_stretch_holds_what_happened_in_it_and_nothing_else(
    lines: list[Entry], one: datetime, other: datetime, scope: str
) -> None:
    start, end = sorted((one, other))
    expected: dict[str, int] = {}
    for each in lines:
        member = each.team if scope == TEAMS else each.rep
        if member and start <= each.at < end:
            expected[member] = expected.get(member, 0) + each.amount
    found = sums(stretch(start, end, ZONE), "deals", scope, Ledger(lines))
    assert found == {member: amount for member, amount in expected.items() if amount}


def test_it_is_made_of_as_few_boards_as_there_can_be() -> None:
    def parts(start: str, end: str) -> tuple[list[str], list[str]]:
        found = stretch(datetime.fromisoformat(start), datetime.fromisoformat(end), ZONE)
        return [period.id for period in found.periods], [day.isoformat() for day in found.days]

    assert parts("2093-01-01T00:00+01:00", "2094-01-01T00:00+01:00") == (["2093"], [])
    assert parts("2093-03-31T00:00+02:00", "2093-11-02T00:00+01:00") == (
        ["2093-03-31", "2093-Q2", "2093-Q3", "2093-10", "2093-11-01"],
        [],
    )
    assert parts("2093-11-20T14:00+01:00", "2093-11-20T15:00+01:00") == ([], ["2093-11-20"])
    assert parts("2093-11-20T14:00+01:00", "2093-11-23T09:00+01:00") == (
        ["2093-11-21", "2093-11-22"],
        ["2093-11-20", "2093-11-23"],
    )
    # as long, an hour earlier by the clock: summer time ended in between
    assert parts("2093-10-20T00:00+02:00", "2093-10-27T00:00+01:00")[1] == []
    assert parts("2093-10-19T23:00+02:00", "2093-10-20T00:00+02:00") == ([], ["2093-10-19"])


def test_what_is_not_kept_any_more_cannot_be_summed() -> None:
    now = datetime(2093, 11, 24, tzinfo=UTC)
    assert stretch(now - timedelta(days=90), now, ZONE).is_kept(ZONE, now)
    assert not stretch(now - timedelta(days=120), now - timedelta(days=119), ZONE).is_kept(ZONE, now)


def test_the_last_moment_is_of_what_stands() -> None:
    lines = [Entry(YEAR + timedelta(hours=n), "noord", "anna", f"D-{n}", "won", 1) for n in range(3)]
    assert last_moments(["anna", "daan"], lines, REPS) == {"anna": YEAR + timedelta(hours=2)}
    assert last_moments(["noord"], lines, TEAMS) == {"noord": YEAR + timedelta(hours=2)}
