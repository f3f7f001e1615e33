"""The asker's process: `python -m services.ingest.asker`."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic

from services.ingest.asker.client import Client
from services.ingest.asker.rounds import Rounds
from services.ingest.domain.arrivals import Origin
from services.ingest.domain.asking import OPEN
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.handlers import owners, taking
from services.ingest.handlers.asking import Taking
from services.ingest.handlers.names import Names
from services.ingest.settings import AskerSettings, build_asker
from services.ingest.sources.apis import Answer, Api, Request
from services.ingest.store import Asking, Inbox, League
from services.ingest.store.secrets import Secrets
from shared import logs, loop, settings
from shared.bus import Record
from shared.metrics import Metrics
from shared.sql import TRANSIENT, migrate, open_engine

PROCESS = "ingest-asker"
LOOK_SECONDS = 5.0
"""How often to count what waits, and to let go of the oldest questions that ended without an answer."""

log = logs.get(__name__)


def main() -> None:
    """Run until asked to stop."""
    given = settings.or_exit(build_asker)
    logs.configure("ingest", PROCESS, given.log_level)
    run(given)


def run(given: AskerSettings, stop: threading.Event | None = None) -> None:
    """Ask until `stop` is set or a signal comes."""
    stop = stop or threading.Event()
    engine, client, metrics = open_engine(given.database_url), Client(), Metrics(PROCESS)
    migrate(engine, "services.ingest")
    queue, league, names = Asking(engine), League(engine), Names(League(engine))
    secrets = Secrets(given.secrets.variables, given.secrets.directory)
    rounds = Rounds(queue, names.now, secrets.find, _now)
    asker = Asker(rounds, queue, Desk(Inbox(engine), league, names, _now), client, metrics)
    try:
        loop.run(
            Clock(rounds, stop),
            lambda _: None,
            metrics=metrics,
            run_dir=given.run_dir,
            transient=TRANSIENT,
            tick=asker.turn,
            stop=stop,
        )
    finally:
        client.close()
        engine.dispose()


class Desk:
    """Where answers go: into the inbox as any payload, and owners' addresses among the documents."""

    def __init__(self, inbox: Inbox, league: League, names: Names, now: Callable[[], datetime]) -> None:
        """Take nothing in yet."""
        self._inbox, self._league, self._names, self._now = inbox, league, names, now

    def take(self, sent: Sequence[Sent], connection: Connection, api: Api) -> None:
        """Store what an answer told; durable on return."""
        origin = Origin(connection.name, api.NAME)
        counts = taking.take(sent, origin, self._names.now(), self._inbox, self._now())
        told = {outcome: number for outcome, number in counts.items() if number}
        log.info("asked", connection=connection.name, things=len(sent), **told)

    def learn(self, found: Mapping[str, str]) -> None:
        """Remember who owners are; durable on return."""
        owners.learn(found, self._league, self._now())


class Asker:
    """What the loop does: a round of questions, and now and then a look at what waits."""

    def __init__(self, rounds: Rounds, queue: Asking, desk: Desk, client: Client, metrics: Metrics) -> None:
        """Ask nothing yet."""
        self._rounds, self._queue, self._client = rounds, queue, client
        self._taking = Taking(desk.take, desk.learn)
        self._look_due = 0.0
        labels = ["connection", "state"]
        self._questions = metrics.gauge("samenspel_ingest_questions", "Asked back: questions by state.", labels)
        self._lines = metrics.gauge("samenspel_ingest_line_open", "Whether a CRM's API may be asked.", ["connection"])
        self._refused = metrics.gauge("samenspel_ingest_wants_refused", "Wants without room.", ["connection"])
        self._requests = metrics.counter(
            "samenspel_ingest_asked_total", "Requests to CRMs' APIs.", ["connection", "status"]
        )

    def turn(self) -> bool:
        """Ask whoever's turn it is; tells whether anything was asked."""
        self._look()
        return self._rounds.turn(self._ask, self._taking)

    def _ask(self, connection: Connection, api: Api, request: Request) -> Answer:
        answer = self._client.ask(connection, api, request)
        self._requests.labels(connection.name, answer.status).inc()
        return answer

    def _look(self) -> None:
        if monotonic() < self._look_due:
            return
        self._queue.forget_ended()
        self._questions.clear()
        for (connection, state), number in self._queue.counts().items():
            self._questions.labels(connection, state).set(number)
        for name, line in self._queue.lines().items():
            self._lines.labels(name).set(line.state == OPEN)
            self._refused.labels(name).set(line.refused)
        self._look_due = monotonic() + LOOK_SECONDS


class Clock:
    """Stands where other processes have the bus: nothing comes from it, it only waits until a question is due."""

    def __init__(self, rounds: Rounds, stop: threading.Event) -> None:
        """Wait for nothing yet."""
        self._rounds, self._stop = rounds, stop

    def poll(self, timeout: float, limit: int = 500) -> list[Record]:
        """Wait until something may be asked, at most `timeout` seconds."""
        self._stop.wait(min(timeout, self._rounds.wait.total_seconds()))
        return []

    def commit(self, records: Sequence[Record]) -> None:
        """Commit nothing."""

    def assigned(self) -> frozenset[tuple[str, int]]:
        """Return nothing: there is no partition."""
        return frozenset()

    def lag(self) -> dict[tuple[str, int], int]:
        """Return nothing: there is no lag."""
        return {}

    def close(self) -> None:
        """Close nothing."""


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
