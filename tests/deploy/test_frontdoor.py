"""The sender: tries again while the front door is away, gives up what it will never take."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest

from deploy import frontdoor
from deploy.frontdoor import FrontDoor, Refused, Stopped
from deploy.machine import free_port


class Door(ThreadingHTTPServer):
    """A front door that answers what it is told to, and remembers what it got."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.answers: list[tuple[int, Any]] = []
        self.got: list[tuple[str, str, Any, str | None]] = []


class Handler(BaseHTTPRequestHandler):
    def answer(self) -> None:
        assert isinstance(self.server, Door)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        sent = orjson.loads(body) if body else None
        self.server.got.append((self.command, self.path, sent, self.headers["Authorization"]))
        status, content = self.server.answers.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(orjson.dumps(content))

    do_GET = do_POST = do_PUT = answer  # noqa: N815  the names that http.server looks for

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def door() -> Iterator[Door]:
    with Door() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def sender(door: Door) -> FrontDoor:
    return FrontDoor(f"http://127.0.0.1:{door.server_port}", "samenspel_x", threading.Event())


def test_a_batch_goes_in_with_the_token_and_moments_as_text(door: Door, sender: FrontDoor) -> None:
    door.answers = [(202, {"results": [{"status": "accepted"}, {"status": "duplicate"}, {"status": "accepted"}]})]
    event = {"id": "1", "occurred_at": datetime(2026, 11, 24, 9, tzinfo=UTC)}
    assert sender.send([event]) == {"accepted": 2, "duplicate": 1}
    sent = [{"id": "1", "occurred_at": "2026-11-24T09:00:00Z"}]
    assert door.got == [("POST", "/ingest/v1/activities", sent, "Bearer samenspel_x")]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(door: Door, sender: FrontDoor, status: int) -> None:
    door.answers = [(status, None), (status, None), (202, {"results": []})]
    assert sender.send([]) == {}
    assert len(door.got) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_will_never_be_taken_is_refused_with_the_reason(door: Door, sender: FrontDoor, status: int) -> None:
    door.answers = [(status, {"title": "because"})]
    with pytest.raises(Refused, match=f"/ingest/v1/activities: {status} .*because"):
        sender.send([])


def test_a_document_goes_in_with_its_first_day(door: Door, sender: FrontDoor) -> None:
    door.answers = [(201, {"version": 1})]
    sender.put("roster", {"teams": [{"from": date(2026, 1, 1)}]}, date(2025, 1, 1))
    body = {"teams": [{"from": "2026-01-01"}]}
    assert door.got[0][:3] == ("PUT", "/ingest/v1/league/roster?effective_from=2025-01-01", body)


def test_a_door_that_opens_late_is_waited_for() -> None:
    port, stop = free_port(), threading.Event()
    outcome: list[Any] = []
    sender = FrontDoor(f"http://127.0.0.1:{port}", "t", stop)
    waiting = threading.Thread(target=lambda: outcome.append(sender.call("GET", "/x")))
    waiting.start()
    with Door(port) as server:
        server.answers = [(200, {"here": True})]
        server.handle_request()
        waiting.join(10)
    assert outcome == [{"here": True}]


def test_waiting_ends_when_asked_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontdoor, "LONGEST_PAUSE", 60)
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        FrontDoor(f"http://127.0.0.1:{free_port()}", "t", stop).send([])
    assert time.monotonic() - began < 5
