"""One watcher hands every change to all streams: at once, never more often than agreed, never an old one as new."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from typing import Any, cast

import orjson
import pytest

from services.leaderboard.domain.screen import View
from services.leaderboard.live import Frame, Hub, Limits, States, Streams, TooManyStreams, stop_all
from services.leaderboard.live.mailbox import Mailbox
from services.leaderboard.store import UNREACHABLE, Standings
from tests.leaderboard.sample import AT, NOW, apply, league, line, put
from tests.leaderboard.streams import (
    CALM,
    QUICK,
    SOON,
    VIEW,
    Clock,
    Gone,
    HubOf,
    Store,
    get,
    next_where,
    parsed,
    reaches,
    snapshots,
    stream,
    until,
)


def test_the_first_bytes_say_how_to_come_back_and_that_the_server_lives(hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    first = next(iter(Streams(hub, "app1").body(hub.join(VIEW), {})))
    assert re.match(rb":  +\nretry: [2-5]\d{3}\n\nevent: hb\ndata: {", first)
    assert len(first) > 2_048
    kind, beat = next(parsed(iter([first])))
    assert (kind, beat["app"], beat["beat"]) == ("hb", "app1", 30)


def test_a_stream_begins_with_the_whole_state_and_follows_every_change(store: Store, hub_of: HubOf) -> None:
    with stream(hub_of(CALM)) as read:
        states = snapshots(read)
        assert next(states)["v"] == 1
        for version in (2, 3, 4):
            store.say(version)
            assert reaches(states, version)


def test_one_build_serves_all_screens_of_a_view(store: Store, hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    boxes = [hub.join(VIEW) for _ in range(10)]
    until(lambda: hub.beat()["v"] == 1)
    store.built.clear()
    store.say(2)
    for box in boxes:
        get(box, 2)
    assert store.built == {VIEW: 1}


def test_screens_of_different_views_get_their_own(store: Store, hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    with stream(hub) as nobodys, stream(hub, View(team="zuid")) as of_zuid:
        assert next(snapshots(nobodys))["team"] is None
        assert next(snapshots(of_zuid))["team"] == "zuid"


def test_the_first_of_a_burst_goes_out_at_once_and_the_rest_as_one(store: Store, hub_of: HubOf) -> None:
    hub = hub_of(Limits(heartbeat=30, gap=2))
    with stream(hub) as read:
        states = snapshots(read)
        next(states)
        until(lambda: hub.beat()["v"] == 1)
        threading.Event().wait(2)
        begun = monotonic()
        store.say(2)
        assert next(states)["v"] == 2
        assert monotonic() - begun < 1.5
        for version in range(3, 50):
            store.say(version)
        assert next(states)["v"] == 49
        assert 1.5 < monotonic() - begun < SOON


def test_a_screen_that_reads_slowly_gets_the_newest_and_holds_nobody_up(store: Store, hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    slow, quick = hub.join(VIEW), hub.join(VIEW)
    for version in range(2, 20):
        store.say(version)
        get(quick, version)
    [frame] = slow.take(SOON)
    assert isinstance(frame, Frame)
    assert frame.version == 19
    assert slow.take(0) == []


def test_a_state_that_was_slow_to_come_does_not_replace_a_newer_one(hub_of: HubOf) -> None:
    hub, box = hub_of(CALM), Mailbox(VIEW)
    newer = hub.frame(VIEW)
    box.put(newer, VIEW)
    box.offer(hub.frame(View(team="zuid")))
    assert box.take(0) == [newer]


def test_on_a_silent_stream_signs_of_life_keep_coming(hub_of: HubOf) -> None:
    with stream(hub_of(QUICK)) as read:
        kinds = [next(read)[0] for _ in range(6)]
    assert kinds == ["hb", "snapshot", "hb", "hb", "hb", "hb"]


def test_a_new_day_is_drawn_although_nothing_changed(clock: Clock, hub_of: HubOf) -> None:
    with stream(hub_of(QUICK)) as read:
        states = snapshots(read)
        assert next(states)["at"].startswith("2026-11-24T22:50")
        clock.now += timedelta(minutes=11)  # midnight in Amsterdam has passed
        assert next(states)["at"].startswith("2026-11-24T23:01")


def test_one_screen_too_many_is_refused_and_told_when_to_come_back(hub_of: HubOf) -> None:
    hub = hub_of(Limits(streams=2))
    hub.join(VIEW)
    box = hub.join(VIEW)
    with pytest.raises(TooManyStreams) as refused:
        hub.join(VIEW)
    assert refused.value.retry_after == 10
    hub.leave(box)
    hub.leave(box)
    hub.join(VIEW)
    assert hub.open_streams() == 2


def test_a_screen_that_cannot_be_served_takes_no_place(store: Store, hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    store.lose()
    with pytest.raises(Gone):
        hub.join(VIEW)
    assert hub.open_streams() == 0


def test_while_the_store_is_away_screens_are_told_since_when_and_then_go_on(
    store: Store, clock: Clock, hub_of: HubOf
) -> None:
    hub = hub_of(QUICK)
    with stream(hub) as read:
        next_where(read, lambda event: event[0] == "hb" and event[1]["v"] == 1)
        lost_at = clock.now
        store.lose()
        until(lambda: not hub._watching)
        clock.now += timedelta(minutes=3)
        kind, beat = next_where(read, lambda event: event[0] == "hb" and event[1]["t"] > event[1]["seen"])
        assert (kind, beat["seen"]) == ("hb", lost_at.isoformat().replace("+00:00", "Z"))
        store.find()
        store.say(2)
        assert next_where(read, lambda event: event[0] == "snapshot")[1]["v"] == 2
        next_where(read, lambda event: event[0] == "hb" and event[1]["t"] == event[1]["seen"])


def test_one_view_that_cannot_be_drawn_does_not_stop_the_others(store: Store, hub_of: HubOf) -> None:
    hub = hub_of(QUICK)
    with stream(hub) as read:
        states = snapshots(read)
        next(states)
        hub._boxes.add(Mailbox(View(team="broken")))
        store.say(2)
        assert next(states)["v"] == 2


def test_stopping_ends_every_stream_soon(hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    with stream(hub) as first, stream(hub) as second:
        next(snapshots(first))
        next(snapshots(second))
        stop_all()
        assert [*first, *second] == []
    with pytest.raises(TooManyStreams):
        hub.join(VIEW)


def test_a_stream_does_not_last_for_ever(hub_of: HubOf) -> None:
    with stream(hub_of(Limits(heartbeat=0.02, lifetime=0.6, spread=0.1))) as read:
        kinds = [kind for kind, _ in read]
    assert kinds.count("snapshot") == 1
    assert kinds.count("hb") > 2


def test_nothing_is_watched_before_the_first_screen_and_one_thread_serves_all(store: Store, hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    assert hub.frame(VIEW).version == 1
    assert store.watchers == 0
    for _ in range(5):
        hub.join(VIEW)
    until(lambda: hub.beat()["v"] == 1)
    assert store.watchers == 1


def slide(state: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(each for each in state["slides"] if each["type"] == kind)


@pytest.fixture
def real(standings: Standings) -> Iterator[Hub]:
    """A hub over real standings, of the time of the sample league."""
    hub = Hub(standings.news, States(standings).build, transient=UNREACHABLE, limits=CALM, clock=lambda: NOW)
    yield hub
    hub.stop()


def test_a_credit_is_on_the_screens_at_once(standings: Standings, real: Hub) -> None:
    put(standings, league())
    with stream(real) as read:
        states = snapshots(read)
        next(states)
        until(lambda: real.beat()["v"] == standings.version())
        apply(standings, [line(1, "daan", 5000, at=AT)])
        state = next_where(states, lambda state: slide(state, "teams")["teams"][0]["amount"] == 5000)
    teams = slide(state, "teams")["teams"]
    assert [(team["id"], team["rank"]) for team in teams] == [("zuid", 1), ("noord", 2)]
    assert teams[0]["today"] == {"amount": 5000, "wins": 0}


def test_a_win_is_counted_today_and_among_the_latest(standings: Standings, real: Hub) -> None:
    put(standings, league())
    apply(standings, [line(1, "anna", 1, metric="deals"), line(2, "anna", 5000, subject="deal-1")])
    state = orjson.loads(real.frame(VIEW).body)
    assert slide(state, "teams")["teams"][0]["today"] == {"amount": 5000, "wins": 1}
    assert [(win["team"]["name"], win["rep"], win["amount"]) for win in state["latest"]] == [("Team Noord", None, 5000)]


def test_views_of_many_teams_read_the_standings_once_and_each_shows_its_own(standings: Standings) -> None:
    put(standings, league())
    apply(standings, [line(1, "daan", 5000, at=AT)])
    reads: Counter[str] = Counter()

    class Counted:
        def __getattr__(self, name: str) -> Any:
            reads[name] += 1
            return getattr(standings, name)

    states = States(cast("Any", Counted()))
    shown = [orjson.loads(states.build(View(team=team), NOW)[1]) for team in (None, "noord", "zuid")]
    alone = [orjson.loads(States(standings).build(View(team=team), NOW)[1]) for team in (None, "noord", "zuid")]
    assert shown == alone
    assert reads["board"] == 1
    states.forget()
    states.build(View(), NOW)
    assert reads["board"] == 2


def test_an_empty_store_says_that_there_is_no_league(real: Hub) -> None:
    state = orjson.loads(real.frame(VIEW).body)
    assert state["notice"]["key"] == "no_league"
    assert state["organisation"] is None
