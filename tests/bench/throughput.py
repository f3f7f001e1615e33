"""Activities a second from HTTP in to standings out, against the same records on the bare bus."""

import http.client
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench import bare_bus
from tests.bench.workload import bodies, documents, posts
from tests.e2e.chain import Chain

COUNT, BATCH, CLIENTS, SINGLE = 30_000, 500, 2, 10_000


def run(bus_url: str, chain: Chain) -> Iterator[str]:
    """Yield the figures, line by line."""
    for kind, body in documents().items():
        chain.call("PUT", f"/ingest/v1/league/{kind}?effective_from=2020-01-01", body)
    calls = sum(post["type"] == "call" for post in posts(COUNT))
    requests = bodies(COUNT, BATCH)
    begun = time.perf_counter()
    _post_all(chain, requests)
    accepted = time.perf_counter() - begun
    chain.wait_until(lambda: _standing(chain) == calls, "the standings to be complete", 600)
    whole = time.perf_counter() - begun
    yield f"chain, HTTP in to standings, {BATCH} a request: {COUNT / whole:,.0f} activities/s"
    yield f"  of which the front door alone: {COUNT / accepted:,.0f} activities/s"
    batched = bare_bus.records(COUNT, BATCH)
    floors = {
        f"records of up to {BATCH} activities, taken unread": COUNT / bare_bus.seconds(bus_url, batched, read=False),
        f"records of up to {BATCH} activities, read": COUNT / bare_bus.seconds(f"{bus_url}r-", batched, read=True),
        "one activity a record, read": SINGLE
        / bare_bus.seconds(f"{bus_url}1-", bare_bus.records(SINGLE, 1), read=True),
    }
    for what, floor in floors.items():
        yield f"bare bus, {what}: {floor:,.0f} activities/s; chain / bare bus {COUNT / whole / floor:.2f}"
    yield "memory after the run: " + ", ".join(f"{name} {mib:.0f} MiB" for name, mib in memory(chain).items())


def memory(chain: Chain) -> dict[str, float]:
    """Return each process's proportional share of memory in MiB, its children included."""
    return {name: sum(_pss(pid) for pid in _family(process.pid)) / 1024 for name, process in chain.processes.items()}


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _family(int(child))


def _pss(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


def _standing(chain: Chain) -> int:
    page = chain.get("/leaderboard/v1/boards/calls/2026/teams")
    return sum(row["amount"] for row in page["rows"])


def _post_all(chain: Chain, requests: Sequence[bytes]) -> None:
    threads = [threading.Thread(target=_post, args=(chain, requests[n::CLIENTS])) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _post(chain: Chain, requests: Sequence[bytes]) -> None:
    client = http.client.HTTPConnection("127.0.0.1", chain.port, timeout=60)
    headers = {"Authorization": f"Bearer {chain.token}", "Content-Type": "application/json"}
    for body in requests:
        client.request("POST", "/ingest/v1/activities", body, headers)
        answer = client.getresponse()
        said = answer.read()
        if answer.status != 202:
            raise RuntimeError(f"{answer.status}: {said[:500]!r}")
