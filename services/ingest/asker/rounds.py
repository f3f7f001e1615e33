"""The rounds of the asker: whose turn it is, at which pace, and when to look again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import random
from typing import Protocol

from services.ingest.domain import asking
from services.ingest.domain.asking import Line, Question
from services.ingest.domain.connections import Connection
from services.ingest.domain.directory import Directory
from services.ingest.handlers.asking import Ask, Attempt, Taking, ask_next
from services.ingest.sources.apis import Api, api_of
from shared import logs
from shared.errors import Unavailable

IDLE = timedelta(seconds=1)
"""How often to look for questions while none waits: a look is one query over an index that is empty then."""

log = logs.get(__name__)


class Queue(Protocol):
    """Where questions wait, and the lines to those who may know."""

    def due(self, connection: str, at: datetime, at_once: Mapping[str, int]) -> list[Question]:
        """Return questions about one kind of object whose turn has come."""
        ...

    def next_due(self) -> Mapping[str, datetime]:
        """Return for each connection with questions that wait when the first one's turn comes."""
        ...

    def lines(self) -> Mapping[str, Line]:
        """Return the line of each connection that has ever had trouble."""
        ...

    def settle(self, asked: Sequence[Question], after: Mapping[str, Question], line: Line | None) -> None:
        """Store what became of questions."""
        ...

    def resume(self, connection: str) -> bool:
        """Open a line again."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """One connection with questions, and the moment from which one of them may be asked."""

    connection: Connection
    api: Api
    line: Line
    at: datetime


class Rounds:
    """Make one request for each connection whose turn it is; each keeps to its own pace."""

    def __init__(
        self, queue: Queue, known: Callable[[], Directory], token: Callable[[str], str], now: Callable[[], datetime]
    ) -> None:
        """Ask nothing yet; `token` gives the text that a reference points to, or raises Unavailable."""
        self._queue, self._known, self._token, self._now = queue, known, token, now
        self._paced: dict[str, datetime] = {}
        self._connections: Mapping[str, Connection] | None = None
        self.wait = timedelta()
        """How long nothing can be asked from now on."""

    def turn(self, ask: Ask, taking: Taking) -> bool:
        """Ask for each connection whose turn it is, once; tells whether anything was asked."""
        at = self._now()
        turns = list(self._turns(at))
        ready = [turn for turn in turns if turn.at <= at]
        for turn in ready:
            self._ask(turn, ask, taking)
        ahead = [turn.at - at for turn in turns if turn.at > at]
        self.wait = timedelta() if ready else min([IDLE, *ahead])
        return bool(ready)

    def _turns(self, at: datetime) -> Iterator[Turn]:
        waiting = self._queue.next_due()
        if not waiting:
            return
        connections = self._read_connections()
        lines = self._queue.lines()
        for name, due in waiting.items():
            connection = connections.get(name)
            api = api_of(connection.kind) if connection and connection.api else None
            if connection and api:
                line = lines.get(name, Line(name))
                yield Turn(connection, api, line, max(due, line.until or due, self._pace(connection, at)))

    def _pace(self, connection: Connection, at: datetime) -> datetime:
        """Return when the next request may be made; a clock that was set back delays it by no more than the pace."""
        return min(self._paced.get(connection.name, at), at + _interval(connection))

    def _read_connections(self) -> Mapping[str, Connection]:
        """Return the connections of now; a line that was stopped opens when they have changed, or at the start."""
        found = self._known().connections
        if found != self._connections:
            self._connections = found
            for name, line in self._queue.lines().items():
                if line.state == asking.STOPPED and self._queue.resume(name):
                    log.info("asking again: the connections were read anew", connection=name)
        return found

    def _ask(self, turn: Turn, ask: Ask, taking: Taking) -> None:
        connection, at = turn.connection, self._now()
        self._paced[connection.name] = at + _interval(connection)
        asked = self._queue.due(connection.name, at, turn.api.OBJECTS)
        if not asked:
            return
        try:
            resolved = _with_token(connection, self._token)
        except Unavailable as error:
            self._queue.settle([], {}, asking.stopped(turn.line, error.detail, at, asking.LOOK_FOR_SECRET))
            return
        ask_next(Attempt(resolved, turn.api, asked, turn.line, at, random()), self._queue, ask, taking)


def _with_token(connection: Connection, token: Callable[[str], str]) -> Connection:
    return (
        replace(connection, api=replace(connection.api, token=token(connection.api.token)))
        if connection.api
        else connection
    )


def _interval(connection: Connection) -> timedelta:
    return timedelta(seconds=1 / connection.api.per_second) if connection.api else IDLE
