"""What a person is asked to look at, and what nobody needs to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.domain import quality
from services.ingest.domain.quality import Fact, Limits

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
NUMBERS = iter(range(10**9))


def fact(**more: Any) -> Fact:
    given_ = {"occurred_at": NOON, "rep": "sanne", "connection": "hubspot-nl", "type": "call", **more}
    given_.setdefault("received_at", given_["occurred_at"] + timedelta(seconds=30))
    return Fact(id=f"c:{next(NUMBERS)}", **given_)


def call(seconds: float, number: str = "+31 6 1234 5678", **more: Any) -> Fact:
    return fact(data={"duration_s": seconds, "counterparty": number}, **more)


def change(deal: str = "D-1", at: int = 0, **said: Any) -> Fact:
    return fact(type="deal", deal=deal, said=said, occurred_at=NOON + timedelta(hours=at))


def closes(_pipeline: str | None, stage: str) -> str | None:
    return {"won": "won", "demo": "open", "lost": "lost"}.get(stage)


def kinds(*histories: list[Fact], now: datetime = NOON) -> set[str]:
    deals = [quality.fold(str(history[0].deal), history, closes) for history in histories]
    return {flag.kind for flag in quality.deal_flags(deals, now)}


WHOLE: dict[str, Any] = {"owner": "sanne", "amount": "1000.00", "currency": "EUR", "stage": "demo"}


def test_lateness_is_measured_between_the_event_and_its_arrival() -> None:
    delays = [timedelta(minutes=minutes) for minutes in (1, 2, 3, 4, 5, 6, 7, 8, 9)] + [timedelta(hours=25)]
    measured = quality.lateness([fact(received_at=NOON + delay) for delay in delays])
    assert measured is not None
    assert (measured.count, measured.median, measured.p90) == (10, timedelta(minutes=5), timedelta(minutes=9))
    assert (measured.late, measured.share) == (1, 0.1)


def test_a_meeting_planned_ahead_is_not_early_and_an_import_of_history_not_late() -> None:
    ahead = fact(occurred_at=NOON + timedelta(days=3), received_at=NOON)
    history = fact(received_at=NOON + timedelta(days=300), imported=True)
    measured = quality.lateness([ahead, history])
    assert measured is not None
    assert (measured.count, measured.median, measured.late) == (1, timedelta(0), 0)
    assert quality.lateness([history]) is None


@settings(max_examples=50)
@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_nine_of_ten_are_in_by_p90_and_half_by_the_median(seconds: list[int]) -> None:
    measured = quality.lateness([fact(received_at=NOON + timedelta(seconds=each)) for each in seconds])
    assert measured is not None
    within = [timedelta(seconds=each) for each in seconds]
    assert sum(each <= measured.p90 for each in within) >= 0.9 * len(within)
    assert sum(each <= measured.median for each in within) >= 0.5 * len(within)
    assert measured.median <= measured.p90


def test_a_rep_who_enters_the_month_at_its_end_is_asked_about_it_once_for_that_month() -> None:
    late = [fact(received_at=NOON + timedelta(days=2)) for _ in range(6)]
    in_time = [fact() for _ in range(14)]
    (flag,) = quality.late_logging([*late, *in_time], AMSTERDAM)
    assert (flag.id, flag.evidence["late"], flag.evidence["count"]) == ("late-logging:sanne:2026-11", 6, 20)
    assert list(quality.late_logging([*late, *in_time[:13]], AMSTERDAM)) == []
    assert list(quality.late_logging([*late[:4], *in_time, *in_time], AMSTERDAM)) == []


def test_many_short_calls_to_one_number_on_a_day_are_a_suspicious_series() -> None:
    series = [call(7, number) for number in ("+31612345678", "+31 6 1234 5678", "+31-6-12345678")] + [call(20)] * 2
    (flag,) = quality.short_calls(series, AMSTERDAM)
    assert (flag.rep, flag.evidence["count"], flag.evidence["number"]) == ("sanne", 5, "…678")
    assert "12345678" not in flag.id


@pytest.mark.parametrize(
    "more",
    [
        [call(21)],
        [call(7, "+31 20 000 0000")],
        [call(7, rep="daan")],
        [call(7, occurred_at=NOON + timedelta(hours=12))],  # the next day in Amsterdam, the same in London
        [fact(data={"duration_s": 7})],
        [fact(data={"duration_s": True, "counterparty": "+31612345678"})],
    ],
)
def test_what_is_longer_or_to_others_or_of_others_or_on_another_day_makes_no_series(more: list[Fact]) -> None:
    assert list(quality.short_calls([call(7), call(7), call(7), call(7), *more], AMSTERDAM)) == []


def test_a_deal_that_has_everything_and_is_worked_on_raises_no_question() -> None:
    assert kinds([change(**WHOLE)]) == set()


@pytest.mark.parametrize(
    ("lacks", "kind"),
    [("owner", "no-owner"), ("amount", "no-amount"), ("currency", "no-currency")],
)
def test_a_deal_that_lacks_something_is_asked_about(lacks: str, kind: str) -> None:
    assert kinds([change(**{name: value for name, value in WHOLE.items() if name != lacks})]) == {kind}
    nothing: dict[str, Any] = {lacks: None}
    assert kinds([change(**WHOLE), change(at=1, **nothing)]) == {kind}
    assert kinds([change(**WHOLE | nothing), change(at=1, status="lost")]) == set()


def test_an_open_deal_nobody_works_on_has_no_next_step() -> None:
    later = NOON + timedelta(days=15)
    planned = fact(deal="D-1", type="meeting", occurred_at=later + timedelta(days=2))
    assert kinds([change(**WHOLE)], now=later) == {"quiet"}
    assert kinds([change(**WHOLE), planned], now=later) == set()
    assert kinds([change(**WHOLE), change(at=1, stage="won")], now=later) == set()


def test_a_deal_won_reopened_and_won_again_is_asked_about_and_won_twice_in_a_row_is_one_win() -> None:
    again = [change(**WHOLE), change(at=1, stage="won"), change(at=2, stage="demo"), change(at=3, status="won")]
    assert kinds(again) == {"won-again"}
    assert kinds(again[::-1]) == {"won-again"}
    assert kinds([change(**WHOLE), change(at=1, stage="won"), change(at=2, status="won")]) == set()


def test_two_deals_of_one_name_and_amount_won_shortly_after_each_other_are_twins() -> None:
    def won(deal: str, at: int, **more: Any) -> list[Fact]:
        return [change(deal, at, **{**WHOLE, "name": "Acme BV", "status": "won", **more})]

    assert kinds(won("D-1", 0), won("D-2", 5, name="ACME  bv")) == {"twins"}
    assert kinds(won("D-1", 0), won("D-2", 31 * 24)) == set()
    assert kinds(won("D-1", 0), won("D-2", 5, amount="1000.01")) == set()
    assert kinds(won("D-1", 0), won("D-2", 5, name="Other BV")) == set()


def test_limits_are_named_and_can_be_others() -> None:
    strict = Limits(late=timedelta(minutes=1), late_count=1, late_share=0.5)
    assert [flag.kind for flag in quality.late_logging([fact(received_at=NOON + timedelta(hours=1))], UTC, strict)] == [
        "late-logging"
    ]
