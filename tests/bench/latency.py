"""From POST to screen: single activities at a steady pace, and when the TV's stream shows each."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import orjson

from tests.bench.workload import START, documents
from tests.e2e.chain import Chain

PACE, SECONDS = 50, 20
STREAM = "/leaderboard/v1/screens/self/stream?metric=calls&period=2026"


class Screen(threading.Thread):
    """Reads the TV's stream and notes when each total was first shown."""

    def __init__(self, chain: Chain) -> None:
        super().__init__(daemon=True)
        self.shown: list[tuple[float, int]] = []
        self.ready = threading.Event()
        self._client = http.client.HTTPConnection("127.0.0.1", chain.port, timeout=60)
        self._client.request("GET", STREAM, headers={"Authorization": f"Bearer {chain.token}"})
        self._answer = self._client.getresponse()
        if self._answer.status != 200:
            raise RuntimeError(f"{self._answer.status}: {self._answer.read(500)!r}")

    def run(self) -> None:
        """Read events until the connection ends."""
        event = ""
        for raw in self._answer:
            line = raw.decode().rstrip("\n")
            if line.startswith("event:"):
                event = line[6:].strip()
            elif line.startswith("data:") and event == "snapshot":
                self.shown.append((time.perf_counter(), _total(json.loads(line[5:]))))
                self.ready.set()


def _total(state: dict[str, Any]) -> int:
    return sum(team["amount"] for slide in state["slides"] for team in slide.get("teams", ()))


def run(_bus_url: str, chain: Chain) -> Iterator[str]:
    """Yield the figures, line by line."""
    for kind, body in documents().items():
        chain.call("PUT", f"/ingest/v1/league/{kind}?effective_from=2020-01-01", body)
    chain.wait_until(lambda: _knows_roster(chain), "the roster to reach the boards")
    screen = Screen(chain)
    screen.start()
    screen.ready.wait(10)
    posted = _post_steadily(chain)
    chain.wait_until(lambda: screen.shown[-1][1] >= len(posted), "the last activity to be shown", 30)
    delays = sorted(1000 * (_shown_at(screen, n) - at) for n, at in enumerate(posted, 1))
    p50, p99 = delays[len(delays) // 2], delays[int(len(delays) * 0.99)]
    yield f"POST to screen at {PACE}/s for {SECONDS} s: p50 {p50:.0f} ms, p99 {p99:.0f} ms, worst {delays[-1]:.0f} ms"


def _knows_roster(chain: Chain) -> bool:
    try:
        return bool(chain.get("/leaderboard/v1/boards/calls/2026/teams")["rows"])
    except AssertionError:
        return False


def _shown_at(screen: Screen, total: int) -> float:
    return next(at for at, shown in screen.shown if shown >= total)


def _post_steadily(chain: Chain) -> list[float]:
    """Post calls, one at a time; return when each was sent."""
    client = http.client.HTTPConnection("127.0.0.1", chain.port, timeout=60)
    headers = {"Authorization": f"Bearer {chain.token}", "Content-Type": "application/json"}
    sent, begun = [], time.perf_counter()
    for n in range(PACE * SECONDS):
        time.sleep(max(0.0, begun + n / PACE - time.perf_counter()))
        call = {"id": f"l{n}", "type": "call", "occurred_at": START.isoformat(), "owner": f"rep-{n % 40}",
                "data": {"duration_s": 90}}  # fmt: skip
        sent.append(time.perf_counter())
        client.request("POST", "/ingest/v1/activities", orjson.dumps(call), headers)
        client.getresponse().read()
    return sent
