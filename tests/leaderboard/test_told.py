"""What screens are told: each its own, whichever process it is connected to, and nothing when it is too late for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from math import inf
from typing import Any

import pytest

from services.leaderboard.domain.screen import View
from services.leaderboard.domain.slides.asked import MESSAGE, RACE, TOP, Slide
from services.leaderboard.domain.told import Told
from services.leaderboard.live import Event, Frame, Hub, ScreenRevoked, Seat
from services.leaderboard.live import hub as hubs
from services.leaderboard.live.mailbox import MOST_WAITING, Mailbox
from services.leaderboard.store import Standings
from tests.leaderboard.sample import league, put
from tests.leaderboard.streams import CALM, QUICK, SOON, VIEW, Clock, HubOf, Store, next_where, snapshots, stream, until

CANTEEN, LOBBY = "scr_canteen", "scr_lobby"


def following(hub: Hub) -> None:
    """Wait until the hub hears news."""
    until(lambda: hub.beat()["v"] == 1)


def celebration(clock: Clock, number: int = 1, seconds: int = 60) -> dict[str, Any]:
    return {"id": f"deal-{number}", "expires_at": (clock.now + timedelta(seconds=seconds)).isoformat()}


def names(read: Iterator[tuple[str, Any]], count: int) -> list[str]:
    return [next(read)[0] for _ in range(count)]


def test_a_screen_first_hears_its_own_settings_and_then_what_its_playlist_shows(store: Store, hub_of: HubOf) -> None:
    store.seats = {CANTEEN: Seat(View(team="zuid"), {"name": "Kantine"})}
    with stream(hub_of(CALM), screen=CANTEEN) as read:
        assert next(read)[0] == "hb"
        assert next(read) == ("screen", {"name": "Kantine"})
        kind, state = next_where(read, lambda event: event[0] != "screen")
    assert (kind, state["team"]) == ("snapshot", "zuid")


def test_a_screen_that_gets_another_playlist_shows_it_at_once(store: Store, hub_of: HubOf) -> None:
    store.seats = {CANTEEN: Seat(VIEW, {"name": "Kantine"}), LOBBY: Seat(VIEW, {"name": "Hal"})}
    hub = hub_of(CALM)
    with stream(hub, screen=CANTEEN) as canteen, stream(hub, screen=LOBBY) as lobby:
        next(snapshots(canteen))
        next(snapshots(lobby))
        following(hub)
        store.seats[CANTEEN] = Seat(View(team="zuid"), {"name": "Kantine 2"})
        hub.tell(CANTEEN, "screen")
        assert next_where(canteen, lambda event: event[1].get("name") == "Kantine 2")[0] == "screen"
        assert next(snapshots(canteen))["team"] == "zuid"
        hub.tell(LOBBY, "next")
        assert next_where(lobby, lambda event: event[0] != "screen") == ("next", {})


@pytest.mark.parametrize("event", ["reload", "identify", "next", "celebrate"])
def test_an_order_reaches_the_screen_that_it_is_for_and_no_other(store: Store, hub_of: HubOf, event: str) -> None:
    store.seats = dict.fromkeys((CANTEEN, LOBBY), Seat(VIEW))
    hub = hub_of(CALM)
    canteen, lobby = hub.join(screen=CANTEEN), hub.join(screen=LOBBY)
    following(hub)
    for box in (canteen, lobby):
        box.take(0)
    hub.tell(CANTEEN, event, {"n": 1})
    hub.tell(None, "identify", {"n": 2})
    assert told(canteen, 2) == [(event, {"n": 1}), ("identify", {"n": 2})]
    assert told(lobby, 1) == [("identify", {"n": 2})]


def told(box: Mailbox, count: int) -> list[tuple[str, Any]]:
    """Return the next events, without states and settings."""
    found: list[tuple[str, Any]] = []
    while len(found) < count:
        letters = box.take(SOON)
        assert letters, "did not come in time"
        found += [(one.name, one.data) for one in letters if isinstance(one, Event) and one.name != "screen"]
    return found


def test_a_revoked_screen_is_told_so_and_its_stream_ends(store: Store, hub_of: HubOf) -> None:
    store.seats = {CANTEEN: Seat(VIEW)}
    hub = hub_of(CALM)
    with stream(hub, screen=CANTEEN) as read:
        following(hub)
        hub.tell(CANTEEN, "revoked")
        assert [kind for kind, _ in read][-1] == "revoked"
    store.seats = {}
    with pytest.raises(ScreenRevoked):
        hub.join(screen=CANTEEN)
    assert hub.open_streams() == 0


def test_what_was_told_while_the_store_was_away_is_looked_up_afterwards(store: Store, hub_of: HubOf) -> None:
    store.seats = {CANTEEN: Seat(VIEW), LOBBY: Seat(VIEW, {"name": "Hal"})}
    hub = hub_of(QUICK)
    with stream(hub, screen=CANTEEN) as canteen, stream(hub, screen=LOBBY) as lobby:
        following(hub)
        store.lose()
        until(lambda: not hub._watching)
        store.seats = {LOBBY: Seat(VIEW, {"name": "Hal beneden"})}
        store.find()
        assert [kind for kind, _ in canteen][-1] == "revoked"
        assert next_where(lobby, lambda event: event[1].get("name") == "Hal beneden")[0] == "screen"


def test_what_was_decided_for_all_is_drawn_anew_although_the_standings_did_not_change(
    store: Store, hub_of: HubOf
) -> None:
    hub = hub_of(CALM)
    with stream(hub) as read:
        states = snapshots(read)
        next(states)
        following(hub)
        store.more = "the nickname that somebody chose"
        hub.tell(None, "screen")
        assert next(states)["more"] == store.more
    assert store.forgotten > 0


def test_a_screen_that_nobody_set_up_shows_what_is_usual_now(store: Store, hub_of: HubOf) -> None:
    store.seats = {"": Seat(VIEW)}
    hub = hub_of(CALM)
    with stream(hub, screen="") as read:
        assert [next(read)[0] for _ in range(2)] == ["hb", "snapshot"]
        following(hub)
        store.seats = {"": Seat(View(team="zuid"))}
        hub.tell(None, "screen")
        assert next(snapshots(read))["team"] == "zuid"


def test_while_screens_cannot_be_looked_up_they_go_on_with_the_standings(store: Store, hub_of: HubOf) -> None:
    store.seats = {CANTEEN: Seat(VIEW)}
    hub = hub_of(CALM)
    with stream(hub, screen=CANTEEN) as read:
        following(hub)
        store.lose_seats = True
        hub.tell(CANTEEN, "screen")
        store.say(2)
        assert next_where(snapshots(read), lambda state: state["v"] == 2)
        store.lose_seats = False
        store.seats[CANTEEN] = Seat(VIEW, {"name": "Kantine"})
        store.say(3)
        assert next_where(read, lambda event: event[1].get("name") == "Kantine")[0] == "screen"


def test_who_comes_back_gets_neither_what_it_has_nor_misses_the_celebrations_of_just_now(
    store: Store, clock: Clock, hub_of: HubOf
) -> None:
    hub = hub_of(CALM)
    present = hub.frame(VIEW).id
    with stream(hub) as read:
        next(snapshots(read))
        following(hub)
        for number, seconds in ((1, 10), (2, 60)):
            hub.tell(None, "celebrate", celebration(clock, number, seconds))
            next_where(read, lambda event: event[0] == "celebrate")
    clock.now += timedelta(seconds=30)
    assert [letter.wire[:16] for letter in hub.join(VIEW, resume=hub.frame(VIEW).id).take(0)] == [b"event: celebrate"]
    kept = hub.join(VIEW, resume=present + "0").take(0)
    assert [type(letter) for letter in kept] == [Frame, Event]
    assert [type(letter) for letter in hub.join(VIEW).take(0)] == [Frame]


def test_what_all_are_told_while_a_screen_takes_its_seat_leaves_it_nothing_of_another_view(
    store: Store, hub_of: HubOf
) -> None:
    store.seats = {CANTEEN: Seat(View(team="zuid"))}
    hub = hub_of(CALM)
    box = Mailbox(VIEW, CANTEEN)
    box.put(hub.frame(VIEW), VIEW)  # the standings changed before it was looked up where it sits
    box.sit(store.seats[CANTEEN])
    box.put(hub.frame(VIEW), VIEW)
    box.offer(hub.frame(box.view))
    assert box.take(0) == [hub.frame(View(team="zuid"))]


def test_who_asks_for_a_single_slide_also_gets_the_messages_and_hears_what_the_screen_is_told(
    store: Store, hub_of: HubOf
) -> None:
    race, message = Slide(RACE, metric="calls"), Slide(MESSAGE, text=(("nl", "Taart"),))
    store.seats = {CANTEEN: Seat(View((Slide(TOP), message), "zuid"), {"name": "Kantine"}, (message,))}
    hub = hub_of(CALM)
    box = hub.join(View((race,)), screen=CANTEEN)
    assert box.view == View((race, message), "zuid")
    following(hub)
    hub.tell(CANTEEN, "reload")
    assert told(box, 1) == [("reload", {})]
    hub.tell(CANTEEN, "revoked")
    assert told(box, 1) == [("revoked", {})]


def test_a_celebration_names_nobody_where_the_playlist_names_nobody(store: Store, clock: Clock, hub_of: HubOf) -> None:
    people = View((Slide(TOP, people=True),))
    store.seats = {CANTEEN: Seat(people), LOBBY: Seat(VIEW)}
    hub = hub_of(CALM)
    canteen, lobby = hub.join(screen=CANTEEN), hub.join(screen=LOBBY)
    following(hub)
    named = {**celebration(clock), "team": "Team Zuid", "rep": "Daan", "avatar": "vos"}
    hub.tell(None, "celebrate", named)
    assert told(canteen, 1) == [("celebrate", named)]
    nobody = {**named, "rep": None, "avatar": None}
    assert told(lobby, 1) == [("celebrate", nobody)]
    assert told(hub.join(screen=LOBBY, resume="1"), 1) == [("celebrate", nobody)]


def test_who_comes_back_is_not_told_a_name_that_somebody_took_back(store: Store, clock: Clock, hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    box = hub.join()
    following(hub)
    hub.tell(None, "celebrate", celebration(clock))
    hub.tell(None, "screen")
    hub.tell(None, "identify")
    assert [name for name, _ in told(box, 2)] == ["celebrate", "identify"]
    assert [type(letter) for letter in hub.join(resume="1").take(0)] == [Frame]


def test_screens_that_could_not_be_looked_up_are_soon_looked_up_again_although_nothing_changes(
    store: Store, hub_of: HubOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "_SEATS_RETRY_SECONDS", 0.1)
    store.seats = {CANTEEN: Seat(VIEW)}
    hub = hub_of(CALM)
    with stream(hub, screen=CANTEEN) as read:
        following(hub)
        store.lose_seats = True
        store.seats = {CANTEEN: Seat(VIEW, {"name": "Kantine"})}
        hub.tell(CANTEEN, "screen")
        until(lambda: hub._seats_due < inf)
        store.lose_seats = False
        assert next_where(read, lambda event: event[1].get("name") == "Kantine")[0] == "screen"


def test_a_screen_that_takes_nothing_keeps_the_newest_settings_and_the_last_celebrations(hub_of: HubOf) -> None:
    box = Mailbox(VIEW)
    for number in range(MOST_WAITING + 5):
        box.tell(Event("celebrate", {"id": number}))
        box.tell(Event("screen", {"n": number}))
    settings, *celebrations = box.take(0)
    assert settings == Event("screen", {"n": MOST_WAITING + 4})
    assert [one.data["id"] for one in celebrations if isinstance(one, Event)] == [*range(5, MOST_WAITING + 5)]


def test_what_one_process_tells_reaches_the_screens_of_another(standings: Standings, fresh_redis_url: str) -> None:
    put(standings, league())
    other = Standings.open(fresh_redis_url)
    stop = threading.Event()
    heard = other.news.follow(stop)
    assert isinstance(next(heard), int)
    standings.news.tell(Told("celebrate", {"id": "deal:1", "headline": {"nl": "Gewonnen"}}, CANTEEN))
    assert next(heard) == Told("celebrate", {"id": "deal:1", "headline": {"nl": "Gewonnen"}}, CANTEEN)
    stop.set()
    other.close()
