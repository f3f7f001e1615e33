"""One thread writes to all screens: none waits for another, and none keeps a place that it has left."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from services.leaderboard.live import Body, Hub, Limits, Streams
from services.leaderboard.live.mailbox import Event, Mailbox
from services.leaderboard.live.writer import SEND_BUFFER, Writer
from shared.auth import mint
from tests.bench.crowd import Crowd
from tests.browser.office import Office
from tests.browser.server import Server
from tests.leaderboard.streams import CALM, QUICK, SOON, VIEW, HubOf, Store, until

PATH = "/leaderboard/v1/screens/self/stream"
BEAT = Event("hb", {}).chunk
SNAPSHOT = re.compile(rb"event: snapshot\nid: (\d+)-")


class HandedOver(OSError):
    """What a worker offers."""


def screen(hub: Hub, streams: Streams) -> socket.socket:
    """Open a stream as a worker does that hands connections over; return the browser's end."""
    near, far = socket.socketpair()
    near.settimeout(SOON)
    environ = {"SERVER_PROTOCOL": "HTTP/1.1", "samenspel.handover": HandedOver, "gunicorn.socket": far}
    body = streams.body(hub.join(VIEW), environ)
    with pytest.raises(HandedOver):
        list(body)
    body.close()
    return near


def heard(near: socket.socket, wanted: bytes) -> bytes:
    """Read until `wanted` came."""
    data = b""
    while wanted not in data:
        more = near.recv(65536)
        assert more, f"the stream ended: {data!r}"
        data += more
    return data


def versions(data: bytes) -> list[int]:
    return [int(version) for version in SNAPSHOT.findall(data)]


def test_every_change_goes_out_as_a_chunk_and_no_thread_waits_for_it(store: Store, hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    streams = Streams(hub, "app1")
    screens = [screen(hub, streams) for _ in range(5)]
    for near in screens:
        heard(near, b"id: 1-")
    store.say(2)
    for near in screens:
        size, _, rest = heard(near, b"id: 2-").partition(b"\r\n")
        data = rest if rest.endswith(b"\r\n") else rest + near.recv(65536)
        assert data[int(size, 16) :] == b"\r\n"


def test_a_screen_that_takes_nothing_holds_nobody_up_and_then_gets_the_newest(store: Store, hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    streams = Streams(hub, "app1")
    store.more = "x" * SEND_BUFFER * 4
    slow, quick = screen(hub, streams), screen(hub, streams)
    for version in range(2, 12):
        store.say(version)
        heard(quick, b"id: %d-" % version)
    shown = versions(heard(slow, b"id: 11-"))
    assert shown == sorted(shown)
    assert len(shown) < 8


def test_a_screen_that_is_gone_gives_its_place_back_at_once(hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    near = screen(hub, Streams(hub, "app1"))
    heard(near, b"id: 1-")
    near.close()
    until(lambda: hub.open_streams() == 0)


def test_a_connection_that_cannot_be_taken_over_keeps_no_place(hub_of: HubOf) -> None:
    hub = hub_of(CALM)
    near, far = socket.socketpair()
    far.close()
    environ = {"SERVER_PROTOCOL": "HTTP/1.1", "samenspel.handover": HandedOver, "gunicorn.socket": far}
    body = Streams(hub, "app1").body(hub.join(VIEW), environ)
    with pytest.raises(OSError, match="descriptor"):
        list(body)
    body.close()
    near.close()
    assert hub.open_streams() == 0


def test_on_a_silent_line_signs_of_life_keep_coming_and_then_it_ends_as_it_should(hub_of: HubOf) -> None:
    hub = hub_of(Limits(heartbeat=0.05, lifetime=1.5, spread=0.0))
    near = screen(hub, Streams(hub, "app1"))
    data = b"".join(iter(lambda: near.recv(65536), b""))
    assert data.count(b"event: hb") > 2
    assert versions(data) == [1]
    assert data.endswith(b"\r\n0\r\n\r\n")
    until(lambda: hub.open_streams() == 0)


def test_when_the_hub_stops_every_line_ends(hub_of: HubOf) -> None:
    hub = hub_of(QUICK)
    near = screen(hub, Streams(hub, "app1"))
    heard(near, b"id: 1-")
    hub.stop()
    assert heard(near, b"0\r\n\r\n")


def test_a_screen_that_is_stuck_is_let_go() -> None:
    left: list[str] = []
    near, far = socket.socketpair()
    box = Mailbox(VIEW)
    Writer(0.1, lambda: BEAT, stuck=0.2).take(far, box, lambda: left.append("gone"), 900)
    box.tell(Event("celebrate", {"text": "x" * 1_000_000}))
    until(lambda: left == ["gone"])
    near.close()


def test_where_nothing_can_be_handed_over_a_stream_keeps_its_thread(hub_of: HubOf) -> None:
    hub = hub_of(QUICK)
    box = hub.join(VIEW)
    for environ in ({}, {"SERVER_PROTOCOL": "HTTP/1.0", "samenspel.handover": HandedOver}):
        body: Body = Streams(hub, "app1").body(box, environ)
        read = iter(body)
        assert [next(read)[:5] for _ in range(2)] == [b":    ", b"event"]
    body.close()
    assert hub.open_streams() == 0


@pytest.fixture
def server(fresh_redis_url: str, tmp_path: Any) -> Iterator[Server]:
    """A web process with two threads and room for thirty screens."""
    mint(tmp_path / "tokens.json", "nobody", [])
    few = {"SAMENSPEL_TV_ACCESS": "open", "SAMENSPEL_THREADS": "2", "SAMENSPEL_TV_STREAMS": "30"}
    made = Server(tmp_path, fresh_redis_url, **few)
    yield made.start()
    made.kill()


def test_two_threads_serve_thirty_screens_and_everybody_else(server: Server, standings: Any) -> None:
    office = Office(standings)
    office.fill("utrecht", "zwolle")
    crowd = Crowd(server.port, PATH)
    crowd.come(30)
    crowd.look_until_all_heard(1, SOON)
    office.sell("utrecht", 1_000)
    crowd.look_until_all_heard(standings.version(), SOON)
    assert server._answers()
    assert status(server) == 503
    crowd.seats[0].sock.close()
    until(lambda: status(server) == 200)
    assert server.stop() == 0
    crowd.go()


def status(server: Server) -> int:
    """Return how one more screen is answered."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SOON)
    client.request("GET", PATH)
    try:
        return client.getresponse().status
    finally:
        client.close()
