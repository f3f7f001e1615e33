"""A chain that is looked after as a service manager would: what ends is started again, but for a gap in the ledger."""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.e2e.chain import CONSUMERS, Chain, Refused
from tests.faults.story import Event

GAP = 3
"""The exit code of a consumer that found lines of the ledger missing."""
METRICS = ("points", "revenue", "deals", "calls", "meetings", "badges")
PATIENCE = 120.0
AT_ONCE, FEW, PAUSE = 200, 5, 0.15
"""How many events go in one request, and the seconds between two, so that work goes on while something breaks."""


class LinesMissing(AssertionError):
    """A consumer found a gap in the ledger."""


class Watched(Chain):
    """A chain whose processes are started again when they end; `restarts` counts how often that was needed."""

    restarts = 0

    def tend(self) -> None:
        """Start what has ended."""
        for name, process in list(self.processes.items()):
            code = process.poll()
            if code == GAP and name != "web":
                raise LinesMissing(f"{name} found lines missing\n{self.logs()}")
            if code is not None:
                self.restarts += 1
                self.start_again(name)

    def start_again(self, name: str) -> None:
        """Start a process that has ended."""
        self.processes.pop(name, None)
        if name == "web":
            self.start_web()
        else:
            self.start_consumer(name.partition("~")[0], name)

    def _nobody_died(self) -> None:
        self.tend()


class Feeding(threading.Thread):
    """Hands events in as a CRM does that tries again until it is answered well: a few at a time, with a pause."""

    def __init__(self, chain: Chain, events: Sequence[Event], batch: int, pause: float) -> None:
        super().__init__(daemon=True)
        self._chain, self._events, self._batch, self._pause = chain, events, batch, pause
        self.outcome: dict[str, int] = {}
        self.error: Exception | None = None

    def run(self) -> None:
        """Hand everything in."""
        try:
            for n in range(0, len(self._events), self._batch):
                self._hand_in(self._events[n : n + self._batch])
                time.sleep(self._pause)
        except Exception as error:  # noqa: BLE001  raised again by whoever waits
            self.error = error

    def _hand_in(self, some: Sequence[Event]) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = _post(self._chain, some)
            if answer is not None:
                for name in ("accepted", "duplicate", "parked", "invalid"):
                    self.outcome[name] = self.outcome.get(name, 0) + answer[name]
                return
            time.sleep(0.2)
        raise TimeoutError("the front door took nothing")


def _post(chain: Chain, some: Sequence[Event]) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{chain.port}/ingest/v1/activities",
        data=json.dumps(list(some)).encode(),
        headers={"Authorization": f"Bearer {chain.token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=8) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code in (429, 500, 502, 503, 504):
            return None
        raise Refused(f"{error.code} {error.read().decode()}") from error
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        return None


def feed(
    chain: Watched, events: Sequence[Event], meanwhile: Callable[[], str] | None = None
) -> tuple[dict[str, int], str]:
    """Hand events in while something happens.

    Returns what the front door said of them, tries that failed left out, and what it was that happened.
    """
    feeding = Feeding(chain, events, FEW, PAUSE) if meanwhile else Feeding(chain, events, AT_ONCE, 0.0)
    feeding.start()
    said = meanwhile() if meanwhile else ""
    while feeding.is_alive():
        chain.tend()
        time.sleep(0.05)
    if feeding.error:
        raise feeding.error
    return feeding.outcome, said


def put_league(chain: Chain, league: Mapping[str, Mapping[str, Any]]) -> None:
    """Hand the documents in."""
    for kind, body in league.items():
        chain.call("PUT", f"/ingest/v1/league/{kind}?effective_from=2016-01-01", body)


def is_settled(chain: Chain, activities: int) -> bool:
    """Tell whether everything that was handed in stands in the ledger, the standings and the books."""
    try:
        found = chain.get("/scoring/v1/totals?metric=points&period=2026")
        progress, mark = found["progress"], found["mark"]
        done = progress["activities"] == activities and not progress["unpublished"] and not progress["restating"]
        return bool(done and _booked(chain) == {p: n for p, n in mark.items() if n} and _agree(chain))
    except (Refused, OSError, KeyError):
        return False


def _booked(chain: Chain) -> dict[str, int]:
    books = chain.get("/commission/v1/payouts?period=2026-11")["ledger"]
    return {p: n for p, n in books.items() if n}


def _agree(chain: Chain) -> bool:
    return all(
        board(chain, metric, "2026", scope) == totals(chain, metric, "2026", by)
        for metric in METRICS
        for scope, by in (("teams", "team"), ("reps", "rep"))
    )


def board(chain: Chain, metric: str, period: str, scope: str) -> dict[str, int]:
    """Return what stands on a board, zeros left out."""
    page = chain.get(f"/leaderboard/v1/boards/{metric}/{period}/{scope}?count=100")
    return {row["id"]: row["amount"] for row in page["rows"] if row["amount"]}


def totals(chain: Chain, metric: str, period: str, by: str) -> dict[str, int]:
    """Return what the ledger adds up to, zeros left out."""
    found = chain.get(f"/scoring/v1/totals?metric={metric}&period={period}&by={by}")
    return {each["id"]: each["amount"] for each in found["totals"] if each["amount"]}


def picture(chain: Chain, periods: Sequence[str], months: Sequence[str]) -> dict[str, Any]:
    """Return what must not depend on what broke on the way: ledger, standings with ranks, payouts."""
    found: dict[str, Any] = {}
    for metric in METRICS:
        for period in periods:
            found[f"ledger {metric} {period}"] = totals(chain, metric, period, "rep")
            page = chain.get(f"/leaderboard/v1/boards/{metric}/{period}/teams?count=100")
            found[f"board {metric} {period}"] = {row["id"]: (row["rank"], row["amount"]) for row in page["rows"]}
    for month in months:
        payouts = chain.get(f"/commission/v1/payouts?period={month}")
        found[f"payouts {month}"] = {p["rep"]["id"]: p["totals"] for p in payouts["payouts"]}
    return found


def verify(chain: Chain) -> None:
    """Let each service look itself through."""
    for service in CONSUMERS[1:]:
        chain.run("-m", f"services.{service}.cli", "verify")
