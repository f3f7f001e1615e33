"""The scoring consumer: activities, documents and requests in, the ledger's lines out."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.scoring.domain.admission import Inadmissible, admit
from services.scoring.handlers import CHUNK, Scorer
from services.scoring.settings import ConsumerSettings, build_consumer
from services.scoring.store import PACKAGE, Ledger
from services.scoring.store.remaining import Remaining, remaining
from shared import logs, loop, settings
from shared.bus import Bus, Record, open_bus
from shared.contracts import league, request, wire
from shared.contracts.activity import Activity
from shared.contracts.league import BadDocument
from shared.contracts.request import Request
from shared.dead_letters import dead_letter
from shared.metrics import Metrics
from shared.sql import migrate, open_engine

PROCESS = "scoring-consumer"
TOPICS = ("activities", "league", "requests")
LOOK_SECONDS = 5.0
"""How often to look whether the bus lost its data."""

log = logs.get(__name__)


def main() -> None:
    """Run until asked to stop."""
    given = settings.or_exit(build_consumer)
    logs.configure("scoring", PROCESS, given.log_level)
    engine, bus = open_engine(given.database_url), open_bus(given.bus_url)
    migrate(engine, PACKAGE)
    metrics = Metrics(PROCESS)
    scorer = Scorer(Ledger(engine), bus.publish, lambda: datetime.now(UTC))
    run(given, bus, scorer, metrics=metrics, look=shown(metrics, lambda: remaining(engine)))
    bus.close()
    engine.dispose()


def run(
    given: ConsumerSettings,
    bus: Bus,
    scorer: Scorer,
    stop: threading.Event | None = None,
    *,
    metrics: Metrics | None = None,
    look: Callable[[], object] = list,
) -> None:
    """Wire the one loop; it ends with a signal, or when `stop` is set. Now and then it has a `look`."""
    consumer = bus.consumer(TOPICS, "scoring", PROCESS)
    loop.run(
        consumer,
        lambda records: handle(records, scorer, bus),
        metrics=metrics or Metrics(PROCESS),
        run_dir=given.run_dir,
        tick=housekeeping(scorer, bus, look=look),
        stop=stop,
    )


def handle(records: Sequence[Record], scorer: Scorer, bus: Bus) -> None:
    """Handle a batch of records of every topic; repeating it changes nothing."""
    activities: list[Activity] = []
    for record in records:
        try:
            if record.topic == "activities":
                activities += _admitted(record, bus)
            elif record.topic == "league":
                for document in wire.decode("league", record.value, league.from_wire):
                    scorer.put_document(document)
            else:
                _answer(wire.decode("requests", record.value, request.from_wire), scorer)
        except (wire.Unreadable, BadDocument) as error:
            bus.publish([dead_letter(record, error)])
        if len(activities) >= CHUNK:
            scorer.score(activities)
            activities = []
    scorer.score(activities)


def _admitted(record: Record, bus: Bus) -> Iterator[Activity]:
    """Yield the activities of a record; one that can never work is set aside by itself."""
    for line in wire.decode("activities", record.value, lambda line: line):
        try:
            yield admit(line)
        except Inadmissible as error:
            alone = replace(record, value=wire.encode("activities", [line])[0])
            bus.publish([dead_letter(alone, error)])


def _answer(requests: Sequence[Request], scorer: Scorer) -> None:
    for asked in requests:
        if asked.topic == "credits":
            log.info("publishing again", by=asked.by, partitions=asked.partitions)
            scorer.publish_again(asked.partitions)


def shown(metrics: Metrics, count: Callable[[], Remaining]) -> Callable[[], None]:
    """Return what puts into a metric how much is left to compute again."""
    left = metrics.gauge("samenspel_scoring_remaining", "What is left to compute again.", ["what"])

    def look() -> None:
        for what, number in count()._asdict().items():
            left.labels(what).set(number)

    return look


def housekeeping(
    scorer: Scorer, bus: Bus, clock: Callable[[], float] = time.monotonic, *, look: Callable[[], object] = list
) -> Callable[[], bool]:
    """Return the work between batches: handing on what waits, restating, now and then a look at the bus."""
    due = 0.0

    def tick() -> bool:
        nonlocal due
        if clock() >= due:
            scorer.notice_new_bus(bus.incarnation())
            look()
            due = clock() + LOOK_SECONDS
        return scorer.catch_up()

    return tick


if __name__ == "__main__":
    main()
