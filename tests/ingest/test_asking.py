"""Asking back: when a question is due, how long it waits, when it ends; and the bounded queue in SQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from services.ingest.domain import asking
from services.ingest.domain.asking import GIVEN_UP, GONE, WAITING, Line, Question
from services.ingest.domain.results import Want
from services.ingest.store import Asking
from services.ingest.store import asking as store

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
chances = st.floats(0, 1)


def wanted(known: Question | None = None, at: datetime = NOW) -> Question:
    return asking.wanted("hubspot-nl", "deal", "7", known, at)


# ---------------------------------------------------------------------------------------------------------------- when


def test_an_object_is_asked_about_two_seconds_after_it_was_last_wanted() -> None:
    first = wanted()
    again = wanted(first, NOW + SECOND)
    assert (first.due_at, again.due_at) == (NOW + 2 * SECOND, NOW + 3 * SECOND)


@given(st.lists(st.floats(0, 1.9), min_size=1, max_size=60))
def test_an_object_that_never_rests_is_asked_about_within_fifteen_seconds(gaps: list[float]) -> None:
    question, at = wanted(), NOW
    for gap in gaps:
        at = min(at + timedelta(seconds=gap), NOW + asking.PATIENCE)
        question = wanted(question, at)
    assert question.due_at <= NOW + asking.PATIENCE
    assert question.since == NOW


@given(st.integers(1, 200), chances)
def test_pauses_double_are_bounded_and_leave_half_to_chance(failures: int, chance: float) -> None:
    length = asking.pause(failures, chance)
    whole = min(asking.LONGEST_PAUSE, asking.FIRST_PAUSE * 2.0 ** min(failures - 1, 20))
    assert whole / 2 <= length <= whole


def test_what_was_asked_in_vain_is_put_off_and_being_wanted_again_does_not_hasten_it() -> None:
    later = asking.failed(wanted(), "the CRM answered 500", NOW, 1.0)
    assert (later.attempts, later.due_at, later.state) == (1, NOW + asking.FIRST_PAUSE, WAITING)
    assert wanted(later, NOW + SECOND).due_at == later.due_at


def test_a_question_is_given_up_only_after_a_day_and_several_attempts() -> None:
    question = wanted()
    for n in range(asking.FEWEST_ATTEMPTS - 1):
        question = asking.failed(question, "no", NOW + timedelta(days=n), 0.5)
        assert question.state == WAITING
    assert asking.failed(question, "no", NOW + timedelta(hours=23), 0.5).state == WAITING
    assert asking.failed(question, "no", NOW + timedelta(hours=24), 0.5).state == GIVEN_UP


def test_what_ended_begins_anew_when_it_is_wanted_again_but_not_at_once() -> None:
    gone = asking.ended(wanted(), GONE, "404", NOW)
    again = wanted(gone, NOW + SECOND)
    assert (again.state, again.attempts, again.due_at) == (WAITING, 0, NOW + asking.REST)


# ------------------------------------------------------------------------------------------------------------- meaning


@pytest.mark.parametrize(
    ("status", "headers", "meaning"),
    [
        (200, {}, asking.ANSWERED),
        (207, {}, asking.ANSWERED),
        (429, {}, asking.LATER),
        (429, {"retry-after": "7"}, asking.LATER),
        (503, {"retry-after": "7"}, asking.LATER),
        (503, {}, asking.TROUBLE),
        (500, {}, asking.TROUBLE),
        (0, {}, asking.TROUBLE),
        (302, {}, asking.TROUBLE),
        (408, {}, asking.TROUBLE),
        (401, {}, asking.REFUSED),
        (403, {}, asking.REFUSED),
        (404, {}, asking.MISSING),
        (410, {}, asking.MISSING),
        (400, {}, asking.USELESS),
    ],
)
def test_a_status_means_the_same_everywhere(status: int, headers: dict[str, str], meaning: str) -> None:
    assert asking.meaning(status, headers) == meaning


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("7", 7 * SECOND),
        ("Tue, 24 Nov 2026 14:01:00 GMT", 60 * SECOND),
        ("Tue, 24 Nov 2026 13:00:00 GMT", timedelta()),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("99999999999999999999", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str, wait: timedelta | None) -> None:
    assert asking.retry_after({"retry-after": said} if said else {}, NOW) == wait


def test_a_line_waits_as_long_as_the_crm_asks_but_no_longer_than_a_day() -> None:
    line = Line("hubspot-nl")
    assert asking.troubled(line, "429", NOW, 0.0, 7 * SECOND).until == NOW + 7 * SECOND
    assert asking.troubled(line, "429", NOW, 0.0, timedelta(days=400)).until == NOW + asking.LONGEST_WAIT
    assert not asking.may_ask(asking.troubled(line, "429", NOW, 0.0, 7 * SECOND), NOW)


def test_a_refused_token_stops_the_line_and_is_tried_again_after_an_hour() -> None:
    line = asking.stopped(Line("hubspot-nl"), "401", NOW)
    assert (line.state, asking.may_ask(line, NOW + 59 * 60 * SECOND)) == (asking.STOPPED, False)
    assert asking.may_ask(line, NOW + timedelta(hours=1))
    assert asking.answered(line) == Line("hubspot-nl")


# ----------------------------------------------------------------------------------------------------------- the queue


@pytest.fixture
def queue(engine: Engine) -> Asking:
    return Asking(engine)


def test_an_object_waits_once_however_often_it_is_wanted(queue: Asking) -> None:
    for n in range(3):
        queue.want("hubspot-nl", [Want("deal", "7"), Want("deal", "7"), Want("call", "7")], NOW + n * SECOND)
    assert queue.counts() == {("hubspot-nl", WAITING): 2}
    assert queue.due("hubspot-nl", NOW + 3 * SECOND, {"deal": 50}) == []
    (call,) = queue.due("hubspot-nl", NOW + 4 * SECOND, {"deal": 50})
    assert (call.object, call.since, call.wanted_at) == ("call", NOW, NOW + 2 * SECOND)


def test_questions_about_one_kind_go_together_up_to_what_a_request_takes(queue: Asking) -> None:
    queue.want("hubspot-nl", [Want("deal", str(n)) for n in range(60)] + [Want("call", "1")], NOW)
    asked = queue.due("hubspot-nl", NOW + 3 * SECOND, {"deal": 50, "call": 100})
    kinds = {each.object for each in asked}
    assert (len(kinds), len(asked)) == (1, 1 if kinds == {"call"} else 50)


def test_what_failed_before_is_asked_alone(queue: Asking) -> None:
    queue.want("hubspot-nl", [Want("deal", "1"), Want("deal", "2")], NOW)
    asked = queue.due("hubspot-nl", NOW + 3 * SECOND, {"deal": 50})
    queue.settle(asked, {each.id: asking.failed(each, "500", NOW, 1.0) for each in asked}, None)
    assert len(queue.due("hubspot-nl", NOW + timedelta(hours=1), {"deal": 50})) == 1


def test_what_is_answered_goes_and_what_was_wanted_meanwhile_stays(queue: Asking) -> None:
    queue.want("hubspot-nl", [Want("deal", "1"), Want("deal", "2")], NOW)
    asked = queue.due("hubspot-nl", NOW + 3 * SECOND, {"deal": 50})
    queue.want("hubspot-nl", [Want("deal", "2")], NOW + 3 * SECOND)
    queue.settle(asked, {}, None)
    assert [each.id for each in queue.due("hubspot-nl", NOW + timedelta(hours=1), {"deal": 50})] == ["2"]


def test_a_full_queue_refuses_more_and_says_so(queue: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LARGEST", 3)
    assert queue.want("hubspot-nl", [Want("deal", str(n)) for n in range(5)], NOW) == 2
    assert queue.want("hubspot-nl", [Want("deal", "0"), Want("deal", "9")], NOW) == 1
    assert queue.want("pipedrive-be", [Want("deal", "1")], NOW) == 0
    assert queue.counts() == {("hubspot-nl", WAITING): 3, ("pipedrive-be", WAITING): 1}
    assert queue.lines()["hubspot-nl"].refused == 3


def test_settling_a_line_keeps_the_count_of_what_was_refused(queue: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LARGEST", 1)
    queue.want("hubspot-nl", [Want("deal", "1"), Want("deal", "2")], NOW)
    queue.settle([], {}, asking.stopped(Line("hubspot-nl"), "401", NOW))
    assert (queue.lines()["hubspot-nl"].state, queue.lines()["hubspot-nl"].refused) == (asking.STOPPED, 1)
    assert queue.resume("hubspot-nl")
    assert not queue.resume("hubspot-nl")
    assert queue.lines()["hubspot-nl"] == Line("hubspot-nl", refused=1)


def test_only_the_latest_that_ended_stay_visible(queue: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "KEPT_ENDED", 2)
    for n in range(5):
        queue.want("hubspot-nl", [Want("deal", str(n))], NOW + n * SECOND)
        (asked,) = queue.due("hubspot-nl", NOW + (n + 2) * SECOND, {})
        queue.settle([asked], {asked.id: asking.ended(asked, GONE, "404", NOW)}, None)
    assert queue.forget_ended() == 3
    assert [each.id for each in queue.troubles("hubspot-nl", 10)] == ["4", "3"]
    assert queue.forget_ended() == 0


def test_what_was_given_up_can_be_asked_again(queue: Asking) -> None:
    queue.want("hubspot-nl", [Want("deal", "1")], NOW)
    (asked,) = queue.due("hubspot-nl", NOW + 2 * SECOND, {})
    queue.settle([asked], {"1": asking.ended(asked, GIVEN_UP, "400", NOW)}, None)
    assert queue.next_due() == {}
    assert queue.ask_again("hubspot-nl", NOW) == 1
    assert queue.next_due() == {"hubspot-nl": NOW}
