"""Periods: half-open, in the organisation's zone, whatever the clock does."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.periods import KINDS, all_of, of, of_day, parse

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = st.sampled_from([AMSTERDAM, UTC, ZoneInfo("Africa/Cairo"), ZoneInfo("America/Havana"), ZoneInfo("Asia/Tokyo")])
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11-24", date(2026, 11, 24), date(2026, 11, 25)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 4)),
        ("2027-W01", date(2027, 1, 4), date(2027, 1, 11)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_reaches_from_its_first_day_up_to_the_next(text: str, first: date, last: date) -> None:
    period = parse(text)
    assert (period.first, period.last, period.id) == (first, last, text)


@pytest.mark.parametrize("text", ["", "2026-13", "2025-W53", "2026-Q5", "2026-02-30", "november"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-24", 24)])
def test_a_day_is_as_long_as_the_clock_makes_it(day: str, hours: int) -> None:
    period = parse(day)
    assert period.end(AMSTERDAM) - period.start(AMSTERDAM) == timedelta(hours=hours)


def test_new_year_belongs_to_the_week_of_its_thursday() -> None:
    at = datetime(2027, 1, 1, 12, tzinfo=UTC)
    assert [p.id for p in all_of(at, AMSTERDAM)] == [
        "2027-01-01", "2026-W53", "2027-01", "2027-Q1", "2027"
    ]  # fmt: skip


def test_local_midnight_decides() -> None:
    assert of(datetime(2026, 11, 30, 23, 0, tzinfo=UTC), "month", AMSTERDAM).id == "2026-12"
    assert of(datetime(2026, 11, 30, 22, 59, tzinfo=UTC), "month", AMSTERDAM).id == "2026-11"


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)), ZONES)
def test_each_instant_lies_in_exactly_its_own_periods(at: datetime, zone: ZoneInfo) -> None:
    for period in all_of(at, zone):
        assert period.contains(at, zone)
        assert not period.previous().contains(at, zone)
        assert not period.next().contains(at, zone)


@given(days, st.sampled_from(KINDS), ZONES)
def test_periods_join_without_gap_or_overlap(day: date, kind: str, zone: ZoneInfo) -> None:
    period = of_day(day, kind)
    assert period.first <= day < period.last
    assert period.end(zone) == period.next().start(zone)
    assert period.start(zone) < period.end(zone)
    assert period.next().previous() == period == parse(period.id)
    assert len(list(period.days())) == (period.last - period.first).days


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="one of day, week"):
        of_day(date(2026, 1, 1), "fortnight")
