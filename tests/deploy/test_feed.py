"""The sample feed: history first, then a live row; another start goes on where the last one stopped."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from deploy import feed
from deploy.feed import Feed, Progress
from deploy.frontdoor import BATCH, Stopped
from deploy.office import Office, documents, office
from deploy.sampleday import Event, history

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


class Door:
    """A front door that keeps what is sent, and is shut after so many requests."""

    def __init__(self, shut_after: int = 1_000) -> None:
        self.stop = threading.Event()
        self.batches: list[list[Event]] = []
        self._left = shut_after

    def send(self, events: Sequence[Event]) -> Counter[str]:
        if self._left == 0:
            raise Stopped
        self._left -= 1
        self.batches.append(list(events))
        return Counter(accepted=len(events))

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]


@pytest.fixture(scope="module")
def source() -> Office:
    return office(documents(TODAY, TODAY)["roster"], TODAY, 1)


def start(door: Door, source: Office, var: Path, now: datetime = NOW) -> Feed:
    return Feed(door, source, var, feed.read_progress(var, now))  # type: ignore[arg-type]


def test_the_first_start_sends_everything_since_the_first_of_last_month(source: Office, tmp_path: Path) -> None:
    door = Door()
    start(door, source, tmp_path).catch_up(NOW)
    assert door.events == history(source, datetime(2026, 10, 1, tzinfo=UTC), NOW)
    assert all(len(batch) <= BATCH for batch in door.batches)


def test_another_start_sends_only_what_came_since(source: Office, tmp_path: Path) -> None:
    start(Door(), source, tmp_path).catch_up(NOW)
    door, later = Door(), NOW + timedelta(hours=3)
    start(door, source, tmp_path, later).catch_up(later)
    assert door.events == history(source, NOW, later)
    assert door.events


def test_a_start_that_was_interrupted_misses_nothing(source: Office, tmp_path: Path) -> None:
    first, second = Door(shut_after=7), Door()
    with pytest.raises(Stopped):
        start(first, source, tmp_path).catch_up(NOW)
    start(second, source, tmp_path).catch_up(NOW)
    sent = {event["id"] for event in (*first.events, *second.events)}
    assert sent == {event["id"] for event in history(source, datetime(2026, 10, 1, tzinfo=UTC), NOW)}
    assert len(second.batches) < len(first.batches) + 20


def test_the_months_of_the_documents_stay_those_of_the_first_start(tmp_path: Path) -> None:
    feed.write_progress(tmp_path, feed.read_progress(tmp_path, NOW))
    assert feed.read_progress(tmp_path, NOW + timedelta(days=90)).anchor == date(2026, 11, 1)


def test_the_first_of_january_begins_in_december(tmp_path: Path) -> None:
    progress = feed.read_progress(tmp_path, datetime(2027, 1, 1, tzinfo=UTC))
    assert progress == Progress(date(2027, 1, 1), datetime(2026, 12, 1, tzinfo=UTC), 0)


def test_the_live_row_is_sent_as_of_now_until_it_is_stopped(source: Office, tmp_path: Path) -> None:
    door = Door(shut_after=40)
    before = datetime.now(UTC)
    with pytest.raises(Stopped):
        start(door, source, tmp_path).run(pace=0.001)
    moments = [event["occurred_at"] for event in door.events]
    assert moments == sorted(moments)
    assert before <= moments[0] <= moments[-1] <= datetime.now(UTC)


def test_every_start_has_a_live_row_of_its_own(source: Office, tmp_path: Path) -> None:
    ids = []
    for _ in range(2):
        door = Door(shut_after=20)
        with pytest.raises(Stopped):
            running = start(door, source, tmp_path)
            running.catch_up(datetime(2026, 10, 1, tzinfo=UTC))
            running.run(pace=0.001)
        ids.append({event["id"] for event in door.events})
    assert not ids[0] & ids[1]


def test_a_feed_that_is_asked_to_stop_stops(source: Office, tmp_path: Path) -> None:
    door = Door()
    door.stop.set()
    start(door, source, tmp_path).run(pace=10)
    assert door.events == []


def test_the_office_goes_on_at_its_own_pace_beside_the_live_row(
    source: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SECONDS_BETWEEN_LOOKS", 0.0)
    feed.write_progress(tmp_path, Progress(TODAY.replace(day=1), datetime.now(UTC) - timedelta(days=7)))
    door = Door(shut_after=20)
    with pytest.raises(Stopped):
        start(door, source, tmp_path).run(pace=0.001)
    assert any(event["id"].startswith("call-") for event in door.events)


def test_events_come_at_the_pace_that_was_asked_for_and_slower_after_an_hour() -> None:
    rng = Random(1)
    early = [feed.pause(rng, 2.0, 10.0) for _ in range(3_000)]
    late = [feed.pause(rng, 2.0, 4_000.0) for _ in range(3_000)]
    assert 1.7 < sum(early) / len(early) < 2.1
    assert max(early) <= 6.0
    assert 4 < sum(late) / sum(early) < 6
