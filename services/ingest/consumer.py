"""The relay: hands activities and documents from SQL to the bus, and answers topic `requests`."""

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from services.ingest.handlers import parking, relaying
from services.ingest.handlers.names import Names
from services.ingest.handlers.people import Pruner
from services.ingest.settings import RelaySettings, build_relay
from services.ingest.store import Doorbell, League, Outbox, Parking, doorbell
from services.ingest.store.retention import Retention
from shared import logs, loop, settings
from shared.bus import Bus, Consumer, Record, open_bus
from shared.contracts import wire
from shared.dead_letters import dead_letter
from shared.metrics import Metrics
from shared.sql import TRANSIENT, migrate, open_engine

PROCESS = "ingest-consumer"
LOOK_SECONDS = 5.0
"""How often to ask whether the bus has lost what it was given, and to measure what waits."""

WAIT_SECONDS = 0.5
"""How often to look for requests while nothing else happens; activities do not wait for that."""

_GLANCE_SECONDS = 0.005

log = logs.get(__name__)


def main() -> None:
    """Run until asked to stop."""
    given = settings.or_exit(build_relay)
    logs.configure("ingest", PROCESS, given.log_level)
    run(given)


def run(given: RelaySettings, stop: threading.Event | None = None) -> None:
    """Relay until `stop` is set or a signal comes."""
    engine, bus, metrics = open_engine(given.database_url), open_bus(given.bus_url), Metrics(PROCESS)
    migrate(engine, "services.ingest")
    pruner = Pruner(Retention(engine), given.keep_payloads_days)
    relay, bell = Relay(bus, Outbox(engine), League(engine), Parking(engine), metrics, pruner=pruner), doorbell(engine)
    try:
        loop.run(
            WokenByBell(bus.consumer(["requests"], "ingest", PROCESS), bell),
            relay.answer,
            metrics=metrics,
            run_dir=given.run_dir,
            transient=TRANSIENT,
            tick=relay.turn,
            stop=stop,
            wait=WAIT_SECONDS,
        )
    finally:
        bell.close()
        bus.close()
        engine.dispose()


class Relay:
    """What the loop does: a turn of publishing between the requests it reads."""

    def __init__(
        self,
        bus: Bus,
        outbox: Outbox,
        league: League,
        parked: Parking,
        metrics: Metrics,
        *,
        pruner: Pruner | None = None,
    ) -> None:
        """Connect to nothing yet."""
        self._pruner = pruner
        self._pruned = metrics.counter("samenspel_ingest_pruned_total", "Payloads whose text was taken away.")
        self._bus, self._outbox, self._league, self._parking = bus, outbox, league, parked
        self._names = Names(league)
        self._look_due = 0.0
        self._published = metrics.counter("samenspel_ingest_published_total", "Handed to the bus.", ["topic"])
        self._waiting = metrics.gauge("samenspel_ingest_waiting", "Activities that wait for the bus.")
        self._oldest = metrics.gauge("samenspel_ingest_waiting_seconds", "Age of the oldest that waits for the bus.")
        self._parked = metrics.gauge("samenspel_ingest_parked", "Parked activities.", ["reason"])

    def turn(self) -> bool:
        """Publish documents, then activities, then release what a new document names; tells whether it did any."""
        self._look()
        documents = relaying.publish_documents(self._league, self._bus, _now)
        activities = relaying.publish_activities(self._outbox, self._bus, _now)
        self._published.labels("league").inc(documents)
        self._published.labels("activities").inc(activities)
        looked = parking.recheck(self._parking, self._names.now())
        pruned = self._pruner.turn(_now()) if self._pruner else 0
        self._pruned.inc(pruned)
        return bool(documents or activities or looked or pruned)

    def answer(self, records: Sequence[Record]) -> None:
        """Let what readers ask for wait for the bus again."""
        requests: list[Mapping[str, Any]] = []
        for record in records:
            try:
                requests += wire.decode("requests", record.value, relaying.read_request)
            except wire.Unreadable as error:
                self._bus.publish([dead_letter(record, error)])
        relaying.answer(requests, self._outbox, self._league)

    def _look(self) -> None:
        if monotonic() < self._look_due:
            return
        relaying.follow_incarnation(self._outbox, self._league, self._bus)
        count, oldest = self._outbox.waiting()
        self._waiting.set(count)
        self._oldest.set((_now() - oldest).total_seconds() if oldest else 0)
        self._parked.clear()
        for held, number in self._parking.counts():
            self._parked.labels(held.reason).inc(number)
        self._look_due = monotonic() + LOOK_SECONDS


class WokenByBell:
    """A consumer that waits for the bell of the database instead of the bus, and glances at the bus in passing."""

    def __init__(self, consumer: Consumer, bell: Doorbell) -> None:
        """Wrap a consumer."""
        self._consumer, self._bell = consumer, bell

    def poll(self, timeout: float, limit: int = 500) -> list[Record]:
        """Return what is there; else wait until the bell rings.

        Joining the group takes a consumer more than a glance, so it gets its time until it has a partition.
        """
        joined = bool(self._consumer.assigned())
        records = self._consumer.poll(min(timeout, _GLANCE_SECONDS) if joined else timeout, limit)
        if joined and not records and timeout > 0:
            self._bell.wait(timeout)
        return records

    def commit(self, records: Sequence[Record]) -> None:
        """Commit as the consumer does."""
        self._consumer.commit(records)

    def assigned(self) -> frozenset[tuple[str, int]]:
        """Return what the consumer may read."""
        return self._consumer.assigned()

    def lag(self) -> dict[tuple[str, int], int]:
        """Return the consumer's lag."""
        return self._consumer.lag()

    def close(self) -> None:
        """Close the consumer; the bell belongs to whoever made it."""
        self._consumer.close()


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
