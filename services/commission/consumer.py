"""The consumer process: topics `credits` and `league` → the books."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from services.commission.domain.ledger import SequenceGap
from services.commission.handlers import TOPICS_READ, Publish, ask_when_blank, handle
from services.commission.settings import ConsumerSettings, build_consumer
from services.commission.store import Books
from shared import logs, loop, settings
from shared.bus import Record, open_bus
from shared.metrics import Metrics
from shared.sql import TRANSIENT

PROCESS = "commission-consumer"
EXIT_GAP = 3
MOST_RECORDS = 100
"""Records in one transaction: of up to 500 lines each, they keep others waiting for a second or two at most."""

log = logs.get(__name__)


def main() -> int:
    """Run until SIGTERM; return the exit code: 0, or 3 when lines of the ledger are missing."""
    given = settings.or_exit(build_consumer)
    logs.configure("commission", PROCESS, given.log_level)
    try:
        run(given)
    except SequenceGap as gap:
        log.critical("sequence_gap", reason=str(gap))
        return EXIT_GAP
    return 0


def run(given: ConsumerSettings, stop: threading.Event | None = None) -> None:
    """Write what comes in into the books until `stop` is set or a signal comes; raises SequenceGap."""
    metrics = Metrics(PROCESS)
    applied = metrics.counter("samenspel_lines_total", "Ledger lines written into the books.")
    with closing(Books.open(given.database_url)) as books, closing(open_bus(given.bus_url)) as bus:

        def receive(records: list[Record]) -> None:
            applied.inc(handle(records, books, bus.publish, datetime.now(UTC)))

        loop.run(
            bus.consumer(TOPICS_READ, group="commission", name=PROCESS),
            receive,
            metrics=metrics,
            run_dir=given.run_dir,
            transient=TRANSIENT,
            tick=_preparing(books, bus.publish),
            stop=stop,
            limit=MOST_RECORDS,
        )


def _preparing(books: Books, publish: Publish) -> Callable[[], bool]:
    """Return work done before the first record, as often as it takes while an engine is away."""
    ready = False

    def tick() -> bool:
        nonlocal ready
        if not ready:
            books.migrate()
            ask_when_blank(books, publish, datetime.now(UTC))
            ready = True
        return False

    return tick


if __name__ == "__main__":
    sys.exit(main())
