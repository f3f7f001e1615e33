"""From POST to screen while a changed rule is computed again over 100,000 past activities, against a quiet chain."""

from __future__ import annotations

import copy
import http.client
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson

from tests.bench.latency import Screen, _knows_roster, _shown_at
from tests.bench.throughput import _post_all, _standing
from tests.bench.workload import START, bodies, documents, posts
from tests.e2e.chain import Chain

PAST, BATCH, PACE, SECONDS = 100_000, 500, 20, 15


def run(_bus_url: str, chain: Chain) -> Iterator[str]:
    """Yield the figures, line by line."""
    said = documents()
    for kind, body in said.items():
        chain.call("PUT", f"/ingest/v1/league/{kind}?effective_from=2020-01-01", body)
    chain.wait_until(lambda: _knows_roster(chain), "the roster to reach the boards")
    _post_all(chain, bodies(PAST, BATCH))
    calls = sum(post["type"] == "call" for post in posts(PAST))
    chain.wait_until(lambda: _standing(chain) == calls, "the past to stand", 600)
    screen = Screen(chain)
    screen.start()
    screen.ready.wait(10)
    yield _told("quiet", _delays(chain, screen, "quiet", calls))
    changed = copy.deepcopy(said["playbook"])
    next(rule for rule in changed["rules"] if rule["id"] == "long")["credit"] = {"points": 6}
    chain.call("PUT", "/ingest/v1/league/playbook?effective_from=2020-01-01", changed)
    begun = time.perf_counter()
    chain.wait_until(lambda: bool(_left(chain)), "the change to begin")
    busy = _delays(chain, screen, "busy", calls + PACE * SECONDS)
    yield _told("while it is computed again", busy) + f"; {_left(chain)} subjects were left at the end of that"
    chain.wait_until(lambda: not _left(chain), "the change to be through", 600)
    yield f"computed again: {PAST:,} activities in {time.perf_counter() - begun:.0f} s"


def _left(chain: Chain) -> int:
    progress: dict[str, Any] = chain.get("/scoring/v1/progress")
    return int(progress["subjects"]) + int(progress["partitions"])


def _delays(chain: Chain, screen: Screen, name: str, shown: int) -> list[float]:
    """Post calls at a steady pace and return for each how long it took to the screen, in milliseconds, sorted."""
    client = http.client.HTTPConnection("127.0.0.1", chain.port, timeout=60)
    headers = {"Authorization": f"Bearer {chain.token}", "Content-Type": "application/json"}
    sent, begun = [], time.perf_counter()
    for n in range(PACE * SECONDS):
        time.sleep(max(0.0, begun + n / PACE - time.perf_counter()))
        at = (START + timedelta(seconds=n)).isoformat()
        call = {
            "id": f"{name}{n}",
            "type": "call",
            "occurred_at": at,
            "owner": f"rep-{n % 40}",
            "data": {"duration_s": 90},
        }
        sent.append(time.perf_counter())
        client.request("POST", "/ingest/v1/activities", orjson.dumps(call), headers)
        client.getresponse().read()
    chain.wait_until(lambda: screen.shown[-1][1] >= shown + len(sent), "the last activity to be shown", 120)
    return sorted(1000 * (_shown_at(screen, shown + n) - at) for n, at in enumerate(sent, 1))


def _told(what: str, delays: list[float]) -> str:
    p50, p99 = delays[len(delays) // 2], delays[int(len(delays) * 0.99)]
    return f"POST to screen at {PACE}/s, {what}: p50 {p50:.0f} ms, p99 {p99:.0f} ms"
