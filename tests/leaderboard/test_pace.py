"""What may be expected by now: an even spread over Monday to Friday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.leaderboard.domain.pace import AHEAD, BEHIND, ON_TRACK, QUIET_FOR, Workdays, quiet, workdays
from shared import periods

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOVEMBER = periods.parse("2026-11")  # 21 working days
TUESDAY = date(2026, 11, 24)

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "over", "begun"),
    [
        (date(2026, 10, 31), 0, 0),
        (date(2026, 11, 1), 0, 0),  # a Sunday
        (date(2026, 11, 2), 0, 1),
        (TUESDAY, 16, 17),
        (date(2026, 11, 28), 20, 20),  # a Saturday
        (date(2026, 11, 30), 20, 21),
        (date(2026, 12, 1), 21, 21),
    ],
)
def test_working_days_of_november(day: date, over: int, begun: int) -> None:
    assert workdays(NOVEMBER, day) == Workdays(over, begun, 21)


@given(days, st.sampled_from(periods.KINDS))
def test_the_expected_share_grows_from_day_to_day_and_ends_at_the_whole(day: date, kind: str) -> None:
    period = periods.of_day(day, kind)
    looked = [*list(period.days())[:8], period.last - timedelta(days=1)]
    shares = [workdays(period, each).expected for each in looked]
    if None in shares:
        assert kind == "day"
        assert day.weekday() >= 5
        return
    known = [share for share in shares if share is not None]
    assert known == sorted(known)
    assert known[-1] == 1
    assert workdays(period, period.first - timedelta(days=1)).expected == 0


def test_a_weekend_asks_for_nothing() -> None:
    sunday = periods.parse("2026-11-29")
    found = workdays(sunday, sunday.first)
    assert found.expected is None
    assert found.pace(100, 100) is None


@pytest.mark.parametrize(
    ("amount", "pace"),
    [(17_000, AHEAD), (16_999, ON_TRACK), (16_000, ON_TRACK), (15_999, BEHIND), (-5, BEHIND), (99_999, AHEAD)],
)
def test_pace_lies_between_what_was_asked_before_today_and_what_today_asks_for(amount: int, pace: str) -> None:
    assert workdays(NOVEMBER, TUESDAY).pace(amount, 21_000) == pace


@pytest.mark.parametrize("target", [None, 0])
def test_without_a_target_there_is_no_pace(target: int | None) -> None:
    assert workdays(NOVEMBER, TUESDAY).pace(5, target) is None


def test_at_the_end_only_the_whole_target_is_enough() -> None:
    over = workdays(NOVEMBER, date(2026, 12, 1))
    assert over.expected == Fraction(1)
    assert (over.pace(21_000, 21_000), over.pace(20_999, 21_000)) == (AHEAD, BEHIND)


def local(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=AMSTERDAM).astimezone(UTC)


def test_silence_in_the_morning_counts_from_when_the_office_opens() -> None:
    assert quiet(local(17, day=23), local(10), AMSTERDAM) == (local(9) + QUIET_FOR, local(18))


def test_silence_counts_from_the_last_line() -> None:
    assert quiet(local(10, 30), local(11), AMSTERDAM) == (local(14, 30), local(18))


@pytest.mark.parametrize(
    ("last", "now"),
    [
        (None, local(15)),
        (local(14, 30), local(15)),  # four hours later the office is closed
        (local(17, day=27), local(15, day=28)),  # a Saturday
    ],
)
def test_there_are_days_on_which_silence_says_nothing(last: datetime | None, now: datetime) -> None:
    assert quiet(last, now, AMSTERDAM) is None


def test_a_holiday_is_no_working_day_and_nothing_is_missed_on_it() -> None:
    assert workdays(NOVEMBER, TUESDAY, frozenset([date(2026, 11, 23)])).total == 20
    assert quiet(local(10, 30), local(11), AMSTERDAM, frozenset([local(11).date()])) is None
