"""The sample feed: what the example office's CRM and telephones would send, into the front door over HTTP.

    python -m deploy.feed --base http://127.0.0.1:8000 --var var/sample --pace 2

First everything since the beginning of last month up to now, then an event every `pace` seconds for as long as it runs.
How far it came stands in `<var>/feed.json`, so that another start goes on where this one stopped.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import click
import orjson

from deploy import payday, tokens
from deploy.frontdoor import BATCH, FrontDoor, Stopped
from deploy.office import Office, documents, later, office
from deploy.sampleday import Event, history, live
from shared import logs
from shared.contracts.league import ROSTER

SEED = 2026
SECONDS_BETWEEN_LOOKS = 60.0
"""How often the office's own pace is caught up with while the live row runs."""

LIVELY_SECONDS, CALM = 3600.0, 5
"""After an hour the live row gets so many times slower: left alone overnight, the numbers stay those of an office."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the feed is: the month of the first start, everything before `sent_to` is sent, the number of starts."""

    anchor: date
    sent_to: datetime
    starts: int = 0


def read_progress(var: Path, now: datetime) -> Progress:
    """Return how far an earlier feed came, else where a new one begins: at the first of last month."""
    try:
        stored = orjson.loads((var / "feed.json").read_bytes())
        sent_to = datetime.fromisoformat(stored["sent_to"])
        return Progress(date.fromisoformat(stored["anchor"]), sent_to, stored["starts"])
    except FileNotFoundError:
        anchor = now.date().replace(day=1)
        begin = later(anchor, -1)
        return Progress(anchor, datetime(begin.year, begin.month, 1, tzinfo=UTC))


def write_progress(var: Path, progress: Progress) -> None:
    """Keep how far the feed is; a reader sees the old or the new."""
    draft = var / "feed.json.new"
    draft.write_bytes(orjson.dumps(progress))
    draft.replace(var / "feed.json")


def pause(rng: Random, pace: float, running: float) -> float:
    """Return how long to wait before the next live event, in seconds; `running` is how long the feed runs."""
    slower = CALM if running > LIVELY_SECONDS else 1
    return slower * min(3 * pace, rng.expovariate(1 / pace))


class Feed:
    """The feed of one office into one front door."""

    def __init__(self, door: FrontDoor, source: Office, var: Path, progress: Progress) -> None:
        """Go on from `progress`."""
        self._door, self._office, self._var = door, source, var
        self._progress = replace(progress, starts=progress.starts + 1)

    def catch_up(self, now: datetime) -> None:
        """Send what the office did since the last time, the oldest first."""
        outcome: Counter[str] = Counter()
        for batch in _batches(history(self._office, self._progress.sent_to, now)):
            outcome += self._door.send(batch)
            self._reached(batch[-1]["occurred_at"])
        self._reached(now)
        _tell("caught_up", outcome)

    def run(self, pace: float) -> None:
        """Send live events until somebody asks to stop."""
        began = looked = time.monotonic()
        rng = Random()
        for event in live(self._office, f"r{self._progress.starts}"):
            if self._door.stop.wait(pause(rng, pace, time.monotonic() - began)):
                return
            _tell("live", self._door.send([{**event, "occurred_at": datetime.now(UTC)}]))
            if time.monotonic() - looked > SECONDS_BETWEEN_LOOKS:
                looked = time.monotonic()
                self.catch_up(datetime.now(UTC))

    def _reached(self, moment: datetime) -> None:
        self._progress = replace(self._progress, sent_to=moment)
        write_progress(self._var, self._progress)


def _batches(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    return (events[i : i + BATCH] for i in range(0, len(events), BATCH))


def _tell(what: str, outcome: Counter[str]) -> None:
    """Log what was not taken; a feed that works is quiet."""
    refused = outcome.total() - outcome["accepted"] - outcome["duplicate"]
    if refused:
        log.warning(what, **outcome)
    elif what != "live":
        log.info(what, **outcome)


def pay_last_month(hr: FrontDoor, today: date) -> None:
    """Have last month calculated while the live row goes on."""
    with suppress(Stopped):
        payday.calculate(hr, payday.last_month(today))


@click.command()
@click.option("--base", required=True, help="Where the front door is: http://127.0.0.1:8000")
@click.option("--var", type=click.Path(path_type=Path), required=True, help="Folder of the installation.")
@click.option("--pace", type=click.FloatRange(0.01), default=2.0, help="Seconds between two live events, on average.")
def main(base: str, var: Path, pace: float) -> None:
    """Feed the example office until it is stopped."""
    logs.configure("sample", "sample-feed")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    now = datetime.now(UTC)
    progress = read_progress(var, now)
    source = office(documents(progress.anchor, now.date())[ROSTER], now.date(), SEED)
    door = FrontDoor(base, tokens.read(var / "tokens", tokens.SAMPLE), stop)
    feed = Feed(door, source, var, progress)
    hr = FrontDoor(base, tokens.read(var / "tokens", "hr"), stop)
    try:
        feed.catch_up(now)
        threading.Thread(target=pay_last_month, args=(hr, now.date()), name="payday").start()
        feed.run(pace)
    except Stopped:
        log.info("stopped")


if __name__ == "__main__":
    main()
