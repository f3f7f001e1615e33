"""The consumer process: topics `credits` and `league` → the standings."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from services.leaderboard.domain.increments import SequenceGap
from services.leaderboard.handlers import TOPICS_READ, Publish, ask, celebrate_contests, handle, turn_contests
from services.leaderboard.settings import ConsumerSettings, build_consumer
from services.leaderboard.store import UNREACHABLE, Standings
from shared import logs, loop, settings
from shared.bus import BusUnavailable, Record, open_bus
from shared.metrics import Metrics

PROCESS = "leaderboard-consumer"
EXIT_GAP = 3
_ASK_SECONDS = 2.0

log = logs.get(__name__)


def main() -> int:
    """Run until SIGTERM; return the exit code: 0, or 3 when lines of the ledger are missing."""
    given = settings.or_exit(build_consumer)
    logs.configure("leaderboard", PROCESS, given.log_level)
    try:
        run(given)
    except SequenceGap as gap:
        log.critical("sequence_gap", reason=str(gap))
        return EXIT_GAP
    return 0


def run(given: ConsumerSettings, stop: threading.Event | None = None) -> None:
    """Apply what comes in until `stop` is set or a signal comes; raises SequenceGap."""
    standings, bus, metrics = Standings.open(given.redis_url), open_bus(given.bus_url), Metrics(PROCESS)
    lines = metrics.counter("samenspel_lines_total", "Ledger lines by what became of them.", ["outcome"])

    def receive(records: list[Record]) -> None:
        for outcome, count in handle(records, standings, bus.publish, datetime.now(UTC)).items():
            lines.labels(outcome).inc(count)

    try:
        loop.run(
            bus.consumer(TOPICS_READ, group="leaderboard", name=PROCESS),
            receive,
            metrics=metrics,
            run_dir=given.run_dir,
            transient=(BusUnavailable, *UNREACHABLE),
            tick=_asking(standings, bus.publish),
            stop=stop,
        )
    finally:
        bus.close()
        standings.close()


def _asking(standings: Standings, publish: Publish) -> Callable[[], bool]:
    """Return background work, also while no line comes: notice an emptied Redis, and contests that begin and end."""
    due, looked = 0.0, datetime.now(UTC)

    def tick() -> bool:
        nonlocal due, looked
        if monotonic() >= due:
            due, now = monotonic() + _ASK_SECONDS, datetime.now(UTC)
            ask(standings, publish, now)
            turn_contests(standings, looked, now)
            celebrate_contests(standings, now)
            looked = now
        return False

    return tick


if __name__ == "__main__":
    sys.exit(main())
