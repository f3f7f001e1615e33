"""The bus goes away while activities keep coming: what the front door answers, and how fast it catches up."""

import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass

from tests.bench.workload import REPS, START, documents
from tests.e2e.chain import Chain, Refused
from tests.engines.engine import Engine

PERIOD = f"{START:%Y}"


@dataclass(frozen=True)
class Outage:
    """What was measured; times in seconds. `backlog` waited when the bus came back, and stood in the ledger after
    `caught_up`; the slowest answer is of all requests, before, during and after.
    """

    sent: int
    refused: int
    away: float
    backlog: int
    caught_up: float
    slowest: float

    def __str__(self) -> str:
        """Say it in a line."""
        speed = self.backlog / self.caught_up
        return (
            f"bus away for {self.away:.1f} s under {self.sent:,} requests: {self.refused} refused, slowest answer "
            f"{self.slowest * 1000:,.0f} ms; backlog of {self.backlog:,} in the ledger {self.caught_up:.1f} s after it "
            f"was back ({speed:,.0f}/s)"
        )


class Sender(threading.Thread):
    """Posts calls one by one at a steady pace until it is stopped; remembers what became of each."""

    def __init__(self, chain: Chain, pace: float) -> None:
        super().__init__(daemon=True)
        self.statuses: Counter[int] = Counter()
        self.by_rep: Counter[str] = Counter()
        self.slowest = 0.0
        self.stop = threading.Event()
        self._client = http.client.HTTPConnection("127.0.0.1", chain.port, timeout=30)
        self._headers = {"Authorization": f"Bearer {chain.token}", "Content-Type": "application/json"}
        self._pace = pace

    @property
    def sent(self) -> int:
        """How many were answered so far."""
        return self.statuses.total()

    def run(self) -> None:
        """Post at the pace; a request that takes longer delays the ones behind it, none is left out."""
        begun, n = time.monotonic(), 0
        while not self.stop.wait(max(0.0, begun + n / self._pace - time.monotonic())):
            self._post(n)
            n += 1

    def _post(self, n: int) -> None:
        rep = f"rep-{n % REPS}"
        call = {"id": f"outage-{n}", "type": "call", "occurred_at": START.isoformat(), "owner": rep}
        begun = time.monotonic()
        self._client.request("POST", "/ingest/v1/activities", json.dumps(call), self._headers)
        answer = self._client.getresponse()
        answer.read()
        self.slowest = max(self.slowest, time.monotonic() - begun)
        self.statuses[answer.status] += 1
        self.by_rep[rep] += 1


def ride_out(chain: Chain, bus: Engine, *, away: float, around: float = 3.0, pace: float = 50.0) -> Outage:
    """Take the bus away for `away` seconds, with `around` seconds of work before and after; fails when work is lost."""
    for kind, body in documents().items():
        chain.call("PUT", f"/ingest/v1/league/{kind}?effective_from=2020-01-01", body)
    chain.wait_until(lambda: in_ledger(chain) is not None, "the roster to reach the ledger")
    sender = Sender(chain, pace)
    sender.start()
    try:
        sender.stop.wait(around)
        stopped = time.monotonic()
        bus.stop()
        sender.stop.wait(away - (time.monotonic() - stopped))
        bus.start()
        back, owed = time.monotonic(), sender.sent
        backlog = owed - (in_ledger(chain) or 0)
        chain.wait_until(lambda: (in_ledger(chain) or 0) >= owed, "the backlog to reach the ledger", 120)
        caught_up = time.monotonic() - back
        sender.stop.wait(around)
    finally:
        sender.stop.set()
        sender.join(40)
    chain.wait_until(lambda: standing(chain) == sender.by_rep, "everything to stand on the boards", 120)
    refused = sender.sent - sender.statuses[202]
    return Outage(sender.sent, refused, back - stopped, backlog, caught_up, sender.slowest)


def in_ledger(chain: Chain) -> int | None:
    """Return how many activities scoring has taken in; None while it does not know the league."""
    try:
        progress = chain.get(f"/scoring/v1/totals?metric=calls&period={PERIOD}")["progress"]
    except Refused:
        return None
    return int(progress["activities"])


def standing(chain: Chain) -> Counter[str]:
    """Return each rep's calls as the boards show them."""
    rows = chain.get(f"/leaderboard/v1/boards/calls/{PERIOD}/reps?count={REPS}")["rows"]
    return Counter({row["id"]: row["amount"] for row in rows if row["amount"]})
